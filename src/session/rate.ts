interface Mark {
  readonly wallMs: number;
  readonly counts: readonly number[];
}

/** Window of the rates, in milliseconds of wall time: between one and two of these. */
const period = 500;

/** How fast counters grow, over the last half second or so of wall time. */
export class RecentRates {
  #older: Mark | null = null;
  #newer: Mark | null = null;

  /** Forgets the past: at the start of a run. */
  restart(): void {
    this.#older = null;
    this.#newer = null;
  }

  /** Growth of each counter per millisecond, given what they show now; 0 until some time has passed. */
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
