/** Completions and hover texts for a config editor, from the table of keys. */

import type { Language } from './diagnostics/messages.ts';
import type { Range } from './diagnostics/range.ts';
import { keyNamed, keys } from './keys/index.ts';
import type { Key } from './keys/key.ts';
import { parseConfig } from './language/parser.ts';

export interface Completion {
  readonly label: string;
  readonly kind: 'key' | 'value';
  /** The text that replaces `range`. */
  readonly text: string;
  readonly range: Range;
  /** A line beside the label, and a longer text about it. */
  readonly detail: string;
  readonly help: string;
  /** Whether the simulator acts on it. */
  readonly served: boolean;
}

export interface Hover {
  readonly range: Range;
  readonly key: Key;
  /** Paragraphs of plain text: the key's meaning, its value, whether the simulator acts on it. */
  readonly text: readonly string[];
}

const words = {
  en: {
    string: 'string',
    number: 'number',
    flag: '0 or 1',
    list: 'list',
    'string or list': 'string or list',
    default: 'Default',
    none: 'none',
    values: 'One of',
    range: 'Range',
    section: 'xl.cfg(5)',
    later: 'This simulator does not act on it yet.',
  },
  ja: {
    string: '文字列',
    number: '数',
    flag: '0 か 1',
    list: 'リスト',
    'string or list': '文字列かリスト',
    default: '既定値',
    none: 'なし',
    values: '次のいずれか',
    range: '範囲',
    section: 'xl.cfg(5)',
    later: 'このシミュレーターはまだ対応していません。',
  },
} as const;

/** A key in plain text. */
export function explainKey(key: Key, language: Language): string[] {
  const w = words[language];
  const facts = [`${key.name}: ${w[key.kind]}`];
  if (key.values) facts.push(`${w.values}: ${key.values.map((value) => `"${value}"`).join(', ')}`);
  if (key.range) facts.push(`${w.range}: ${key.range[0]}–${key.range[1]}`);
  facts.push(`${w.default}: ${key.default ?? w.none}`, `${w.section}: ${key.section}`);
  return [...facts, key.help[language], ...(key.served ? [] : [w.later])];
}

/**
 * Completions at an offset: keys at the start of a setting, words in the value of a key that has a fixed set of them.
 */
export function completionsAt(text: string, offset: number, language: Language): Completion[] {
  const lineStart = text.lastIndexOf('\n', offset - 1) + 1;
  const before = text.slice(lineStart, offset);
  if (insideList(text, offset)) return [];
  const key = /(?:^|;)[ \t]*([a-z][._0-9a-z]*)?$/.exec(before);
  if (key) return keyCompletions(text, offset, key[1] ?? '', language);
  const value = /(?:^|;)[ \t]*([a-z][._0-9a-z]*)[ \t]*=[ \t]*(["']?)([^"'#;]*)$/.exec(before);
  if (!value) return [];
  const [, name = '', quote = '', written = ''] = value;
  const known = keyNamed.get(name);
  if (!known) return [];
  const start = offset - quote.length - written.length;
  const rest = /^[^"'\n#;,\]]*/.exec(text.slice(offset))?.[0] ?? '';
  const closing = quote !== '' && text.charAt(offset + rest.length) === quote ? 1 : 0;
  const end = quote === '' ? offset + rest.trimEnd().length : offset + rest.length * closing + closing;
  return valuesOf(known).map((label) => ({
    label,
    kind: 'value',
    text: label,
    range: { start, end: Math.max(end, offset) },
    detail: known.name,
    help: known.help[language],
    served: known.served,
  }));
}

function valuesOf(key: Key): string[] {
  if (key.values) return key.values.map((value) => `"${value}"`);
  if (key.kind === 'flag') return ['0', '1'];
  if (key.name === 'cpus' || key.name === 'cpus_soft') return ['"all"', '"0-3"', '"0-3,^1"', '"node:0"'];
  return key.default !== null && /^[0-9"]/.test(key.default) ? [key.default] : [];
}

function keyCompletions(text: string, offset: number, written: string, language: Language): Completion[] {
  const rest = /^[._0-9a-z]*/.exec(text.slice(offset))?.[0] ?? '';
  const range = { start: offset - written.length, end: offset + rest.length };
  const follows = /^[ \t]*\+?=/.test(text.slice(range.end));
  const present = new Set(
    parseConfig(text).settings.flatMap(({ name, nameRange }) => (nameRange.start === range.start ? [] : [name])),
  );
  return keys
    .filter(({ name }) => name !== 'builder' && !present.has(name) && name.startsWith(written))
    .map((key) => ({
      label: key.name,
      kind: 'key',
      text: follows ? key.name : `${key.name} = `,
      range,
      detail: words[language][key.kind],
      help: key.help[language],
      served: key.served,
    }));
}

/** The key of the setting at an offset. */
export function hoverAt(text: string, offset: number, language: Language): Hover | null {
  const setting = parseConfig(text).settings.find(
    ({ nameRange, written }) => nameRange.start <= offset && offset <= written.range.end,
  );
  const key = setting && keyNamed.get(setting.name);
  if (!setting || !key) return null;
  const { nameRange, written } = setting;
  const range = offset <= nameRange.end ? nameRange : written.range;
  return { range, key, text: explainKey(key, language) };
}

/** Whether an offset is inside a list. */
const insideList = (text: string, offset: number): boolean =>
  parseConfig(`${text.slice(0, offset)}\n@`).problems.some(({ code }) => code === 'unclosed-list');
