import type { CoreState } from '../../arch/state/core.ts';
import type { VCpu } from '../domain/vcpu.ts';
import { setX } from '../machine/registers.ts';

/** A load or store that trapped, as its syndrome describes it (ESR_ELx, ISS of a Data Abort). */
export interface Access {
  /** Log2 of its bytes. */
  readonly size: 0 | 1 | 2 | 3;
  /** Xt. */
  readonly register: number;
  readonly write: boolean;
  /** A load extends the sign. */
  readonly signed: boolean;
}

export const accessOf = (iss: number): Access => ({
  size: ((iss >>> 22) & 3) as Access['size'],
  register: (iss >>> 16) & 31,
  write: (iss & (1 << 6)) !== 0,
  signed: (iss & (1 << 21)) !== 0,
});

/** A device that Xen emulates for a guest. Values are those of the bytes accessed. */
export interface EmulatedDevice {
  /** Null for an abort. */
  read(vcpu: VCpu, offset: number, access: Access): number | null;
  /** False for an abort. */
  write(vcpu: VCpu, offset: number, access: Access, value: number): boolean;
}

/** Puts what a load of at most a word has read into its register. */
export const setLoaded = (core: CoreState, access: Access, value: number): void => {
  if (!access.signed) {
    setX(core, access.register, value);
    return;
  }
  // Xen extends the sign over all of the register, also where the instruction names Wt.
  const shift = 32 - 8 * (1 << Math.min(2, access.size));
  const low = (value << shift) >> shift;
  setX(core, access.register, low, low < 0 ? -1 : 0);
};
