import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { en, type Key } from './en.ts';
import { enFirst } from './enFirst.ts';
import { ja } from './ja.ts';
import './later.ts';
import { loadCatalogue, preferredLanguage, translator } from './translate.ts';

const keys = Object.keys(en) as Key[];
const catalogues = { en, ja };
/** The places of a text; the forms of a plural are the language's own. */
const places = (text: string) => [...new Set(text.match(/(?<=\{)\w+/g))].sort();

describe('catalogues', () => {
  test.each(Object.entries(catalogues))('%s has all keys and no others, each with a text', (_, catalogue) => {
    expect(Object.keys(catalogue).sort()).toEqual([...keys].sort());
    for (const key of keys) expect(catalogue[key].trim(), key).not.toBe('');
  });

  test.each(Object.entries(catalogues))('%s has the places of the English texts', (_, catalogue) => {
    for (const key of keys) expect(places(catalogue[key]), key).toEqual(places(en[key]));
  });

  test('the page uses every key', () => {
    const app = join(import.meta.dirname, '..');
    const sources = readdirSync(app, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/(\.test\.tsx?|i18n\/(en|enFirst|ja)\.ts)$/.test(file))
      .map((file) => readFileSync(join(app, file), 'utf8'))
      .join('\n');
    // The keys of some groups are composed from the machine's names: `costs.${operation}`.
    const groups = new Set(sources.match(/(?<=`)\w+(?=\.\$\{)/g));
    const isUsed = (key: Key) =>
      sources.includes(`'${key}'`) || sources.includes(`"${key}"`) || groups.has(key.slice(0, key.indexOf('.')));
    expect(keys.filter((key) => !isUsed(key))).toEqual([]);
  });
});

test('what is loaded first uses the texts that are loaded first', () => {
  const app = join(import.meta.dirname, '..');
  const first = new Map<string, string>();
  const visit = (file: string): void => {
    if (first.has(file) || !/\.tsx?$/.test(file)) return;
    const source = readFileSync(join(app, file), 'utf8');
    first.set(file, source);
    for (const [, path = ''] of source.matchAll(/^(?:import (?!type )|export )[^;]*?'(\.\.?\/[^'?]*)';/gm)) {
      const imported = normalize(join(dirname(file), path));
      if (!imported.startsWith('..')) visit(imported);
    }
  };
  visit('main.tsx');
  const sources = [...first].flatMap(([file, source]) => (file === 'i18n/enFirst.ts' ? [] : [source])).join('\n');
  expect(first.size).toBeGreaterThan(80);
  const groups = new Set(sources.match(/(?<=`)\w+(?=\.\$\{)/g));
  const late = keys.filter((key) => !(key in enFirst));
  expect(late.filter((key) => sources.includes(`'${key}'`) || groups.has(key.slice(0, key.indexOf('.'))))).toEqual([]);
});

describe('translator', () => {
  test('fills the places of a text', async () => {
    expect(translator('en')('board.bytes', { count: 12 })).toBe('12 bytes');
    expect(translator('ja')('board.bytes', { count: 12 })).toBe('12 bytes');
    await loadCatalogue('ja');
    expect(translator('ja')('board.bytes', { count: 12 })).toBe('12 バイト');
  });

  test('gives the plural its form', () => {
    const kept = (count: number) => translator('en')('files.kept', { count });
    expect(kept(1)).toBe('1 changed file is kept in this browser.');
    expect(kept(2)).toBe('2 changed files are kept in this browser.');
    expect(translator('ja')('files.kept', { count: 1 })).toBe(
      '変更した 1 個のファイルがこのブラウザーに保存されています。',
    );
  });

  test.each([
    [['ja-JP', 'en'], 'ja'],
    [['fr', 'en-GB', 'ja'], 'en'],
    [['fr'], 'en'],
    [[], 'en'],
  ])('of %j prefers %s', (languages, expected) => {
    expect(preferredLanguage(languages)).toBe(expected);
  });
});
