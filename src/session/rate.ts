interface Mark<Count extends string> {
  readonly wallMs: number;
  readonly counts: Readonly<Record<Count, number>>;
}

/** Window of the rates, in milliseconds of wall time: between one and two of these. */
const period = 500;

/** How fast counters grow, over the last half second or so of wall time. */
export class RecentRates<Count extends string> {
  #older: Mark<Count> | null = null;
  #newer: Mark<Count> | null = null;

  /** Forgets the past: at the start of a run. */
  restart(): void {
    this.#older = null;
    this.#newer = null;
  }

  /** Growth of each counter per millisecond; 0 until some time has passed. */
  at(wallMs: number, counts: Readonly<Record<Count, number>>): (name: Count) => number {
    const now = { wallMs, counts };
    this.#older ??= now;
    this.#newer ??= now;
    if (wallMs - this.#newer.wallMs >= period) {
      this.#older = this.#newer;
      this.#newer = now;
    }
    const since = this.#older;
    const elapsed = wallMs - since.wallMs;
    return (name) => (elapsed > 0 ? (counts[name] - since.counts[name]) / elapsed : 0);
  }
}
