/**
 * The last bytes of an endless stream, read by offset from its start. A writer never waits. A reader that falls behind
 * by more than the capacity misses the oldest bytes; it can tell by the offset that it gets.
 */
export class ByteRing {
  readonly #bytes: Uint8Array;
  #end = 0;

  constructor(capacity: number) {
    this.#bytes = new Uint8Array(capacity);
  }

  /** Offset after the last byte written. */
  get end(): number {
    return this.#end;
  }

  push(byte: number): void {
    this.#bytes[this.#end % this.#bytes.length] = byte;
    this.#end++;
  }

  /** Continues a stream whose last bytes are these. */
  load(end: number, last: Uint8Array): void {
    this.#end = end - last.length;
    for (const byte of last) this.push(byte);
  }

  /** A copy of at most `budget` bytes from offset `from` on, or from the oldest byte held if that is later. */
  window(from: number, budget: number): { from: number; bytes: Uint8Array<ArrayBuffer> } {
    const capacity = this.#bytes.length;
    const first = Math.min(Math.max(from, this.#end - capacity), this.#end);
    const bytes = new Uint8Array(Math.min(budget, this.#end - first));
    const at = first % capacity;
    const head = this.#bytes.subarray(at, at + bytes.length);
    bytes.set(head);
    bytes.set(this.#bytes.subarray(0, bytes.length - head.length), head.length);
    return { from: first, bytes };
  }
}
