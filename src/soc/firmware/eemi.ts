/**
 * The platform management firmware behind SMC (EEMI, UG1200), as Trusted Firmware-A and the PMU firmware of a ZCU102
 * offer it to the operating system: SiP service calls, whose numbers are those of Linux,
 * include/linux/firmware/xlnx-zynqmp.h, and drivers/mailbox/zynqmp-ipi-mailbox.c.
 */

import type { MachineLog } from '../bus/device.ts';
import type { RegisterBank } from '../bus/register-bank.ts';
import { csu, pmuGlobal } from '../devices/system/control-registers.ts';
import { type ClockBlocks, ClockControl } from './clocks.ts';
import { PinControl } from './pins.ts';
import type { CallRegisters, PowerControl } from './psci.ts';
import { ResetControl } from './resets.ts';
import { SdControl } from './sd.ts';
import { type Answer, Status, success, wrongArguments } from './status.ts';

export type FirmwareBlocks = ClockBlocks & Readonly<Record<'csu' | 'pmuGlobal', RegisterBank>>;

/**
 * SiP service calls (SMCCC, Arm DEN0028): the bits that mark a function identifier as one, and the bits of the call's
 * number.
 */
const sipMask = 0xbfff_0000;
const sip = 0x8200_0000;
const numberMask = 0xffff;
/** Numbers of calls that do not belong to power management. */
const mailboxFirst = 0x1000;
const mailboxLast = 0x1006;
const countCalls = 0xff00;
const callUid = 0xff01;
const serviceVersion = 0xff03;
/** 5c9b1b2a-0586-2340-a61b-b925822de3a5, its bytes in order, little-endian words. */
const uid = [0x2a1b_9b5c, 0x4023_8605, 0x25b9_1ba6, 0xa5e3_2d82];

const Api = {
  getApiVersion: 1,
  getNodeStatus: 3,
  registerNotifier: 5,
  systemShutdown: 12,
  requestNode: 13,
  releaseNode: 14,
  setRequirement: 15,
  setMaxLatency: 16,
  resetAssert: 17,
  resetGetStatus: 18,
  initFinalize: 21,
  getChipid: 24,
  pinctrlRequest: 28,
  pinctrlRelease: 29,
  pinctrlGetFunction: 30,
  pinctrlSetFunction: 31,
  pinctrlConfigGet: 32,
  pinctrlConfigSet: 33,
  ioctl: 34,
  queryData: 35,
  clockEnable: 36,
  clockDisable: 37,
  clockGetState: 38,
  clockSetDivider: 39,
  clockGetDivider: 40,
  clockSetParent: 43,
  clockGetParent: 44,
  featureCheck: 63,
  getCallbackData: 0xa01,
  setSuspendMode: 0xa02,
  getTrustzoneVersion: 0xa03,
} as const;

const Query = {
  clockName: 1,
  clockTopology: 2,
  clockFixedFactor: 3,
  clockParents: 4,
  clockAttributes: 5,
  pins: 6,
  functions: 7,
  groups: 8,
  functionName: 9,
  functionGroups: 10,
  pinGroups: 11,
  clocks: 12,
  clockMaximumDivisor: 13,
} as const;

const Ioctl = {
  setTapDelayBypass: 4,
  resetSdDll: 6,
  setSdTapDelay: 7,
  setPllMode: 8,
  getPllMode: 9,
  setPllData: 10,
  getPllData: 11,
  writeStorage: 12,
  readStorage: 13,
  writePersistentStorage: 14,
  readPersistentStorage: 15,
  setBootHealth: 17,
} as const;

/** Calls whose version is not 1; calls with a mask of their functions are version 2. */
const versions: ReadonlyMap<number, number> = new Map([
  [Api.featureCheck, 2],
  [Api.ioctl, 2],
  [Api.queryData, 2],
  [Api.pinctrlConfigSet, 2],
]);
const supported: ReadonlySet<number> = new Set(Object.values(Api));
const maskOf = (numbers: Readonly<Record<string, number>>): number =>
  Object.values(numbers).reduce((mask, n) => (mask | (1 << n)) >>> 0, 0);

const apiVersion = 0x1_0001;
const trustzoneVersion = 0x1_0000;
/** Numbers of nodes (Trusted Firmware-A, enum pm_node_id): APU is the first, PMU the last. */
const lastNode = 77;
/** Node status: on, used by this master alone. */
const nodeOn = 1;
const usedByCaller = 1;

const Shutdown = { off: 0, reset: 1, scopeOnly: 2 } as const;

export class Eemi {
  readonly #clocks: ClockControl;
  readonly #pins: PinControl;
  readonly #resets: ResetControl;
  readonly #sd: SdControl;
  readonly #blocks: FirmwareBlocks;
  readonly #power: Pick<PowerControl, 'systemOff' | 'systemReset'>;
  readonly #log: MachineLog;
  readonly #unknown = new Set<string>();

  constructor(blocks: FirmwareBlocks, power: Pick<PowerControl, 'systemOff' | 'systemReset'>, log: MachineLog) {
    this.#blocks = blocks;
    this.#power = power;
    this.#log = log;
    this.#clocks = new ClockControl(blocks);
    this.#pins = new PinControl(blocks.iouSlcr);
    this.#resets = new ResetControl(blocks, () => power.systemReset());
    this.#sd = new SdControl(blocks.iouSlcr);
  }

  /**
   * Serves an SMC if it is a SiP service call; returns whether it was one. Answers are 32 bits each, two in each of X0
   * to X3.
   */
  call(registers: CallRegisters): boolean {
    const id = Number(BigInt.asUintN(32, registers.x(0)));
    if ((id & sipMask) >>> 0 !== sip) return false;
    const number = id & numberMask;
    if (number === serviceVersion || number === callUid || number === countCalls) {
      // These are in the 32-bit convention: one value in each register.
      const values = number === callUid ? uid : number === serviceVersion ? [0, 1] : [supported.size];
      values.forEach((value, i) => {
        registers.setX(i, BigInt(value));
      });
      return true;
    }
    const argument = (n: number): number =>
      Number(BigInt.asUintN(32, registers.x(1 + (n >> 1)) >> BigInt(32 * (n & 1))));
    const answer = this.#answer(number, argument);
    for (let i = 0; i < 4; i++)
      registers.setX(i, BigInt((answer[2 * i] ?? 0) >>> 0) | (BigInt((answer[2 * i + 1] ?? 0) >>> 0) << 32n));
    return true;
  }

  #answer(number: number, argument: (n: number) => number): Answer {
    // The mailbox to the PMU opens and closes; the PMU never sends anything by itself.
    if (number >= mailboxFirst && number <= mailboxLast) return success();
    const [a, b, c] = [argument(0), argument(1), argument(2)];
    switch (number) {
      case Api.getApiVersion:
        return success(apiVersion);
      case Api.getTrustzoneVersion:
        return success(trustzoneVersion);
      case Api.getChipid:
        return success(this.#blocks.csu.get(csu.idcode[0]), this.#blocks.csu.get(csu.version[0]));
      case Api.featureCheck:
        return this.#feature(a);
      case Api.systemShutdown:
        return this.#shutdown(a);
      case Api.getNodeStatus:
        return isNode(a) ? success(nodeOn, 0, usedByCaller) : [Status.invalidNode];
      case Api.requestNode:
      case Api.releaseNode:
      case Api.setRequirement:
      case Api.setMaxLatency:
      case Api.registerNotifier:
        return isNode(a) ? success() : [Status.invalidNode];
      case Api.initFinalize:
      case Api.setSuspendMode:
      case Api.getCallbackData:
        return success();
      case Api.resetAssert:
        return this.#resets.drive(a, b);
      case Api.resetGetStatus:
        return this.#resets.status(a);
      case Api.pinctrlRequest:
      case Api.pinctrlRelease:
        return this.#pins.claim(a);
      case Api.pinctrlGetFunction:
        return this.#pins.function(a);
      case Api.pinctrlSetFunction:
        return this.#pins.setFunction(a, b);
      case Api.pinctrlConfigGet:
        return this.#pins.config(a, b);
      case Api.pinctrlConfigSet:
        return this.#pins.setConfig(a, b, c);
      case Api.clockEnable:
        return this.#clocks.enable(a, true);
      case Api.clockDisable:
        return this.#clocks.enable(a, false);
      case Api.clockGetState:
        return this.#clocks.state(a);
      case Api.clockSetDivider:
        return this.#clocks.setDivider(a, b);
      case Api.clockGetDivider:
        return this.#clocks.divider(a);
      case Api.clockSetParent:
        return this.#clocks.setParent(a, b);
      case Api.clockGetParent:
        return this.#clocks.parent(a);
      case Api.queryData:
        return this.#query(a, b, c);
      case Api.ioctl:
        return this.#ioctl(a, b, c, argument(3));
      default:
        this.#report('call', number);
        return [Status.noFeature];
    }
  }

  /** The version of a call and, for a call with several functions, a mask of them. */
  #feature(api: number): Answer {
    if (!supported.has(api)) return [Status.noFeature];
    const mask = api === Api.queryData ? maskOf(Query) : api === Api.ioctl ? maskOf(Ioctl) : 0;
    return success(versions.get(api) ?? 1, mask);
  }

  #shutdown(type: number): Answer {
    if (type > Shutdown.scopeOnly) return wrongArguments;
    if (type === Shutdown.off) this.#power.systemOff();
    if (type === Shutdown.reset) this.#power.systemReset();
    return success();
  }

  #query(query: number, a: number, b: number): Answer {
    switch (query) {
      case Query.clocks:
        return this.#clocks.count();
      case Query.clockName:
        return this.#clocks.name(a);
      case Query.clockTopology:
        return this.#clocks.topology(a, b);
      case Query.clockFixedFactor:
        return this.#clocks.fixedFactor(a);
      case Query.clockParents:
        return this.#clocks.parents(a, b);
      case Query.clockAttributes:
        return this.#clocks.attributes(a);
      case Query.clockMaximumDivisor:
        return this.#clocks.maximumDivisor(a, b);
      case Query.pins:
        return this.#pins.countPins();
      case Query.functions:
        return this.#pins.countFunctions();
      case Query.groups:
        return this.#pins.countGroups(a);
      case Query.functionName:
        return this.#pins.functionName(a);
      case Query.functionGroups:
        return this.#pins.groupsOfFunction(a, b);
      case Query.pinGroups:
        return this.#pins.groupsOfPin(a, b);
      default:
        this.#report('query', query);
        return wrongArguments;
    }
  }

  #ioctl(node: number, ioctl: number, a: number, b: number): Answer {
    switch (ioctl) {
      case Ioctl.setTapDelayBypass:
        return this.#sd.bypassDelay(a, b);
      case Ioctl.resetSdDll:
        return this.#sd.resetDll(node, a);
      case Ioctl.setSdTapDelay:
        return this.#sd.setDelay(node, a, b);
      case Ioctl.setPllMode:
        return this.#clocks.setFractionMode(a, b);
      case Ioctl.getPllMode:
        return this.#clocks.fractionMode(a);
      case Ioctl.setPllData:
        return this.#clocks.setFraction(a, b);
      case Ioctl.getPllData:
        return this.#clocks.fraction(a);
      case Ioctl.writeStorage:
        return this.#store(pmuGlobal.GLOBAL_GEN_STORAGE0[0], a, b);
      case Ioctl.readStorage:
        return this.#stored(pmuGlobal.GLOBAL_GEN_STORAGE0[0], a);
      case Ioctl.writePersistentStorage:
        return this.#store(pmuGlobal.PERS_GLOB_GEN_STORAGE0[0], a, b);
      case Ioctl.readPersistentStorage:
        return this.#stored(pmuGlobal.PERS_GLOB_GEN_STORAGE0[0], a);
      case Ioctl.setBootHealth:
        this.#blocks.pmuGlobal.change(pmuGlobal.GLOBAL_GEN_STORAGE4[0], 1, a);
        return success();
      default:
        this.#report('IOCTL', ioctl);
        return [Status.notSupported];
    }
  }

  /** Writes one of the four words of general storage from `base` on. */
  #store(base: number, index: number, value: number): Answer {
    if (index > 3) return wrongArguments;
    this.#blocks.pmuGlobal.change(base + 4 * index, 0xffff_ffff, value);
    return success();
  }

  #stored(base: number, index: number): Answer {
    return index > 3 ? wrongArguments : success(this.#blocks.pmuGlobal.get(base + 4 * index));
  }

  #report(kind: string, number: number): void {
    const what = `platform management ${kind} ${number}`;
    if (this.#unknown.has(what)) return;
    this.#unknown.add(what);
    this.#log('firmware', `${what} is not supported`);
  }
}

const isNode = (number: number): boolean => number >= 1 && number <= lastNode;
