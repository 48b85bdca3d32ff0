/**
 * The ways to earlier moments of a run. Each begins at a point of the timeline and runs from there, as the journal says; it
 * is a coroutine that pauses after each slice, so that whoever drives it can do something else in between.
 */
import type { CoreState } from '../../arch/state/core.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { noCore, type ProbeEvent } from '../../base/probe/probe.ts';
import type { ZynqMp } from '../../soc/board/zynqmp.ts';
import type { FindBack } from '../api/time.ts';
import { sliceCycles } from '../run/slices.ts';
import { isBefore, type Place, placeOf } from './place.ts';
import type { Kept, Timeline } from './timeline.ts';

/** Ends with whether it has got there; if not, the machine is where it was. */
export type Seek = Generator<void, boolean>;

/** The end of a slice, or in the next one the moment at which a core has retired so many instructions. */
interface Target {
  readonly slices: number;
  readonly stop: { readonly core: number; readonly retired: number } | null;
}

export interface Seeker {
  readonly kept: Kept;
  readonly timeline: Timeline;
  /** Sets the user's breakpoints and watchpoints, or none. */
  setStops(on: boolean): void;
}

const hvc = 0x16;
const finds: Readonly<Record<Exclude<FindBack, 'stop' | 'consoleLine'>, readonly number[]>> = {
  exception: [ProbeKind.exceptionToEl1, ProbeKind.exceptionToEl2],
  hypercall: [ProbeKind.exceptionToEl2, ProbeKind.hypercall],
  contextSwitch: [ProbeKind.switch, ProbeKind.returnFromEl1, ProbeKind.returnFromEl2],
};

/** Says which of the events that are recorded for a kind are meant, from where the machine is now on. */
function filterOf(find: FindBack, { cluster }: ZynqMp): (event: ProbeEvent) => boolean {
  if (find === 'hypercall') return ({ kind, a }) => kind === ProbeKind.hypercall || a >>> 25 === hvc;
  if (find !== 'contextSwitch') return () => true;
  // Where Xen does not tell, it is a return to another virtual machine (VMID) or to a process with other tables.
  const contextOf = (core: CoreState): string => `${core.system('VTTBR_EL2') >> 48n} ${core.system('TTBR0_EL1')}`;
  const contexts = cluster.cores.map(contextOf);
  return ({ kind, core: index, high }) => {
    if (kind === ProbeKind.switch) return cluster.el2 !== undefined;
    const core = cluster.cores[index];
    const isWithinKernel = kind === ProbeKind.returnFromEl1 && ((high >>> 24) & 3) !== 0;
    if (!core || isWithinKernel) return false;
    const context = contextOf(core);
    const isOther = contexts[index] !== context;
    contexts[index] = context;
    return isOther;
  };
}

/** To the end of the last slice up to a virtual time, in cycles. */
export function* goTo({ kept, timeline }: Seeker, time: number): Seek {
  const { events } = kept.run.board;
  const from = timeline.findLast((place) => place.round <= time && place.core === null);
  if (from < 0) return false;
  timeline.moveTo(from);
  yield* runUntil(kept, () => events.now + sliceCycles > time);
  return true;
}

/** To where a core had retired one instruction less. */
export function* stepBack(seeker: Seeker, core: number): Seek {
  const { kept, timeline } = seeker;
  const { cluster } = kept.run.board;
  const retired = cluster.retiredBy(core) - 1;
  const from = timeline.findLast((_, index) => timeline.retiredAt(index, core) < Math.max(retired, 1));
  if (retired < 0 || from < 0) return false;
  timeline.moveTo(from);
  let slices = kept.run.slices;
  yield* runUntil(kept, () => {
    if (cluster.retiredBy(core) > retired) return true;
    slices = kept.run.slices;
    return false;
  });
  yield* reach(seeker, { slices, stop: { core, retired } });
  return true;
}

/** To the last event of a kind before where the machine is. */
export function* findBack(seeker: Seeker, find: FindBack): Seek {
  const { kept, timeline } = seeker;
  const here = placeOf(kept.run);
  const { isPast } = timeline;
  let end = here;
  for (let from = timeline.findLast((place) => isBefore(place, here)); from >= 0; from--) {
    const begin = timeline.placeOf(from);
    if (timeline.isPast && isWithout(seeker, find, from)) {
      end = begin;
      continue;
    }
    timeline.moveTo(from);
    if (yield* find === 'stop' ? lastStop(seeker, from, end) : lastEvent(seeker, find, end)) return true;
    end = begin;
  }
  if (isPast) yield* reach(seeker, targetOf(here));
  else if (timeline.isPast) timeline.moveTo(timeline.last);
  return false;
}

/** Whether the counts at a point and the next one say that nothing of a kind has happened between them. */
function isWithout({ kept, timeline }: Seeker, find: FindBack, from: number): boolean {
  const [before, after] = [timeline.countedAt(from), timeline.countedAt(from + 1)];
  if (find === 'consoleLine') return before.printed === after.printed;
  const isSame = (exception: number): boolean => before.exceptions[exception] === after.exceptions[exception];
  if (find === 'exception') return before.exceptions.every((_, exception) => isSame(exception));
  // The model of Xen counts no hypercalls of its own Domain-0.
  return find === 'hypercall' && kept.run.system.hypervisor === null && isSame(hvc);
}

/** To the last place before `end` where a breakpoint or watchpoint stops the run. */
function* lastStop(seeker: Seeker, from: number, end: Place): Seek {
  const { kept, timeline, setStops } = seeker;
  setStops(true);
  try {
    let stops = 0;
    const isBehind = (): boolean => !isBefore(placeOf(kept.run), end);
    yield* runUntil(kept, isBehind, () => {
      if (!isBehind()) stops++;
    });
    if (stops === 0) return false;
    timeline.moveTo(from);
    yield* runUntil(
      kept,
      () => stops === 0,
      () => stops--,
    );
    return true;
  } finally {
    setStops(false);
  }
}

/** To the last event before `end`. */
function* lastEvent(seeker: Seeker, find: Exclude<FindBack, 'stop'>, end: Place): Seek {
  const { run, consoles } = seeker.kept;
  const { board } = run;
  const { cluster, events } = board;
  let found: Target | null = null;
  const note = (core: number): void => {
    const place: Place =
      core === noCore
        ? { slices: run.slices + 1, round: 0, core: null, retired: 0 }
        : { slices: run.slices, round: events.now, core, retired: cluster.retiredBy(core) };
    // The end of a slice is found by its number alone.
    const isEarlier = core === noCore ? place.slices < end.slices : isBefore(place, end);
    if (isEarlier) found = targetOf(place);
  };
  if (find === 'consoleLine') consoles.onLine = () => note(noCore);
  else {
    const isMeant = filterOf(find, board);
    board.record(finds[find], { record: (event) => void (isMeant(event) && note(event.core)) });
  }
  try {
    yield* runUntil(seeker.kept, () => !isBefore(placeOf(run), end));
  } finally {
    consoles.onLine = null;
    board.record([], { record: () => {} });
  }
  if (!found) return false;
  yield* reach(seeker, found);
  return true;
}

const targetOf = ({ slices, core, retired }: Place): Target => ({
  slices,
  stop: core === null ? null : { core, retired },
});

function* reach({ kept, timeline }: Seeker, { slices, stop }: Target): Generator<void, void> {
  const isOnWay = (place: Place): boolean => place.slices < slices || (place.slices === slices && place.core === null);
  timeline.moveTo(Math.max(0, timeline.findLast(isOnWay)));
  const { run } = kept;
  yield* runUntil(kept, () => run.slices >= slices);
  if (!stop) return;
  const { cluster } = run.board;
  const core = cluster.cores[stop.core];
  // A step ends early where the core waits.
  while (core && run.slices === slices) {
    const left = stop.retired - cluster.retiredBy(stop.core);
    if (left <= 0) break;
    cluster.debugger.stepBy(core, left);
    run.slice();
    yield;
  }
  cluster.debugger.cancelStep();
}

/** Runs slices until something holds, or nothing can happen any more. `stopped`: the debugger has stopped the run. */
function* runUntil({ run }: Kept, holds: () => boolean, stopped: () => void = () => {}): Generator<void, void> {
  while (!holds()) {
    const { slices } = run;
    const reason = run.slice();
    if (reason === 'debugger') stopped();
    else if (reason === 'stopped' || run.slices === slices) return;
    yield;
  }
}
