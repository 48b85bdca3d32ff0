import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { guideCatalogues } from './guide.ts';
import { type GuideKey, guideEn } from './guideEn.ts';

const keys = Object.keys(guideEn) as GuideKey[];
const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

describe('the guide’s catalogues', () => {
  test.each(Object.entries(guideCatalogues))('%s has all keys and no others, with the same places', (_, catalogue) => {
    expect(Object.keys(catalogue).sort()).toEqual([...keys].sort());
    for (const key of keys) expect(places(catalogue[key]), key).toEqual(places(guideEn[key]));
  });

  test('the page uses every key', () => {
    const app = join(import.meta.dirname, '..');
    const sources = readdirSync(app, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.tsx?$/.test(file) && !/(\.test\.tsx?|i18n\/guide(En|Ja)\.ts)$/.test(file))
      .map((file) => readFileSync(join(app, file), 'utf8'))
      .join('\n');
    // Some keys are composed: `means.${word}`.
    const groups = new Set(sources.match(/(?<=`)\w+(?=\.\$\{)/g));
    expect(keys.filter((key) => !sources.includes(`'${key}'`) && !groups.has(key.slice(0, key.indexOf('.'))))).toEqual(
      [],
    );
  });

  test('docs/glossary.md has the page’s words with their meanings', () => {
    const glossary = readFileSync(join(import.meta.dirname, '../../../docs/glossary.md'), 'utf8');
    const words = keys.flatMap((key) => (key.startsWith('term.') ? [key.slice('term.'.length)] : []));
    const text = (key: string): string => guideEn[key as GuideKey];
    const rows = words.map((word) => `| ${text(`term.${word}`)} | ${text(`means.${word}`)} |`);
    expect(rows.filter((row) => !glossary.includes(row))).toEqual([]);
  });
});
