/** The lanes of a window, where they are on the canvas, and what is at a place of them. */
import type { MarkClass, TraceLane, TraceMarks, TraceSlices, TraceWindow } from '../../../session/api/trace.ts';

export interface DrawnLane {
  readonly lane: TraceLane;
  /** In px of the page, from the top of the canvas. */
  readonly top: number;
  readonly height: number;
  /** Below it: the strip with what the scheduler counts. 0 for none. */
  readonly strip: number;
}

/** What is at a place, or was chosen. */
export interface Item {
  readonly kind: 'slice' | 'xen' | 'wait' | 'mark' | 'nothing';
  readonly lane: TraceLane;
  readonly start: number;
  readonly end: number;
  readonly value: number;
  /** How many of them are too short to be told apart. */
  readonly count: number;
  /** Of a mark. */
  readonly mark: MarkClass | null;
  readonly b: number;
}

export const axisHeight = 20;
const heights = { core: 34, vcpu: 22, machine: 16 } as const;
const stripHeight = 18;
/** DOMID_IDLE (public/xen.h). */
const idle = 0x7fff;

const hasMarks = ({ marks }: TraceLane): boolean => Object.values(marks).some(({ count }) => count.length > 0);

/** The lanes one below the other: cores, vCPUs, and what concerns the machine. */
export function layOut({ lanes }: TraceWindow, scale: number): DrawnLane[] {
  let top = axisHeight * scale;
  return lanes
    .filter((lane) => (lane.kind === 'vcpu' ? lane.id >>> 16 < idle : lane.kind === 'core' || hasMarks(lane)))
    .map((lane) => {
      const strip = lane.credit || lane.priority ? stripHeight * scale : 0;
      const drawn = { lane, top, height: heights[lane.kind] * scale, strip };
      top += drawn.height + strip;
      return drawn;
    });
}

export const heightOf = (drawn: readonly DrawnLane[]): number => {
  const last = drawn.at(-1);
  return last ? last.top + last.height + last.strip + 4 : 0;
};

/** The last place of a rising array whose number is not above `time`; -1 if there is none. */
function lastUpTo(times: Float64Array, time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((times[middle] as number) <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

const sliceKind = ({ kind }: TraceLane): 'slice' | 'wait' => (kind === 'vcpu' ? 'wait' : 'slice');

const sliceItem = (lane: TraceLane, slices: TraceSlices, at: number, kind: Item['kind']): Item => ({
  kind,
  lane,
  start: slices.start[at] as number,
  end: slices.end[at] as number,
  value: slices.value[at] as number,
  count: slices.count[at] as number,
  mark: null,
  b: 0,
});

const markItem = (lane: TraceLane, mark: MarkClass, marks: TraceMarks, at: number): Item => ({
  kind: 'mark',
  lane,
  start: marks.time[at] as number,
  end: marks.time[at] as number,
  value: marks.a[at] as number,
  count: marks.count[at] as number,
  mark,
  b: marks.b[at] as number,
});

// What Object.entries gives of a record of marks are its keys.
const marksOf = (lane: TraceLane) => Object.entries(lane.marks) as [MarkClass, TraceMarks][];

/** What is in a lane at a time: a mark no farther than `near`, Xen, or a slice. */
export function itemAt(lane: TraceLane, time: number, near: number): Item {
  let nearest: Item | null = null;
  for (const [mark, marks] of marksOf(lane)) {
    const last = lastUpTo(marks.time, time);
    for (const at of [last, last + 1]) {
      const away = Math.abs((marks.time[at] ?? Number.NaN) - time);
      if (away <= near && !(nearest && Math.abs(nearest.start - time) <= away))
        nearest = markItem(lane, mark, marks, at);
    }
  }
  if (nearest) return nearest;
  for (const [slices, kind] of [
    [lane.xen, 'xen'],
    [lane.slices, sliceKind(lane)],
  ] as const) {
    if (!slices) continue;
    const at = lastUpTo(slices.start, time);
    if (at >= 0 && (slices.end[at] as number) > time) return sliceItem(lane, slices, at, kind);
  }
  return { kind: 'nothing', lane, start: time, end: time, value: 0, count: 0, mark: null, b: 0 };
}

/** The slice of a lane next to a time: the first that begins behind it, or the last before; null if none is in the window. */
export function neighbour(lane: TraceLane, time: number, isBack: boolean): Item | null {
  const { slices } = lane;
  const last = lastUpTo(slices.start, time);
  const at = isBack ? ((slices.start[last] ?? 0) < time ? last : last - 1) : last + 1;
  return at >= 0 && at < slices.start.length ? sliceItem(lane, slices, at, sliceKind(lane)) : null;
}

/** The vCPU that a slice of Xen's interrupted. */
export const interrupted = (value: number): number => (((value >>> 8) & 0xffff) << 16) | (value & 0xff);
