import { expect, test } from 'vitest';
import { catalogues, type TextKey, textsEn } from './texts.ts';

const keys = Object.keys(textsEn) as TextKey[];
const places = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort();

test.each(Object.entries(catalogues))('%s has all keys and no others, with the same places', (_, catalogue) => {
  expect(Object.keys(catalogue).sort()).toEqual([...keys].sort());
  for (const key of keys) expect(places(catalogue[key]), key).toEqual(places(textsEn[key]));
});
