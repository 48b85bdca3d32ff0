/** Registers of a core as indices into `CoreState.words`. The low half comes first. */
import { Core } from '../../a64/layout.ts';
import { Pstate } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import { type SystemSlot, systemOffset } from '../../arch/state/slots.ts';

export const wordOf = (slot: SystemSlot): number => systemOffset(slot) / 4;

export const Word = {
  X16: (Core.x + 8 * 16) / 4,
  ESR_EL1: wordOf('ESR_EL1'),
  ESR_EL2: wordOf('ESR_EL2'),
  FAR_EL1: wordOf('FAR_EL1'),
  FAR_EL2: wordOf('FAR_EL2'),
  HPFAR_EL2: wordOf('HPFAR_EL2'),
  ELR_EL1: wordOf('ELR_EL1'),
  ELR_EL2: wordOf('ELR_EL2'),
  SPSR_EL1: wordOf('SPSR_EL1'),
  SPSR_EL2: wordOf('SPSR_EL2'),
  VBAR_EL1: wordOf('VBAR_EL1'),
  VBAR_EL2: wordOf('VBAR_EL2'),
  HCR_EL2: wordOf('HCR_EL2'),
  VTTBR_EL2: wordOf('VTTBR_EL2'),
  CNTHCTL_EL2: wordOf('CNTHCTL_EL2'),
} as const;

/** Low half of Xn, unsigned; 31 is XZR. */
export const xLow = (core: CoreState, n: number): number => core.word(Core.x + 8 * n);
export const xHigh = (core: CoreState, n: number): number => core.word(Core.x + 8 * n + 4);

/** Sets Xn from its halves; XZR stays zero. */
export const setX = (core: CoreState, n: number, low: number, high = 0): void => {
  if (n === 31) return;
  core.setWord(Core.x + 8 * n, low);
  core.setWord(Core.x + 8 * n + 4, high);
};

/** Moves the address that EL2 returns to past the instruction that trapped. */
export const advancePc = ({ words }: CoreState): void => {
  const low = words[Word.ELR_EL2] as number;
  words[Word.ELR_EL2] = low + 4;
  if (low >= -4 && low < 0) words[Word.ELR_EL2 + 1] = (words[Word.ELR_EL2 + 1] as number) + 1;
};

/** Moves the address that EL2 returns to back to the HVC or SMC, which then executes again. */
export const rewindPc = ({ words }: CoreState): void => {
  const low = words[Word.ELR_EL2] as number;
  words[Word.ELR_EL2] = low - 4;
  if (low >= 0 && low < 4) words[Word.ELR_EL2 + 1] = (words[Word.ELR_EL2 + 1] as number) - 1;
};

/** Whether EL2 returns to EL0. */
export const isUserMode = ({ words }: CoreState): boolean => ((words[Word.SPSR_EL2] as number) & Pstate.mode) === 0;
