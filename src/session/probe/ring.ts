import { eventNames, ProbeKind } from '../../base/probe/kinds.ts';
import { noCore, noDomain, type ProbeEvent, type ProbeSink } from '../../base/probe/probe.ts';
import { clockHz } from '../../soc/board/zynqmp.ts';
import type {
  EventColumns,
  EventCountRequest,
  EventCounts,
  EventFilter,
  EventRequest,
  EventWindow,
} from '../api/events.ts';

/** Events of one summary. */
const chunkSize = 1024;
const kinds = eventNames.length;

const toNs = (cycles: number): number => (cycles * 1e9) / clockHz;

/**
 * The newest events of a machine. Cores have turns, so times rise only core by core. A summary of each 1,024 events
 * (first time, last time, events of each kind) says whether a window needs them.
 */
export class ProbeRing implements ProbeSink {
  readonly #capacity: number;
  readonly #chunks: number;
  readonly #time: Float64Array;
  readonly #kind: Uint8Array;
  readonly #core: Uint8Array;
  readonly #domain: Uint16Array;
  readonly #vcpu: Uint8Array;
  readonly #a: Uint32Array;
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  /** Of each full chunk. */
  readonly #earliest: Float64Array;
  readonly #latest: Float64Array;
  readonly #counts: Uint32Array;
  /** Where the next event goes, and how often that has begun again. */
  #at = 0;
  #laps = 0;
  /** Virtual time after which nothing is missing, in cycles. */
  #since: number;

  /** @param since the present, in cycles: what was before is not recorded */
  constructor(capacity: number, since: number) {
    // One chunk is being overwritten, and what is left of it does not count.
    this.#chunks = Math.max(2, 2 ** Math.ceil(Math.log2(capacity / chunkSize)));
    this.#capacity = this.#chunks * chunkSize;
    this.#since = since;
    this.#time = new Float64Array(this.#capacity);
    this.#kind = new Uint8Array(this.#capacity);
    this.#core = new Uint8Array(this.#capacity);
    this.#domain = new Uint16Array(this.#capacity);
    this.#vcpu = new Uint8Array(this.#capacity);
    this.#a = new Uint32Array(this.#capacity);
    this.#low = new Uint32Array(this.#capacity);
    this.#high = new Uint32Array(this.#capacity);
    this.#earliest = new Float64Array(this.#chunks);
    this.#latest = new Float64Array(this.#chunks);
    this.#counts = new Uint32Array(this.#chunks * kinds);
  }

  /** Events recorded so far. */
  get end(): number {
    return this.#laps * this.#capacity + this.#at;
  }

  record(event: ProbeEvent): void {
    const at = this.#at;
    this.#time[at] = event.time;
    this.#kind[at] = event.kind;
    this.#core[at] = event.core;
    this.#domain[at] = event.domain;
    this.#vcpu[at] = event.vcpu;
    this.#a[at] = event.a;
    this.#low[at] = event.low;
    this.#high[at] = event.high;
    this.#at = at + 1;
    if (this.#at % chunkSize === 0) this.#completeChunk();
  }

  /** The events that are meant, no more than the request's limit. */
  window(request: EventRequest): EventWindow {
    const filter = new Filter(request);
    const found: number[] = [];
    const next = request.newest ? this.#findLast(request, filter, found) : this.#findFirst(request, filter, found);
    return { events: this.#columns(found), next, since: toNs(this.#since), end: this.end };
  }

  /** How many of the events that are meant lie in each part of the window. */
  counts(request: EventCountRequest): EventCounts {
    const filter = new Filter(request);
    const { from, to, buckets } = request;
    const step = (to - from) / buckets;
    const bucketOf = (time: number): number => Math.min(buckets - 1, Math.floor((time - from) / step));
    const all = new Uint32Array(kinds * buckets);
    const add = (kind: number, bucket: number, count: number): void => {
      all[kind * buckets + bucket] = (all[kind * buckets + bucket] as number) + count;
    };
    const last = Math.ceil(this.end / chunkSize);
    for (let chunk = this.#first / chunkSize; chunk < last; chunk++) {
      if (!this.#mayHave(chunk, filter)) continue;
      const bucket = this.#bucketOfAll(chunk, filter, bucketOf);
      if (bucket !== null) {
        const summary = (chunk % this.#chunks) * kinds;
        for (let kind = 0; kind < kinds; kind++)
          if (filter.kinds[kind] !== 0) add(kind, bucket, this.#counts[summary + kind] as number);
        continue;
      }
      const end = Math.min(this.end, (chunk + 1) * chunkSize);
      for (let number = chunk * chunkSize; number < end; number++) {
        const at = number % this.#capacity;
        if (this.#isMeant(at, filter)) add(this.#kind[at] as number, bucketOf(toNs(this.#time[at] as number)), 1);
      }
    }
    const series = eventNames.flatMap((kind) => {
      const counts = all.slice(ProbeKind[kind] * buckets, (ProbeKind[kind] + 1) * buckets);
      return counts.some((count) => count > 0) ? [{ kind, counts }] : [];
    });
    return { step, series, since: toNs(this.#since), end: this.end };
  }

  /** Number of the first event that is kept. The chunk that is being overwritten counts as gone. */
  get #first(): number {
    return Math.max(0, (Math.floor(this.end / chunkSize) + 1) * chunkSize - this.#capacity);
  }

  /** A chunk is full: sums it up, and gives up the oldest one. */
  #completeChunk(): void {
    const chunk = this.#at / chunkSize - 1;
    const summary = chunk * kinds;
    this.#counts.fill(0, summary, summary + kinds);
    let earliest = Number.POSITIVE_INFINITY;
    let latest = 0;
    for (let at = chunk * chunkSize; at < this.#at; at++) {
      const time = this.#time[at] as number;
      if (time < earliest) earliest = time;
      if (time > latest) latest = time;
      const kind = summary + (this.#kind[at] as number);
      this.#counts[kind] = (this.#counts[kind] as number) + 1;
    }
    this.#earliest[chunk] = earliest;
    this.#latest[chunk] = latest;
    if (this.#at === this.#capacity) {
      this.#at = 0;
      this.#laps++;
    }
    const oldest = this.#latest[this.#at / chunkSize] as number;
    if (this.#laps > 0 && oldest > this.#since) this.#since = oldest;
  }

  /** Whether a chunk may have events that are meant. */
  #mayHave(chunk: number, filter: Filter): boolean {
    if ((chunk + 1) * chunkSize > this.end) return true;
    const slot = chunk % this.#chunks;
    if (toNs(this.#latest[slot] as number) < filter.from || toNs(this.#earliest[slot] as number) >= filter.to)
      return false;
    for (let kind = 0; kind < kinds; kind++)
      if (filter.kinds[kind] !== 0 && this.#counts[slot * kinds + kind] !== 0) return true;
    return false;
  }

  /** The bucket that all events of a chunk lie in; null if they lie in several, or if not all of them may be meant. */
  #bucketOfAll(chunk: number, filter: Filter, bucketOf: (time: number) => number): number | null {
    if (filter.narrows || (chunk + 1) * chunkSize > this.end) return null;
    const slot = chunk % this.#chunks;
    const [earliest, latest] = [toNs(this.#earliest[slot] as number), toNs(this.#latest[slot] as number)];
    if (earliest < filter.from || latest >= filter.to) return null;
    const bucket = bucketOf(earliest);
    return bucketOf(latest) === bucket ? bucket : null;
  }

  #isMeant(at: number, filter: Filter): boolean {
    if (filter.kinds[this.#kind[at] as number] === 0) return false;
    const time = toNs(this.#time[at] as number);
    if (time < filter.from || time >= filter.to) return false;
    if (filter.cores !== null && filter.cores[this.#core[at] as number] === 0) return false;
    return filter.domains === null || filter.domains[this.#domain[at] as number] !== 0;
  }

  /** Puts the places of events into `found`; returns the number of the first event that it has not looked at. */
  #findFirst({ after, limit }: EventRequest, filter: Filter, found: number[]): number {
    const { end } = this;
    for (let number = Math.max(this.#first, after); number < end; ) {
      const chunk = Math.floor(number / chunkSize);
      const stop = Math.min(end, (chunk + 1) * chunkSize);
      if (this.#mayHave(chunk, filter)) {
        for (; number < stop; number++) {
          const at = number % this.#capacity;
          if (!this.#isMeant(at, filter)) continue;
          if (found.length === limit) return number;
          found.push(at);
        }
      }
      number = stop;
    }
    return Math.max(end, after);
  }

  /** The same from the end. */
  #findLast({ after, limit }: EventRequest, filter: Filter, found: number[]): number {
    const first = Math.max(this.#first, after);
    for (let number = this.end; number > first && found.length < limit; ) {
      const chunk = Math.floor((number - 1) / chunkSize);
      const stop = Math.max(first, chunk * chunkSize);
      if (this.#mayHave(chunk, filter)) {
        for (; number > stop && found.length < limit; number--) {
          const at = (number - 1) % this.#capacity;
          if (this.#isMeant(at, filter)) found.push(at);
        }
      } else number = stop;
    }
    found.reverse();
    return Math.max(this.end, after);
  }

  #columns(found: readonly number[]): EventColumns {
    const { length } = found;
    const events: EventColumns = {
      time: new Float64Array(length),
      kind: new Uint8Array(length),
      core: new Uint8Array(length),
      domain: new Uint16Array(length),
      vcpu: new Uint8Array(length),
      a: new Uint32Array(length),
      low: new Uint32Array(length),
      high: new Uint32Array(length),
    };
    for (const [i, at] of found.entries()) {
      events.time[i] = toNs(this.#time[at] as number);
      events.kind[i] = this.#kind[at] as number;
      events.core[i] = this.#core[at] as number;
      events.domain[i] = this.#domain[at] as number;
      events.vcpu[i] = this.#vcpu[at] as number;
      events.a[i] = this.#a[at] as number;
      events.low[i] = this.#low[at] as number;
      events.high[i] = this.#high[at] as number;
    }
    return events;
  }
}

/** A request's filter, so that looking at an event is cheap. */
class Filter {
  readonly from: number;
  readonly to: number;
  /** By kind, core and domain: 1 for those that are meant. */
  readonly kinds: Uint8Array;
  readonly cores: Uint8Array | null;
  readonly domains: Uint8Array | null;

  constructor({ from, to, kinds: names, cores, domains }: EventFilter) {
    this.from = from;
    this.to = to;
    this.kinds = marked(kinds, names?.map((name) => ProbeKind[name]) ?? null) ?? new Uint8Array(kinds).fill(1);
    this.cores = marked(noCore + 1, cores);
    this.domains = marked(noDomain + 1, domains);
  }

  /** Whether cores or domains are told apart, which no summary does. */
  get narrows(): boolean {
    return this.cores !== null || this.domains !== null;
  }
}

const marked = (length: number, numbers: readonly number[] | null): Uint8Array | null => {
  if (numbers === null) return null;
  const marks = new Uint8Array(length);
  for (const number of numbers) marks[number] = 1;
  return marks;
};
