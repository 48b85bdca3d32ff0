/**
 * The sending half of a TCP connection: what is to be sent, what may be sent now, and what must be sent again
 * (RFC 9293, 3.8; congestion: RFC 5681, 6582, 6928; timeout: RFC 6298). Times are in cycles.
 */
import type { Hashable } from '../../../../base/hasher.ts';
import { bytes, flag, list, nullable, number, record, type Shape, whole } from '../../../../base/shape.ts';
import { advanced, ahead } from './sequence.ts';

const initialSegments = 10;
const duplicatesForLoss = 3;
const maxWindow = 4 * 2 ** 20;
/** Linux's least timeout; RFC 6298 would have a second. */
const minTimeoutSeconds = 0.2;
const initialTimeoutSeconds = 1;
const maxTimeoutSeconds = 60;

/** What to send: so many bytes of data, from a sequence number on. */
export interface Piece {
  readonly sequence: number;
  readonly length: number;
  readonly isFin: boolean;
  /** There is no more data after it for now. */
  readonly isLast: boolean;
}

export interface SenderState {
  readonly oldest: number;
  readonly next: number;
  readonly unsent: number;
  readonly window: number;
  readonly mss: number;
  readonly queue: readonly Uint8Array[];
  readonly ends: boolean;
  readonly afterFin: number | null;
  readonly congestionWindow: number;
  readonly threshold: number;
  readonly duplicates: number;
  readonly recovers: boolean;
  readonly recoverUntil: number;
  readonly timeout: number;
  readonly roundTrip: number;
  readonly variation: number;
  readonly timed: { readonly end: number; readonly at: number } | null;
  readonly retries: number;
}

export const senderState: Shape<SenderState> = record<SenderState>({
  oldest: whole(),
  next: whole(),
  unsent: whole(),
  window: whole(),
  mss: whole(1),
  queue: list(bytes),
  ends: flag,
  afterFin: nullable(whole()),
  congestionWindow: number,
  threshold: number,
  duplicates: whole(),
  recovers: flag,
  recoverUntil: whole(),
  timeout: number,
  roundTrip: number,
  variation: number,
  timed: nullable(record({ end: whole(), at: whole() })),
  retries: whole(),
});

export class Sender {
  /** The oldest number without acknowledgement, the one to send next, and the first that was never sent. */
  oldest: number;
  next: number;
  private _unsent: number;
  /** How much the peer takes from `oldest` on. */
  window = 0;
  readonly mss: number;
  /** Data from `oldest` on. */
  private readonly queue: Uint8Array[] = [];
  private _queued = 0;
  private ends = false;
  /** The number after the FIN, once that was sent. */
  private afterFin: number | null = null;
  private congestionWindow: number;
  private threshold = maxWindow;
  private duplicates = 0;
  private recovers = false;
  /** Losses before this number have been answered by a smaller window. */
  private recoverUntil: number;
  private readonly hz: number;
  private readonly longest: number;
  private _timeout: number;
  /** Smoothed round trip and its variation; -1 before the first measurement. */
  private roundTrip = -1;
  private variation = 0;
  /** The segment whose round trip is being measured. */
  private timed: { readonly end: number; readonly at: number } | null = null;
  /** How often the timeout has passed without an answer. */
  retries = 0;

  /** @param first number of the first byte of data */
  constructor(first: number, mss: number, { hz, longest }: { readonly hz: number; readonly longest: number }) {
    this.oldest = first;
    this.next = first;
    this._unsent = first;
    this.recoverUntil = first;
    this.mss = mss;
    this.hz = hz;
    this.longest = Math.max(longest, mss);
    this._timeout = initialTimeoutSeconds * hz;
    this.congestionWindow = initialSegments * mss;
  }

  /** Bytes that are not acknowledged, sent or not. */
  get queued(): number {
    return this._queued;
  }

  get timeout(): number {
    return this._timeout;
  }

  /** The first number that was never sent. */
  get unsent(): number {
    return this._unsent;
  }

  /** Whether something that was sent is not acknowledged. */
  get isWaiting(): boolean {
    return this._unsent !== this.oldest;
  }

  /** Whether the peer's window keeps data back. */
  get isBlocked(): boolean {
    return !this.isWaiting && this._queued > 0;
  }

  /** Whether all data and the FIN have been acknowledged. */
  get isDone(): boolean {
    return this.ends && this._queued === 0 && this.oldest === this.afterFin;
  }

  add(bytes: Uint8Array): void {
    if (bytes.length === 0 || this.ends) return;
    this.queue.push(bytes);
    this._queued += bytes.length;
  }

  /** No data follows. */
  end(): void {
    this.ends = true;
  }

  /** What may be sent now; null if nothing. */
  take(now: number): Piece | null {
    if (this.afterFin !== null && this.next === this.afterFin) return null;
    const inFlight = ahead(this.next, this.oldest);
    const available = this._queued - inFlight;
    const room = Math.min(this.congestionWindow, this.window) - inFlight;
    let length = Math.max(0, Math.min(available, room, this.longest));
    if (length < available) {
      // Less than a segment is only sent if nothing else will make room (silly window: RFC 9293, 3.8.6.2.1).
      if (length < this.mss && inFlight > 0) return null;
      if (length > this.mss) length -= length % this.mss;
    }
    const isFin = this.ends && length === available;
    if (length === 0 && !isFin) return null;
    const sequence = this.next;
    this.next = advanced(sequence, length + (isFin ? 1 : 0));
    if (isFin) this.afterFin = this.next;
    if (ahead(this.next, this._unsent) > 0) {
      this._unsent = this.next;
      this.timed ??= { end: this.next, at: now };
    }
    return { sequence, length, isFin, isLast: length === available };
  }

  /** The oldest segment again. */
  again(): Piece {
    this.timed = null;
    const length = Math.min(this.mss, this._queued);
    const isFin = this.afterFin !== null && length === this._queued;
    return { sequence: this.oldest, length, isFin, isLast: length === this._queued };
  }

  /** Copies data into a frame. */
  copy(sequence: number, length: number, into: Uint8Array, at: number): void {
    let skip = ahead(sequence, this.oldest);
    let copied = 0;
    for (const chunk of this.queue) {
      if (copied === length) break;
      if (skip >= chunk.length) {
        skip -= chunk.length;
        continue;
      }
      const part = chunk.subarray(skip, skip + length - copied);
      into.set(part, at + copied);
      copied += part.length;
      skip = 0;
    }
  }

  /** The peer has everything before a number that was sent. Returns whether the oldest segment must be sent again. */
  acknowledge(number: number, now: number): boolean {
    const inFlight = ahead(this._unsent, this.oldest);
    const bytes = ahead(number, this.oldest);
    this.drop(Math.min(bytes, this._queued));
    this.oldest = number;
    if (ahead(this.next, number) < 0) this.next = number;
    this.retries = 0;
    if (this.timed && ahead(number, this.timed.end) >= 0) {
      this.measure(now - this.timed.at);
      this.timed = null;
    }
    if (!this.recovers) {
      this.duplicates = 0;
      if (inFlight * 2 >= this.congestionWindow) this.grow(bytes);
      return false;
    }
    if (ahead(number, this.recoverUntil) >= 0) {
      this.recovers = false;
      this.duplicates = 0;
      this.congestionWindow = this.threshold;
      return false;
    }
    this.congestionWindow = Math.max(this.mss, this.congestionWindow - bytes + this.mss);
    return true;
  }

  /** The peer has acknowledged nothing new. Returns whether the oldest segment must be sent again. */
  duplicate(): boolean {
    this.duplicates++;
    if (this.recovers) {
      this.congestionWindow = Math.min(maxWindow, this.congestionWindow + this.mss);
      return false;
    }
    if (this.duplicates !== duplicatesForLoss || ahead(this.oldest, this.recoverUntil) < 0) return false;
    this.lose();
    this.recovers = true;
    this.congestionWindow = this.threshold + duplicatesForLoss * this.mss;
    return true;
  }

  /** Nothing was heard for the timeout: all of it is sent again, slowly at first. */
  timedOut(): void {
    this.retries++;
    this._timeout = Math.min(2 * this._timeout, maxTimeoutSeconds * this.hz);
    if (!this.isWaiting) return;
    this.lose();
    this.congestionWindow = this.mss;
    this.recovers = false;
    this.duplicates = 0;
    this.timed = null;
    this.next = this.oldest;
  }

  saveState(): SenderState {
    return {
      oldest: this.oldest,
      next: this.next,
      unsent: this._unsent,
      window: this.window,
      mss: this.mss,
      queue: [...this.queue],
      ends: this.ends,
      afterFin: this.afterFin,
      congestionWindow: this.congestionWindow,
      threshold: this.threshold,
      duplicates: this.duplicates,
      recovers: this.recovers,
      recoverUntil: this.recoverUntil,
      timeout: this._timeout,
      roundTrip: this.roundTrip,
      variation: this.variation,
      timed: this.timed && { ...this.timed },
      retries: this.retries,
    };
  }

  /** Continues from a saved state with the same `mss`. */
  loadState(state: SenderState): void {
    this.oldest = state.oldest;
    this.next = state.next;
    this._unsent = state.unsent;
    this.window = state.window;
    this.queue.length = 0;
    this.queue.push(...state.queue);
    this._queued = state.queue.reduce((sum, { length }) => sum + length, 0);
    this.ends = state.ends;
    this.afterFin = state.afterFin;
    this.congestionWindow = state.congestionWindow;
    this.threshold = state.threshold;
    this.duplicates = state.duplicates;
    this.recovers = state.recovers;
    this.recoverUntil = state.recoverUntil;
    this._timeout = state.timeout;
    this.roundTrip = state.roundTrip;
    this.variation = state.variation;
    this.timed = state.timed;
    this.retries = state.retries;
  }

  get state(): Hashable {
    const [timed, queue] = [this.timed, this.queue];
    return [
      [this.oldest, this.next, this._unsent, this.window, this.mss, this.ends, this.afterFin, this.retries],
      [this.congestionWindow, this.threshold, this.duplicates, this.recovers, this.recoverUntil],
      [this._timeout, this.roundTrip, this.variation, timed && [timed.end, timed.at]],
      queue,
    ];
  }

  private lose(): void {
    this.threshold = Math.max(ahead(this._unsent, this.oldest) / 2, 2 * this.mss);
    this.recoverUntil = this._unsent;
  }

  private grow(bytes: number): void {
    const isSlowStart = this.congestionWindow < this.threshold;
    const more = isSlowStart ? bytes : (this.mss * bytes) / this.congestionWindow;
    this.congestionWindow = Math.min(maxWindow, Math.floor(this.congestionWindow + Math.max(1, more)));
  }

  private measure(time: number): void {
    if (this.roundTrip < 0) {
      this.roundTrip = time;
      this.variation = time / 2;
    } else {
      this.variation += (Math.abs(this.roundTrip - time) - this.variation) / 4;
      this.roundTrip += (time - this.roundTrip) / 8;
    }
    const timeout = this.roundTrip + 4 * this.variation;
    const [least, most] = [minTimeoutSeconds * this.hz, maxTimeoutSeconds * this.hz];
    this._timeout = Math.round(Math.min(Math.max(timeout, least), most));
  }

  private drop(bytes: number): void {
    this._queued -= bytes;
    let rest = bytes;
    while (rest > 0) {
      const first = this.queue[0] as Uint8Array;
      if (first.length > rest) {
        this.queue[0] = first.subarray(rest);
        return;
      }
      rest -= first.length;
      this.queue.shift();
    }
  }
}
