/** Back and forth in the virtual time of one run. */
import { noCore } from '../../base/probe/probe.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { clockHz } from '../../soc/board/zynqmp.ts';
import type { Input } from '../api/input.ts';
import type { FindBack, TimeInput, TimeMarks, TimeStatus } from '../api/time.ts';
import { sliceCycles } from '../run/slices.ts';
import { findBack, goTo, type Seek, stepBack } from './seek.ts';
import { type Kept, Timeline } from './timeline.ts';

/** Wall time between two moments that are kept, at least: to go to one between them takes as long. */
const spacingMs = 300;
/**
 * A moment is kept when the run has taken so many times as long as it took to keep the last one. To copy pages as they are
 * written takes about as long again, and what follows from it: misses of the TLBs, colder caches.
 */
const costFactor = 60;

export interface TimeHost extends Kept {
  /** Wall time in milliseconds. */
  now(): number;
  /** Sets the user's breakpoints and watchpoints, or none. */
  setStops(on: boolean): void;
  /** The machine is in the past, or is no more: who records what happens has recorded it already. */
  inPast(on: boolean): void;
  /** What has been recorded after this moment has not happened. */
  forked(): void;
}

export class TimeTravel {
  readonly #host: TimeHost;
  readonly #timeline: Timeline;
  #seek: Seek | null = null;
  #foundNothing = false;
  /** False where the machine has no state that can be kept. */
  #keeps = true;
  /** Wall time of the run since the last moment that was kept, and when the next is due. */
  #runMs = 0;
  #dueMs = 0;
  #presentNs = 0;
  #version = 0;

  constructor(host: TimeHost, limit: number) {
    this.#host = host;
    this.#timeline = new Timeline(host, limit);
  }

  get isPast(): boolean {
    return this.#timeline.isPast;
  }

  get isSeeking(): boolean {
    return this.#seek !== null;
  }

  /** How much of the past may be kept, in bytes. */
  set limit(bytes: number) {
    this.#timeline.limit = bytes;
    this.#version++;
  }

  status(): TimeStatus {
    const { isPast, times, bytes, limit } = this.#timeline;
    const { run } = this.#host;
    return {
      isPast,
      isSeeking: this.isSeeking,
      presentNs: isPast ? this.#presentNs : run.virtualNs,
      beginNs: times[0] ?? null,
      foundNothing: this.#foundNothing,
      bytes,
      limit,
      version: this.#version + this.#timeline.inputs.length,
    };
  }

  marks(): TimeMarks {
    return { moments: this.#timeline.times, inputs: this.#timeline.inputs.map(describe) };
  }

  /** The machine is about to run: keeps the moment, if it is the first. */
  begin(): void {
    if (this.#keeps && this.#timeline.times.length === 0 && this.#host.run.isQuiet) this.#keep();
  }

  /** A slice has ended, which took so long. */
  sliceEnded(ms: number): void {
    if (this.#timeline.isPast) {
      this.#timeline.sliceEnded();
      if (!this.#timeline.isPast) this.#host.inPast(false);
      return;
    }
    this.#runMs += ms;
    const { run } = this.#host;
    const isDue = this.#keeps && this.#runMs >= this.#dueMs;
    if (isDue && run.board.cluster.executing === noCore && run.isQuiet) this.#keep();
  }

  #keep(): void {
    const before = this.#host.now();
    this.#keeps = this.#timeline.keep();
    this.#dueMs = Math.max(spacingMs, costFactor * (this.#host.now() - before));
    this.#runMs = 0;
    this.#version++;
  }

  /** To the end of the last slice up to a virtual time in nanoseconds; to the present, if that is earlier. */
  goTo(ns: number): Result<null> {
    if (ns >= this.status().presentNs) return this.toPresent();
    return this.#start((seeker) => goTo(seeker, Math.round((ns * clockHz) / 1e9)));
  }

  toPresent(): Result<null> {
    const stopped = this.#stopped();
    if (!stopped.ok || !this.isPast) return stopped;
    this.#seek = null;
    this.#timeline.moveTo(this.#timeline.last);
    this.#host.inPast(false);
    return ok(null);
  }

  /** To where a core had retired one instruction less. */
  stepBack(core: number): Result<null> {
    if (!this.#host.run.board.cluster.cores[core]) return err(`There is no core ${core}.`);
    return this.#start((seeker) => stepBack(seeker, core));
  }

  /** To the last event of a kind. */
  findBack(find: FindBack): Result<null> {
    return this.#start((seeker) => findBack(seeker, find));
  }

  /** The machine goes on from this moment; what came after it is forgotten. */
  fork(): Result<null> {
    const stopped = this.#stopped();
    if (!stopped.ok) return stopped;
    if (!this.isPast) return ok(null);
    this.#timeline.fork();
    this.#host.inPast(false);
    this.#host.forked();
    this.#version++;
    return ok(null);
  }

  /** Goes on the way to another moment until a wall time. */
  advance(until: number): void {
    while (this.#seek) {
      const { done, value } = this.#seek.next();
      if (done) this.#arrive(!value);
      if (this.#host.now() >= until) break;
    }
  }

  /** Leaves the way: the machine stays where it has come to. */
  cancel(): void {
    if (!this.#seek) return;
    this.#seek.return(false);
    this.#arrive(false);
  }

  #arrive(foundNothing: boolean): void {
    this.#seek = null;
    this.#foundNothing = foundNothing;
    this.#host.run.pause();
    this.#host.setStops(true);
    if (!this.isPast) this.#host.inPast(false);
  }

  #start(seek: (seeker: Parameters<typeof goTo>[0]) => Seek): Result<null> {
    const stopped = this.#stopped();
    if (!stopped.ok) return stopped;
    this.#timeline.forgetLost();
    if (this.#timeline.times.length === 0) return err('No past of this machine is kept.');
    if (this.#host.run.replays && !this.isPast)
      return err('A recording is being played: let it come to its end first.');
    if (!this.isPast) this.#presentNs = this.#host.run.virtualNs;
    this.#foundNothing = false;
    this.#host.setStops(false);
    this.#host.inPast(true);
    const { setStops } = this.#host;
    this.#seek = seek({ kept: this.#host, timeline: this.#timeline, setStops });
    return ok(null);
  }

  #stopped(): Result<null> {
    this.cancel();
    const { state } = this.#host.run;
    return state === 'paused' || state === 'ended' ? ok(null) : err('Only a paused machine can go to another moment.');
  }
}

const describe = ({ slice, input }: { readonly slice: number; readonly input: Input }): TimeInput => ({
  ns: (slice * sliceCycles * 1e9) / clockHz,
  kind: input.kind,
  console: input.kind === 'keys' ? input.console : null,
  text:
    input.kind === 'keys' ? new TextDecoder().decode(input.bytes.subarray(0, 200)) : 'path' in input ? input.path : '',
});
