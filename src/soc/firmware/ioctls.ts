/**
 * The functions of the platform management call IOCTL that Trusted Firmware-A serves (pm_api_ioctl.c). It passes all
 * others to the PMU firmware, whose build for the board has none.
 */
import { crlApb, pmuGlobal } from '../devices/system/control-registers.ts';
import type { ClockControl } from './parts/clocks.ts';
import type { RegisterAccess } from './parts/register-access.ts';
import type { RpuControl } from './parts/rpu.ts';
import type { SdControl } from './parts/sd.ts';
import { type Answer, Status, wrongArguments } from './status.ts';

/** What the functions work on. */
export interface IoctlParts {
  readonly clocks: ClockControl;
  readonly registers: RegisterAccess;
  readonly rpu: RpuControl;
  readonly sd: SdControl;
}

/** Arguments: the node, and the two that depend on the function. */
type Function = (parts: IoctlParts, node: number, a: number, b: number) => Answer;

const storage = 0xffd8_0000 + pmuGlobal.GLOBAL_GEN_STORAGE0[0];
const persistentStorage = 0xffd8_0000 + pmuGlobal.PERS_GLOB_GEN_STORAGE0[0];
const bootHealth = 0xffd8_0000 + pmuGlobal.GLOBAL_GEN_STORAGE4[0];
const bootPins = 0xff5e_0000 + crlApb.BOOT_PIN_CTRL[0];
const storageWords = 4;
/** BOOT_PIN_CTRL: pin 1 is an output and high, which takes the USB transceiver out of reset. */
const ulpiReleased = 0x202;

/** Registers of the ports to the programmable logic, in the order of IOCTL AFI's index; the last two are AFI_FS. */
const afiPorts = [0xfd36_0000, 0xfd37_0000, 0xfd38_0000, 0xfd39_0000, 0xfd3a_0000, 0xfd3b_0000, 0xff9b_0000];
const afiRegisters = [...afiPorts.flatMap((base) => [base, base + 0x14]), 0xfd61_5000, 0xff41_9000];
const fabricWidth = 3;
const busWidths = 0xf00;

const writeWord =
  (base: number): Function =>
  ({ registers }, _, index, value) =>
    index < storageWords ? registers.write(base + 4 * index, 0xffff_ffff, value) : wrongArguments;
const readWord =
  (base: number): Function =>
  ({ registers }, _, index) =>
    index < storageWords ? registers.read(base + 4 * index) : wrongArguments;

function setAfi({ registers }: IoctlParts, _: number, index: number, value: number): Answer {
  const register = afiRegisters[index];
  if (register === undefined) return wrongArguments;
  return registers.write(register, index < 2 * afiPorts.length ? fabricWidth : busWidths, value);
}

/** By number: the function's name in Trusted Firmware-A, and what it does. */
export const ioctls: ReadonlyMap<number, { readonly name: string; readonly serve: Function }> = new Map(
  (
    [
      [0, 'GET_RPU_OPER_MODE', ({ rpu }) => rpu.mode()],
      [1, 'SET_RPU_OPER_MODE', ({ rpu }, _, mode) => rpu.setMode(mode)],
      [2, 'RPU_BOOT_ADDR_CONFIG', ({ rpu }, node, high) => rpu.setVectors(node, high)],
      [3, 'TCM_COMB_CONFIG', ({ rpu }, _, on) => rpu.combineMemories(on)],
      [4, 'SET_TAPDELAY_BYPASS', ({ sd }, _, line, bypass) => sd.bypassDelay(line, bypass)],
      [6, 'SD_DLL_RESET', ({ sd }, node, action) => sd.resetDll(node, action)],
      [7, 'SET_SD_TAPDELAY', ({ sd }, node, direction, taps) => sd.setDelay(node, direction, taps)],
      [8, 'SET_PLL_FRAC_MODE', ({ clocks }, _, clock, on) => clocks.setFractionMode(clock, on)],
      [9, 'GET_PLL_FRAC_MODE', ({ clocks }, _, clock) => clocks.fractionMode(clock)],
      [10, 'SET_PLL_FRAC_DATA', ({ clocks }, _, clock, data) => clocks.setFraction(clock, data)],
      [11, 'GET_PLL_FRAC_DATA', ({ clocks }, _, clock) => clocks.fraction(clock)],
      [12, 'WRITE_GGS', writeWord(storage)],
      [13, 'READ_GGS', readWord(storage)],
      [14, 'WRITE_PGGS', writeWord(persistentStorage)],
      [15, 'READ_PGGS', readWord(persistentStorage)],
      [16, 'ULPI_RESET', ({ registers }) => registers.write(bootPins, 0xf0f, ulpiReleased)],
      [17, 'SET_BOOT_HEALTH_STATUS', ({ registers }, _, value) => registers.write(bootHealth, 1, value)],
      [18, 'AFI', setAfi],
    ] as const satisfies readonly (readonly [number, string, Function])[]
  ).map(([number, name, serve]) => [number, { name, serve }]),
);

/** `words`: the call's node, the IOCTL's number and its two arguments. */
export function serveIoctl(parts: IoctlParts, [node = 0, number = 0, a = 0, b = 0]: readonly number[]): Answer {
  return ioctls.get(number)?.serve(parts, node, a, b) ?? [Status.notSupported];
}
