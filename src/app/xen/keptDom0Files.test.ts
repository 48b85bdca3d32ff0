import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Keeping } from '../storage/keeping.ts';
import { KeptDom0Files, type KeptRow, type KeptRows } from './keptDom0Files.ts';

/** A browser's storage that the test can close and open. */
class Storage implements KeptRows {
  readonly rows = new Map<string, KeptRow>();
  isOpen = true;
  onLost = () => {};

  async all() {
    this.#check();
    return [...this.rows.values()];
  }
  async put(row: KeptRow) {
    this.#check();
    this.rows.set(row.path, row);
  }
  async remove(path: string) {
    this.#check();
    this.rows.delete(path);
  }
  async clear() {
    this.#check();
    this.rows.clear();
  }
  #check(): void {
    if (!this.isOpen) throw new DOMException('', 'QuotaExceededError');
  }
}

const path = fc.constantFrom('/etc/a', '/etc/b', '/root/c');
const change = fc.oneof(
  fc.record({ kind: fc.constant('keep' as const), path, bytes: fc.uint8Array({ maxLength: 3 }) }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'forget' as const), path }),
  fc.record({ kind: fc.constantFrom('open' as const, 'close' as const), path }),
);

test('a start of the machine has all changes, whatever the browser refuses; kept is what is in its storage', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change), async (changes) => {
      const storage = new Storage();
      const keeping = new Keeping();
      const kept = new KeptDom0Files(keeping, () => {}, storage);
      const expected = new Map<string, Uint8Array | null>();
      for (const each of changes) {
        if (each.kind === 'keep') {
          expected.set(each.path, each.bytes);
          await kept.keep(each.path, async () => each.bytes);
        } else if (each.kind === 'remove') {
          expected.set(each.path, null);
          await kept.keepRemoval(each.path);
        } else if (each.kind === 'forget') {
          expected.delete(each.path);
          await kept.forget(each.path);
        } else storage.isOpen = each.kind === 'open';
        const { unkept, writing } = keeping.store.getState();
        expect(writing).toEqual([]);
        for (const [name, bytes] of expected)
          if (!unkept.includes(name)) expect(storage.rows.get(name)).toEqual({ path: name, bytes });
      }
      // What could be written is read again even while the storage refuses new changes.
      storage.isOpen = true;
      const all = await kept.all();
      expect(new Map(all.files.map((file) => [file.path, file.bytes]))).toEqual(
        new Map([...expected].filter(([, bytes]) => bytes)),
      );
      expect(all.removed.toSorted()).toEqual([...expected.keys()].filter((name) => !expected.get(name)).sort());
      await keeping.retry();
      expect(keeping.store.getState().unkept).toEqual([]);
      expect(new Set(storage.rows.keys())).toEqual(new Set(expected.keys()));
    }),
  );
});

test('a change that cannot be read, as the machine is gone, leaves what is kept', async () => {
  const storage = new Storage();
  const kept = new KeptDom0Files(new Keeping(), () => {}, storage);
  await kept.keep('/etc/a', async () => Uint8Array.of(1));
  await kept.keep('/etc/a', async () => null);
  expect(await kept.all()).toEqual({ files: [{ path: '/etc/a', bytes: Uint8Array.of(1) }], removed: [] });
});

test('clearing returns what was kept', async () => {
  const storage = new Storage();
  const keeping = new Keeping();
  const kept = new KeptDom0Files(keeping, () => {}, storage);
  await kept.keep('/etc/a', async () => Uint8Array.of(1));
  storage.isOpen = false;
  await kept.keepRemoval('/etc/b');
  storage.isOpen = true;
  expect(await kept.clear()).toEqual({ files: [{ path: '/etc/a', bytes: Uint8Array.of(1) }], removed: ['/etc/b'] });
  expect(await kept.all()).toEqual({ files: [], removed: [] });
  expect(keeping.store.getState()).toMatchObject({ fault: null, unkept: [] });
});
