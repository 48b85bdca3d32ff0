/**
 * Descriptors of stage 1 with a 4 KiB granule, and what a shadow table has in their places (docs/xen/unaccelerated.md,
 * section 2). Halves of a descriptor are 32-bit words; pages are 28-bit numbers.
 */

export const levelBits = 9;
export const entries = 2 ** levelBits;
/** Pages that an entry of a level maps, as a power of two. */
export const orderOf = (level: number): number => (3 - level) * levelBits;

/**
 * Intermediate addresses from here on lead nowhere: an entry that EL2 has to see leads to one, which says why. Below its
 * highest one, they are the guest's own address with bit 39 set.
 */
export const holes = 2 ** 27;
export const lastHole = 2 ** 28 - 1;
export const holeOf = (gfn: number): number => holes + Math.min(gfn, holes - 1);

/** An address of 48 bits: it faults wherever addresses have 40. */
const outOfRange = 0x8000;
const valid = 1 << 0;
const tableBit = 1 << 1;
/** In the high half: what a table says for all below it; what a page or block says, without the contiguous bit. */
const tableAttributes = 0xf800_0000;
const leafAttributes = 0xffe0_0000;

export const EntryKind = { invalid: 0, table: 1, leaf: 2 } as const;
export type EntryKind = (typeof EntryKind)[keyof typeof EntryKind];

/** What a descriptor is at a level. */
export const kindOf = (level: number, low: number): EntryKind => {
  if ((low & valid) === 0) return EntryKind.invalid;
  if ((low & tableBit) !== 0) return level < 3 ? EntryKind.table : EntryKind.leaf;
  return level === 1 || level === 2 ? EntryKind.leaf : EntryKind.invalid;
};

/** The page in a descriptor. */
export const pageOf = (low: number, high: number): number => (low >>> 12) + (high & 0xff) * 2 ** 20;

/** Whether an address is out of the range that TCR_EL1.IPS gives: 32, 36, or as many bits as there are. */
export const isOutOfRange = (high: number, ips: number): boolean =>
  (high & (ips === 0 ? 0xffff : ips === 1 ? 0xfff0 : 0xff00)) !== 0;

export type Descriptor = readonly [low: number, high: number];

export const invalid: Descriptor = [0, 0];
/** Faults as the guest's descriptor does, whose address is out of range. */
export const outside = (low: number): Descriptor => [(low & 0x400) | (low & 3), outOfRange];
export const rootOutside = outOfRange;

/** Leads to a table, with what the guest's descriptor says for all below it. */
export const toTable = (page: number, guestHigh: number): Descriptor => [
  (page << 12) | valid | tableBit,
  Math.floor(page / 2 ** 20) | (guestHigh & tableAttributes),
];

/** Maps a page or block with the guest's attributes and permissions. */
export const toPage = (page: number, guestLow: number, guestHigh: number): Descriptor => [
  (page << 12) | (guestLow & 0xfff),
  Math.floor(page / 2 ** 20) | (guestHigh & leafAttributes),
];

/** Part `i` of a block that is split: a page or block of the next level. */
export const partOf = (low: number, high: number, level: number, i: number): Descriptor => {
  const first = pageOf(low, high) - (pageOf(low, high) % 2 ** orderOf(level));
  const page = first + i * 2 ** orderOf(level + 1);
  const [partLow, partHigh] = toPage(page, low, high);
  return level + 1 === 3 ? [partLow | tableBit, partHigh] : [partLow, partHigh];
};

/** Index of an address in the table of a level. */
export const indexOf = (level: number, low: number, high: number): number => {
  const shift = 12 + orderOf(level);
  const bits = shift >= 32 ? high >>> (shift - 32) : (low >>> shift) | (high << (32 - shift));
  return bits & (entries - 1);
};
