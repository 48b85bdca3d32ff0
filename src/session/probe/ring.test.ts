import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventNames, ProbeKind } from '../../base/probe/kinds.ts';
import { clockHz } from '../../soc/board/zynqmp.ts';
import type { EventColumns, EventFilter, EventRequest } from '../api/events.ts';
import { ProbeRing } from './ring.ts';

const capacity = 4096;
/** What a ring may have overwritten: it gives up its oldest events 1,024 at a time. */
const kept = capacity - 1024;
const nsPerCycle = 1e9 / clockHz;

interface Event {
  readonly time: number;
  readonly core: number;
  readonly domain: number;
  readonly kind: number;
  readonly a: number;
}

/** So many events of four cores, which have turns. */
function simulated(count: number, seed: number): Event[] {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const events: Event[] = [];
  for (let start = 0; events.length < count; start += 20_000 * (1 + random(3))) {
    for (let core = 0; core < 4; core++) {
      let time = start;
      for (let left = random(60); left > 0 && events.length < count; left--) {
        time += random(400);
        events.push({ time, core, domain: random(3), kind: random(eventNames.length), a: events.length });
      }
    }
  }
  return events;
}

const ringOf = (events: readonly Event[]): ProbeRing => {
  const ring = new ProbeRing(capacity, 0);
  for (const event of events) ring.record({ ...event, vcpu: 7, low: event.a + 1, high: ~event.a });
  return ring;
};

const all: EventFilter = { from: 0, to: Number.POSITIVE_INFINITY, kinds: null, cores: null, domains: null };
const first: EventRequest = { ...all, after: 0, limit: 1e6, newest: false };

const isMeant = ({ time, core, domain, kind }: Event, filter: EventFilter): boolean => {
  const ns = (time * 1e9) / clockHz;
  return (
    ns >= filter.from &&
    ns < filter.to &&
    (filter.kinds?.some((name) => ProbeKind[name] === kind) ?? true) &&
    (filter.cores?.includes(core) ?? true) &&
    (filter.domains?.includes(domain) ?? true)
  );
};

const numbersOf = ({ a }: EventColumns): number[] => [...a];

const someEvents = fc.record({ count: fc.nat(10_000), seed: fc.nat() });
const time = fc.nat(3_000_000);
const someFilter = fc.record({
  from: time,
  to: fc.oneof(time, fc.constant(Number.POSITIVE_INFINITY)),
  kinds: fc.option(fc.subarray([...eventNames])),
  cores: fc.option(fc.subarray([0, 1, 2, 3])),
  domains: fc.option(fc.subarray([0, 1, 2])),
});

describe('a window', () => {
  test('has the whole event', () => {
    const ring = ringOf([{ time: 12, core: 3, domain: 2, kind: 1, a: 5 }]);
    const { events, next, since, end } = ring.window(first);
    expect({ next, since, end }).toEqual({ next: 1, since: 0, end: 1 });
    expect(events).toEqual({
      time: Float64Array.of(10),
      kind: Uint8Array.of(1),
      core: Uint8Array.of(3),
      domain: Uint16Array.of(2),
      vcpu: Uint8Array.of(7),
      a: Uint32Array.of(5),
      low: Uint32Array.of(6),
      high: Uint32Array.of(0xffff_fffa),
    });
  });

  test('has the events that are meant and still kept, in their order', () => {
    fc.assert(
      fc.property(someEvents, someFilter, fc.nat(12_000), ({ count, seed }, filter, after) => {
        const events = simulated(count, seed);
        const ring = ringOf(events);
        const window = ring.window({ ...filter, after, limit: 1e6, newest: false });
        const oldest = Math.max(0, (Math.floor(count / 1024) + 1) * 1024 - capacity);
        const meant = events.filter((event, i) => i >= Math.max(oldest, after) && isMeant(event, filter));
        expect(numbersOf(window.events)).toEqual(meant.map(({ a }) => a));
        expect(window.end).toBe(count);
        expect(window.next).toBe(Math.max(count, after));
      }),
      { numRuns: 60 },
    );
  });

  test('goes on where the last one ended, and ends up with all', () => {
    fc.assert(
      fc.property(someEvents, someFilter, fc.integer({ min: 1, max: 900 }), ({ count, seed }, filter, limit) => {
        const ring = ringOf(simulated(Math.min(count, kept), seed));
        const parts: number[] = [];
        for (let after = 0; after < ring.end; ) {
          const { events, next } = ring.window({ ...filter, after, limit, newest: false });
          expect(events.time.length).toBeLessThanOrEqual(limit);
          parts.push(...numbersOf(events));
          after = next;
        }
        expect(parts).toEqual(numbersOf(ring.window({ ...filter, after: 0, limit: 1e6, newest: false }).events));
      }),
      { numRuns: 40 },
    );
  });

  test('has the newest where these are wanted', () => {
    fc.assert(
      fc.property(someEvents, someFilter, fc.integer({ min: 1, max: 900 }), ({ count, seed }, filter, limit) => {
        const ring = ringOf(simulated(count, seed));
        const whole = numbersOf(ring.window({ ...filter, after: 0, limit: 1e6, newest: false }).events);
        expect(numbersOf(ring.window({ ...filter, after: 0, limit, newest: true }).events)).toEqual(
          whole.slice(-limit),
        );
      }),
      { numRuns: 60 },
    );
  });

  test('an event is found at the time that it says it has', () => {
    const ring = ringOf(simulated(2000, 3));
    const times = ring.window(first).events.time;
    const missed = times.filter((from) => {
      const { events } = ring.window({ ...first, from, to: from + nsPerCycle / 2 });
      return !events.time.includes(from);
    });
    expect([...missed]).toEqual([]);
  });
});

describe('counts', () => {
  test('are those of the events in each part of the window', () => {
    fc.assert(
      fc.property(someEvents, someFilter, fc.integer({ min: 1, max: 40 }), ({ count, seed }, filter, buckets) => {
        const to = Math.min(filter.to, 4_000_000);
        fc.pre(filter.from < to);
        const ring = ringOf(simulated(count, seed));
        const { step, series, end } = ring.counts({ ...filter, to, buckets });
        expect(end).toBe(count);
        expect(step).toBe((to - filter.from) / buckets);
        const { events } = ring.window({ ...filter, to, after: 0, limit: 1e6, newest: false });
        const counted = new Map(series.map(({ kind, counts }) => [kind as string, [...counts]]));
        const expected = new Map<string, number[]>();
        events.time.forEach((ns, i) => {
          const kind = eventNames[events.kind[i] as number] as string;
          const counts = expected.get(kind) ?? new Array(buckets).fill(0);
          const bucket = Math.min(buckets - 1, Math.floor((ns - filter.from) / step));
          counts[bucket] = (counts[bucket] as number) + 1;
          expected.set(kind, counts);
        });
        expect(counted).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  test('of a long window come from the summaries and are the same', () => {
    const events = simulated(kept, 5);
    const { series } = ringOf(events).counts({ ...all, to: 1e12, buckets: 3 });
    const total = series.reduce((sum, { counts }) => sum + (counts[0] as number), 0);
    expect(total).toBe(kept);
  });
});

describe('what is no longer kept', () => {
  test('nothing is missing after `since`', () => {
    fc.assert(
      fc.property(someEvents, ({ count, seed }) => {
        const events = simulated(count, seed);
        const ring = ringOf(events);
        const { since } = ring.window({ ...first, limit: 0 });
        const held = new Set(numbersOf(ring.window(first).events));
        expect(events.filter(({ time, a }) => (time * 1e9) / clockHz > since && !held.has(a))).toEqual([]);
        if (count <= kept) expect(since).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test('a ring that begins later says so', () => {
    expect(new ProbeRing(capacity, 1200).window(first)).toMatchObject({ since: 1000, end: 0, next: 0 });
  });
});
