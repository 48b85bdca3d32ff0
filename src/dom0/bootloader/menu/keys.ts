/** Keys of a VT100, as curses tells them apart (docs/xen/pygrub.md, rule 21). */
import { nanoseconds } from '../../../xen/time/time.ts';
import { compute, type Task } from '../../os/task.ts';

/** Where the menu is shown. */
export interface MenuTerminal {
  write(text: string): void;
  /** The next byte that is typed; null if none is within so many seconds. */
  read(seconds: number | null): Task<number | null>;
}

/** Where nothing is typed. */
export const textTerminal = (write: (text: string) => void): MenuTerminal => ({
  write,
  *read() {
    yield* compute(nanoseconds(0));
    return null;
  },
});

export type Key = 'up' | 'down' | 'enter' | 'escape' | 'other' | number;

const escapeByte = 0x1b;
/** After ESC curses waits so long for the rest of a key. */
const escapeSeconds = 1;
/** What follows ESC O. */
const keypad: Readonly<Record<string, Key>> = { A: 'up', B: 'down', M: 'enter' };
const otherKeypad = 'CDPQRSlnpqrsuvwxy';

export class Keyboard {
  private readonly terminal: MenuTerminal;
  /** Bytes after an ESC that begin no key. */
  private readonly waiting: number[] = [];

  constructor(terminal: MenuTerminal) {
    this.terminal = terminal;
  }

  /** The next key; null if none is pressed within so many seconds. */
  *key(seconds: number | null): Task<Key | null> {
    const byte = this.waiting.shift() ?? (yield* this.terminal.read(seconds));
    if (byte === null) return null;
    if (byte === 0x0a || byte === 0x0d) return 'enter';
    if (byte !== escapeByte) return byte;
    const second = this.waiting.shift() ?? (yield* this.terminal.read(escapeSeconds));
    if (second === null) return 'escape';
    if (second !== 0x4f) {
      this.waiting.unshift(second);
      return 'escape';
    }
    const third = this.waiting.shift() ?? (yield* this.terminal.read(escapeSeconds));
    const letter = third === null ? '' : String.fromCharCode(third);
    const key = keypad[letter];
    if (key !== undefined) return key;
    if (letter !== '' && otherKeypad.includes(letter)) return 'other';
    this.waiting.unshift(second, ...(third === null ? [] : [third]));
    return 'escape';
  }
}
