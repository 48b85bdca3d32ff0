/**
 * The platform management firmware behind SMC (EEMI, UG1200), as Trusted Firmware-A and the PMU firmware of a ZCU102
 * offer it to the operating system: SiP service calls, whose numbers are those of Linux,
 * include/linux/firmware/xlnx-zynqmp.h, and drivers/mailbox/zynqmp-ipi-mailbox.c.
 */

import type { MachineLog } from '../bus/device.ts';
import type { RegisterBank } from '../bus/register-bank.ts';
import type { ResetCause } from '../bus/reset-cause.ts';
import { restoreState, savedState } from '../bus/state.ts';
import { csu, efuse, pinCount } from '../devices/system/control-registers.ts';
import { type Arguments, calls } from './calls.ts';
import { ioctls } from './ioctls.ts';
import { type ClockBlocks, ClockControl } from './parts/clocks.ts';
import { Nodes, nodesAtPowerOn } from './parts/nodes.ts';
import { PinControl } from './parts/pins.ts';
import { Plls } from './parts/plls.ts';
import { ProgrammableLogic, type ReadMemory } from './parts/programmable-logic.ts';
import { RegisterAccess, type Registers } from './parts/register-access.ts';
import { ResetControl } from './parts/resets.ts';
import { RpuControl } from './parts/rpu.ts';
import { SdControl } from './parts/sd.ts';
import { causeOfScope, ShutdownControl, wholeSystem } from './parts/shutdown.ts';
import type { Platform, Power } from './platform.ts';
import type { CallRegisters } from './psci.ts';
import { queries } from './queries.ts';
import { type Answer, Status, success } from './status.ts';

export type FirmwareBlocks = ClockBlocks & Readonly<Record<'csu' | 'efuse', RegisterBank>>;

/** What the firmware reaches of the chip. */
export interface FirmwareReach {
  readonly blocks: FirmwareBlocks;
  readonly registers: Registers;
  readonly memory: ReadMemory;
}

/**
 * SiP service calls (SMCCC, Arm DEN0028): the bits that mark a function identifier as one, and the bits of the call's
 * number.
 */
const sipMask = 0xbfff_0000;
const sip = 0x8200_0000;
const numberMask = 0xffff;
/** Numbers of calls that do not belong to power management. */
const lastManagement = 0xfff;
const mailboxFirst = 0x1000;
const mailboxLast = 0x1006;
const countCalls = 0xff00;
const callUid = 0xff01;
const serviceVersion = 0xff03;
/** 5c9b1b2a-0586-2340-a61b-b925822de3a5, its bytes in order, little-endian words. */
const uid = [0x2a1b_9b5c, 0x4023_8605, 0x25b9_1ba6, 0xa5e3_2d82];
/** What SMCCC gives a function that is not there. */
const unknownFunction = 0xffff_ffff_ffff_ffffn;

/** Callbacks of the PMU, by number (embeddedsw, pm_defs.h). */
const Callback = { acknowledge: 31, notify: 32 } as const;
/** The PMU triggers the application processors' interrupt (UG1087, module IPI: PMU_0_TRIG). */
const ipiTrigger = 0xff33_0000;
const toApplicationProcessors = 1;

const IOCTL = 34;
const QUERY_DATA = 35;
const GET_OP_CHARACTERISTIC = 4;
/** Power and latency. */
const characteristics = 0b1010;
const maskOf = (numbers: Iterable<number>): number => [...numbers].reduce((mask, n) => (mask | (1 << n)) >>> 0, 0);

const powerOn = () => ({
  nodes: nodesAtPowerOn(),
  /** Pins that the application processors have requested. */
  pins: new Uint8Array(pinCount),
  /** PLLs that Trusted Firmware-A will start with a fraction, by clock. */
  fractional: new Map<number, number>(),
  /** Outputs of the PMU to the programmable logic. */
  logic: { outputs: 0 },
  /** What a restart by PSCI covers. */
  restart: { scope: wholeSystem },
  /** The PMU's message that has not been read: four words, or none. */
  message: [] as number[],
});

export class Eemi {
  readonly #state = powerOn();
  readonly #platform: Platform;
  readonly #log: MachineLog;
  readonly #unknown = new Set<string>();

  constructor({ blocks, registers, memory }: FirmwareReach, power: Power, log: MachineLog) {
    this.#log = log;
    const state = this.#state;
    const plls = new Plls(blocks);
    const send = (...message: number[]): void => {
      state.message.splice(0, state.message.length, ...message);
      registers.write(ipiTrigger, toApplicationProcessors);
    };
    this.#platform = {
      nodes: new Nodes(
        state.nodes,
        power,
        (node) => plls.runs(node),
        (node, event, nodeState) => send(Callback.notify, node, event, nodeState),
      ),
      clocks: new ClockControl(blocks, plls, state.fractional),
      plls,
      pins: new PinControl(blocks.iouSlcr, state.pins),
      resets: new ResetControl(blocks, state.logic, registers, (cause) => power.reset(cause)),
      registers: new RegisterAccess(registers),
      rpu: new RpuControl(registers),
      sd: new SdControl(blocks.iouSlcr),
      logic: new ProgrammableLogic(blocks.csu, memory),
      shutdown: new ShutdownControl(state.restart, power),
      chip: () => ({
        idcode: blocks.csu.get(csu.idcode[0]),
        version: blocks.csu.get(csu.version[0]),
        pcap: blocks.csu.get(csu.pcap_status[0]),
        disabled: blocks.efuse.get(efuse.IPDISABLE[0]),
      }),
      acknowledge: (node, status) => send(Callback.acknowledge, node, status, 0),
      callback: () => (state.message.length === 0 ? [0, 0, 0, 0] : state.message.splice(0)),
      functions: (call) => {
        if (call === IOCTL) return [maskOf(ioctls.keys())];
        if (call === QUERY_DATA) return [maskOf(queries.keys())];
        return call === GET_OP_CHARACTERISTIC ? [characteristics] : [];
      },
    };
  }

  /**
   * Serves an SMC if it is a SiP service call; returns whether it was one. Answers are 32 bits each, two in X0 and, of
   * some calls, two in X1; other registers stay as they are.
   */
  call(core: number, registers: CallRegisters): boolean {
    const id = Number(BigInt.asUintN(32, registers.x(0)));
    if ((id & sipMask) >>> 0 !== sip) return false;
    const number = id & numberMask;
    if (number === serviceVersion || number === callUid || number === countCalls) {
      // These are in the 32-bit convention: one value in each register.
      const values = number === callUid ? uid : number === serviceVersion ? [0, 1] : [calls.size];
      values.forEach((value, i) => {
        registers.setX(i, BigInt(value));
      });
      return true;
    }
    if (number > lastManagement && (number < mailboxFirst || number > mailboxLast)) {
      this.#report('function', id);
      registers.setX(0, unknownFunction);
      return true;
    }
    const argument = (n: number): number =>
      Number(BigInt.asUintN(32, registers.x(1 + (n >> 1)) >> BigInt(32 * (n & 1))));
    const answer = this.#answer(core, number, [argument(0), argument(1), argument(2), argument(3), argument(4)]);
    const word = (i: number): bigint => BigInt((answer[i] ?? 0) >>> 0);
    registers.setX(0, word(0) | (word(1) << 32n));
    if (calls.get(number)?.registers === 2) registers.setX(1, word(2) | (word(3) << 32n));
    return true;
  }

  /** Everything that the firmware remembers, as plain data. */
  saveState(): unknown {
    return savedState(this.#state);
  }

  loadState(state: unknown): void {
    restoreState(this.#state, state, savedState(powerOn()), 'firmware');
  }

  /** The firmware starts again. */
  reset(): void {
    this.loadState(savedState(powerOn()));
  }

  /** The reset that PSCI SYSTEM_RESET asks for; undefined for a scope that the PMU firmware refuses. */
  get restart(): ResetCause | undefined {
    return causeOfScope(this.#state.restart.scope);
  }

  #answer(core: number, number: number, args: Arguments): Answer {
    // The mailbox to the PMU opens and closes; messages of the PMU come by GET_CALLBACK_DATA.
    if (number >= mailboxFirst) return success();
    const call = calls.get(number);
    if (!call) {
      this.#report('call', number);
      return [Status.notSupported];
    }
    if (number === IOCTL && !ioctls.has(args[1])) this.#report('IOCTL', args[1]);
    if (number === QUERY_DATA && !queries.has(args[0])) this.#report('query', args[0]);
    return call.serve(this.#platform, args, core);
  }

  #report(kind: string, number: number): void {
    const what = `platform management ${kind} ${number}`;
    if (this.#unknown.has(what)) return;
    this.#unknown.add(what);
    this.#log('firmware', `${what} is not supported`);
  }
}
