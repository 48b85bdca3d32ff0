/** What the configurations of boot loaders have in common, as pygrub reads them (docs/xen/pygrub.md). */

/** Kernels to choose from. */
export interface BootMenu {
  readonly entries: readonly BootEntry[];
  /** The number of the entry that is booted if nobody chooses; it may be none. */
  readonly standard: number;
  /** As written. */
  readonly timeout: string | null;
  /** What must be known to change entries, as written; null without one. */
  readonly password: string | null;
  /** An entry whose lines have been changed. Throws ConfigError if pygrub gives up. */
  readonly edited: (entry: BootEntry, lines: readonly string[]) => BootEntry;
}

export interface BootEntry {
  readonly title: string;
  /** As pygrub shows it in a list. */
  readonly root: string;
  readonly kernel: string | null;
  readonly ramdisk: string | null;
  readonly args: string | null;
  /** As the menu shows them for changes. */
  readonly lines: readonly string[];
}

/** A configuration that pygrub gives up. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

export type Warn = (text: string) => void;

/** Reads a configuration. Throws ConfigError if pygrub would give it up. */
export type ReadMenu = (text: string, warn: Warn) => BootMenu;

/** A line's command and argument, apart by white space, or by an equals sign if that comes first (rule 12). */
export function commandOf(line: string): readonly [command: string, argument: string] {
  const [command = '', argument = ''] = split(line, 1);
  return [command, argument];
}

/** The parts of a line; the last is all that is left behind `most` separators. */
export function split(text: string, most: number): string[] {
  const equals = text.indexOf('=');
  const space = text.search(/[ \t]/);
  const byEquals = equals >= 0 && (space < 0 || equals < space);
  const separator = byEquals ? /=/ : /\s+/;
  const parts: string[] = [];
  let rest = byEquals ? text : text.trimStart();
  for (let found = separator.exec(rest); found && parts.length < most; found = separator.exec(rest)) {
    parts.push(rest.slice(0, found.index));
    rest = rest.slice(found.index + found[0].length);
  }
  return rest === '' && !byEquals ? parts : [...parts, rest];
}

/** A kernel's path, and its arguments behind the first space. */
export function kernelOf(value: string): readonly [path: string, args: string | null] {
  const [, path = '', args = ''] = /^(\S*)\s+(.*)$/s.exec(value) ?? [];
  return value.includes(' ') ? [path, args] : [value, null];
}

/** The lines that count: without white space at their ends, empty ones and comments. */
export const linesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

/** A number as Python's int() reads it; null if it is none. */
export const numberOf = (text: string): number | null =>
  /^\s*[+-]?\d+(_\d+)*\s*$/.test(text) ? Number(text.trim().replaceAll('_', '')) : null;
