/** What the timeline is asked: a window for a view, figures of a part, and the longest wait. */
import { exceptionName } from '../../arch/state/statistics.ts';
import { Hypercall } from '../../xen/public/hypercalls.ts';
import {
  type MarkClass,
  type RanMeanwhile,
  resumedClass,
  type TraceFigures,
  type TraceFound,
  type TraceLane,
  type TraceMarks,
  type TraceNames,
  type TraceRequest,
  type TraceSearch,
  type TraceWait,
  type TraceWindow,
  type VcpuFigures,
  waitCauses,
} from '../api/trace.ts';
import type { MarkTrack } from './mark-track.ts';
import type { ScheduleTrace, VcpuTracks } from './schedule-trace.ts';

const numbered = (names: Readonly<Record<string, number>>): string[] => {
  const list: string[] = [];
  for (const [name, number] of Object.entries(names)) list[number] = name;
  return Array.from(list, (name) => name ?? '');
};

export const traceNames: TraceNames = {
  exceptions: Array.from({ length: 128 }, (_, number) => (number === resumedClass ? 'wfx' : exceptionName(number))),
  hypercalls: numbered(Hypercall),
};

const vcpuName = (id: number) => ({ domain: id >>> 16, vcpu: id & 0xffff });

/** The lanes of a window, in no more parts than a view can tell apart. */
export function traceWindow(trace: ScheduleTrace, { from, to, pixels }: TraceRequest, now: number): TraceWindow {
  const pixel = (to - from) / pixels;
  const merged = (track: MarkTrack): TraceMarks => track.merged(from, to, pixel);
  const marksOf = (marks: ReadonlyMap<MarkClass, MarkTrack> | undefined): TraceLane['marks'] =>
    Object.fromEntries([...(marks ?? [])].map(([name, track]) => [name, merged(track)]));
  /** A counter shows what it was at the left edge, too. */
  const counted = (track: MarkTrack): TraceMarks | null => {
    if (track.count === 0) return null;
    const marks = merged(track);
    const before = track.before(from);
    if (!before) return marks;
    return {
      time: Float64Array.of(from, ...marks.time),
      a: Uint32Array.of(before.a, ...marks.a),
      b: Uint32Array.of(before.b, ...marks.b),
      count: Uint32Array.of(1, ...marks.count),
    };
  };
  const cores = trace.cores.map(
    ({ slices, xen }, core): TraceLane => ({
      kind: 'core',
      id: core,
      slices: slices.merged(from, to, pixel, now),
      xen: trace.shows === 'vcpus' ? xen.merged(from, to, pixel, now) : null,
      marks: marksOf(trace.coreMarks[core]),
      credit: null,
      priority: null,
    }),
  );
  const vcpus = [...trace.vcpus].map(
    ([id, { waits, credit, priority }]): TraceLane => ({
      kind: 'vcpu',
      id,
      slices: waits.merged(from, to, pixel, now),
      xen: null,
      marks: marksOf(trace.vcpuMarks.get(id)),
      credit: counted(credit),
      priority: counted(priority),
    }),
  );
  vcpus.sort((a, b) => a.id - b.id);
  const none = { start: new Float64Array(), end: new Float64Array(), value: new Uint32Array() };
  const machine: TraceLane = {
    kind: 'machine',
    id: 0,
    slices: { ...none, count: new Uint32Array(), share: new Float32Array() },
    xen: null,
    marks: marksOf(trace.machineMarks),
    credit: null,
    priority: null,
  };
  const { shows, since, events, bytes, limit } = trace;
  return { shows, since, now, events, bytes, limit, lanes: [...cores, ...vcpus, machine] };
}

/** Who ran, who waited and who left for Xen in a part of the timeline. */
export function traceFigures(trace: ScheduleTrace, from: number, to: number, now: number): TraceFigures {
  const figures = new Map<number, { -readonly [K in keyof VcpuFigures]: VcpuFigures[K] }>();
  const of = (id: number) => {
    const known = figures.get(id);
    if (known) return known;
    const none = { ran: 0, slices: 0, waits: 0, waited: 0, longestWait: 0 };
    const exits: Readonly<Record<string, number>> = {};
    const made = { ...vcpuName(id), ...none, exits };
    figures.set(id, made);
    return made;
  };
  const within = (start: number, end: number): number => Math.max(0, Math.min(end, to) - Math.max(start, from));
  const cores = trace.cores.map(({ slices, xen }, core) => {
    let busy = 0;
    let ofXen = 0;
    slices.each(from, to, now, (start, end, value) => {
      busy += within(start, end);
      if (trace.shows === 'levels') return;
      const one = of(value);
      one.ran += within(start, end);
      one.slices++;
    });
    xen.each(from, to, now, (start, end, value) => {
      ofXen += within(start, end);
      const vcpu = ((value >>> 8) & 0xffff) * 0x1_0000 + (value & 0xff);
      const name = traceNames.exceptions[value >>> 24] ?? '';
      if (!trace.vcpus.has(vcpu) || start < from) return;
      const one = of(vcpu);
      one.exits = { ...one.exits, [name]: (one.exits[name] ?? 0) + 1 };
    });
    return { core, busy, xen: ofXen };
  });
  for (const [id, { waits }] of trace.vcpus)
    waits.each(from, to, now, (start, end) => {
      const one = of(id);
      one.waits++;
      one.waited += within(start, end);
      one.longestWait = Math.max(one.longestWait, within(start, end));
    });
  const vcpus = [...figures.values()].sort((a, b) => a.domain - b.domain || a.vcpu - b.vcpu);
  return { from, to, vcpus, cores };
}

/** The longest wait for a pCPU of a vCPU, or of any, in a part of the timeline; null if none waited. */
export function longestWait(
  trace: ScheduleTrace,
  from: number,
  to: number,
  now: number,
  vcpu: number | null,
): TraceWait | null {
  let longest: { readonly start: number; readonly end: number; readonly value: number; readonly id: number } | null =
    null;
  for (const [id, { waits }] of trace.vcpus) {
    if (vcpu !== null && id !== vcpu) continue;
    waits.each(from, to, now, (start, end, value) => {
      if (end - start > (longest ? longest.end - longest.start : 0)) longest = { start, end, value, id };
    });
  }
  return longest && waitOf(trace, longest, now);
}

/** The wait of a vCPU that a time lies in; null if it did not wait then. */
export function waitAt(trace: ScheduleTrace, vcpu: number, time: number, now: number): TraceWait | null {
  const found = trace.vcpus.get(vcpu)?.waits.before(time, now);
  return found && found.end >= time ? waitOf(trace, { ...found, id: vcpu }, now) : null;
}

function waitOf(
  trace: ScheduleTrace,
  {
    start,
    end,
    value,
    id,
  }: { readonly start: number; readonly end: number; readonly value: number; readonly id: number },
  now: number,
): TraceWait {
  const core = value & 0xff;
  const ran = new Map<number, { ran: number; slices: number; longest: number }>();
  trace.cores[core]?.slices.each(start, end, now, (from, to, who) => {
    const time = Math.min(to, end) - Math.max(from, start);
    if (who === id || time <= 0) return;
    const one = ran.get(who) ?? { ran: 0, slices: 0, longest: 0 };
    ran.set(who, { ran: one.ran + time, slices: one.slices + 1, longest: Math.max(one.longest, time) });
  });
  const others = [...ran].map(
    ([who, figures]): RanMeanwhile => ({ ...vcpuName(who), ...figures, ...counts(trace.vcpus.get(who), start) }),
  );
  return {
    ...vcpuName(id),
    start,
    end,
    core,
    cause: waitCauses[(value >>> 8) & 0xff] ?? 'woken',
    lasts: trace.vcpus.get(id)?.waits.open?.start === start,
    ...counts(trace.vcpus.get(id), start),
    ran: others.sort((a, b) => b.ran - a.ran),
  };
}

/** What the scheduler counted for a vCPU at a time. */
function counts(tracks: VcpuTracks | undefined, time: number): { priority: number | null; credit: number | null } {
  const at = (track: MarkTrack | undefined): number | null => {
    const mark = track?.before(time);
    return mark ? mark.a | 0 : null;
  };
  return { priority: at(tracks?.priority), credit: at(tracks?.credit) };
}

/** The next thing that is looked for, or the last one before; null if there is none. */
export function searchTrace(trace: ScheduleTrace, search: TraceSearch, now: number): TraceFound | null {
  const { from, isBack, mark, number } = search;
  const vcpus = new Set(search.vcpus);
  let found: TraceFound | null = null;
  /** Whether the search of a lane is over. */
  const see = (at: TraceFound): boolean => {
    const { start } = at;
    if (isBack ? start >= from : start <= from) return isBack;
    const isNearer = found === null || (isBack ? start >= found.start : start < found.start);
    if (isNearer) found = at;
    return !isBack;
  };
  const [first, last] = isBack ? [0, from] : [from, Number.POSITIVE_INFINITY];
  if (mark === null) {
    for (const [core, { slices }] of trace.cores.entries())
      slices.each(
        first,
        last,
        now,
        (start, end, value) => vcpus.has(value) && see({ kind: 'core', id: core, start, end, value, b: 0 }),
      );
    return found;
  }
  const look = (kind: TraceFound['kind'], id: number, marks: ReadonlyMap<MarkClass, MarkTrack> | undefined): void => {
    marks?.get(mark)?.each(first, last, (time, a, b) => {
      if (number !== null && a !== number) return false;
      if (vcpus.size > 0 && !vcpus.has(kind === 'vcpu' ? id : mark === 'tickle' || mark === 'abort' ? a : b))
        return false;
      return see({ kind, id, start: time, end: time, value: a, b });
    });
  };
  for (const [core, marks] of trace.coreMarks.entries()) look('core', core, marks);
  for (const [vcpu, marks] of trace.vcpuMarks) look('vcpu', vcpu, marks);
  look('machine', 0, trace.machineMarks);
  return found;
}
