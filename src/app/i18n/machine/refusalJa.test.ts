import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { faultInJapanese, refusalInJapanese } from './refusalJa.ts';

const src = join(import.meta.dirname, '../../..');
/** What some expressions in the sources’ texts give; any other gives a number. */
const samples: Readonly<Record<string, string>> = {
  'space.range': '0x0 to 0x7fffffff',
  range: '0x0 to 0x7f',
  treeName: 'board.dtb',
  'file.name': 'Image',
  name: 'Image',
  path: '/etc/xen',
  'parameter.takes': 'a whole number',
};
/** What follows a name, and so is no sentence of its own. */
const isRest = (text: string): boolean => /^\$\{[^}]*\}:? \$\{[^}]*\}\.$/.test(text);
const filled = (template: string): string =>
  template.replace(/\$\{what\}/g, template.includes('device tree') ? 'a node name' : 'file').replace(
    // One level of braces within, as in `${hex(a ?? {})}`, does not occur.
    /\$\{((?:[^{}]|\{[^}]*\})*)\}/g,
    (_, expression: string) => samples[expression] ?? '7',
  );

/** The texts that the sources of a folder give to what `call` matches. */
const textsOf = (folder: string, call: string): string[] =>
  readdirSync(join(src, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/test/.test(file))
    .flatMap((file) => [
      ...readFileSync(join(src, folder, file), 'utf8').matchAll(
        new RegExp(`(?:${call})\\(\\s*(?:\`([^\`]*)\`|'([^'\\n]*)')[,\\s]*\\)`, 'g'),
      ),
    ])
    .map(([, template, plain]) => template ?? plain ?? '')
    .filter((text) => !isRest(text) && !text.startsWith('journal.') && !/^\$.wrong/.test(text))
    .map(filled);

const refusals = [
  ...textsOf('session', 'err'),
  ...textsOf('worker/endpoints', 'err'),
  ...textsOf('boot', 'err|new Malformed'),
  ...textsOf('base', 'new Damaged'),
  ...textsOf('soc/storage', 'new FileSystemError'),
  ...textsOf('dom0/os', 'err'),
];

test('the sources’ refusals are found', () => {
  expect(refusals.length).toBeGreaterThan(80);
  expect(refusals).toContain('There is no core 7.');
  expect(refusals).toContain('is empty');
});

test.each([...new Set(refusals)])('“%s” is in Japanese', (text) => {
  const isClause = !text.endsWith('.');
  const isError = isClause && /^[A-Z]/.test(text);
  const sentence = isError ? `/etc/xen: ${text}.` : isClause ? `Image ${text}.` : text;
  expect(refusalInJapanese(sentence)).toMatch(/[\u3040-\u30ff\u4e00-\u9fff].*。$/);
  expect(refusalInJapanese(sentence)).not.toMatch(/\{/);
  if (isClause && !isError) expect(faultInJapanese(text)).toMatch(/[\u3040-\u30ff]/);
});

test.each([
  [
    'notes.txt is neither an ELF file nor an arm64 Image.',
    'notes.txt: ELF ファイルでも arm64 の Image でもありません。',
  ],
  [
    'vmlinux has 70 bytes, for which DRAM (0x0 to 0x7fffffff) has no room.',
    'vmlinux は 70 バイトです。DRAM (0x0 ～ 0x7fffffff) に空きがありません。',
  ],
  ['/etc/xen: Is a directory.', '/etc/xen: ディレクトリです。'],
  ["noreboot takes yes or no, not 'maybe'.", 'noreboot に「maybe」は指定できません (指定できるもの: yes または no)。'],
  ['What the browser says.', 'What the browser says.'],
])('“%s” becomes “%s”', (english, japanese) => {
  expect(refusalInJapanese(english)).toBe(japanese);
});
