import { Core } from '../../a64/layout.ts';
import type { CoreState } from './core.ts';
import { systemOffset } from './slots.ts';

const tcr1 = systemOffset('TCR_EL1');
const tcr2 = systemOffset('TCR_EL2');

/**
 * AArch64.BranchAddr (Arm ARM J1.3) at the current level, for the high half of an address that goes to PC: removes the
 * tag if TBI says that it is ignored.
 */
export const branchHigh = (core: CoreState, high: number): number => {
  if (core.word(Core.el) === 2) return (core.word(tcr2) & (1 << 20)) !== 0 ? high & 0x00ff_ffff : high;
  const upper = (high & (1 << 23)) !== 0;
  const tbi = core.word(tcr1 + 4) & (upper ? 1 << 6 : 1 << 5);
  if (tbi === 0) return high;
  return (upper ? high | 0xff00_0000 : high & 0x00ff_ffff) >>> 0;
};

/**
 * The same for the core's PC. Generated code leaves the tag in a branch's target, because the next fetch removes it. An
 * interrupt, a step and the debugger use PC before that fetch, so they call this first.
 */
export const settlePc = (core: CoreState): void => {
  const high = core.word(Core.pc + 4);
  if (high >>> 24 !== 0) core.setWord(Core.pc + 4, branchHigh(core, high));
};
