/**
 * The platform management firmware's control of the SD controllers' delay lines (Trusted Firmware-A, pm_api_ioctl.c),
 * by registers of UG1087, module IOU_SLCR.
 */

import type { RegisterBank } from '../../bus/register-bank.ts';
import { iouSlcr } from '../../devices/system/control-registers.ts';
import { type Answer, success, wrongArguments } from '../status.ts';

/** Node of the first controller; that of the second follows. */
const firstNode = 39;

const Reset = { assert: 0, release: 1, pulse: 2 } as const;
const Delay = { input: 0, output: 1 } as const;
/**
 * SD_ITAPDLY and SD_OTAPDLYSEL: the delay and its enable, for the first controller in the lower half, for the second in
 * the upper.
 */
const delays = {
  [Delay.input]: { offset: iouSlcr.SD_ITAPDLY[0], select: 0xff, enable: 0x100 },
  [Delay.output]: { offset: iouSlcr.SD_OTAPDLYSEL[0], select: 0x3f, enable: 0x40 },
} as const;

export class SdControl {
  readonly #iouSlcr: RegisterBank;

  constructor(iouSlcr: RegisterBank) {
    this.#iouSlcr = iouSlcr;
  }

  resetDll(node: number, action: number): Answer {
    const controller = node - firstNode;
    if (!isController(controller) || action > Reset.pulse) return wrongArguments;
    const line = 4 << controller;
    this.#iouSlcr.change(iouSlcr.SD_DLL_CTRL[0], line, action === Reset.assert ? line : 0);
    return success();
  }

  /** Delays a direction by this number of taps. Only the input's delay line has an enable, which 0 taps clear. */
  setDelay(node: number, direction: number, taps: number): Answer {
    const controller = node - firstNode;
    if (!isController(controller) || (direction !== Delay.input && direction !== Delay.output)) return wrongArguments;
    const { offset, select, enable } = delays[direction];
    const shift = 16 * controller;
    this.#iouSlcr.change(
      offset,
      (select | enable) << shift,
      ((taps & select) | (taps !== 0 && direction === Delay.input ? enable : 0)) << shift,
    );
    return success();
  }

  /** Bypasses the delay line of the NAND's data strobes (0 and 1) or of the QSPI (2), or uses all three. */
  bypassDelay(line: number, bypass: number): Answer {
    if (line > 2 || bypass > 1) return wrongArguments;
    this.#iouSlcr.change(iouSlcr.IOU_TAPDLY_BYPASS[0], 7, bypass << line);
    return success();
  }
}

const isController = (index: number): boolean => index === 0 || index === 1;
