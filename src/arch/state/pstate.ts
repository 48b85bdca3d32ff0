import { Core, LevelEntry } from '../../a64/layout.ts';
import { Cpacr, Cptr, Pstate, Sctlr } from './control-bits.ts';
import type { CoreState } from './core.ts';
import { systemOffset } from './slots.ts';

// Indices into CoreState.words.
const sp = Core.sp / 4;
const pstateWord = Core.pstate / 4;
const elWord = Core.el / 4;
const levels = Core.levels / 4;
const levelWords = LevelEntry.size / 4;
const contextWord = Core.context / 4;
const banks = [systemOffset('SP_EL0') / 4, systemOffset('SP_EL1') / 4, systemOffset('SP_EL2') / 4] as const;
const cpacr = systemOffset('CPACR_EL1') / 4;
const cptr = systemOffset('CPTR_EL2') / 4;
const sctlr1 = systemOffset('SCTLR_EL1') / 4;
const sctlr2 = systemOffset('SCTLR_EL2') / 4;

/**
 * Banking of SP: Core.sp holds the register that PSTATE.M selects (SP_EL0 if M[0] is 0, else SP_ELx of the current
 * level); that register's own slot is then stale. The others are in their slots. Only this file knows.
 */
const liveSp = (mode: number): number => banks[(mode & Pstate.sp) === 0 ? 0 : (mode >>> 2) & 3] as number;

/** Offset of the current value of SP_ELn. */
export const spOffset = (core: CoreState, level: 0 | 1 | 2): number => {
  const bank = banks[level];
  return liveSp(core.word(Core.pstate)) === bank ? Core.sp : bank * 4;
};

/** Sets PSTATE without NZCV, as in SPSR_ELx: banks SP and sets Core.el. The caller updates what depends on them. */
export const setPstate = (core: CoreState, pstate: number): void => {
  const { words } = core;
  const from = liveSp(words[pstateWord] as number);
  const to = liveSp(pstate);
  if (from !== to) {
    words[from] = words[sp] as number;
    words[from + 1] = words[sp + 1] as number;
    words[sp] = words[to] as number;
    words[sp + 1] = words[to + 1] as number;
  }
  words[pstateWord] = pstate;
  words[elWord] = (pstate & Pstate.mode) >>> Pstate.elShift;
};

/** The same for M[4:0] alone: level and stack pointer. */
export const setMode = (core: CoreState, mode: number): void =>
  setPstate(core, (core.word(Core.pstate) & ~Pstate.mode) | mode);

/**
 * Brings Core.fpTrap and Core.spCheck of all levels up to date with the control registers
 * (AArch64.CheckFPAdvSIMDEnabled, CheckSPAlignment).
 */
export const updateChecks = (core: CoreState): void => {
  const { words } = core;
  const fpen = ((words[cpacr] as number) >>> Cpacr.FPENshift) & 3;
  for (let level = 0; level < 3; level++) {
    let trap = (words[cptr] as number) & Cptr.TFP;
    if (level < 2 && ((fpen & 1) === 0 || (fpen === 1 && level === 0))) trap = 1;
    const entry = levels + level * levelWords;
    words[entry + LevelEntry.fpTrap / 4] = trap;
    words[entry + LevelEntry.spCheck / 4] =
      (words[level === 2 ? sctlr2 : sctlr1] as number) & (level === 0 ? Sctlr.SA0 : Sctlr.SA);
    words[entry + LevelEntry.el / 4] = level;
  }
  loadLevel(core);
};

/** Loads the fields that depend on the level (see LevelEntry) for the current one. */
export const loadLevel = (core: CoreState): void => {
  const { words } = core;
  const entry = levels + (words[elWord] as number) * levelWords;
  // All fields but LevelEntry.known. A loop takes three times as long, and every exception comes here.
  words[contextWord] = words[entry] as number;
  words[contextWord + 1] = words[entry + 1] as number;
  words[contextWord + 2] = words[entry + 2] as number;
  words[contextWord + 3] = words[entry + 3] as number;
  words[contextWord + 4] = words[entry + 4] as number;
  words[contextWord + 5] = words[entry + 5] as number;
  words[contextWord + 6] = words[entry + 6] as number;
};
