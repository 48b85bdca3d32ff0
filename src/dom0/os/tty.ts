import { Hasher } from '../../base/hasher.ts';
import { Signal } from './task.ts';

/** At most this many keys wait to be read; typing more is refused. */
const queueMax = 16384;

/** One key: a sequence that begins with CSI or SS3 (ECMA-48), or a single character. */
const esc = '\x1b';
const keyPattern = new RegExp(`${esc}\\[[0-?]*[ -/]*[@-~]|${esc}O[@-~]|.`, 'gsu');

/** A terminal as Dom0's programs see it: text goes out, keys come in. */
export class Tty {
  private readonly output: (bytes: Uint8Array) => void;
  private readonly encoder = new TextEncoder();
  private readonly decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** The first bytes of a character whose last bytes have not arrived yet. */
  private partial = new Uint8Array();
  /** Unread keys: characters, or whole escape sequences. */
  private readonly keys: string[] = [];
  /**
   * Everything that was typed and shown. A program's line or screen is in the variables of its coroutine, which a
   * fingerprint cannot read: this history stands for it.
   */
  private readonly history = new Hasher();
  /** Raised when a key arrives. */
  readonly input = new Signal('keys');
  columns = 80;
  /** What Ctrl-C does while the running program does not read keys itself. */
  onInterrupt: (() => void) | null = null;

  constructor(output: (bytes: Uint8Array) => void) {
    this.output = output;
  }

  /** Writes text; a newline also returns the cursor to the start of the line. */
  write(text: string): void {
    this.writeBytes(this.encoder.encode(text.replace(/\r?\n/g, '\r\n')));
  }

  /** Writes bytes as they are. */
  writeBytes(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.history.add(bytes);
    this.output(bytes);
  }

  /** Takes typed text in UTF-8. Returns false if there is no room for it. */
  type(bytes: Uint8Array): boolean {
    if (this.keys.length + bytes.length > queueMax) return false;
    this.history.add(bytes);
    const joined = new Uint8Array(this.partial.length + bytes.length);
    joined.set(this.partial);
    joined.set(bytes, this.partial.length);
    const whole = joined.length - partialCharacter(joined);
    this.partial = joined.slice(whole);
    const text = this.decoder.decode(joined.subarray(0, whole));
    const keys = text.match(keyPattern) ?? [];
    for (const key of keys) {
      if (key === '\x03' && this.onInterrupt) this.onInterrupt();
      else this.keys.push(key);
    }
    if (this.keys.length > 0) this.input.raise();
    return true;
  }

  /** The next key, or undefined if there is none. */
  key(): string | undefined {
    return this.keys.shift();
  }

  get hasKey(): boolean {
    return this.keys.length > 0;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.keys, this.partial, this.columns, this.onInterrupt !== null, this.history.digest());
  }
}

/** The number of bytes at the end that are an incomplete UTF-8 character. */
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
