/**
 * The flattened form of a device tree (Devicetree Specification v0.4, chapter 5). All of its numbers are big-endian.
 */

export const FDT_MAGIC = 0xd00d_feed;
/** The version, and the oldest version whose readers understand it. */
export const FDT_VERSION = 17;
export const FDT_COMPATIBLE_VERSION = 16;

export const headerSize = 40;
/** Byte offsets of the header's fields (5.2). */
export const Header = {
  magic: 0,
  totalsize: 4,
  off_dt_struct: 8,
  off_dt_strings: 12,
  off_mem_rsvmap: 16,
  version: 20,
  last_comp_version: 24,
  boot_cpuid_phys: 28,
  size_dt_strings: 32,
  size_dt_struct: 36,
} as const;

/** Tokens of the structure block (5.4.1). */
export const Token = { beginNode: 1, endNode: 2, prop: 3, nop: 4, end: 9 } as const;

/** The next multiple of 4 at or above `n`: where the next token begins. */
export const align4 = (n: number): number => (n + 3) & ~3;
