/** The devices that Xen emulates for a domain, by intermediate physical address. */

import type { Hasher } from '../../base/hasher.ts';
import type { Exit } from '../domain/exits.ts';
import type { TrappedAccess } from '../traps/access.ts';

/** A device that Xen emulates for a guest. Offsets are from its base; values are those of the bytes accessed. */
export interface EmulatedDevice<VCpu> {
  /** Returns null if the guest gets an abort. */
  read(vcpu: VCpu, offset: number, access: TrappedAccess): number | null;
  /** Returns false if the guest gets an abort. */
  write(vcpu: VCpu, offset: number, access: TrappedAccess, value: number): boolean;
  /** Adds what it remembers. */
  fingerprint(hasher: Hasher): void;
}

export interface MmioRegion<VCpu> {
  readonly base: number;
  readonly size: number;
  readonly device: EmulatedDevice<VCpu>;
  /** Cycles of EL2 for an access. */
  readonly cost: number;
  /** What kind of exit an access is. */
  readonly exit?: Exit;
}

/** The emulated devices of one domain. A device registers its region when the domain gets it. */
export class MmioRegions<VCpu> {
  private readonly regions: MmioRegion<VCpu>[] = [];

  register(region: MmioRegion<VCpu>): void {
    this.regions.push(region);
  }

  fingerprint(hasher: Hasher): void {
    for (const { base, device } of this.regions) {
      hasher.add(base);
      device.fingerprint(hasher);
    }
  }

  /** All regions. */
  get all(): readonly MmioRegion<VCpu>[] {
    return this.regions;
  }

  /** The region that an address lies in, if there is one. */
  find(address: number): MmioRegion<VCpu> | undefined {
    for (const region of this.regions) if (address >= region.base && address < region.base + region.size) return region;
    return undefined;
  }
}
