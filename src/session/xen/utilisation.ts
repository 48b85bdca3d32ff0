/**
 * Who used the pCPUs: samples at fixed distances of virtual time, fine ones of the last seconds and coarse ones of ten
 * minutes. A sample is the difference of two readings of Xen's own accounts. So the samples add up to what Xen says, to
 * the nanosecond.
 */
import { defined } from '../../base/assert.ts';
import { clockHz } from '../../soc/board/zynqmp.ts';
import type { Domain } from '../../xen/domain/domain.ts';
import type { SchedUnit } from '../../xen/sched/unit.ts';
import { nanoseconds } from '../../xen/time/time.ts';
import type { Xen } from '../../xen/xen.ts';
import type { Utilisation, UtilisationRequest, UtilisationSeries } from '../api/hypervisor.ts';
import type { DomainWatch } from './domains.ts';

/** Nanoseconds between samples, and how many samples are kept: those of 20 s, and of 10 min. */
const levels = [
  { step: 10_000_000, slots: 2000 },
  { step: 100_000_000, slots: 6000 },
] as const;
const finest = levels[0];
const coarsest = levels[1];

/** Nanoseconds between two samples. */
export const samplePeriod = finest.step;

/** One user of one pCPU. */
class Series {
  readonly rings = levels.map(({ slots }) => new Float64Array(slots));
  /** Nanoseconds that it had used in all at the last sample. */
  total = 0;
  lastUse = 0;
  /** Whether its domain has been destroyed. */
  hasEnded = false;
  name: string;

  constructor(
    readonly about: Omit<UtilisationSeries, 'busy' | 'name'>,
    name: string,
  ) {
    this.name = name;
  }
}

/** A vCPU under observation. */
interface Watched {
  readonly domain: Domain;
  readonly unit: SchedUnit;
  /** By pCPU; a series exists once the vCPU has run there. */
  readonly series: (Series | undefined)[];
}

export class UtilisationRecorder {
  #xen: Xen;
  /** Virtual time at which Xen's own time was zero. */
  #origin = 0;
  readonly #watch: DomainWatch;
  readonly #watched = new Map<SchedUnit, Watched>();
  #series: Series[] = [];
  readonly #idle: readonly Series[];
  readonly #xenOwn: readonly Series[];
  /** Virtual time of the last sample. */
  #now = 0;
  /** Called with each domain that has been destroyed. */
  onGone: (domain: Domain) => void = () => {};

  constructor(xen: Xen, watch: DomainWatch) {
    this.#xen = xen;
    this.#watch = watch;
    const own = (kind: 'idle' | 'xen'): Series[] =>
      Array.from({ length: xen.machine.cpus }, (_, pcpu) =>
        this.#add({ pcpu, kind, domain: -1, vcpu: -1, colour: -1 }, kind),
      );
    this.#idle = own('idle');
    this.#xenOwn = own('xen');
  }

  /** The machine has been restarted, with another Xen: its domains are others, and its time is zero. */
  restart(xen: Xen, now: number): void {
    for (const { domain, unit, series } of this.#watched.values()) {
      for (const one of series) if (one) one.hasEnded = true;
      if (unit.id === 0) this.onGone(domain);
    }
    this.#watched.clear();
    for (const one of this.#idle) one.total = 0;
    this.#xen = xen;
    this.#origin = now;
  }

  /** Virtual time of the last sample, in nanoseconds. */
  get sampled(): number {
    return this.#now;
  }

  /** Takes the next sample, at a virtual time that is a multiple of `samplePeriod`. */
  sample(now: number): void {
    this.#now = now;
    this.#beginSlots();
    const { cpus, el2Cycles } = this.#xen.machine;
    const xenNow = nanoseconds(Math.floor(now - this.#origin));
    for (let cpu = 0; cpu < cpus; cpu++) {
      this.#note(this.#idle[cpu], this.#xen.scheduling.idle(cpu).timeOn(cpu, xenNow));
      this.#note(this.#xenOwn[cpu], ((el2Cycles[cpu] ?? 0) * 1e9) / clockHz);
    }
    for (const domain of this.#xen.domains.values()) {
      for (const { unit } of domain.vcpus)
        if (!this.#watched.has(unit)) this.#watched.set(unit, { domain, unit, series: [] });
    }
    for (const { domain, unit, series } of this.#watched.values()) {
      const isThere = this.#xen.domains.get(domain.domainId) === domain;
      const name = isThere ? this.#watch.nameOf(domain) : null;
      if (name !== null) for (const one of series) if (one) one.name = name;
      for (let pcpu = 0; pcpu < cpus; pcpu++) {
        const total = unit.timeOn(pcpu, xenNow);
        if (total === 0) continue;
        series[pcpu] ??= this.#add(
          { pcpu, kind: 'vcpu', domain: domain.domainId, vcpu: unit.id, colour: this.#watch.colourOf(domain) },
          name ?? this.#watch.nameOf(domain),
        );
        this.#note(series[pcpu], total);
      }
      if (isThere) continue;
      this.#watched.delete(unit);
      for (const one of series) if (one) one.hasEnded = true;
      if (unit.id === 0) this.onGone(domain);
    }
  }

  /** Who used the pCPUs from one virtual time to another. */
  query({ from, to, buckets }: UtilisationRequest): Utilisation {
    const index = from >= this.#now - finest.step * finest.slots ? 0 : 1;
    const { step: unit, slots } = levels[index];
    const begin = Math.max(0, from);
    const end = Math.max(begin + unit, to);
    let step = unit * Math.max(1, Math.ceil((end - begin) / unit / Math.max(1, buckets)));
    const starts = (): number => Math.floor(begin / step) * step;
    const count = (): number => Math.ceil((end - starts()) / step);
    while (count() > Math.max(2, buckets)) step += unit;
    const first = starts() / unit;
    const length = count();
    const last = Math.floor(this.#now / unit);
    const kept = Math.max(first, last - slots);
    const until = Math.min(first + (length * step) / unit, last);
    const bucketOf = (slot: number): number => Math.floor(((slot - first) * unit) / step);
    const covered = new Float64Array(length);
    for (let slot = kept; slot < until; slot++) covered[bucketOf(slot)] = (covered[bucketOf(slot)] ?? 0) + unit;
    const series = this.#series.flatMap((one): UtilisationSeries[] => {
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

  #add(about: Series['about'], name: string): Series {
    const series = new Series(about, name);
    this.#series.push(series);
    return series;
  }

  /**
   * Clears the slots of the next samples, and forgets series that have used nothing for as long as samples are kept.
   */
  #beginSlots(): void {
    const horizon = this.#now - coarsest.step * coarsest.slots;
    this.#series = this.#series.filter(({ hasEnded, lastUse }) => !hasEnded || lastUse >= horizon);
    for (const [i, { step, slots }] of levels.entries()) {
      if ((this.#now - finest.step) % step !== 0) continue;
      const slot = (this.#now - finest.step) / step;
      for (const { rings } of this.#series) defined(rings[i], 'ring')[slot % slots] = 0;
    }
  }

  #note(series: Series | undefined, total: number): void {
    if (!series) return;
    const delta = total - series.total;
    if (delta <= 0) return;
    series.total = total;
    series.lastUse = this.#now;
    for (const [i, { step, slots }] of levels.entries()) {
      const slot = Math.floor((this.#now - finest.step) / step) % slots;
      const ring = defined(series.rings[i], 'ring');
      ring[slot] = (ring[slot] as number) + delta;
    }
  }
}
