/**
 * Who used the cores: samples at fixed distances of virtual time, fine ones of the last seconds and coarse ones of ten
 * minutes. A sample is the difference of two readings of an account that only grows, so that the samples add up to it.
 */
import { assert, defined } from '../../base/assert.ts';
import { bytes, list, number, record, type Shape } from '../../base/shape.ts';
import type { Utilisation, UtilisationRequest, UtilisationSeries } from '../api/hypervisor.ts';

/** Nanoseconds between samples, and how many samples are kept: those of 20 s, and of 10 min. */
const levels = [
  { step: 10_000_000, slots: 2000 },
  { step: 100_000_000, slots: 6000 },
] as const;
const finest = levels[0];
const coarsest = levels[1];

/** Nanoseconds between two samples. */
export const samplePeriod = finest.step;

/** What can be asked of who used the cores. */
export interface UsageView {
  /** Virtual time of the last sample, in nanoseconds. */
  readonly sampled: number;
  utilisation(request: UtilisationRequest): Utilisation;
}

/** One user of one core. */
export class UsageSeries {
  readonly rings = levels.map(({ slots }) => new Float64Array(slots));
  /** Nanoseconds that it had used in all at the last sample. */
  total = 0;
  lastUse = 0;
  /** Whether it can use nothing more. */
  hasEnded = false;
  name: string;

  constructor(
    readonly about: Omit<UtilisationSeries, 'busy' | 'name'>,
    name: string,
  ) {
    this.name = name;
  }
}

/** The samples as plain data; rings are the bytes of their numbers. */
export interface UsageState {
  readonly now: number;
  readonly series: readonly {
    readonly total: number;
    readonly lastUse: number;
    readonly rings: readonly Uint8Array[];
  }[];
}

export const usageState: Shape<UsageState> = record<UsageState>({
  now: number,
  series: list(record({ total: number, lastUse: number, rings: list(bytes) })),
});

/** The samples of all users. */
export class Usage {
  private _series: UsageSeries[] = [];
  /** Virtual time of the last sample. */
  private now = 0;

  /** Virtual time of the last sample, in nanoseconds. */
  get sampled(): number {
    return this.now;
  }

  get series(): readonly UsageSeries[] {
    return this._series;
  }

  /** Forgets all other series. */
  keepOnly(series: readonly UsageSeries[]): void {
    this._series = [...series];
  }

  add(about: UsageSeries['about'], name: string): UsageSeries {
    const series = new UsageSeries(about, name);
    this._series.push(series);
    return series;
  }

  /**
   * Begins the next sample, at a virtual time that is a multiple of `samplePeriod`: clears its slots, and forgets series
   * that have used nothing for as long as samples are kept.
   */
  begin(now: number): void {
    this.now = now;
    const horizon = now - coarsest.step * coarsest.slots;
    this._series = this._series.filter(({ hasEnded, lastUse }) => !hasEnded || lastUse >= horizon);
    for (const [i, { step, slots }] of levels.entries()) {
      if ((now - finest.step) % step !== 0) continue;
      const slot = (now - finest.step) / step;
      for (const { rings } of this._series) defined(rings[i], 'ring')[slot % slots] = 0;
    }
  }

  /** Notes how many nanoseconds a series has used in all. */
  note(series: UsageSeries | undefined, total: number): void {
    if (!series) return;
    const delta = total - series.total;
    if (delta <= 0) return;
    series.total = total;
    series.lastUse = this.now;
    for (const [i, { step, slots }] of levels.entries()) {
      const slot = Math.floor((this.now - finest.step) / step) % slots;
      const ring = defined(series.rings[i], 'ring');
      ring[slot] = (ring[slot] as number) + delta;
    }
  }

  saveState(): UsageState {
    const series = this._series.map(({ total, lastUse, rings }) => ({
      total,
      lastUse,
      rings: rings.map((ring) => new Uint8Array(ring.buffer)),
    }));
    return { now: this.now, series };
  }

  /** Continues from a saved state of the same users. Throws AssertionError. */
  loadState({ now, series }: UsageState): void {
    this.now = now;
    assert(series.length === this._series.length, `there are ${series.length} users of the cores`);
    for (const [i, { total, lastUse, rings }] of series.entries()) {
      const mine = defined(this._series[i], 'a user of the cores');
      Object.assign(mine, { total, lastUse });
      for (const [level, ring] of mine.rings.entries()) {
        const saved = defined(rings[level], 'its samples');
        assert(saved.length === ring.byteLength, 'its samples are as many');
        new Uint8Array(ring.buffer).set(saved);
      }
    }
  }

  /** Who used the cores from one virtual time to another. */
  query({ from, to, buckets }: UtilisationRequest): Utilisation {
    const index = from >= this.now - finest.step * finest.slots ? 0 : 1;
    const { step: unit, slots } = levels[index];
    const begin = Math.max(0, from);
    const end = Math.max(begin + unit, to);
    let step = unit * Math.max(1, Math.ceil((end - begin) / unit / Math.max(1, buckets)));
    const starts = (): number => Math.floor(begin / step) * step;
    const count = (): number => Math.ceil((end - starts()) / step);
    while (count() > Math.max(2, buckets)) step += unit;
    const first = starts() / unit;
    const length = count();
    const last = Math.floor(this.now / unit);
    const kept = Math.max(first, last - slots);
    const until = Math.min(first + (length * step) / unit, last);
    const bucketOf = (slot: number): number => Math.floor(((slot - first) * unit) / step);
    const covered = new Float64Array(length);
    for (let slot = kept; slot < until; slot++) covered[bucketOf(slot)] = (covered[bucketOf(slot)] ?? 0) + unit;
    const series = this._series.flatMap((one): UtilisationSeries[] => {
      const ring = defined(one.rings[index], 'ring');
      const busy = new Float64Array(length);
      let any = one.about.kind !== 'vcpu';
      for (let slot = kept; slot < until; slot++) {
        const ns = ring[slot % slots] as number;
        if (ns === 0) continue;
        any = true;
        busy[bucketOf(slot)] = (busy[bucketOf(slot)] as number) + ns;
      }
      return any ? [{ ...one.about, name: one.name, busy }] : [];
    });
    return { from: starts(), step, buckets: length, covered, series };
  }
}
