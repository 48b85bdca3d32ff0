/** The part of virtual time that the plot shows. */
export interface TimeWindow {
  readonly seconds: number;
  /** The virtual time at the right edge, in nanoseconds; null while the plot follows the machine. */
  readonly held: number | null;
}

/** The window of a plot that nobody has changed. */
export const usual: TimeWindow = { seconds: 10, held: null };

/** The shortest window has 50 of the finest samples; the longest is as long as samples are kept. */
export const shortest = 0.5;
export const longest = 600;

/** The virtual times at both edges: in the first seconds of a machine, the plot fills from the left. */
export function edgesOf({ seconds, held }: TimeWindow, now: number): { readonly from: number; readonly to: number } {
  const from = Math.max(0, (held ?? now) - seconds * 1e9);
  return { from, to: from + seconds * 1e9 };
}

/** A window that ends at `to`, as far as there are samples: at the machine's time, the plot follows it again. */
function endingAt(to: number, seconds: number, now: number): TimeWindow {
  const end = Math.max(Math.min(seconds * 1e9, now), now - longest * 1e9, to);
  return { seconds, held: end >= now ? null : end };
}

/**
 * A window that is longer by a factor. The time under the pointer stays where it is.
 * @param at the place of the pointer: 0 at the left edge, 1 at the right
 * @param now the machine's virtual time, in nanoseconds
 */
export function zoom(shown: TimeWindow, factor: number, at: number, now: number): TimeWindow {
  const seconds = Math.min(longest, Math.max(shortest, Number((shown.seconds * factor).toPrecision(3))));
  const { from, to } = edgesOf(shown, now);
  const still = from + at * (to - from);
  return endingAt(still + (1 - at) * seconds * 1e9, seconds, now);
}

/** The window moved by a part of its length; to the past, `by` is negative. */
export const pan = (shown: TimeWindow, by: number, now: number): TimeWindow =>
  endingAt((shown.held ?? now) + by * shown.seconds * 1e9, shown.seconds, now);
