/**
 * Cycles of EL2 for what a domain without acceleration needs besides the trap: docs/xen/unaccelerated.md, section 5. Xen has
 * no such mode, so there is nothing of Xen's to count. These are the instructions of routines in C that do the same,
 * counted on the simulated board (guests/routines); a test compares them with what those print.
 */
export const softwareCosts = {
  /** An entry of a shadow table is set: for an invalid one of the guest, … */
  entry: 16,
  /** … one that leads to a table, one that maps a block or page, by how stage 2 maps it, and one that maps no memory. */
  entryOfTable: 28,
  entryOfBlock: 60,
  entryOfPage: 67,
  entryOfDevice: 40,
  /** A level of a walk. */
  walk: 27,
  /** All entries of a table are made to lead to EL2. */
  clear: 3597,
  /** A guest's store to a table. */
  store: 37,
  /** GICC: a register, GICC_IAR, GICC_EOIR. */
  interface: 56,
  acknowledge: 82,
  end: 73,
  /** The virtual timer: its count, its compare value, its control register. */
  count: 32,
  compare: 82,
  control: 80,
  /** A register of virtual memory. */
  root: 86,
  /** A TLBI. */
  tlbi: 39,
} as const;

export type SoftwareCosts = Readonly<Record<keyof typeof softwareCosts, number>>;
