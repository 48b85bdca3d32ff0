// No file imports itself by way of others, in most rooms not even for types. layers.test.ts keeps the rooms
// themselves in order.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = join(dirname(dirname(fileURLToPath(import.meta.url))), 'src');

/** Rooms in which imports of types do not count. */
const lenientRooms = ['wasm', 'a64', 'app'];

const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (name) => /\.tsx?$/.test(name) && !/(\.test\.tsx?|-testing\.tsx?|\.d\.ts)$/.test(name),
);

/** The files that a file imports, with those of which it only imports types if `countsTypes`. */
function importsOf(file: string, countsTypes: boolean): string[] {
  const text = readFileSync(join(src, file), 'utf8');
  const statements = text.matchAll(/^(?:import|export) (?!const|class|function|interface)([^;]*? from )?'(\.[^']+)'/gm);
  return [...statements]
    .filter(([, names = '']) => countsTypes || !isTypeOnly(names))
    .map(([, , path = '']) => relative(src, join(src, dirname(file), path)));
}

/** Whether a list of names, such as `{ type A, type B } from`, is of types only. */
function isTypeOnly(names: string): boolean {
  if (names.startsWith('type ')) return true;
  const list = /^\{([^}]*)\}/.exec(names)?.[1];
  return (list ?? 'all').split(',').every((name) => name.trim() === '' || name.trim().startsWith('type '));
}

/** The first ring that imports of `graph` form, as the files in it; null if there is none. */
function ringIn(graph: ReadonlyMap<string, readonly string[]>): string[] | null {
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): string[] | null => {
    if (done.has(file)) return null;
    const at = path.indexOf(file);
    if (at >= 0) return [...path.slice(at), file];
    path.push(file);
    for (const next of graph.get(file) ?? []) {
      const ring = visit(next);
      if (ring) return ring;
    }
    path.pop();
    done.add(file);
    return null;
  };
  for (const file of graph.keys()) {
    const ring = visit(file);
    if (ring) return ring;
  }
  return null;
}

test('a ring is found', () => {
  const graph = new Map([
    ['a', ['b', 'c']],
    ['b', []],
    ['c', ['d']],
    ['d', ['c']],
  ]);
  expect(ringIn(graph)).toEqual(['c', 'd', 'c']);
  expect(isTypeOnly('type { A } from ')).toBe(true);
  expect(isTypeOnly('{ type A, type B } from ')).toBe(true);
  expect(isTypeOnly('{ type A, b } from ')).toBe(false);
});

test('imports form no ring', () => {
  const graph = new Map(files.map((file) => [file, importsOf(file, !lenientRooms.includes(file.split('/')[0] ?? ''))]));
  expect(graph.get('xen/xen.ts')).toContain('xen/domain/domains.ts');
  expect(ringIn(graph)).toBe(null);
});

test('only src/xen/machine knows the board and the cluster', () => {
  // The numbers of PSCI belong to no board.
  const hardware = (path: string): boolean =>
    /^(soc|cluster|engine)\//.test(path) && path !== 'soc/firmware/psci-abi.ts';
  const xen = files.filter((file) => file.startsWith('xen/') && importsOf(file, true).some(hardware));
  expect(xen.map((file) => dirname(file))).toEqual(xen.map(() => 'xen/machine'));
  expect(xen).toContain('xen/machine/machine.ts');
});
