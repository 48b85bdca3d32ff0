/** The platform of a guest (public/arch-arm.h). Addresses are intermediate physical addresses. */
import { secureTimerPpi, timerPpis } from '../../arch/timers/timer.ts';

export interface Range {
  readonly base: number;
  readonly size: number;
}

export const gicDistributor: Range = { base: 0x0300_1000, size: 0x1000 };
export const gicCpuInterface: Range = { base: 0x0300_2000, size: 0x2000 };
export const pl011: Range = { base: 0x2200_0000, size: 0x1000 };
/** Where the guest may map its grant table. */
export const grantTable: Range = { base: 0x3800_0000, size: 0x100_0000 };
/** The first pages of the magic range: console ring, xenstore ring, memory access ring, vPL011 ring. */
export const magicBase = 0x3900_0000;
export const MagicPage = { console: 0, xenstore: 1, memaccess: 2, vuart: 3 } as const;
/** GNTTAB_RESERVED_*: the toolstack grants Dom0 these pages (public/grant_table.h). */
export const ReservedGrant = { console: 0, xenstore: 1 } as const;
export const magicPages = 4;
export const ramBanks: readonly [Range, Range] = [
  { base: 0x4000_0000, size: 0xc000_0000 },
  { base: 0x2_0000_0000, size: 0xfe_0000_0000 },
];
export const ramMax = ramBanks[0].size + ramBanks[1].size;

/** Interrupt IDs. */
export const Ppi = {
  virtualTimer: timerPpis.cntv,
  securePhysicalTimer: secureTimerPpi,
  physicalTimer: timerPpis.cntp,
  dom0EventChannel: 16,
  eventChannel: 31,
} as const;
export const pl011Spi = 32;

/** Bits of an intermediate physical address: as many as a Cortex-A53's physical addresses have. */
export const addressBits = 40;

/** The banks of a guest's RAM for its size in bytes, which is at most `ramMax`. */
export const ramOf = (bytes: number): Range[] => {
  const [low, high] = ramBanks;
  const first = Math.min(bytes, low.size);
  const banks = [{ base: low.base, size: first }];
  if (bytes > first) banks.push({ base: high.base, size: bytes - first });
  return banks;
};
