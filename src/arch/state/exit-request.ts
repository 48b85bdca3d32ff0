import { Core } from '../../a64/layout.ts';
import type { CoreState } from './core.ts';

/** Bits of Core.exitRequest: why the run loop must leave generated code before the next instruction. */
export const ExitRequest = {
  /** An interrupt can be taken, or PSTATE.IL is set: see Exceptions.takePending. */
  exception: 1,
  /** The core waits in WFI or WFE: see isWaiting. */
  wait: 2,
  /** Self-hosted debug checks each instruction: see beforeInstruction and afterInstruction. */
  debug: 4,
  /** For the run loop's own use. */
  stop: 8,
  /** The debugger checks the next instruction, or an access hit one of its watchpoints. */
  debugger: 16,
  /** EL2 has been entered and is not machine code: see El2. */
  el2: 32,
} as const;

export const requestExit = (core: CoreState, bits: number): void =>
  core.setWord(Core.exitRequest, core.word(Core.exitRequest) | bits);

export const withdrawExit = (core: CoreState, bits: number): void =>
  core.setWord(Core.exitRequest, core.word(Core.exitRequest) & ~bits);
