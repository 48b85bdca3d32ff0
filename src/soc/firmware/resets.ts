/**
 * The platform management firmware's reset control (UG1200, chapter 5): lines by number, and the register bits that
 * drive them (UG1087).
 */

import type { RegisterBank } from '../bus/register-bank.ts';
import { crfApb, crlApb } from '../devices/system/control-registers.ts';
import { type Answer, Status, success, wrongArguments } from './status.ts';

export type ResetBlocks = Readonly<Record<'crfApb' | 'crlApb', RegisterBank>>;

/** Numbers of the first and last line (Linux, enum zynqmp_pm_reset). */
const first = 1000;
const last = 1119;
/** Line that resets the whole system. */
const soft = 1028;

/** Runs of lines on consecutive bits of one register: first line, first bit, direction, count. */
const runs: readonly (readonly [
  keyof ResetBlocks,
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
];

const Action = { release: 0, assert: 1, pulse: 2 } as const;

export class ResetControl {
  readonly #blocks: ResetBlocks;
  readonly #systemReset: () => void;

  constructor(blocks: ResetBlocks, systemReset: () => void) {
    this.#blocks = blocks;
    this.#systemReset = systemReset;
  }

  /**
   * Drives a line. The cores' own lines belong to PSCI; no guest may drive those of debug, PLLs and the programmable
   * logic.
   */
  drive(line: number, action: number): Answer {
    if (line < first || line > last || action > Action.pulse) return wrongArguments;
    if (line === soft) {
      if (action !== Action.release) this.#systemReset();
      return success();
    }
    const bit = bitOf(line);
    if (!bit || (line >= 1017 && line <= 1026)) return [Status.noAccess];
    this.#blocks[bit.block].change(bit.offset, bit.mask, action === Action.assert ? bit.mask : 0);
    return success();
  }

  /** Whether a line is asserted. */
  status(line: number): Answer {
    if (line < first || line > last) return wrongArguments;
    const bit = bitOf(line);
    return success(bit && this.#blocks[bit.block].get(bit.offset) & bit.mask ? 1 : 0);
  }
}

function bitOf(line: number): { block: keyof ResetBlocks; offset: number; mask: number } | undefined {
  for (const [block, offset, firstLine, bit, step, count] of runs)
    if (line >= firstLine && line < firstLine + count)
      return { block, offset, mask: 1 << (bit + step * (line - firstLine)) };
  return undefined;
}
