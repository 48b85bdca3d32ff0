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

export interface BoardDevices {
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
