/** pygrub's command line. */
import { numberOf } from './boot-menu.ts';

export interface PygrubOptions {
  readonly disk: string;
  /** Whether it shows a menu. */
  readonly interactive: boolean;
  readonly list: boolean;
  readonly notReally: boolean;
  readonly debug: boolean;
  readonly entry: string | null;
  readonly kernel: string | null;
  readonly ramdisk: string | null;
  readonly args: string;
  /** Bytes; null for the table of partitions. */
  readonly offset: number | null;
  readonly output: string | null;
  readonly format: 'sxp' | 'simple' | 'simple0';
  readonly directory: string;
}

const usage =
  'Usage: /usr/lib/xen-4.17/bin/pygrub [-q|--quiet] [-i|--interactive] [-l|--list-entries] [-n|--not-really] [--output=] [--kernel=] [--ramdisk=] [--args=] [--entry=] [--output-directory=] [--output-format=sxp|simple|simple0] [--runas=] [--offset=] <image>';

const flags = ['quiet', 'interactive', 'list-entries', 'not-really', 'help', 'isconfig', 'debug'];
const withValue = 'output output-format output-directory offset runas entry kernel ramdisk args'.split(' ');
const short: Readonly<Record<string, string>> = { q: 'quiet', i: 'interactive', l: 'list-entries', n: 'not-really' };

/** Reads the command line. Null if pygrub ends here; it has said why. */
export function readPygrubOptions(words: readonly string[], print: (line: string) => void): PygrubOptions | null {
  const end = (...lines: readonly string[]): null => {
    for (const line of [...lines, usage]) print(line);
    return null;
  };
  const given: (readonly [name: string, value: string])[] = [];
  const operands: string[] = [];
  const rest = [...words];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === '--') {
      operands.push(...rest.splice(0));
    } else if (word.startsWith('--')) {
      const [, written = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      const name = fullName(written);
      if (name === null) return end();
      if (!withValue.includes(name) && value !== undefined) return end();
      const needed = withValue.includes(name) ? (value ?? rest.shift()) : '';
      if (needed === undefined) return end();
      given.push([name, needed]);
    } else if (word.startsWith('-') && word !== '-') {
      for (const letter of word.slice(1)) {
        const name = short[letter];
        if (name === undefined) return end();
        given.push([name, '']);
      }
    } else operands.push(word);
  }
  const [disk] = operands;
  if (disk === undefined) return end();
  const last = (name: string): string | null => given.findLast(([other]) => other === name)?.[1] ?? null;
  const has = (name: string): boolean => last(name) !== null;
  if (has('help')) return end();
  const runAs = last('runas');
  if (runAs !== null && numberOf(runAs) === null) return end('runas value must be an integer user id');
  const offset = last('offset');
  if (offset !== null && numberOf(offset) === null) return end('offset value must be an integer');
  const format = last('output-format') ?? 'sxp';
  if (format !== 'sxp' && format !== 'simple' && format !== 'simple0') return end(`unknown output format ${format}`);
  const mode = given.findLast(([name]) => ['quiet', 'interactive', 'entry'].includes(name))?.[0];
  const output = last('output');
  return {
    disk,
    interactive: mode === undefined || mode === 'interactive',
    list: has('list-entries'),
    notReally: has('not-really'),
    debug: has('debug'),
    entry: last('entry'),
    kernel: last('kernel'),
    ramdisk: last('ramdisk'),
    args: last('args') ?? '',
    offset: offset === null ? null : numberOf(offset),
    output: output === '-' ? null : output,
    format,
    directory: last('output-directory') ?? '/var/run/xen/pygrub',
  };
}

/** An option by its name or an unambiguous beginning of it. */
function fullName(written: string): string | null {
  const all = [...flags, ...withValue];
  if (all.includes(written)) return written;
  const matches = all.filter((name) => name.startsWith(written));
  return matches.length === 1 ? (matches[0] ?? null) : null;
}
