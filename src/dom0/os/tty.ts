import { Hasher } from '../../base/hasher.ts';
import { Signal } from './task.ts';

/** Keys that may wait to be read; more are refused. */
const queueMax = 16384;

/** Control Sequence Introducer and Single Shift 3 (ECMA-48), as terminals send them for keys; else one character. */
const esc = '\x1b';
const keyPattern = new RegExp(`${esc}\\[[0-?]*[ -/]*[@-~]|${esc}O[@-~]|.`, 'gsu');

/** A terminal as Dom0's programs have it: text out, keys in. */
export class Tty {
  readonly #output: (bytes: Uint8Array) => void;
  readonly #encoder = new TextEncoder();
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The beginning of a character whose other bytes have not come yet. */
  #partial = new Uint8Array();
  /** Keys that nobody has read: characters, or whole escape sequences. */
  readonly #keys: string[] = [];
  /**
   * Everything that was typed and shown. A program's line or screen is in the variables of its coroutine, which a fingerprint
   * cannot read: this history stands for it.
   */
  readonly #history = new Hasher();
  /** Raised when a key has come. */
  readonly input = new Signal('keys');
  columns = 80;
  /** What Ctrl-C does while a program runs that does not read keys itself. */
  onInterrupt: (() => void) | null = null;

  constructor(output: (bytes: Uint8Array) => void) {
    this.#output = output;
  }

  /** Writes text; a newline also returns to the beginning of the line. */
  write(text: string): void {
    this.writeBytes(this.#encoder.encode(text.replace(/\r?\n/g, '\r\n')));
  }

  /** Writes bytes as they are. */
  writeBytes(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#history.add(bytes);
    this.#output(bytes);
  }

  /** Takes what was typed, in UTF-8. False: there is no room. */
  type(bytes: Uint8Array): boolean {
    if (this.#keys.length + bytes.length > queueMax) return false;
    this.#history.add(bytes);
    const joined = new Uint8Array(this.#partial.length + bytes.length);
    joined.set(this.#partial);
    joined.set(bytes, this.#partial.length);
    const whole = joined.length - partialCharacter(joined);
    this.#partial = joined.slice(whole);
    const text = this.#decoder.decode(joined.subarray(0, whole));
    const keys = text.match(keyPattern) ?? [];
    for (const key of keys) {
      if (key === '\x03' && this.onInterrupt) this.onInterrupt();
      else this.#keys.push(key);
    }
    if (this.#keys.length > 0) this.input.raise();
    return true;
  }

  /** The next key, or undefined if none waits. */
  key(): string | undefined {
    return this.#keys.shift();
  }

  get hasKey(): boolean {
    return this.#keys.length > 0;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.#keys, this.#partial, this.columns, this.onInterrupt !== null, this.#history.digest());
  }
}

/** How many bytes at the end begin a character of UTF-8 without ending it. */
function partialCharacter(bytes: Uint8Array): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count++) {
    const byte = bytes[bytes.length - count] as number;
    if (byte < 0x80) return 0;
    if (byte < 0xc0) continue;
    const length = byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    return count < length ? count : 0;
  }
  return 0;
}
