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
  readonly #decoder = new TextDecoder();
  /** Keys that nobody has read: characters, or whole escape sequences. */
  readonly #keys: string[] = [];
  /** Raised when a key has come. */
  readonly input = new Signal();
  columns = 80;
  /** What Ctrl-C does while a program runs that does not read keys itself. */
  onInterrupt: (() => void) | null = null;

  constructor(output: (bytes: Uint8Array) => void) {
    this.#output = output;
  }

  /** Writes text; a newline also returns to the beginning of the line. */
  write(text: string): void {
    if (text !== '') this.#output(this.#encoder.encode(text.replace(/\r?\n/g, '\r\n')));
  }

  /** Writes bytes as they are. */
  writeBytes(bytes: Uint8Array): void {
    if (bytes.length > 0) this.#output(bytes);
  }

  /** Takes what was typed, in UTF-8. False: there is no room. */
  type(bytes: Uint8Array): boolean {
    if (this.#keys.length + bytes.length > queueMax) return false;
    const text = this.#decoder.decode(bytes, { stream: true });
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
}
