/** What Dom0 has of the board, and may hand on to guests (docs/xen/passthrough.md). */

/** A shared interrupt of a device in the board's tree. */
export interface BoardInterrupt {
  /** Edge-triggered; otherwise level-sensitive. */
  readonly isEdge: boolean;
  /** Routed to Dom0: a device that has it is not marked `xen,passthrough`. */
  readonly isRouted: boolean;
}

/** Frame numbers, both included. */
export type FrameRun = readonly [first: bigint, last: bigint];

/** The SMMU in the board's tree. */
export interface BoardSmmu {
  /** Its node's full name. */
  readonly path: string;
  /** The full names of all nodes. */
  readonly nodes: ReadonlySet<string>;
  /** The DMA masters behind it, by the full names of their nodes. */
  readonly masters: ReadonlyMap<string, BoardMaster>;
}

export interface BoardMaster {
  readonly streams: readonly number[];
  /** Marked `xen,passthrough`. */
  readonly isForGuests: boolean;
}

export interface BoardDevices {
  /** Words for Xen's command line: `xen,xen-bootargs` of /chosen. */
  readonly commandLine: string;
  /** Null if there is none, or its node is disabled, as in the stock tree. */
  readonly smmu: BoardSmmu | null;
  /** By interrupt ID. */
  readonly interrupts: ReadonlyMap<number, BoardInterrupt>;
  /** Runs of frames that Dom0 may hand on, in order and apart from each other. */
  readonly frames: readonly FrameRun[];
}

/** The runs that ranges of frames make up. */
export const frameRuns = (ranges: Iterable<FrameRun>): FrameRun[] =>
  [...ranges]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .reduce<[bigint, bigint][]>((runs, [first, last]) => {
      const before = runs.at(-1);
      if (before && first <= before[1] + 1n) before[1] = last > before[1] ? last : before[1];
      else runs.push([first, last]);
      return runs;
    }, []);
