import { describe, expect, it } from 'vitest';
import { completionsAt, hoverAt } from './editor.ts';
import { keys } from './keys/index.ts';
import { x86Keys } from './keys/x86.ts';

/** A text with its cursor at `|`, and the texts that the completions make of it. */
function complete(marked: string): string[] {
  const offset = marked.indexOf('|');
  const text = marked.replace('|', '');
  return completionsAt(text, offset, 'en').map(
    ({ text: put, range }) => text.slice(0, range.start) + put + text.slice(range.end),
  );
}

describe('completions', () => {
  it.each([
    ['mem|', ['memory = ']],
    [
      'max|vcpus = 2',
      [
        'maxvcpus = 2',
        'maxmem = 2',
        'max_grant_frames = 2',
        'max_maptrack_frames = 2',
        'max_grant_version = 2',
        'max_event_channels = 2',
      ],
    ],
    ['memory = 5\nmem|', []],
    ['cap = 5; vua|', ['cap = 5; vuart = ']],
    ['vuart = |', ['vuart = "sbsa_uart"']],
    ['vuart = "|"\n', ['vuart = "sbsa_uart"\n']],
    ['vuart = "sb|x"\nx = 1', ['vuart = "sbsa_uart"\nx = 1']],
    ['gic_version = v|3', ['gic_version = "default"', 'gic_version = "v2"', 'gic_version = "v3"']],
    ['cpus = [\n|', []],
    ['# mem|', []],
    ['extra = "mem|', []],
  ])('%j', (marked, results) => expect(complete(marked)).toEqual(results));

  it('in an empty file are all keys but the old spelling of type', () => {
    expect(complete('|')).toEqual(keys.filter(({ name }) => name !== 'builder').map(({ name }) => `${name} = `));
  });
});

describe('hover', () => {
  const text = 'name = "g"\nvcpus = 2 # two\nunknown = 1\n';
  it.each([
    [1, 'name', 0],
    [8, 'name', 7],
    [13, 'vcpus', 11],
  ])('at %i is about %s', (offset, name, start) => {
    const hover = hoverAt(text, offset, 'en');
    expect(hover?.key.name).toBe(name);
    expect(hover?.range.start).toBe(start);
    expect(hoverAt(text, offset, 'ja')?.text.join()).toContain(hover?.key.help.ja);
  });

  it('shows nothing elsewhere', () => {
    expect([22, 30].map((offset) => hoverAt(text, offset, 'en'))).toEqual([null, null]);
  });
});

it('the table has each key once, with its words', () => {
  const names = [...keys.map(({ name }) => name), ...x86Keys];
  expect(new Set(names).size).toBe(names.length);
  for (const { name, help, values, default: otherwise } of keys) {
    expect(name).toMatch(/^[a-z][._0-9a-z]*$/);
    expect(help.en.length > 10 && help.ja.length > 5 && help.en !== help.ja).toBe(true);
    if (values && otherwise !== null) expect(values.map((value) => `"${value}"`)).toContain(otherwise);
  }
});
