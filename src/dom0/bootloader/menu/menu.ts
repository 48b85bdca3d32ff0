/** pygrub's menu on a domain's console (docs/xen/pygrub.md, rules 20 to 25). */
import type { Task } from '../../os/task.ts';
import { type BootEntry, type BootMenu, ConfigError, numberOf } from '../boot-menu.ts';
import { type Key, Keyboard, type MenuTerminal } from './keys.ts';
import { columns, lines, Pane, Screen } from './screen.ts';

/** Entries that are seen at once. */
const seen = 8;
const boxAt = [2, 1] as const;
const helpAt = [12, 5] as const;
const boxSize = [seen + 2, 74] as const;
const helpSize = [10, 70] as const;
/** An entry is as wide as the highlighted bar. */
const barWidth = 70;
/** Where the seconds that are left are shown; without them the line is overwritten by 80 blanks, onto the next. */
const secondsAt = [20, 5] as const;

const choose = 'Use the ↑ and ↓ keys to select which entry is highlighted.';
const menuHelp = [
  choose,
  "Press enter to boot the selected OS, 'e' to edit the",
  "commands before booting, 'a' to modify the kernel arguments ",
  "before booting, or 'c' for a command line.",
];
const lockedHelp = [
  choose,
  'Press enter to boot the selected OS or `p` to enter a',
  'password to unlock the next set of features.',
];
const editHelp = [
  choose,
  "Press 'b' to boot, 'e' to edit the selected command in the",
  "boot sequence, 'c' for a command-line, 'o' to open a new line",
  "after ('O' for before) the selected line, 'd' to remove the",
  'selected line, or escape to go back to the main menu.',
];

/** pygrub's editor of lines does not work with Python 3: it ends whatever is tried on this partition. */
const noLineEditor = (): never => {
  throw new ConfigError("module 'string' has no attribute 'join'");
};

const isKey = (key: Key | null, letter: string): boolean => key === letter.charCodeAt(0);
/** As Python's expandtabs. */
const withoutTabs = (text: string): string => {
  let out = '';
  for (const character of text) out += character === '\t' ? ' '.repeat(8 - (out.length % 8)) : character;
  return out;
};

/** Shows a menu until an entry is chosen. Returns its number and the entries, one of which may have been edited. */
export function* chooseEntry(
  menu: BootMenu,
  selected: number,
  terminal: MenuTerminal,
): Task<{ readonly selected: number; readonly entries: readonly BootEntry[] }> {
  const shown = new Menu(menu, selected, terminal);
  try {
    return yield* shown.run();
  } finally {
    shown.end();
  }
}

class Menu {
  private readonly menu: BootMenu;
  private readonly entries: BootEntry[];
  private readonly keyboard: Keyboard;
  private readonly screen: Screen;
  private selected: number;
  /** The first entry that is seen. */
  private first = 0;
  /** Text below the help, until the next time that the menu is drawn. */
  private notice: readonly string[] = [];
  private content = new Pane(lines, columns);

  constructor(menu: BootMenu, selected: number, terminal: MenuTerminal) {
    this.menu = menu;
    this.entries = [...menu.entries];
    this.selected = selected;
    this.keyboard = new Keyboard(terminal);
    this.screen = new Screen((text) => terminal.write(text));
  }

  end(): void {
    this.screen.end();
  }

  *run(): Task<{ readonly selected: number; readonly entries: readonly BootEntry[] }> {
    const isLocked = this.menu.password !== null;
    const timeout = numberOf(this.menu.timeout ?? '-1');
    if (timeout === null) throw new ConfigError('the timeout is no number');
    // The seconds that are left. Without a timeout it is one, which is not shown.
    let left = timeout > 0 ? timeout : null;
    let waits = true;
    for (;;) {
      this.drawMenu(isLocked ? lockedHelp : menuHelp, left);
      const key: Key | null = yield* this.keyboard.key(waits ? 1 : null);
      if (key === null) {
        left = left === null ? 0 : left - 1;
        if (left <= 0) break;
        continue;
      }
      // A key stops the clock for good.
      waits = false;
      left = null;
      if (key === 'enter') break;
      const before = this.first;
      this.first = 0;
      if (isKey(key, 'p') && isLocked) yield* this.askPassword();
      else if (isKey(key, 'c') && !isLocked) noLineEditor();
      else if (isKey(key, 'a') && !isLocked) this.editArguments();
      else if (isKey(key, 'e') && !isLocked) {
        if (yield* this.edit()) break;
      } else {
        this.first = before;
        this.move(key);
      }
    }
    return { selected: this.selected, entries: this.entries };
  }

  private move(key: Key): void {
    if (key === 'up') this.selected--;
    if (key === 'down') this.selected++;
    if (this.selected < 0) this.selected = 0;
    else if (this.selected >= this.entries.length) this.selected = this.entries.length - 1;
  }

  /** What every picture has: a title, a box and help below it. */
  private frame(box: Pane, help: readonly string[]): Pane {
    const content = new Pane(lines, columns);
    content.write(1, 4, 'pyGRUB  version 0.7');
    const text = new Pane(...helpSize);
    for (const [y, line] of help.entries()) text.write(y, 0, line);
    for (const [y, line] of this.notice.entries()) text.write(6 + y, y === 0 ? 1 : 0, line);
    content.put(...helpAt, text);
    content.put(...boxAt, box);
    this.content = content;
    return content;
  }

  private drawMenu(help: readonly string[], left: number | null): void {
    const box = new Pane(...boxSize);
    box.box();
    if (this.selected < 0) throw new ConfigError('there is no entry');
    if (this.selected > this.first + seen - 1 || this.selected < this.first) this.first = this.selected;
    for (const [y, { title }] of this.entries.slice(this.first, this.first + seen).entries()) {
      const isSelected = this.first + y === this.selected;
      if (!box.write(y + 1, 2, withoutTabs(title).padEnd(barWidth), isSelected)) throw new ConfigError('no room');
    }
    const content = this.frame(box, help);
    this.notice = [];
    const text = left === null ? ' '.repeat(columns) : `Will boot selected entry in ${`${left}`.padStart(2)} seconds`;
    content.write(...secondsAt, text);
    this.screen.show(content, [secondsAt[0] + Math.floor((5 + text.length) / columns), (5 + text.length) % columns]);
  }

  /** Nobody can give the right password: pygrub compares bytes with text. */
  private *askPassword(): Task {
    const prompt = 'Password: ';
    this.content.write(helpAt[0] + 6, helpAt[1] + 1, prompt);
    this.screen.show(this.content, [helpAt[0] + 6, helpAt[1] + 8]);
    while ((yield* this.keyboard.key(null)) !== 'enter');
    const [method] = (this.menu.password ?? '').split(/\s+/);
    if (method === '') throw new ConfigError('list index out of range');
    const reason = "Exception: Can't verify password: crypt() argument 1 must be str, not bytes";
    this.notice = [prompt, method === '--md5' ? reason : 'Failed!'];
  }

  /** 'a' edits the entry's first line with a kernel, if it has one. */
  private editArguments(): void {
    const entry = this.entries[this.selected];
    if (!entry) throw new ConfigError('list index out of range');
    if (entry.lines.some((line) => /^(kernel|linux)/.test(line))) noLineEditor();
  }

  /** 'e': lines are chosen, added and removed. Returns whether the entry is to be booted. */
  private *edit(): Task<boolean> {
    const entry = this.entries[this.selected];
    if (!entry) throw new ConfigError('list index out of range');
    const edited = [...entry.lines];
    let current = 0;
    /** The line of the box in which the current line is. */
    let row = 0;
    for (;;) {
      this.drawLines(edited, current, row);
      const key: Key | null = yield* this.keyboard.key(null);
      if (isKey(key, 'q') || key === 'escape') return false;
      if (isKey(key, 'b')) break;
      if (isKey(key, 'c') || (isKey(key, 'e') && edited.length > 0)) noLineEditor();
      if (isKey(key, 'e') || (isKey(key, 'd') && edited.length === 0)) throw new ConfigError('index out of range');
      if (key === 'up') {
        current--;
        if (row > 0) row--;
      } else if (key === 'down') {
        current++;
        if (row < seen - 1) row++;
      } else if (isKey(key, 'd')) edited.splice(current, 1);
      else if (isKey(key, 'o')) edited.splice(++current, 0, '');
      else if (isKey(key, 'O')) edited.splice(current, 0, '');
      if (current < 0) current = 0;
      else if (current >= edited.length) current = edited.length - 1;
    }
    this.entries[this.selected] = this.menu.edited(entry, edited);
    return true;
  }

  private drawLines(edited: readonly string[], current: number, row: number): void {
    const box = new Pane(...boxSize);
    const first = edited.length > seen ? current - row : 0;
    const visible = edited.slice(Math.max(0, first), first + seen);
    for (const [y, line] of visible.entries()) {
      const text = withoutTabs(line).padEnd(barWidth);
      box.write(y + 1, 2, text.length > barWidth ? `${text.slice(0, barWidth - 1)}>` : text, first + y === current);
    }
    box.box();
    const cursor = visible.length === 0 ? boxAt : ([boxAt[0] + visible.length, boxAt[1] + 2 + barWidth] as const);
    this.screen.show(this.frame(box, editHelp), cursor);
  }
}
