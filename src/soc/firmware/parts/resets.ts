/**
 * The platform management firmware's reset control (UG1200, chapter 5): lines by number, and the register bits that
 * drive them (UG1087).
 */

import type { RegisterBank } from '../../bus/register-bank.ts';
import type { ResetCause } from '../../bus/reset-cause.ts';
import { crfApb, crlApb, csu } from '../../devices/system/control-registers.ts';
import { type Answer, invalidParameter, noAccess, success } from '../status.ts';
import type { Registers } from './register-access.ts';

export type ResetBlocks = Readonly<Record<'crfApb' | 'crlApb' | 'csu', RegisterBank>>;

/** Numbers of the first and last line (Linux, enum zynqmp_pm_reset). */
const first = 1000;
const last = 1119;
/** Lines that reset the whole system: all of it, and all but the programmable logic. */
const systemLines: ReadonlyMap<number, ResetCause> = new Map([
  [1028, 'software'],
  [1114, 'psOnly'],
]);
/** Lines that the ZCU102's configuration keeps from the application processors: the system monitor's and the FPD's. */
const forbidden: ReadonlySet<number> = new Set([1068, 1071]);
/** The line of the DRAM. On the chip nobody can go on after it; the machine refuses it. */
const memory = 1026;
/** Outputs of the PMU to the programmable logic, GPO3: 32 lines. */
const outputs = { first: 1081, last: 1112 } as const;
/** Both RPUs in lock step. */
const rpuLockStep = 1113;
const rpuLines = 3;
/** The programmable logic, which PCAP_PROG resets while it is 0. */
const programmableLogic = 1115;
/** Pins 92 to 95 of the GPIO's outputs to the programmable logic: bits 31:28 of its bank 5. */
const pins = { first: 1116, last: 1119, bit: 28 } as const;
const gpio = { data: 0xff0a_0054, input: 0xff0a_0074, direction: 0xff0a_0344, enable: 0xff0a_0348 } as const;

/** Runs of lines on consecutive bits of one register: first line, first bit, direction, count. */
const runs: readonly (readonly [
  'crfApb' | 'crlApb',
  offset: number,
  line: number,
  bit: number,
  step: 1 | -1,
  count: number,
])[] = [
  ['crfApb', crfApb.RST_FPD_TOP[0], 1000, 17, 1, 3], // PCIE_CFG, PCIE_BRIDGE, PCIE_CTRL
  ['crfApb', crfApb.RST_FPD_TOP[0], 1003, 16, -1, 2], // DP, SWDT
  ['crfApb', crfApb.RST_FPD_TOP[0], 1005, 12, -1, 12], // AFI_FM5 to AFI_FM0, GDMA, GPU_PP1, GPU_PP0, GPU, GT, SATA
  ['crfApb', crfApb.RST_FPD_APU[0], 1017, 13, -1, 4], // ACPU3 to ACPU0 at power-on
  ['crfApb', crfApb.RST_FPD_APU[0], 1021, 8, 1, 1], // APU_L2
  ['crfApb', crfApb.RST_FPD_APU[0], 1022, 3, -1, 4], // ACPU3 to ACPU0
  ['crfApb', crfApb.RST_DDR_SS[0], 1026, 3, -1, 2], // DDR, APM_FPD
  ['crlApb', crlApb.RST_LPD_IOU0[0], 1029, 0, 1, 4], // GEM0 to GEM3
  ['crlApb', crlApb.RST_LPD_IOU2[0], 1033, 0, 1, 21], // QSPI, UART0 to TIMESTAMP
  ['crlApb', crlApb.RST_LPD_TOP[0], 1054, 0, 1, 5], // RPU_R50, RPU_R51, RPU_AMBA, OCM, RPU_PGE
  ['crlApb', crlApb.RST_LPD_TOP[0], 1059, 6, 1, 6], // USB0 and USB1
  ['crlApb', crlApb.RST_LPD_TOP[0], 1065, 14, 1, 4], // IPI, APM_LPD, RTC, SYSMON
  ['crlApb', crlApb.RST_LPD_TOP[0], 1069, 19, 1, 2], // AFI_FM6, LPD_SWDT
  ['crlApb', crlApb.RST_LPD_TOP[0], 1071, 23, 1, 1], // FPD
  ['crlApb', crlApb.RST_LPD_DBG[0], 1072, 5, -1, 2], // RPU_DBG1, RPU_DBG0
  ['crlApb', crlApb.RST_LPD_DBG[0], 1074, 1, -1, 2], // DBG_LPD, DBG_FPD
  ['crfApb', crfApb.APLL_CTRL[0], 1076, 0, 1, 1],
  ['crfApb', crfApb.DPLL_CTRL[0], 1077, 0, 1, 1],
  ['crfApb', crfApb.VPLL_CTRL[0], 1078, 0, 1, 1],
  ['crlApb', crlApb.IOPLL_CTRL[0], 1079, 0, 1, 1],
  ['crlApb', crlApb.RPLL_CTRL[0], 1080, 0, 1, 1],
];

const Action = { release: 0, assert: 1, pulse: 2 } as const;

/** The PMU's outputs to the programmable logic, as part of the firmware's state. */
export interface OutputsState {
  outputs: number;
}

export class ResetControl {
  readonly #blocks: ResetBlocks;
  readonly #state: OutputsState;
  readonly #registers: Registers;
  readonly #systemReset: (cause: ResetCause) => void;

  constructor(
    blocks: ResetBlocks,
    state: OutputsState,
    registers: Registers,
    systemReset: (cause: ResetCause) => void,
  ) {
    this.#blocks = blocks;
    this.#state = state;
    this.#registers = registers;
    this.#systemReset = systemReset;
  }

  /** Drives a line: asserts it, releases it, or both one after the other. */
  drive(line: number, action: number): Answer {
    if (line < first || line > last || action > Action.pulse) return invalidParameter;
    if (forbidden.has(line) || line === memory) return noAccess;
    const cause = systemLines.get(line);
    if (cause) {
      if (action !== Action.release) this.#systemReset(cause);
      return success();
    }
    this.#set(line, action === Action.assert);
    return success();
  }

  /** Whether a line is asserted. */
  status(line: number): Answer {
    if (line < first || line > last) return invalidParameter;
    return success(this.#isAsserted(line) ? 1 : 0);
  }

  #set(line: number, asserted: boolean): void {
    const bit = bitOf(line);
    if (bit) this.#blocks[bit.block].change(bit.offset, bit.mask, asserted ? bit.mask : 0);
    else if (line >= outputs.first && line <= outputs.last) {
      const mask = 1 << (line - outputs.first);
      this.#state.outputs = (asserted ? this.#state.outputs | mask : this.#state.outputs & ~mask) >>> 0;
    } else if (line === rpuLockStep) {
      this.#blocks.crlApb.change(crlApb.RST_LPD_TOP[0], rpuLines, asserted ? rpuLines : 0);
    } else if (line === programmableLogic) this.#blocks.csu.change(csu.pcap_prog[0], 1, asserted ? 0 : 1);
    else if (line >= pins.first) {
      const mask = 1 << (pins.bit + line - pins.first);
      for (const register of [gpio.direction, gpio.enable]) this.#change(register, mask, mask);
      this.#change(gpio.data, mask, asserted ? mask : 0);
    }
  }

  #isAsserted(line: number): boolean {
    const bit = bitOf(line);
    if (bit) return (this.#blocks[bit.block].get(bit.offset) & bit.mask) !== 0;
    if (line >= outputs.first && line <= outputs.last)
      return ((this.#state.outputs >>> (line - outputs.first)) & 1) !== 0;
    if (line === rpuLockStep) return (this.#blocks.crlApb.get(crlApb.RST_LPD_TOP[0]) & rpuLines) !== 0;
    if (line === programmableLogic) return this.#blocks.csu.get(csu.pcap_prog[0]) === 0;
    if (line < pins.first) return false;
    return ((this.#registers.read(gpio.input) >>> (pins.bit + line - pins.first)) & 1) !== 0;
  }

  #change(register: number, mask: number, value: number): void {
    this.#registers.write(register, ((this.#registers.read(register) & ~mask) | value) >>> 0);
  }
}

function bitOf(line: number): { block: 'crfApb' | 'crlApb'; offset: number; mask: number } | undefined {
  for (const [block, offset, firstLine, bit, step, count] of runs)
    if (line >= firstLine && line < firstLine + count)
      return { block, offset, mask: 1 << (bit + step * (line - firstLine)) };
  return undefined;
}
