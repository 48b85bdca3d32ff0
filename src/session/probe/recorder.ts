/** Records the events of the machines of a session. A run is the same with it, only slower. */
import { defined } from '../../base/assert.ts';
import { type EventName, ProbeKind } from '../../base/probe/kinds.ts';
import type { ProbeSink } from '../../base/probe/probe.ts';
import type { ZynqMp } from '../../soc/board/zynqmp.ts';
import type { EventCountRequest, EventCounts, EventRequest, EventWindow, RecordRequest } from '../api/events.ts';
import type { ScheduleTrace } from '../trace/schedule-trace.ts';
import { ProbeRing } from './ring.ts';
import { EventText } from './text.ts';

export class EventRecorder {
  #request: RecordRequest = { kinds: [], capacity: 0 };
  #ring = new ProbeRing(0, 0);
  #board: ZynqMp | null = null;
  #trace: ScheduleTrace | null = null;
  /** Nothing is recorded meanwhile: it has been already. */
  #isSuspended = false;

  /** The machine is another one from now on; what was asked for is recorded of it, too. */
  attach(board: ZynqMp | null): void {
    this.#board = board;
    this.#isSuspended = false;
    this.#ring = new ProbeRing(0, 0);
    this.#trace = null;
    if (board) this.record(this.#request);
  }

  /** Says what is to be recorded, on this machine and on those that come after it. */
  record(request: RecordRequest): void {
    this.#request = request;
    const board = this.#board;
    if (!board) return;
    if (request.kinds.length > 0) this.#ring = new ProbeRing(request.capacity, board.cluster.now);
    this.#begin();
  }

  /** Records nothing while the machine passes again through what it has been, or goes on recording. */
  suspend(on: boolean): void {
    this.#isSuspended = on;
    this.#begin();
  }

  /** The timeline that is recorded on this machine; null for none. */
  get trace(): ScheduleTrace | null {
    return this.#trace;
  }

  set trace(trace: ScheduleTrace | null) {
    this.#trace = trace;
    this.#begin();
  }

  #begin(): void {
    const ofRing = this.#isSuspended ? none : marked(this.#request.kinds);
    const ofTrace = this.#isSuspended ? none : marked(this.#trace?.kinds ?? []);
    this.#board?.record(new Set([...ofRing, ...ofTrace]), this.#sink(ofRing, ofTrace));
  }

  /** Gives each event to who asked for its kind. */
  #sink(ofRing: ReadonlySet<number>, ofTrace: ReadonlySet<number>): ProbeSink {
    const ring = this.#ring;
    const trace = this.#trace;
    if (!trace || ofTrace.size === 0) return ring;
    if (ofRing.size === 0) return trace;
    return {
      record(event) {
        if (ofRing.has(event.kind)) ring.record(event);
        if (ofTrace.has(event.kind)) trace.record(event);
      },
    };
  }

  /** How many events have been recorded. */
  get end(): number {
    return this.#ring.end;
  }

  window(request: EventRequest): EventWindow {
    return this.#ring.window(request);
  }

  counts(request: EventCountRequest): EventCounts {
    return this.#ring.counts(request);
  }

  /** Reads recorded events as text. */
  text(): EventText {
    const { bus } = defined(this.#board, 'the machine whose events are to be read');
    return new EventText((address) => bus.nameOf(address));
  }
}

const none: ReadonlySet<number> = new Set();
const marked = (names: readonly EventName[]): ReadonlySet<number> => new Set(names.map((name) => ProbeKind[name]));
