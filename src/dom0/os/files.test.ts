import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FileSystem, resolvePath } from './files.ts';

test.each([
  ['a', '/root', '/root/a'],
  ['../x//y/.', '/root', '/x/y'],
  ['/../..', '/', '/'],
])('%s in %s is %s', (path, directory, whole) => {
  expect(resolvePath(path, directory)).toBe(whole);
});

test('behaves like a map of paths to contents under random operations', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 })
    .map((names) => `/${names.join('/')}`);
  const step = fc.record({ action: fc.constantFrom('write', 'mkdir', 'remove', 'rename'), path, other: path });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const files = new FileSystem();
      // The reference: contents by path, null for a directory.
      let model = new Map<string, string | null>([['/', null]]);
      const parentOf = (p: string): string => p.slice(0, p.lastIndexOf('/')) || '/';
      const isDirectory = (p: string): boolean => model.get(p) === null;
      for (const { action, path: p, other } of steps) {
        const below = [...model.keys()].filter((k) => k.startsWith(`${p}/`));
        if (action === 'write') {
          const can = isDirectory(parentOf(p)) && !isDirectory(p);
          expect(files.write(p, p).ok).toBe(can);
          if (can) model.set(p, p);
        } else if (action === 'mkdir') {
          const can = isDirectory(parentOf(p)) && !model.has(p);
          expect(files.mkdir(p).ok).toBe(can);
          if (can) model.set(p, null);
        } else if (action === 'remove') {
          const can = model.has(p) && below.length === 0;
          expect(files.remove(p).ok).toBe(can);
          if (can) model.delete(p);
        } else {
          const can =
            model.has(p) &&
            (p === other || (isDirectory(parentOf(other)) && !isDirectory(other) && !other.startsWith(`${p}/`)));
          expect(files.rename(p, other).ok).toBe(can);
          if (can && p !== other) {
            model.delete(other);
            model = new Map(
              [...model].map(([k, v]) => [k === p || k.startsWith(`${p}/`) ? other + k.slice(p.length) : k, v]),
            );
          }
        }
      }
      const found = [...files.walk('/')].map((p) => files.exists(p));
      expect(found).toHaveLength([...model.values()].filter((v) => v !== null).length);
    }),
  );
});
