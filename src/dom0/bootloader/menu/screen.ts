/** The terminal of pygrub's menu, 24 lines of 80 characters, drawn as for a VT100 (docs/xen/pygrub.md, rule 20). */

export const lines = 24;
export const columns = 80;

interface Cell {
  readonly character: string;
  readonly isReverse: boolean;
}
const blank: Cell = { character: ' ', isReverse: false };

/** A part of the screen with contents of its own. */
export class Pane {
  readonly height: number;
  readonly width: number;
  private readonly cells: Cell[];

  constructor(height: number, width: number) {
    this.height = height;
    this.width = width;
    this.cells = new Array<Cell>(height * width).fill(blank);
  }

  at(y: number, x: number): Cell {
    return this.cells[y * this.width + x] ?? blank;
  }

  /** Writes from a place on, over the ends of lines. Returns whether there was room. */
  write(y: number, x: number, text: string, isReverse = false): boolean {
    const characters = [...text];
    const start = y * this.width + x;
    for (const [i, character] of characters.entries())
      if (start + i < this.cells.length) this.cells[start + i] = { character, isReverse };
    return start + characters.length < this.cells.length;
  }

  box(): void {
    const [right, bottom] = [this.width - 1, this.height - 1];
    this.write(0, 0, `┌${'─'.repeat(right - 1)}┐`);
    for (let y = 1; y < bottom; y++) {
      this.write(y, 0, '│');
      this.write(y, right, '│');
    }
    this.write(bottom, 0, `└${'─'.repeat(right - 1)}┘`);
  }

  /** Lays another pane over this one. */
  put(top: number, left: number, pane: Pane): void {
    for (let y = 0; y < pane.height; y++)
      for (let x = 0; x < pane.width; x++) this.cells[(top + y) * this.width + left + x] = pane.at(y, x);
  }

  /** A line in escape sequences, without the blanks at its end. */
  line(y: number): string {
    let last = this.width;
    while (last > 0 && this.at(y, last - 1).character === ' ' && !this.at(y, last - 1).isReverse) last--;
    let text = '';
    let isReverse = false;
    for (let x = 0; x < last; x++) {
      const cell = this.at(y, x);
      if (cell.isReverse !== isReverse) text += cell.isReverse ? '\x1b[7m' : '\x1b[m';
      isReverse = cell.isReverse;
      text += cell.character;
    }
    return isReverse ? `${text}\x1b[m` : text;
  }
}

/** What is on the terminal; it is sent only what changes. */
export class Screen {
  private readonly write: (text: string) => void;
  /** The lines on the terminal; null before it is taken over. */
  private shown: string[] | null = null;

  constructor(write: (text: string) => void) {
    this.write = write;
  }

  show(content: Pane, cursor: readonly [y: number, x: number]): void {
    // The keypad's application mode: arrow keys send ESC O A and so on.
    let text = this.shown ? '' : '\x1b[?1h\x1b=\x1b[H\x1b[J';
    const before = this.shown ?? new Array<string>(lines).fill('');
    this.shown = before.map((old, y) => {
      const line = content.line(y);
      if (line !== old) text += `\x1b[${y + 1};1H${line}\x1b[K`;
      return line;
    });
    this.write(`${text}\x1b[${cursor[0] + 1};${cursor[1] + 1}H`);
  }

  /** Gives the terminal back: what is printed next begins on its last line. */
  end(): void {
    this.write(`\x1b[?1l\x1b>\x1b[${lines};1H\r`);
  }
}
