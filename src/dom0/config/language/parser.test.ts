import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from './parser.ts';
import type { Value } from './syntax.ts';

/**
 * The standard error of xl 4.17.7 (Debian's binary for arm64) for `xl -N create x.cfg` with these texts, without its
 * first line.
 */
const recorded = readFileSync(new URL('recorded/syntax.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as [string, string[]]);

describe('syntax errors are those of xl, byte for byte', () => {
  it.each(recorded)('%j', (text, lines) => {
    const parsed = parseConfig(text, 'x.cfg');
    const failed = lines.at(-1) === 'Failed to parse config: Invalid argument';
    expect(parsed.failed).toBe(failed);
    if (failed) expect(parsed.lines).toEqual(lines);
  });
});

const pieces = fc.constantFrom(
  ...[
    'name',
    'a',
    'b',
    '=',
    '+=',
    ';',
    ',',
    '[',
    ']',
    '\n',
    ' ',
    '\t',
    '"x"',
    "'",
    '"',
    '\\',
    '"\\x41"',
    '07',
    '-1',
    '#',
    '@',
    'é',
    '\0',
    '\r',
  ],
  ...['a = 1\n', 'l = [\n', 'l += [3]\n'],
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
);

describe('any text', () => {
  it('is read without a throw, and all ranges lie in it in order', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const { settings, problems, lines, failed } = parseConfig(text, 'x.cfg');
        for (const { range } of problems) {
          expect(range.start).toBeLessThanOrEqual(range.end);
          expect(range.end).toBeLessThanOrEqual(text.length);
        }
        let at = 0;
        for (const { name, nameRange, written } of settings) {
          expect(nameRange.start).toBeGreaterThanOrEqual(at);
          expect(text.slice(nameRange.start, nameRange.end)).toBe(name);
          at = written.range.end;
          expect(at).toBeLessThanOrEqual(text.length);
        }
        expect(failed).toBe(lines.length > 0);
        if (failed) expect(problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 5000 },
    );
  });

  it('may nest to any depth', () => {
    const depth = 200_000;
    expect(parseConfig(`a=${'['.repeat(depth)}${']'.repeat(depth)}`).problems).toEqual([]);
    expect(parseConfig(`a=${'['.repeat(depth)}`).problems.map(({ code }) => code)).toEqual(['unclosed-list']);
  });
});

type Plain = string | readonly Plain[];
const plain = (value: Value): Plain => (value.kind === 'atom' ? value.text : value.items.map(plain));
const quoted = (text: string): string => `"${text.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n')}"`;
const print = (value: Plain, gap: string): string =>
  typeof value === 'string'
    ? quoted(value)
    : `[${gap}${value.map((item) => `${print(item, gap)}${gap}`).join(`,${gap}`)}]`;

it('a printed config is read back as it was', () => {
  const { value } = fc.letrec<{ value: Plain }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.string().map((text) => text.replaceAll('\0', '')),
      fc.array(tie('value'), { maxLength: 4 }),
    ),
  }));
  const name = fc.stringMatching(/^[a-z][._0-9a-z]{0,8}$/);
  const gap = fc.constantFrom('', ' ', '\n', '\t# note\n', '\n\n ');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, value, gap, fc.constantFrom('\n', ';', ' # end\n')), { maxLength: 8 }),
      (lines) => {
        const text = lines.map(([key, item, space, end]) => `${key} = ${print(item, space)}${end}`).join('');
        const parsed = parseConfig(text);
        expect(parsed.problems).toEqual([]);
        expect(parsed.settings.map((setting) => [setting.name, plain(setting.value)])).toEqual(
          lines.map(([key, item]) => [key, item]),
        );
      },
    ),
  );
});

describe('text after a mistake is still read', () => {
  it.each([
    ['a = \nb = 2\n', ['b']],
    ['a = 1 b = 2\nc = 3\n', ['a', 'b', 'c']],
    ['a = [1,\nb = 2\nc = 3\n', ['b', 'c']],
    ['a = "x\nb = 2\n', ['b']],
    ['= 1\nb = 2', ['b']],
    ['A = 1\nb = 2', ['b']],
  ])('%j', (text, names) => {
    expect(parseConfig(text).settings.map(({ name }) => name)).toEqual(names);
  });
});

it('the last of a name counts, with what += adds to', () => {
  const { settings } = parseConfig('a = "x"\na += "y"\nl = [1]\nl += [2]\nl += [3]\n');
  expect(settings.map(({ value }) => plain(value))).toEqual(['x', 'xy', ['1'], ['1', '2'], ['1', '2', '3']]);
});
