import type { CoreState } from '../../arch/state/core.ts';
import { setX } from '../machine/registers.ts';

/** A load or store that trapped, as its syndrome describes it (ISS of a Data Abort in ESR_EL2). */
export interface TrappedAccess {
  /** Log2 of its bytes. */
  readonly size: 0 | 1 | 2 | 3;
  /** Number of the register that is loaded or stored. */
  readonly register: number;
  readonly write: boolean;
  /** Whether a load extends the sign. */
  readonly signed: boolean;
}

export const accessOf = (iss: number): TrappedAccess => ({
  size: ((iss >>> 22) & 3) as TrappedAccess['size'],
  register: (iss >>> 16) & 31,
  write: (iss & (1 << 6)) !== 0,
  signed: (iss & (1 << 21)) !== 0,
});

/** Puts the value that a load of at most a word has read into its register. */
export const setLoaded = (core: CoreState, access: TrappedAccess, value: number): void => {
  if (!access.signed) {
    setX(core, access.register, value);
    return;
  }
  // Xen extends the sign over all 64 bits, also if the instruction loads Wt.
  const shift = 32 - 8 * (1 << Math.min(2, access.size));
  const low = (value << shift) >> shift;
  setX(core, access.register, low, low < 0 ? -1 : 0);
};
