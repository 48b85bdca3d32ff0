import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hasher } from '../../base/hasher.ts';
import { FileSystem } from '../../dom0/os/files.ts';
import { chunkSize } from '../../soc/storage/disk.ts';
import { ChunkPool, memoryFiles, type PoolFiles } from './chunk-pool.ts';
import { MortalFile, mortalFiles } from './mortal-files.ts';
import type { SyncFile } from './sync-file.ts';

const printOf = (files: FileSystem): string => {
  const hasher = new Hasher();
  files.fingerprint(hasher);
  return hasher.digest();
};

const paths = ['/dev/vg/a', '/b', '/c'];
const action = fc.record({
  kind: fc.constantFrom('make', 'write', 'write', 'write', 'zero', 'remove', 'rename', 'resize', 'sync'),
  path: fc.constantFrom(...paths),
  other: fc.constantFrom(...paths),
  chunk: fc.nat(600),
  fill: fc.integer({ min: 1, max: 255 }),
});
const size = 40 * 2 ** 20;

/** Does something to a disk. */
function act(
  files: FileSystem,
  { kind, path, other, chunk, fill }: typeof action extends fc.Arbitrary<infer T> ? T : never,
): void {
  switch (kind) {
    case 'make':
      if (path.startsWith('/dev')) files.makeDevice(path, size);
      else files.resize(path, size);
      break;
    case 'write':
      if (files.exists(path)) files.writeAt(path, chunk * chunkSize + 512, new Uint8Array(2 * chunkSize).fill(fill));
      break;
    case 'zero':
      if (files.exists(path)) files.writeAt(path, chunk * chunkSize, new Uint8Array(chunkSize));
      break;
    case 'remove':
      files.remove(path);
      break;
    case 'rename':
      files.rename(path, other);
      break;
    case 'resize':
      if (files.exists(path)) files.resize(path, (chunk + 2) * chunkSize);
      break;
    case 'sync':
      files.sync();
  }
}

test('a killed page leaves the disks as they were at a commit, the last that had returned or the one that was going on', () => {
  fc.assert(
    fc.property(fc.array(action, { minLength: 20, maxLength: 60 }), fc.nat(60), (actions, lives) => {
      const stored = mortalFiles();
      MortalFile.lives = Number.POSITIVE_INFINITY;
      const files = new FileSystem(new ChunkPool(stored));
      // With the first commit there is something to lose.
      for (const path of paths) act(files, { kind: 'make', path, other: path, chunk: 0, fill: 1 });
      files.sync();
      MortalFile.lives = lives;
      let kept = [printOf(files)];
      for (const each of actions) {
        act(files, each);
        if (each.kind !== 'sync') continue;
        // The commit whose write was refused may have happened or not.
        kept = MortalFile.lives < 0 ? [...kept, printOf(files)] : [printOf(files)];
        if (MortalFile.lives < 0) break;
      }
      MortalFile.lives = Number.POSITIVE_INFINITY;
      const again = new FileSystem(new ChunkPool(stored));
      again.makePath('/dev/vg');
      expect(kept).toContain(printOf(again));
    }),
    { numRuns: 60 },
  );
});

test('a refusal is told, nothing is lost, and it is told when all is kept again', () => {
  const stored = mortalFiles();
  const pool = new ChunkPool(stored);
  const faults: (string | null)[] = [];
  pool.onFault = (error) => faults.push(error instanceof Error ? error.message : null);
  const files = new FileSystem(pool);
  files.resize('/a', size);
  MortalFile.lives = 40;
  // More than the cache has room for.
  for (let chunk = 0; chunk < 500; chunk++)
    files.writeAt('/a', chunk * chunkSize, new Uint8Array(chunkSize).fill(chunk + 1));
  files.sync();
  expect(faults.length).toBeGreaterThan(0);
  expect(new Set(faults)).toEqual(new Set(['killed']));
  const before = printOf(files);
  MortalFile.lives = Number.POSITIVE_INFINITY;
  files.sync();
  expect(faults.at(-1)).toBeNull();
  expect(printOf(new FileSystem(new ChunkPool(stored)))).toBe(before);
});

test('room is given back, and what is written over and over takes no more', () => {
  const stored = memoryFiles();
  const files = new FileSystem(new ChunkPool(stored));
  files.resize('/a', size);
  for (let round = 0; round < 300; round++) {
    files.writeAt('/a', 0, new Uint8Array(4 * chunkSize).fill(round + 1));
    files.sync();
  }
  expect(stored.chunks.getSize()).toBeLessThanOrEqual(8 * chunkSize);
  expect(Math.max(...stored.index.map((file) => file.getSize()))).toBeLessThan(300_000);
  files.remove('/a');
  files.sync();
  expect(stored.chunks.getSize()).toBe(0);
});

/** Files in memory stay when they are closed. */
const shared = (files: PoolFiles): PoolFiles => files;

test('a machine that is brought back has its disks as they were; then, or when it is not, the others’ room is given back', () => {
  const stored = shared(memoryFiles());
  const first = new ChunkPool(stored);
  const files = new FileSystem(first);
  files.resize('/a', size);
  files.writeAt('/a', 0, new Uint8Array(8 * chunkSize).fill(1));
  const before = printOf(files);
  first.release();
  const second = new ChunkPool(stored, { holds: true });
  const others = new FileSystem(second);
  expect(printOf(others)).toBe(before);
  others.writeAt('/a', 0, new Uint8Array(2 * chunkSize).fill(2));
  others.resize('/b', size);
  others.writeAt('/b', 5, Uint8Array.of(1));
  second.release();
  first.takeBack(stored);
  expect(printOf(files)).toBe(before);
  files.writeAt('/a', 0, Uint8Array.of(3));
  files.sync();
  const third = new ChunkPool(stored, { isEmpty: true, holds: true });
  expect(third.list()).toEqual([]);
  third.open('/c', size);
  third.commit();
  third.settle();
  third.open('/c', size + 512);
  third.commit();
  expect(new ChunkPool(stored).list()).toEqual([{ name: '/c', size: size + 512 }]);
});

test('an index of nonsense is none', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.uint8Array({ maxLength: 100 }), (a, b) => {
      const stored = memoryFiles();
      const [first, second]: readonly SyncFile[] = stored.index;
      first?.write(a, { at: 0 });
      second?.write(b, { at: 0 });
      const pool = new ChunkPool(stored);
      expect(pool.list()).toEqual([]);
      pool.open('/a', size);
      pool.commit();
      expect(new ChunkPool(stored).list()).toEqual([{ name: '/a', size }]);
    }),
  );
});
