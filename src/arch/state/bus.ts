import type { PhysAddr } from '../../base/units.ts';

/**
 * What lies beyond RAM. Values are unsigned 32-bit numbers; a 64-bit guest access comes as two 32-bit ones, low first.
 */
export interface PhysicalBus {
  /** The value read, or null where nothing answers: an external abort. */
  read(address: PhysAddr, size: 1 | 2 | 4): number | null;
  /** Whether something took the write; if not: an external abort. */
  write(address: PhysAddr, size: 1 | 2 | 4, value: number): boolean;
  /** Whether nothing ever answers in the page of an address, and nobody wants to know who asked. */
  isSilent?(address: PhysAddr): boolean;
}
