import { Core } from '../a64/layout.ts';
import { Cpacr, Cptr, Pstate, Sctlr } from './control-bits.ts';
import type { CoreState } from './core.ts';
import { systemOffset } from './slots.ts';

const spOffsets = [systemOffset('SP_EL0'), systemOffset('SP_EL1'), systemOffset('SP_EL2')] as const;
const cpacr = systemOffset('CPACR_EL1');
const cptr = systemOffset('CPTR_EL2');
const sctlr1 = systemOffset('SCTLR_EL1');
const sctlr2 = systemOffset('SCTLR_EL2');

/**
 * Banking of SP, in this one place: Core.sp holds the register that PSTATE.M selects (SP_EL0 when M[0] is 0, else SP_EL of
 * the current level), whose own slot is stale meanwhile; all the others rest in their slots.
 */
const liveSp = (mode: number): number => spOffsets[(mode & Pstate.sp) === 0 ? 0 : (mode >>> 2) & 3] as number;

/** Offset at which the value of SP_ELn lies now. */
export const spOffset = (core: CoreState, level: 0 | 1 | 2): number => {
  const offset = spOffsets[level];
  return liveSp(core.word(Core.pstate)) === offset ? Core.sp : offset;
};

/** Enters M[4:0] (level and stack pointer): banks SP, sets Core.el. The caller sees to what depends on the level. */
export const setMode = (core: CoreState, mode: number): void => {
  const pstate = core.word(Core.pstate);
  const from = liveSp(pstate);
  const to = liveSp(mode);
  if (from !== to) {
    core.setWord(from, core.word(Core.sp));
    core.setWord(from + 4, core.word(Core.sp + 4));
    core.setWord(Core.sp, core.word(to));
    core.setWord(Core.sp + 4, core.word(to + 4));
  }
  core.setWord(Core.pstate, (pstate & ~Pstate.mode) | mode);
  core.setWord(Core.el, mode >>> Pstate.elShift);
};

/** Sets Core.fpTrap and Core.spCheck from the control registers and the level (AArch64.CheckFPAdvSIMDEnabled, CheckSPAlignment). */
export const updateChecks = (core: CoreState): void => {
  const el = core.word(Core.el);
  let trap = core.word(cptr) & Cptr.TFP;
  if (el < 2) {
    const fpen = (core.word(cpacr) >>> Cpacr.FPENshift) & 3;
    if ((fpen & 1) === 0 || (fpen === 1 && el === 0)) trap = 1;
  }
  core.setWord(Core.fpTrap, trap);
  const control = core.word(el === 2 ? sctlr2 : sctlr1);
  core.setWord(Core.spCheck, control & (el === 0 ? Sctlr.SA0 : Sctlr.SA));
};

/** PSTATE as an exception saves it in SPSR_ELx, signed. */
export const savedPstate = (core: CoreState): number => core.nzcv | core.word(Core.pstate);
