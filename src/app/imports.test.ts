import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';

/** The folders of the page: each may import those before it. `main.tsx` and this test stand beside them. */
const folders = [
  'styles',
  'i18n',
  'settings',
  'commands',
  'widgets',
  'storage',
  'machine',
  'xen',
  'lab',
  'guide',
  'panels',
  'shell',
];

const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\/.*\.tsx?$/.test(file),
);
const folderOf = (path: string): string => path.split('/', 1)[0] ?? '';

/** The files of the page that a file imports. */
const importsOf = (file: string): string[] =>
  [...readFileSync(join(import.meta.dirname, file), 'utf8').matchAll(/(?:from|import|import\() ?'(\.\.?\/[^']*)'/g)]
    .map(([, path = '']) => normalize(join(dirname(file), path)))
    .filter((path) => !path.startsWith('..'));

test('every folder of the page has its place in the order', () => {
  expect([...new Set(files.map(folderOf))].sort()).toEqual([...folders].sort());
});

test('imports of the page go one way', () => {
  const order = (path: string): number => folders.indexOf(folderOf(path));
  const wrong = files.flatMap((file) =>
    importsOf(file)
      .filter((path) => order(path) > order(file))
      .map((path) => `${file} imports ${path}`),
  );
  expect(wrong).toEqual([]);
});

test('a folder of the page has a subject, and so at most 15 files', () => {
  const crowded = [...new Set(files.map(dirname))].filter(
    (folder) => files.filter((file) => dirname(file) === folder).length > 15,
  );
  expect(crowded).toEqual([]);
});

test('a panel imports no other panel, but the serial console is a terminal', () => {
  const panelOf = (path: string): string | undefined => path.match(/^panels\/(\w+)\//)?.[1];
  const others = files
    .filter(panelOf)
    .flatMap((file) => importsOf(file).map((path) => [panelOf(file), panelOf(path)] as const))
    .filter(([panel, other]) => other !== undefined && other !== panel);
  expect([...new Set(others.map((pair) => pair.join(' imports ')))]).toEqual(['serial imports console']);
});
