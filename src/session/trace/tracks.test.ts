import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { TraceSlices } from '../api/trace.ts';
import { MarkTrack } from './mark-track.ts';
import { SliceTrack } from './slice-track.ts';

interface Slice {
  readonly start: number;
  readonly end: number;
  readonly value: number;
}

const trackOf = (slices: readonly Slice[]): SliceTrack => {
  const track = new SliceTrack();
  for (const { start, end, value } of slices) track.add(start, end, value);
  return track;
};

/** Slices one after the other, with gaps. */
const slices = fc
  .array(fc.tuple(fc.nat(50), fc.integer({ min: 1, max: 400 }), fc.nat(3)), { maxLength: 3000, size: 'max' })
  .map((parts) => {
    let time = 0;
    return parts.map(([gap, length, value]): Slice => {
      const start = time + gap;
      time = start + length;
      return { start, end: time, value };
    });
  });

const total = (found: TraceSlices): { count: number; busy: number } => {
  let [count, busy] = [0, 0];
  for (const [i, each] of found.count.entries()) {
    count += each;
    busy += ((found.end[i] ?? 0) - (found.start[i] ?? 0)) * (found.share[i] ?? 0);
  }
  return { count, busy };
};

describe('a track of slices', () => {
  test('a view has each slice once, and all of their time, however far away it is', () => {
    fc.assert(
      fc.property(slices, fc.integer({ min: 1, max: 100_000 }), (all, pixel) => {
        const end = (all.at(-1)?.end ?? 0) + 1;
        const found = trackOf(all).merged(0, end, pixel, end);
        const { count, busy } = total(found);
        expect(count).toBe(all.length);
        const expected = all.reduce((sum, each) => sum + each.end - each.start, 0);
        expect(Math.abs(busy - expected)).toBeLessThanOrEqual(expected * 1e-5);
        expect(found.count.length).toBeLessThanOrEqual(2 * Math.ceil(end / pixel) + 1);
      }),
      { numRuns: 50 },
    );
  });

  test('a near view shows the slices of its window as they are', () => {
    fc.assert(
      fc.property(slices, fc.nat(200_000), fc.integer({ min: 1, max: 5000 }), (all, from, span) => {
        const to = from + span;
        const found = trackOf(all).merged(from, to, 1, 1e9);
        const meant = all.filter(({ start, end }) => start < to && end > from);
        expect([...found.start]).toEqual(meant.map(({ start }) => start));
        expect([...found.end]).toEqual(meant.map(({ end }) => end));
        expect([...found.value]).toEqual(meant.map(({ value }) => value));
        const seen: Slice[] = [];
        trackOf(all).each(from, to, 1e9, (start, end, value) => void seen.push({ start, end, value }));
        expect(seen).toEqual(meant);
      }),
      { numRuns: 50 },
    );
  });

  test('a pixel has the value of most of its time', () => {
    const track = trackOf(
      Array.from({ length: 1000 }, (_, i) => ({ start: i * 10, end: i * 10 + (i % 3 === 0 ? 9 : 4), value: i % 3 })),
    );
    expect([...track.merged(0, 10_000, 1000, 10_000).value]).toEqual(Array(10).fill(0));
  });

  test('the present slice lasts until now, and what begins earlier begins where the one before ends', () => {
    const track = new SliceTrack();
    track.begin(10, 7);
    expect(track.merged(0, 100, 1, 60).end).toEqual(Float64Array.of(60));
    track.begin(20, 8);
    track.begin(15, 9);
    track.finish(40);
    const { start, end, value } = track.merged(0, 100, 1, 60);
    expect([[...start], [...end], [...value]]).toEqual([
      [10, 20, 20],
      [20, 20, 40],
      [7, 8, 9],
    ]);
    expect(track.before(30, 60)).toEqual({ start: 20, end: 40, value: 9 });
    expect(track.before(9, 60)).toBeNull();
  });

  test('2 million slices are seen in a thousand parts, and a window of them is not searched for from the start', () => {
    const track = new SliceTrack();
    const count = 2_000_000;
    for (let i = 0; i < count; i++) track.add(i * 1000, i * 1000 + 900, i % 5);
    const far = track.merged(0, count * 1000, count, count * 1000);
    expect(far.count.length).toBeLessThanOrEqual(1001);
    expect(total(far).count).toBe(count);
    expect(track.merged(1e9, 1e9 + 5000, 5, 2e9).start).toEqual(
      Float64Array.of(1e9, 1e9 + 1000, 1e9 + 2000, 1e9 + 3000, 1e9 + 4000),
    );
  });
});

describe('a track of marks', () => {
  test('a view has each mark once, and of those in a pixel the last', () => {
    const times = fc.array(fc.nat(100_000), { maxLength: 3000, size: 'max' }).map((all) => all.sort((a, b) => a - b));
    fc.assert(
      fc.property(times, fc.integer({ min: 1, max: 20_000 }), (all, pixel) => {
        const track = new MarkTrack();
        for (const [i, time] of all.entries()) track.add(time, i);
        const found = track.merged(0, 100_001, pixel);
        expect(found.count.reduce((sum, each) => sum + each, 0)).toBe(all.length);
        const last = new Map(all.map((time, i) => [Math.floor(time / pixel), i]));
        expect([...found.a]).toEqual([...last.values()]);
        const [from, to] = [20_000, 60_000];
        const seen: number[] = [];
        track.each(from, to, (time) => void seen.push(time));
        expect(seen).toEqual(all.filter((time) => time >= from && time < to));
        expect(track.before(from)?.time ?? -1).toBe(all.findLast((time) => time <= from) ?? -1);
      }),
      { numRuns: 50 },
    );
  });
});
