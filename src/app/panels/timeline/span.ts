/** The part of virtual time that the timeline shows, in nanoseconds. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

const shortest = 1000;
const longest = 3600e9;

/** A span that is longer by a factor; what is at `at`, 0 at the left edge and 1 at the right, stays where it is. */
export function zoomed({ from, to }: Span, factor: number, at: number): Span {
  const length = Math.min(longest, Math.max(shortest, (to - from) * factor));
  const start = Math.max(0, from + at * (to - from) - at * length);
  return { from: start, to: start + length };
}

/** A span moved by a part of its length. */
export function moved({ from, to }: Span, by: number): Span {
  const start = Math.max(0, from + by * (to - from));
  return { from: start, to: start + to - from };
}

/** A span around another, with some room at both sides. */
export function around({ from, to }: Span): Span {
  const room = Math.max(shortest / 2, (to - from) * 0.1);
  return { from: Math.max(0, from - room), to: to + room };
}

/** How long something takes: 812 ns, 4.1 µs, 30.2 ms, 2.50 s. */
export function formatDuration(ns: number): string {
  for (const [unit, size] of [
    ['s', 1e9],
    ['ms', 1e6],
    ['µs', 1e3],
  ] as const) {
    if (ns < size * 0.9995) continue;
    const value = ns / size;
    return `${value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2)} ${unit}`;
  }
  return `${Math.round(ns)} ns`;
}

/** A moment, to the microsecond. */
export const formatMoment = (ns: number): string => `${(ns / 1e9).toFixed(6)} s`;

/** The marks of an axis: their times, and what stands there. */
export function ticksOf({ from, to }: Span, width: number): { readonly time: number; readonly text: string }[] {
  const least = ((to - from) * 96) / Math.max(96, width);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 5, 10].map((n) => n * power).find((each) => each >= least) ?? power * 10;
  const digits = Math.max(0, Math.ceil(-Math.log10(step / 1e9) - 1e-9));
  const ticks = [];
  for (let n = Math.ceil(from / step); n * step <= to; n++)
    ticks.push({ time: n * step, text: `${((n * step) / 1e9).toFixed(digits)} s` });
  return ticks;
}
