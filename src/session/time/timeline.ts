/**
 * The past of a run: moments that are kept while it runs, and the way between them. A moment holds the state of all parts
 * but memory. Of memory, each interval between two moments has the pages that change in it, with what they hold at its
 * other end. So to go to a moment is to exchange the pages of the intervals on the way, back and forth.
 */

import { Count } from '../../arch/state/counts.ts';
import type { HeldPages } from '../../arch/state/memory.ts';
import { defined } from '../../base/assert.ts';
import type { LogWindow } from '../api/console.ts';
import type { Journal } from '../api/journal.ts';
import type { Consoles, ConsolesState } from '../consoles/consoles.ts';
import type { Log } from '../consoles/log.ts';
import type { Moment, Run } from '../run/run.ts';
import { isBefore, type Place, placeOf } from './place.ts';

/** What a session has of its run. */
export interface Kept {
  readonly run: Run;
  readonly consoles: Consoles;
  readonly log: Log;
}

interface Point {
  readonly moment: Moment;
  readonly place: Place;
  readonly ns: number;
  readonly consoles: ConsolesState;
  readonly log: LogWindow;
  /** The run can come back to it only as long as it has not gone on: it is of use as the present alone. */
  readonly isOnce: boolean;
  readonly bytes: number;
  /** What changes up to the next point, as it is at the other end of that interval than the machine is. */
  pages: HeldPages;
}

const pageSize = 4096;
/** What a moment takes beside pages and output, about, in bytes. */
const momentBytes = 400_000;
/** Virtual time within which no moment is given up as long as earlier ones can be, in nanoseconds. */
const recentNs = 10e9;

export class Timeline {
  readonly #kept: Kept;
  #points: Point[] = [];
  /** The point from which the machine has come to where it is. */
  #at = 0;
  /** What has entered up to the present, while the machine is in the past. */
  #present: Journal['inputs'] | null = null;
  #bytes = 0;
  #limit: number;
  /** `Run.horizon` at the points. */
  #horizon = 0;

  constructor(kept: Kept, limit: number) {
    this.#kept = kept;
    this.#limit = limit;
  }

  /** Whether the machine is at an earlier moment than it has been. */
  get isPast(): boolean {
    return this.#present !== null;
  }

  /** Virtual times of the moments that are kept, in nanoseconds. */
  get times(): readonly number[] {
    return this.#points.map(({ ns }) => ns);
  }

  /** What has entered up to the present. */
  get inputs(): Journal['inputs'] {
    return this.#present ?? this.#kept.run.entered;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(bytes: number) {
    this.#limit = bytes;
    if (!this.isPast) this.#trim();
  }

  /** The place of a point. */
  placeOf(index: number): Place {
    return this.#point(index).place;
  }

  /** What a core had retired at a point. */
  retiredAt(index: number, core: number): number {
    const { retired, quantum, budget } = defined(
      this.#point(index).moment.parts.board.cluster.cores[core],
      'a core',
    ).registers;
    return retired + quantum - budget;
  }

  /** What had happened by a point, counted: exceptions by their numbers in `Core.counts`, and bytes that were printed. */
  countedAt(index: number): { readonly exceptions: readonly number[]; readonly printed: number } {
    const { moment, consoles } = this.#point(index);
    const cores = moment.parts.board.cluster.cores.map(({ registers }) => registers.counts);
    const exceptions = Array.from({ length: Count.dataTlbMiss }, (_, i) => sum(cores.map((counts) => counts[i] ?? 0)));
    return { exceptions, printed: consoles.printed };
  }

  /** The last point of which something holds; -1 if there is none. */
  findLast(holds: (place: Place, index: number) => boolean): number {
    // The machine has gone on since it was at the last point, if that was the present.
    const isGone = ({ isOnce }: Point): boolean => isOnce && !this.#present;
    return this.#points.findLastIndex((point, index) => !isGone(point) && holds(point.place, index));
  }

  /** Forgets moments to which there is no way back any more. */
  forgetLost(): void {
    const { horizon } = this.#kept.run;
    if (horizon !== this.#horizon) {
      this.#points = [];
      this.#bytes = 0;
    }
    this.#horizon = horizon;
  }

  /** Keeps the present moment. False where the machine has no state that could be kept. */
  keep(): boolean {
    const isKept = this.#append();
    if (isKept) this.#trim();
    return isKept;
  }

  #append(): boolean {
    const { run, consoles, log } = this.#kept;
    this.forgetLost();
    const moment = run.hold();
    if (!moment) return false;
    const last = this.#points.at(-1);
    const pages = this.#holdPages(moment);
    if (last) {
      last.pages = pages;
      this.#bytes += sizeOf(pages);
    }
    const entries = log.saveState();
    this.#points.push({
      moment,
      place: placeOf(run),
      ns: run.virtualNs,
      consoles: consoles.saveState(last?.consoles),
      log: { ...entries, entries: [...entries.entries] },
      isOnce: !run.isQuiet,
      bytes: momentBytes + (moment.held?.system.bytes ?? 0),
      pages: new Map(),
    });
    this.#at = this.#points.length - 1;
    this.#bytes += this.#point(this.#at).bytes;
    if (last?.isOnce) this.#giveUp(this.#at - 1);
    return true;
  }

  /** Brings the machine to a point; the last one is the present. What entered after it enters again when it runs. */
  moveTo(index: number): void {
    if (!this.#present) {
      // Points keep their places: more than may be is given up when the machine goes on.
      this.#append();
      this.#present = [...this.#kept.run.entered];
    }
    const { run, consoles, log } = this.#kept;
    const { cluster } = run.board;
    const since = cluster.holdPages();
    cluster.exchangePages(since);
    cluster.memory.releasePages(since);
    while (this.#at > index) cluster.exchangePages(this.#point(--this.#at).pages);
    while (this.#at < index) cluster.exchangePages(this.#point(this.#at++).pages);
    const point = this.#point(index);
    const last = this.#point(this.#points.length - 1);
    // The present may be inside a slice.
    const slices = last.moment.slices + (last.place.core === null ? 0 : 1);
    const recording = point === last ? null : { inputs: this.#present, slices };
    run.moveTo(point.moment, this.#present, recording);
    consoles.loadState(point.consoles);
    log.loadState(point.log);
    this.#holdPages(point.moment);
    if (point === last) this.#present = null;
  }

  /** The index of the present. */
  get last(): number {
    return this.#points.length - 1;
  }

  /** A slice in the past has ended. At the end of what has been, the machine is in the present. */
  sliceEnded(): void {
    const { run } = this.#kept;
    if (!this.#present) return;
    const last = this.#point(this.last);
    const here = placeOf(run);
    if (!isBefore(here, last.place)) {
      this.moveTo(this.last);
      return;
    }
    const passed = this.findLast((place) => !isBefore(here, place));
    if (passed <= this.#at || isBefore(this.#point(passed).place, here)) return;
    // It is at a point: what has changed since the last one is now what leads back.
    const from = this.#point(this.#at);
    for (const point of this.#points.slice(this.#at, passed)) this.#forget(point);
    from.pages = this.#holdPages(this.#point(passed).moment);
    this.#bytes += sizeOf(from.pages);
    this.#drop(this.#at + 1, passed - this.#at - 1);
    this.#at++;
  }

  /** The machine goes on from here; what came after is forgotten. */
  fork(): void {
    if (!this.#present) return;
    this.#present = null;
    for (const point of this.#points.slice(this.#at)) this.#forget(point);
    this.#drop(this.#at + 1, this.last - this.#at);
    this.#kept.run.fork();
  }

  /** Begins the next interval, at a moment: pages that can be written at any time are held at once. */
  #holdPages({ held }: Moment): HeldPages {
    const { cluster } = this.#kept.run.board;
    const pages = cluster.holdPages();
    for (const page of held?.system.pages ?? []) cluster.memory.touch(page);
    return pages;
  }

  /** What changes from a point on is not needed any more. */
  #forget({ pages }: Point): void {
    this.#bytes -= sizeOf(pages);
    this.#kept.run.board.cluster.memory.releasePages(pages);
  }

  #drop(from: number, count: number): void {
    for (const { bytes } of this.#points.splice(from, count)) this.#bytes -= bytes;
  }

  /** Gives up moments until the rest fits, the oldest of the last seconds at last. */
  #trim(): void {
    while (this.#bytes > this.#limit && this.#points.length > 2) {
      const index = this.#leastMissed();
      if (index === null) this.#forgetOldest();
      else this.#giveUp(index);
    }
  }

  /** The earlier moment that is missed least: that leaves the smallest gap for its age. */
  #leastMissed(): number | null {
    const now = this.#point(this.last).ns;
    let found: number | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 1; i < this.last && now - this.#point(i).ns > recentNs; i++) {
      const gap = (this.#point(i + 1).ns - this.#point(i - 1).ns) / (now - this.#point(i).ns);
      if (gap >= least) continue;
      least = gap;
      found = i;
    }
    // Where the gaps would become wider than that, the oldest moments go.
    return least < 0.5 ? found : null;
  }

  #giveUp(index: number): void {
    const [before, point] = [this.#point(index - 1), this.#point(index)];
    for (const [page, held] of point.pages) {
      if (before.pages.has(page)) continue;
      before.pages.set(page, held);
      point.pages.delete(page);
    }
    this.#forget(point);
    this.#drop(index, 1);
    this.#at--;
  }

  #forgetOldest(): void {
    this.#forget(this.#point(0));
    this.#drop(0, 1);
    this.#at--;
  }

  #point(index: number): Point {
    return defined(this.#points[index], 'a moment');
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0);

function sizeOf(pages: HeldPages): number {
  let bytes = 0;
  for (const held of pages.values()) bytes += held ? pageSize : 64;
  return bytes;
}
