import { quietly, type Task } from '../os/task.ts';
import type { Tty } from '../os/tty.ts';
import { widthOf } from './width.ts';

/** Completions at the cursor: candidates for the text from `from` on. */
export interface Completion {
  readonly from: number;
  readonly candidates: readonly string[];
}

export interface LineOptions {
  readonly prompt: string;
  /** Earlier lines, the latest last. */
  readonly history: readonly string[];
  complete(line: string, cursor: number): Completion;
}

/**
 * Reads a line on, with readline's keys. Null: Ctrl-D on an empty line. Ctrl-C gives an empty line. `again` begins anew a
 * program that is here.
 */
export function* readLine(tty: Tty, editor: LineEditor, again: () => Task<number>): Task<string | null> {
  for (;;) {
    yield* quietly(tty.input, () => tty.hasKey, again);
    for (let key = tty.key(); key !== undefined; key = tty.key()) {
      const line = editor.press(key);
      if (line !== undefined) return line;
    }
  }
}

/** A search backward through the history, as Ctrl-R makes it. */
interface Search {
  readonly query: string;
  /** Index into the history of the line that is shown; the history's length before one is found. */
  readonly at: number;
  readonly isFound: boolean;
  /** The line and the cursor from before the search. */
  readonly before: { readonly text: readonly string[]; readonly cursor: number };
}

/** A line that is being written, at its prompt. */
export class LineEditor {
  private readonly tty: Tty;
  private readonly options: LineOptions;
  /** One character an element, so that the cursor is never inside one. */
  private text: string[] = [];
  private cursor = 0;
  /** Index into the history; the history's length means the new line. */
  private place: number;
  private unfinished = '';
  private killed = '';
  /** The cursor's row, counted from the prompt's. */
  private row = 0;
  private lastKey = '';
  private search: Search | null = null;

  constructor(tty: Tty, options: LineOptions) {
    this.tty = tty;
    this.options = options;
    this.place = options.history.length;
    this.draw();
  }

  /** Handles a key. Returns the line once it is entered. */
  press(key: string): string | null | undefined {
    const again = key === this.lastKey;
    this.lastKey = key;
    if (this.search && this.searchFurther(this.search, key)) {
      this.draw();
      return undefined;
    }
    switch (key) {
      case '\r':
      case '\n':
        this.cursor = this.text.length;
        this.draw();
        this.tty.write('\n');
        return this.text.join('');
      case '\x03':
        this.tty.write('^C\n');
        return '';
      case '\x04':
        if (this.text.length === 0) {
          this.tty.write('\n');
          return null;
        }
        this.remove(this.cursor, this.cursor + 1);
        break;
      case '\x7f':
      case '\b':
        this.remove(this.cursor - 1, this.cursor);
        break;
      case '\x1b[3~':
        this.remove(this.cursor, this.cursor + 1);
        break;
      case '\x01':
      case '\x1b[H':
      case '\x1bOH':
      case '\x1b[1~':
        this.cursor = 0;
        break;
      case '\x05':
      case '\x1b[F':
      case '\x1bOF':
      case '\x1b[4~':
        this.cursor = this.text.length;
        break;
      case '\x02':
      case '\x1b[D':
      case '\x1bOD':
        this.cursor = Math.max(0, this.cursor - 1);
        break;
      case '\x06':
      case '\x1b[C':
      case '\x1bOC':
        this.cursor = Math.min(this.text.length, this.cursor + 1);
        break;
      case '\x1b[1;5D':
        this.cursor = this.wordStart();
        break;
      case '\x1b[1;5C':
        this.cursor = this.wordEnd();
        break;
      case '\x10':
      case '\x1b[A':
      case '\x1bOA':
        this.recall(this.place - 1);
        break;
      case '\x0e':
      case '\x1b[B':
      case '\x1bOB':
        this.recall(this.place + 1);
        break;
      case '\x12':
        this.search = {
          query: '',
          at: this.options.history.length,
          isFound: true,
          before: { text: this.text, cursor: this.cursor },
        };
        break;
      case '\x0b':
        this.kill(this.cursor, this.text.length);
        break;
      case '\x15':
        this.kill(0, this.cursor);
        break;
      case '\x17':
        this.kill(this.wordStart(), this.cursor);
        break;
      case '\x19':
        this.insert(this.killed);
        break;
      case '\x0c':
        this.tty.write('\x1b[H\x1b[2J');
        this.row = 0;
        break;
      case '\t':
        this.complete(again);
        break;
      default:
        // Other control characters and keys do nothing.
        if (key.startsWith('\x1b') || key < ' ') return undefined;
        this.insert(key);
    }
    this.draw();
    return undefined;
  }

  /** Redraws prompt and text and places the cursor. */
  private draw(): void {
    const { columns } = this.tty;
    const prompt = this.prompt;
    const total = widthOf(prompt) + widthOf(this.text.join(''));
    const before = widthOf(prompt) + widthOf(this.text.slice(0, this.cursor).join(''));
    const up = (rows: number): string => (rows > 0 ? `\x1b[${rows}A` : '');
    let output = `\r${up(this.row)}${prompt}${this.text.join('')}\x1b[J`;
    // On a full line a terminal's cursor stays at the end until more text follows.
    if (total > 0 && total % columns === 0) output += ' \r\x1b[K';
    this.row = Math.floor(before / columns);
    output += `\r${up(Math.floor(total / columns) - this.row)}`;
    const column = before % columns;
    if (column > 0) output += `\x1b[${column}C`;
    this.tty.write(output);
  }

  private get prompt(): string {
    if (!this.search) return this.options.prompt;
    return `(${this.search.isFound ? '' : 'failed '}reverse-i-search)\`${this.search.query}': `;
  }

  /** Handles a key of a search; false if the key ends the search and is to be handled as any other. */
  private searchFurther(search: Search, key: string): boolean {
    switch (key) {
      case '\x12':
        this.find(search, search.query, search.at - 1);
        return true;
      case '\x7f':
      case '\b':
        this.find(search, [...search.query].slice(0, -1).join(''), this.options.history.length - 1);
        return true;
      case '\x07':
        this.text = [...search.before.text];
        this.cursor = search.before.cursor;
        this.search = null;
        return true;
    }
    if (key >= ' ' && !key.startsWith('\x1b') && key !== '\x7f') {
      this.find(search, search.query + key, Math.min(search.at, this.options.history.length - 1));
      return true;
    }
    this.search = null;
    this.place = search.at;
    return false;
  }

  /** Shows the latest line up to `from` that has `query` in it; leaves the line as it is if there is none. */
  private find(search: Search, query: string, from: number): void {
    const { history } = this.options;
    let at = from;
    while (at >= 0 && !history[at]?.includes(query)) at--;
    const line = history[at];
    if (query === '' || line === undefined) {
      this.search = { ...search, query, isFound: query === '', at: query === '' ? history.length : search.at };
      return;
    }
    this.search = { ...search, query, isFound: true, at };
    this.text = [...line];
    this.cursor = [...line.slice(0, line.indexOf(query))].length;
  }

  private insert(text: string): void {
    const characters = [...text];
    this.text.splice(this.cursor, 0, ...characters);
    this.cursor += characters.length;
  }

  private remove(from: number, to: number): void {
    if (from < 0) return;
    this.text.splice(from, to - from);
    this.cursor = from;
  }

  private kill(from: number, to: number): void {
    this.killed = this.text.slice(from, to).join('');
    this.remove(from, to);
  }

  private wordStart(): number {
    let at = this.cursor;
    while (at > 0 && this.text[at - 1] === ' ') at--;
    while (at > 0 && this.text[at - 1] !== ' ') at--;
    return at;
  }

  private wordEnd(): number {
    let at = this.cursor;
    while (at < this.text.length && this.text[at] === ' ') at++;
    while (at < this.text.length && this.text[at] !== ' ') at++;
    return at;
  }

  private recall(place: number): void {
    const { history } = this.options;
    if (place < 0 || place > history.length) return;
    if (this.place === history.length) this.unfinished = this.text.join('');
    this.place = place;
    this.text = [...(history[place] ?? this.unfinished)];
    this.cursor = this.text.length;
  }

  private complete(again: boolean): void {
    const before = this.text.slice(0, this.cursor).join('');
    const { from, candidates } = this.options.complete(before, before.length);
    const [first, ...others] = candidates;
    if (first === undefined) return;
    const written = before.slice(from);
    let common = first;
    for (const other of others) while (!other.startsWith(common)) common = common.slice(0, -1);
    const rest = common.slice(written.length);
    if (others.length === 0) this.insert(first.endsWith('/') ? rest : `${rest} `);
    else if (rest !== '') this.insert(rest);
    else if (again) this.list(candidates);
  }

  /** Lists the candidates below the line, then draws the line again. */
  private list(candidates: readonly string[]): void {
    const width = Math.max(...candidates.map(widthOf)) + 2;
    const perRow = Math.max(1, Math.floor(this.tty.columns / width));
    let text = '\n';
    candidates.forEach((candidate, i) => {
      const last = (i + 1) % perRow === 0 || i === candidates.length - 1;
      text += last ? `${candidate}\n` : candidate + ' '.repeat(width - widthOf(candidate));
    });
    this.tty.write(text);
    this.row = 0;
  }
}
