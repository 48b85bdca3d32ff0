/**
 * The registers that reset the processing system, and say why it was reset (UG1087, modules CRL_APB and PMU_GLOBAL;
 * UG1085 chapter 38), and those of CRF_APB and CRL_APB that reset cores and devices. They are among the registers of
 * their modules that only store.
 */
import { type MachineLog, writeLanes } from '../../bus/device.ts';
import { RegisterBank } from '../../bus/register-bank.ts';
import type { ResetCause } from '../../bus/reset-cause.ts';
import { crfApb, crlApb, pmuGlobal } from './control-registers.ts';

interface ResetWiring {
  readonly log: MachineLog;
  /** The system is reset. */
  resetSystem(cause: ResetCause): void;
  /** A core is held in reset from now on, or let go. */
  holdCore(core: number, held: boolean): void;
  /** A device's reset line has changed. */
  resetDevice(name: string): void;
}

/** The devices on the reset lines of a register, by the number of the bit. */
type Lines = Readonly<Record<number, readonly string[]>>;

const channels = (controller: string) => Array.from({ length: 8 }, (_, i) => `${controller}${i}`);
/** Lines of devices that have a model with a state to lose; of the others the bits only store. */
const deviceLines: ReadonlyMap<number, Lines> = new Map<number, Lines>([
  [crlApb.RST_LPD_IOU0[0], { 0: ['gem0'], 1: ['gem1'], 2: ['gem2'], 3: ['gem3'] }],
  [
    crlApb.RST_LPD_IOU2[0],
    {
      ...[['qspi'], ['uart0'], ['uart1'], ['spi0'], ['spi1'], ['sd0'], ['sd1'], ['can0'], ['can1'], ['i2c0'], ['i2c1']],
      ...{
        11: ['ttc0'],
        12: ['ttc1'],
        13: ['ttc2'],
        14: ['ttc3'],
        15: ['lpdSwdt'],
        17: channels('adma'),
        18: ['gpio'],
      },
    },
  ],
  [crlApb.RST_LPD_TOP[0], { 14: ['ipi'] }],
]);
const fullPowerLines: Lines = { 6: channels('gdma'), 15: ['fpdSwdt'] };

/** Resets the devices whose lines differ between two values of a register: when they are asserted, and when released. */
function resetChanged(lines: Lines | undefined, changed: number, reset: (name: string) => void): void {
  for (const [bit, names] of Object.entries(lines ?? {}))
    if ((changed >>> Number(bit)) & 1) for (const name of names) reset(name);
}

const [resetControl] = crlApb.RESET_CTRL;
const [resetReason] = crlApb.RESET_REASON;
const softReset = 1 << 4;

/** RESET_REASON. Its bits add up until software writes 1 to them. */
export const ResetReason = { externalPor: 1 << 0, pmuSystemReset: 1 << 2, psOnly: 1 << 3, soft: 1 << 5 } as const;

const { RST_FPD_TOP, RST_FPD_APU } = crfApb;
const levelTwoReset = 1 << 8;
/** ACPUn_RESET and ACPUn_PWRON_RESET of core 0. */
const coreReset = 1 << 0;
const coreColdReset = 1 << 10;

export class CrfApb extends RegisterBank {
  readonly #wiring: ResetWiring;

  constructor(name: string, wiring: ResetWiring) {
    super(name, crfApb, wiring.log);
    this.#wiring = wiring;
  }

  /** What the power management leaves when it has turned a core on or off. */
  follow(core: number, on: boolean): void {
    if (on) super.change(RST_FPD_APU[0], levelTwoReset | ((coreReset | coreColdReset) << core), 0);
    else super.change(RST_FPD_APU[0], coreColdReset << core, coreColdReset << core);
  }

  override change(offset: number, mask: number, value: number): void {
    const before = this.get(offset);
    super.change(offset, mask, value);
    const after = this.get(offset);
    if (offset === RST_FPD_TOP[0]) resetChanged(fullPowerLines, before ^ after, this.#wiring.resetDevice);
    if (offset !== RST_FPD_APU[0]) return;
    for (let core = 0; core < 4; core++) {
      const held = isHeld(after, core);
      if (held !== isHeld(before, core)) this.#wiring.holdCore(core, held);
    }
  }
}

const isHeld = (register: number, core: number): boolean =>
  (register & (levelTwoReset | ((coreReset | coreColdReset) << core))) !== 0;

export class CrlApb extends RegisterBank {
  readonly #wiring: ResetWiring;

  constructor(name: string, wiring: ResetWiring) {
    super(name, crlApb, wiring.log, undefined, [crlApb.BOOT_MODE_USER[0], resetReason]);
    this.#wiring = wiring;
  }

  override change(offset: number, mask: number, value: number): void {
    const before = this.get(offset);
    super.change(offset, mask, value);
    resetChanged(deviceLines.get(offset), before ^ this.get(offset), this.#wiring.resetDevice);
  }

  override write(offset: number, size: 1 | 2 | 4, value: number): void {
    const register = offset & ~3;
    const word = writeLanes(value, offset, size);
    if (register === resetReason) this.change(resetReason, word, 0);
    else super.write(offset, size, value);
    if (register === resetControl && (word & softReset) !== 0) this.#wiring.resetSystem('software');
  }
}

const [globalReset] = pmuGlobal.GLOBAL_RESET;
const psOnlyReset = 1 << 10;
const persistent = Object.entries(pmuGlobal)
  .filter(([name]) => name.startsWith('PERS_GLOB_GEN_STORAGE'))
  .map(([, [offset]]) => offset);

export class PmuGlobal extends RegisterBank {
  readonly #resetSystem: (cause: ResetCause) => void;

  constructor(name: string, { log, resetSystem }: ResetWiring) {
    super(name, pmuGlobal, log, undefined, persistent);
    this.#resetSystem = resetSystem;
  }

  override write(offset: number, size: 1 | 2 | 4, value: number): void {
    super.write(offset, size, value);
    if ((offset & ~3) === globalReset && (writeLanes(value, offset, size) & psOnlyReset) !== 0)
      this.#resetSystem('psOnly');
  }
}
