import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hasher } from '../../base/hasher.ts';
import { type ChunkStore, chunkSize, type Disk, MemoryChunks, SparseDisk, sectorSize } from './disk.ts';

const printOf = (disk: Disk): string => {
  const hasher = new Hasher();
  disk.fingerprint(hasher);
  return hasher.digest();
};

const sectors = (3 * chunkSize) / sectorSize + 5;

/** Reads, writes and discards, of ranges within the disk. */
const action = fc
  .record({
    kind: fc.constantFrom('read', 'write', 'discard', 'print'),
    sector: fc.nat(sectors),
    count: fc.nat(300),
    fill: fc.constantFrom(0, 0, 1, 0xff),
  })
  .map((drawn) => ({ ...drawn, count: Math.min(drawn.count, sectors - drawn.sector) }));

test('a sparse disk holds what an array of its bytes would hold, over a base or not', () => {
  fc.assert(
    fc.property(fc.array(action), fc.nat(chunkSize * 2), (actions, baseLength) => {
      const base = new Uint8Array(baseLength).fill(7);
      const disk = new SparseDisk(sectors, { base });
      const bytes = new Uint8Array(sectors * sectorSize);
      bytes.set(base);
      for (const { kind, sector, count, fill } of actions) {
        const [from, to] = [sector * sectorSize, (sector + count) * sectorSize];
        if (kind === 'write') {
          const written = new Uint8Array(to - from).fill(fill);
          if (count > 1) written[to - from - 1] = 9;
          disk.write(sector, written);
          bytes.set(written, from);
        } else if (kind === 'discard') {
          disk.discard(sector, count);
          bytes.fill(0, from, to);
        } else if (kind === 'print') {
          printOf(disk);
        } else {
          const into = new Uint8Array(to - from).fill(3);
          disk.read(sector, into);
          expect(Buffer.compare(into, bytes.subarray(from, to))).toBe(0);
        }
      }
      const other = new SparseDisk(sectors);
      other.write(0, bytes);
      expect(printOf(disk)).toBe(printOf(other));
      expect(base.every((byte) => byte === 7)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test('zeros are not held, and do not count', () => {
  const held: number[] = [];
  const chunks = new MemoryChunks();
  const store: ChunkStore = {
    has: (index) => chunks.has(index),
    read: (index, offset, into) => chunks.read(index, offset, into),
    write: (index, offset, from) => {
      held.push(index);
      chunks.write(index, offset, from);
    },
    drop: (index) => chunks.drop(index),
    flush: () => {},
  };
  const disk = new SparseDisk(2 * 1024 * 1024, { store: () => store });
  const empty = printOf(disk);
  disk.write(0, new Uint8Array(10 * chunkSize));
  expect(held).toEqual([]);
  disk.write(2 * 1024 * 1024 - 1, new Uint8Array(sectorSize).fill(1));
  expect(held).toEqual([16_383]);
  expect(printOf(disk)).not.toBe(empty);
  disk.discard(0, disk.sectors);
  expect([printOf(disk), store.has(16_383)]).toEqual([empty, false]);
});

test('what is outside, half a sector, and a write to a read-only disk are bugs of the caller', () => {
  const disk = new SparseDisk(8, { base: new Uint8Array(100).fill(1), isReadOnly: true });
  const sector = new Uint8Array(sectorSize);
  disk.read(0, sector);
  expect([sector[99], sector[100]]).toEqual([1, 0]);
  expect(() => disk.read(8, sector)).toThrow('behind the end');
  expect(() => disk.read(-1, sector)).toThrow('sector -1');
  expect(() => disk.read(0, new Uint8Array(100))).toThrow('no whole sectors');
  expect(() => disk.write(0, sector)).toThrow('read-only');
  expect(() => disk.discard(0, 1)).toThrow('read-only');
});
