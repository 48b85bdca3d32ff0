/**
 * Trusted Firmware-A's control of the real-time processors' configuration (pm_api_ioctl.c), by registers of UG1087,
 * module RPU. The processors themselves have no model.
 */

import { type Answer, noAccess, success, wrongArguments } from '../status.ts';
import { NodeId } from './node-table.ts';
import type { Registers } from './register-access.ts';

const globalControl = 0xff9a_0000;
const configurations: ReadonlyMap<number, number> = new Map([
  [NodeId.rpu0, globalControl + 0x100],
  [NodeId.rpu1, globalControl + 0x200],
]);
const resets = 0xff5e_023c;
const ambaReset = 1 << 2;
/** RPU_GLBL_CNTL: two processors of their own, in lock step with the second's outputs clamped, TCMs combined. */
const split = 1 << 3;
const clamp = 1 << 4;
const combined = 1 << 6;
/** RPU_n_CFG: vectors at FFFF_0000. */
const highVectors = 1 << 2;

const Mode = { lockStep: 0, split: 1 } as const;

export class RpuControl {
  readonly #registers: Registers;

  constructor(registers: Registers) {
    this.#registers = registers;
  }

  mode(): Answer {
    return success(this.#registers.read(globalControl) & split ? Mode.split : Mode.lockStep);
  }

  /** Refused while the RPU's bus is in reset. */
  setMode(mode: number): Answer {
    if (this.#registers.read(resets) & ambaReset) return noAccess;
    if (mode > Mode.split) return wrongArguments;
    this.#change(globalControl, split | clamp | combined, mode === Mode.split ? split : clamp | combined);
    return success();
  }

  setVectors(node: number, high: number): Answer {
    const register = configurations.get(node);
    if (register === undefined || high > 1) return wrongArguments;
    this.#change(register, highVectors, high ? highVectors : 0);
    return success();
  }

  combineMemories(on: number): Answer {
    if (on > 1) return wrongArguments;
    this.#change(globalControl, combined, on ? combined : 0);
    return success();
  }

  #change(address: number, mask: number, value: number): void {
    this.#registers.write(address, ((this.#registers.read(address) & ~mask) | value) >>> 0);
  }
}
