import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Keeping } from '../../storage/keeping.ts';
import { sameBytes } from '../../storage/sameBytes.ts';
import type { TabChannel } from '../../storage/tabChannel.ts';
import { KeptDom0Files, type KeptListener, type KeptRow, type KeptRows } from './keptDom0Files.ts';

/** A browser's storage that the test can close and open, for the pages of a test. */
class Storage {
  readonly rows = new Map<string, KeptRow>();
  readonly channels: TabChannel[] = [];
  isOpen = true;

  page(keeping: Keeping, listener: Partial<KeptListener> = {}): KeptDom0Files {
    const rows: KeptRows = {
      onLost: () => {},
      all: async () => [...this.#open().values()],
      get: async (path) => this.#open().get(path),
      update: async (path, change) => {
        const changed = change(this.#open().get(path));
        if (changed) this.rows.set(path, changed);
      },
      clear: async () => this.#open().clear(),
    };
    const channel: TabChannel = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of this.channels) if (other !== channel) other.onmessage?.({ data } as MessageEvent);
      },
    };
    this.channels.push(channel);
    return new KeptDom0Files(keeping, { foreign: () => {}, lost: () => {}, ...listener }, rows, channel);
  }

  /** What a new page would find. */
  get changes(): Map<string, Uint8Array | null> {
    const rows = [...this.rows.values()].filter(({ isOriginal }) => !isOriginal);
    return new Map(rows.map(({ path, bytes }) => [path, bytes]));
  }

  #open(): Map<string, KeptRow> {
    if (!this.isOpen) throw new DOMException('', 'QuotaExceededError');
    return this.rows;
  }
}

const bytes =
  (...values: number[]) =>
  async () =>
    Uint8Array.from(values);
const settle = () => new Promise((resolve) => setTimeout(resolve));
const path = fc.constantFrom('/etc/a', '/etc/b', '/root/c');
const contents = fc.uint8Array({ maxLength: 2 });
const change = fc.oneof(
  fc.record({ kind: fc.constant('keep' as const), path, contents }),
  fc.record({ kind: fc.constantFrom('remove' as const, 'original' as const), path }),
  fc.record({ kind: fc.constantFrom('open' as const, 'close' as const), path }),
);

test('a start of the machine has all changes, whatever the browser refuses; kept is what is in its storage', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(change), async (changes) => {
      const storage = new Storage();
      const keeping = new Keeping();
      const kept = storage.page(keeping);
      const expected = new Map<string, Uint8Array | null>();
      for (const each of changes) {
        if (each.kind === 'keep') {
          expected.set(each.path, each.contents);
          await kept.keep(each.path, async () => each.contents);
        } else if (each.kind === 'remove') {
          expected.set(each.path, null);
          await kept.keep(each.path, async () => null);
        } else if (each.kind === 'original') {
          expected.delete(each.path);
          await kept.keep(each.path, bytes(0), true);
        } else storage.isOpen = each.kind === 'open';
        const { unkept, writing } = keeping.store.getState();
        expect(writing).toEqual([]);
        for (const [name, value] of expected)
          if (!unkept.includes(name)) expect(storage.changes.get(name)).toEqual(value);
      }
      storage.isOpen = true;
      const all = await kept.all();
      expect(new Map(all.files.map((file) => [file.path, file.bytes]))).toEqual(
        new Map([...expected].filter(([, value]) => value)),
      );
      expect(all.removed.toSorted()).toEqual([...expected.keys()].filter((name) => !expected.get(name)).sort());
      await keeping.retry();
      expect(keeping.store.getState().unkept).toEqual([]);
      expect(kept.isAtRisk).toBe(false);
      expect(storage.changes).toEqual(expected);
    }),
  );
});

test('of two tabs neither overwrites what it has not seen, and both end with what the user has chosen', async () => {
  const act = fc.record({ tab: fc.constantFrom(0 as const, 1 as const), path, contents });
  await fc.assert(
    fc.asyncProperty(fc.array(act), fc.boolean(), async (acts, hears) => {
      const storage = new Storage();
      // Each tab takes what the other has written, once it hears of it.
      const has = [new Map<string, Uint8Array | null>(), new Map<string, Uint8Array | null>()] as const;
      const tabs = has.map((files): KeptDom0Files => {
        const kept: KeptDom0Files = storage.page(new Keeping(), {
          foreign: (row) => {
            kept.accept(row);
            files.set(row.path, row.bytes);
          },
        });
        return kept;
      });
      if (!hears) for (const channel of storage.channels) channel.onmessage = null;
      for (const each of acts) {
        const before = storage.changes.get(each.path);
        const isSeen = before === undefined || sameBytes(has[each.tab].get(each.path) ?? null, before);
        has[each.tab].set(each.path, each.contents);
        await tabs[each.tab]?.keep(each.path, async () => each.contents);
        await settle();
        // A version that this tab had not seen is still there.
        if (!isSeen && before) expect(storage.changes.get(each.path)).toEqual(before);
      }
      if (hears)
        for (const files of has) for (const [name, value] of files) expect(storage.changes.get(name)).toEqual(value);
    }),
    { numRuns: 50 },
  );
});

test('another tab hears of a change, of a removal, and of the end of all', async () => {
  const storage = new Storage();
  const heard: unknown[] = [];
  const first = storage.page(new Keeping());
  storage.page(new Keeping(), {
    foreign: ({ path, bytes }) => heard.push([path, bytes]),
    lost: () => heard.push('lost'),
  });
  await first.keep('/etc/a', bytes(1));
  await settle();
  await first.keep('/etc/a', bytes(1));
  await first.keep('/etc/a', async () => null);
  await settle();
  await first.clear();
  await settle();
  expect(heard).toEqual([['/etc/a', Uint8Array.of(1)], ['/etc/a', null], 'lost']);
});

test('a change that cannot be read, as the machine is gone, leaves what is kept', async () => {
  const kept = new Storage().page(new Keeping());
  await kept.keep('/etc/a', bytes(1));
  await kept.keep('/etc/a', async () => undefined);
  expect(await kept.all()).toEqual({ files: [{ path: '/etc/a', bytes: Uint8Array.of(1) }], removed: [] });
});

test('clearing returns what was kept', async () => {
  const storage = new Storage();
  const keeping = new Keeping();
  const kept = storage.page(keeping);
  await kept.keep('/etc/a', bytes(1));
  storage.isOpen = false;
  await kept.keep('/etc/b', async () => null);
  storage.isOpen = true;
  expect(await kept.clear()).toEqual({ files: [{ path: '/etc/a', bytes: Uint8Array.of(1) }], removed: ['/etc/b'] });
  expect(await kept.all()).toEqual({ files: [], removed: [] });
  expect(keeping.store.getState()).toMatchObject({ fault: null, unkept: [] });
});
