/** For tests of pygrub's menu: who types, and a terminal that understands what the menu sends. */
import type { Task } from '../../os/task.ts';
import { columns, lines } from './screen.ts';

/** A terminal on which a program shows something; time passes when the test says so. */
export class MenuBench<T> {
  readonly #typed: number[] = [];
  #now = 0;
  readonly terminal = new FakeTerminal();
  readonly #task: Task<T>;
  result: T | undefined;

  constructor(
    run: (terminal: { write(text: string): void; read(seconds: number | null): Task<number | null> }) => Task<T>,
  ) {
    const typed = this.#typed;
    const now = (): number => this.#now;
    const { terminal } = this;
    this.#task = run({
      write: (text) => terminal.show(text.replaceAll('\n', '\r\n')),
      *read(seconds) {
        const end = seconds === null ? Number.POSITIVE_INFINITY : now() + seconds;
        while (typed.length === 0 && now() < end) yield { kind: 'cpu', time: 0 as never };
        return typed.shift() ?? null;
      },
    });
  }

  /** Lets so many seconds pass, in steps. */
  pass(seconds: number): void {
    for (const end = this.#now + seconds; this.#now < end && this.result === undefined; this.#now += 0.05) this.#step();
  }

  type(text: string): void {
    this.#typed.push(...new TextEncoder().encode(text));
    this.#step();
  }

  #step(): void {
    if (this.result !== undefined) return;
    const { value, done } = this.#task.next();
    if (done) this.result = value;
  }
}

const esc = '\x1b';

/** As much of a VT100 as the menu uses. */
export class FakeTerminal {
  #rows: { readonly character: string; readonly isReverse: boolean }[][] = [];
  #isReverse = false;
  cursor: [y: number, x: number] = [0, 0];
  /** All that was sent, without escape sequences. */
  text = '';

  show(sent: string): void {
    const tokens = new RegExp(`${esc}\\[[?]?[\\d;]*[a-z]|${esc}[=>]|[^${esc}]`, 'giu');
    for (const [token] of sent.matchAll(tokens)) this.#take(token);
  }

  #take(token: string): void {
    const [y, x] = this.cursor;
    const [, , numbers = '', letter] = /^(.)\[([\d;]*)([a-z])$/i.exec(token) ?? [];
    if (letter === 'H') {
      const [row = 1, column = 1] = numbers.split(';').map((each) => Number(each) || 1);
      this.cursor = [row - 1, column - 1];
    } else if (letter === 'J') this.#rows = this.#rows.slice(0, y);
    else if (letter === 'K') this.#rows[y] = (this.#rows[y] ?? []).slice(0, x);
    else if (letter === 'm') this.#isReverse = numbers === '7';
    else if (token === '\r') this.cursor = [y, 0];
    else if (token === '\n') {
      if (y === lines - 1) this.#rows.splice(0, 1);
      else this.cursor = [y + 1, x];
      this.text += token;
    } else if (token.length === 1) this.#put(token);
  }

  #put(character: string): void {
    let [y, x] = this.cursor;
    if (x >= columns) [y, x] = [y + 1, 0];
    const row = this.#rows[y] ?? [];
    this.#rows[y] = row;
    for (let i = row.length; i < x; i++) row[i] = { character: ' ', isReverse: false };
    row[x] = { character, isReverse: this.#isReverse };
    this.cursor = [y, x + 1];
    this.text += character;
  }

  /** The rows, with `|r|` where highlighting begins and ends. */
  get rows(): string[] {
    return Array.from({ length: lines }, (_, y) => {
      const row = [...(this.#rows[y] ?? [])];
      while (row.at(-1)?.character === ' ' && !row.at(-1)?.isReverse) row.pop();
      const marked = row.map(({ character, isReverse }, x) =>
        isReverse !== (row[x - 1]?.isReverse ?? false) ? `|r|${character}` : character,
      );
      return marked.join('') + (row.at(-1)?.isReverse ? '|r|' : '');
    });
  }
}
