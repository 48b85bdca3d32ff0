/** Records the events of the machines of a session. A run is the same with it, only slower. */
import { defined } from '../../base/assert.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import type { ZynqMp } from '../../soc/board/zynqmp.ts';
import type { EventCountRequest, EventCounts, EventRequest, EventWindow, RecordRequest } from '../api/events.ts';
import { ProbeRing } from './ring.ts';
import { EventText } from './text.ts';

export class EventRecorder {
  #request: RecordRequest = { kinds: [], capacity: 0 };
  #ring = new ProbeRing(0, 0);
  #board: ZynqMp | null = null;
  /** Nothing is recorded meanwhile: it has been already. */
  #isSuspended = false;

  /** The machine is another one from now on; what was asked for is recorded of it, too. */
  attach(board: ZynqMp | null): void {
    this.#board = board;
    this.#isSuspended = false;
    this.#ring = new ProbeRing(0, 0);
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

  #begin(): void {
    const kinds = this.#isSuspended ? [] : this.#request.kinds.map((name) => ProbeKind[name]);
    this.#board?.record(kinds, this.#ring);
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
