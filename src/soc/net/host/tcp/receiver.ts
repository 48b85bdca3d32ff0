/** The receiving half of a TCP connection: puts what arrives in order (RFC 9293, 3.10.7.4). */
import type { Hashable } from '../../../../base/hasher.ts';
import { bytes, list, nullable, record, type Shape, whole } from '../../../../base/shape.ts';
import { advanced, ahead } from './sequence.ts';

/** Pieces that are kept at most because something before them is missing. */
const maxEarly = 64;

export interface ReceiverState {
  readonly next: number;
  readonly window: number;
  readonly early: readonly { readonly sequence: number; readonly bytes: Uint8Array }[];
  readonly end: number | null;
}

export const receiverState: Shape<ReceiverState> = record<ReceiverState>({
  next: whole(),
  window: whole(),
  early: list(record({ sequence: whole(), bytes })),
  end: nullable(whole()),
});

export class Receiver {
  /** The number of the next byte that is missing. */
  next: number;
  /** How many bytes from there on it takes. What arrives is used at once, so this much is always free. */
  readonly window: number;
  /** What has arrived too early, by sequence number. */
  private early: { sequence: number; bytes: Uint8Array }[] = [];
  /** Where the peer's data ends, once it has said so. */
  private end: number | null = null;

  constructor(next: number, window: number) {
    this.next = next;
    this.window = window;
  }

  /** Whether any part of a segment lies in the window. `length` counts SYN and FIN too. */
  accepts(sequence: number, length: number): boolean {
    const offset = ahead(sequence, this.next);
    if (length === 0) return offset >= 0 && offset < this.window;
    return offset < this.window && offset + length > 0;
  }

  /** Takes data that was accepted. Returns what is now in order. */
  take(sequence: number, data: Uint8Array, isFin: boolean): Uint8Array[] {
    if (this.end !== null && ahead(this.next, this.end) > 0) return []; // it had said that nothing follows
    const behind = Math.max(0, -ahead(sequence, this.next));
    const start = advanced(sequence, behind);
    const room = this.window - ahead(start, this.next);
    if (isFin && data.length - behind <= room) this.end ??= advanced(sequence, data.length);
    const bytes = data.subarray(behind, Math.min(data.length, behind + room));
    if (start !== this.next) {
      if (bytes.length > 0) this.keep(start, bytes);
      return [];
    }
    const pieces = bytes.length > 0 ? [bytes] : [];
    this.next = advanced(this.next, bytes.length);
    while (this.early.length > 0) {
      const first = this.early[0] as { sequence: number; bytes: Uint8Array };
      const offset = ahead(first.sequence, this.next);
      if (offset > 0) break;
      this.early.shift();
      const rest = first.bytes.subarray(-offset);
      if (-offset >= first.bytes.length) continue;
      pieces.push(rest);
      this.next = advanced(this.next, rest.length);
    }
    return pieces;
  }

  /** Whether all of the peer's data has come, and its FIN, which then counts as taken. Says so once. */
  takeEnd(): boolean {
    if (this.end === null || this.end !== this.next) return false;
    this.next = advanced(this.next, 1);
    return true;
  }

  saveState(): ReceiverState {
    return { next: this.next, window: this.window, early: [...this.early], end: this.end };
  }

  static of({ next, window, early, end }: ReceiverState): Receiver {
    const receiver = new Receiver(next, window);
    receiver.early = [...early];
    receiver.end = end;
    return receiver;
  }

  get state(): Hashable {
    return [this.next, this.window, this.end, this.early.map(({ sequence, bytes }) => [sequence, bytes])];
  }

  /** Copies, since a small piece may be part of a large frame. Without room the peer must send it again. */
  private keep(sequence: number, bytes: Uint8Array): void {
    const early = this.early;
    if (early.length >= maxEarly) return;
    const covered = early.find(
      (piece) =>
        ahead(piece.sequence, sequence) <= 0 &&
        ahead(advanced(piece.sequence, piece.bytes.length), advanced(sequence, bytes.length)) >= 0,
    );
    if (covered) return;
    const at = early.findIndex((piece) => ahead(piece.sequence, sequence) > 0);
    early.splice(at < 0 ? early.length : at, 0, { sequence, bytes: bytes.slice() });
  }
}
