import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countChanges, hunks } from './diff.ts';

const before = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n';

it.each([
  [
    'a line in the middle',
    before,
    before.replace('five', 'FIVE'),
    '@@ -2,7 +2,7 @@ one\n two\n three\n four\n-five\n+FIVE\n six\n seven\n eight\n',
  ],
  ['the last line, without a line feed', 'a\n', 'a\nb', '@@ -1 +1,2 @@\n a\n+b\n\\ No newline at end of file\n'],
  ['a new file', '', 'a\nb\n', '@@ -0,0 +1,2 @@\n+a\n+b\n'],
  ['a removed file', 'a\n', '', '@@ -1 +0,0 @@\n-a\n'],
  ['nothing', 'a\n', 'a\n', ''],
  ['a repeated line', 'a\nb\n', 'a\na\nb\n', '@@ -1,2 +1,3 @@\n a\n+a\n b\n'],
])('%s, as git diff prints it', (_, a, b, expected) => {
  expect(hunks(a, b)).toBe(expected);
});

/** Applies hunks, as patch does. */
function applied(text: string, patch: string): string {
  const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  let result = '';
  let at = 0;
  for (const block of patch.split(/^(?=@@ )/m).filter(Boolean)) {
    const [head = '', ...body] = block.match(/[^\n]*\n/g) ?? [];
    const [, start = '0', count = '1'] = /^@@ -(\d+)(?:,(\d+))?/.exec(head) ?? [];
    const first = Number(start) - (count === '0' ? 0 : 1);
    result += lines.slice(at, first).join('');
    at = first;
    for (const [i, line] of body.entries()) {
      const isCut = body[i + 1]?.startsWith('\\') ?? false;
      const plain = isCut ? line.slice(1, -1) : line.slice(1);
      if (line.startsWith('\\')) continue;
      if (!line.startsWith('+')) expect(lines[at++]).toBe(plain);
      if (!line.startsWith('-')) result += plain;
    }
  }
  return result + lines.slice(at).join('');
}

it('a diff leads from one text to the other', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd e'), { maxLength: 40 })
    .chain((lines) => fc.boolean().map((ends) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : '')));
  fc.assert(
    fc.property(text, text, (a, b) => {
      expect(applied(a, hunks(a, b))).toBe(b);
      const { removed, added } = countChanges(a, b);
      expect(removed === 0 && added === 0).toBe(a === b);
    }),
  );
});
