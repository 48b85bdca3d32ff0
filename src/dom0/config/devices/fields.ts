/** Devices of a config as libxl's structures, and how xl reads their descriptions. */
import type { Range } from '../diagnostics/range.ts';
import type { ConfigReader } from '../language/reader.ts';
import type { List } from '../language/syntax.ts';

export type Field = string | number | boolean | null | readonly Field[] | Fields;

/** A structure of libxl: its fields by libxl's names and in its order, without those that have their default. */
export interface Fields {
  readonly [name: string]: Field | undefined;
}

/** Puts what was read into libxl's order. */
export const inOrder = (names: readonly string[], given: Fields): Fields =>
  Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));

/** One description of a device, in a list of the config. */
export class Spec {
  constructor(
    readonly text: string,
    readonly key: string,
    readonly range: Range,
    readonly reader: ConfigReader,
  ) {}

  /** xl says something and goes on. */
  say(line: string): void {
    const params = { name: this.key, text: line };
    this.reader.say('warning', 'device-warning', this.range, { params, xl: [line] });
  }

  /** xl says something and exits. */
  end(line: string, exitCode = 1): never {
    return this.reader.end('bad-device', this.range, { params: { name: this.key, text: line }, xl: [line], exitCode });
  }

  /** The name of the config in messages of xl's library. */
  get source(): string {
    return this.reader.source;
  }
}

/** Reads each description of a list, up to the first that is a list itself. */
export const readEach = <T>(reader: ConfigReader, key: string, read: (spec: Spec, index: number) => T): T[] => {
  const found: T[] = [];
  for (const item of reader.list(key)?.items ?? []) {
    if (item.kind === 'list') break;
    found.push(read(new Spec(item.text, key, item.range, reader), found.length));
  }
  return found;
};

/** A list that must be in a list: null if the item is a string, of which xl's library complains. */
export const innerList = (spec: Spec, item: List | { readonly kind: 'atom' }): List | null => {
  if (item.kind === 'list') return item;
  const line = spec.reader.find(spec.key)?.line ?? 1;
  spec.say(`${spec.source}:${line}:0: warning: value is not a list`);
  return null;
};

/** The parts between commas, without empty ones and without spaces before them. */
export const commaParts = (text: string): string[] =>
  text
    .split(',')
    .filter((part) => part !== '')
    .map((part) => part.replace(/^ +/, ''));

/** `name=value` cut at the first equals sign; null if there is none. */
export const cutPair = (part: string): readonly [name: string, value: string] | null => {
  const at = part.indexOf('=');
  return at < 0 ? null : [part.slice(0, at), part.slice(at + 1)];
};

/** The two words of a pair such as `a = b`; null if there are not two. Further words do not count. */
export const wordPair = (text: string, separator: string): readonly [first: string, second: string] | null => {
  const [first, second] = text.split(separator).filter((part) => part !== '');
  return first === undefined || second === undefined ? null : [first.trim(), second.trim()];
};

/** C's strtoul: the number at the start of a text modulo 2^64, and how many characters it takes; null if none is there. */
export const readUnsigned = (text: string, base: 0 | 10 | 16): { value: bigint; length: number } | null => {
  const digits = { 0: '0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*', 10: '[0-9]+', 16: '(?:0[xX])?[0-9a-fA-F]+' }[base];
  const match = new RegExp(`^[ \\t\\n\\v\\f\\r]*([+-]?)(${digits})`).exec(text);
  if (!match) return null;
  const number = match[2] ?? '';
  const plain = /^0[xX]/.test(number) || base === 10;
  const prefix = plain ? '' : base === 16 ? '0x' : /^0[0-7]/.test(number) ? '0o' : '';
  const magnitude = BigInt(prefix + (base === 10 ? number.replace(/^0+(?=.)/, '') : number));
  const greatest = 2n ** 64n - 1n;
  const value = magnitude > greatest ? greatest : BigInt.asUintN(64, match[1] === '-' ? -magnitude : magnitude);
  return { value, length: match[0].length };
};

/** An unsigned int from a text: 0 if there is no number. */
export const unsignedOf = (text: string): number => Number(BigInt.asUintN(32, readUnsigned(text, 0)?.value ?? 0n));

/** C's atoi. */
export const intOf = (text: string): number => Number(BigInt.asIntN(32, readUnsigned(text, 10)?.value ?? 0n));

/** A number as JSON has it: none if it is 0, the default. */
export const unlessZero = (number: number): number | undefined => (number === 0 ? undefined : number);

/** A boolean as JSON has it. */
export const ifTrue = (value: boolean): true | undefined => (value ? true : undefined);

/** A libxl_defbool as JSON has it. */
export const defbool = (value: boolean): string => (value ? 'True' : 'False');
