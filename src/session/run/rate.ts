interface Mark {
  readonly wallMs: number;
  readonly counts: readonly number[];
}

/** The window of the rates is between one and two of these, in milliseconds of wall time. */
const period = 500;

/** How fast counters have grown in about the last half second of wall time. */
export class RecentRates {
  #older: Mark | null = null;
  #newer: Mark | null = null;

  /** Forgets the past. For the start of a run. */
  restart(): void {
    this.#older = null;
    this.#newer = null;
  }

  /** Growth of each counter per millisecond, given their present values; 0 until some time has passed. */
  at(wallMs: number, counts: readonly number[]): number[] {
    const now = { wallMs, counts };
    this.#older ??= now;
    this.#newer ??= now;
    if (wallMs - this.#newer.wallMs >= period) {
      this.#older = this.#newer;
      this.#newer = now;
    }
    const since = this.#older;
    const elapsed = wallMs - since.wallMs;
    return counts.map((count, i) => (elapsed > 0 ? (count - (since.counts[i] ?? 0)) / elapsed : 0));
  }
}
