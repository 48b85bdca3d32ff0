/**
 * The line to Dom0's agent (guests/dom0) over the board's second serial port: frames of a type, a zero, a length of 16 bits and
 * contents.
 */
import { concatenated } from '../../base/bytes.ts';
import type { Hasher } from '../../base/hasher.ts';
import { bytes, flag, list, record } from '../../base/shape.ts';

/** Bytes of a frame's contents at most. */
export const largestFrame = 1024;
/** What 4 Mbaud carry in a slice of 50 µs: so what waits, waits here and not in the port. */
const bytesPerSlice = 20;

export interface Frame {
  readonly type: string;
  readonly contents: Uint8Array;
}

export interface LinkState {
  readonly isOpen: boolean;
  readonly waiting: readonly Uint8Array[];
  readonly received: Uint8Array;
}

export const linkState = record<LinkState>({ isOpen: flag, waiting: list(bytes), received: bytes });

export class Link {
  readonly #transmit: (bytes: Uint8Array) => number;
  readonly #take: (frame: Frame) => void;
  #waiting: Uint8Array[] = [];
  #received: number[] = [];
  /** Whether the agent has said that it is there; nothing goes to it before. */
  #isOpen = false;

  /**
   * @param transmit gives bytes to the serial port; how many it took
   * @param take gets each frame from the agent
   */
  constructor(transmit: (bytes: Uint8Array) => number, take: (frame: Frame) => void) {
    this.#transmit = transmit;
    this.#take = take;
  }

  /** The board has been reset: what was under way is lost. */
  reset(): void {
    this.#waiting = [];
    this.#received = [];
    this.#isOpen = false;
  }

  open(): void {
    this.#isOpen = true;
    this.pump();
  }

  /** Bytes that wait. */
  get backlog(): number {
    return this.#waiting.reduce((sum, { length }) => sum + length, 0);
  }

  /** Sends frames of one type with as many contents as it takes; an empty one if there is nothing. */
  send(type: string, contents: Uint8Array, prefix: Uint8Array = new Uint8Array()): void {
    const room = largestFrame - prefix.length;
    for (let at = 0; at === 0 || at < contents.length; at += room) {
      const part = contents.subarray(at, at + room);
      const size = prefix.length + part.length;
      const header = Uint8Array.of(type.charCodeAt(0), 0, size & 0xff, size >> 8);
      this.#waiting.push(concatenated([header, prefix, part]));
    }
    this.pump();
  }

  /** Passes on as much as the line carries in a slice. */
  pump(): void {
    if (!this.#isOpen) return;
    let room = bytesPerSlice;
    for (let first = this.#waiting[0]; first && room > 0; first = this.#waiting[0]) {
      const part = first.subarray(0, room);
      const taken = this.#transmit(part);
      room -= part.length;
      if (taken === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(taken);
      if (taken < part.length) return;
    }
  }

  /** A byte has left the serial port. */
  receive(byte: number): void {
    const bytes = this.#received;
    bytes.push(byte);
    const size = bytes.length < 4 ? 0 : (bytes[2] as number) + 256 * (bytes[3] as number);
    if (bytes.length < 4 + size) return;
    if (bytes.length < 4) return;
    this.#received = [];
    this.#take({ type: String.fromCharCode(bytes[0] as number), contents: Uint8Array.from(bytes.slice(4)) });
  }

  saveState(): LinkState {
    return { isOpen: this.#isOpen, waiting: [...this.#waiting], received: Uint8Array.from(this.#received) };
  }

  loadState({ isOpen, waiting, received }: LinkState): void {
    this.#isOpen = isOpen;
    this.#waiting = [...waiting];
    this.#received = [...received];
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.#isOpen, this.#waiting, this.#received);
  }
}
