import { Core } from '../../a64/layout.ts';
import type { Exceptions, InstructionSource } from '../exceptions/exceptions.ts';
import { Pstate } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { systemOffset } from '../state/slots.ts';
import { breakpointMatches, stepActive, updateDebug } from './debug.ts';

/** Software step and hardware breakpoints around each instruction (Arm ARM DDI 0487, D2.9, D2.12). */

const stepped = systemOffset('stepped');

/** Bits of the slot `stepped`. Every exception taken and every exception return clears it. */
const Stepped = {
  /** The last instruction was stepped: ISS.ISV. */
  done: 1,
  /** It was a load-exclusive: ISS.EX. */
  exclusive: 2,
  /** An instruction is being stepped. */
  inProgress: 4,
} as const;

/** Takes a software step or breakpoint exception that is due before the next instruction; false if none is. */
export const beforeInstruction = (core: CoreState, exceptions: Exceptions, source: InstructionSource): boolean => {
  const stepping = stepActive(core);
  const last = core.word(stepped);
  core.setWord(stepped, 0);
  if (stepping && (core.word(Core.pstate) & Pstate.SS) === 0) {
    exceptions.softwareStep(core, (last & Stepped.done) !== 0, (last & Stepped.exclusive) !== 0);
    return true;
  }
  if (breakpointMatches(core)) {
    exceptions.breakpoint(core);
    return true;
  }
  if (stepping) {
    const exclusive = isLoadExclusive(source.instructionAt(core) ?? 0);
    core.setWord(stepped, Stepped.inProgress | (exclusive ? Stepped.exclusive : 0));
  }
  return false;
};

/**
 * SSAdvance, after an instruction that neither took an exception nor returned from one: a step exception is now
 * pending.
 */
export const afterInstruction = (core: CoreState): void => {
  const state = core.word(stepped);
  if ((state & Stepped.inProgress) !== 0) {
    core.setWord(Core.pstate, core.word(Core.pstate) & ~Pstate.SS);
    core.setWord(stepped, Stepped.done | (state & Stepped.exclusive));
  }
  updateDebug(core);
};

/** LDXR, LDXP, LDAXR, LDAXP and their narrow forms. */
const isLoadExclusive = (word: number): boolean => (word & 0x3fc0_0000) === 0x0840_0000;
