import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Hasher } from '../../base/hasher.ts';
import { chunkSize } from '../../soc/storage/disk.ts';
import { KeptDisks } from '../../soc/storage/disk-store-testing.ts';
import { FileSystem } from './files.ts';

const printOf = (files: FileSystem): string => {
  const hasher = new Hasher();
  files.fingerprint(hasher);
  return hasher.digest();
};

test('parts of files are read and written as in an array, whether the file is a disk or not, and disks are kept', () => {
  const offset = fc.oneof(fc.nat(2000), fc.nat(2 * chunkSize));
  const step = fc.record({
    action: fc.constantFrom('write', 'resize', 'disk', 'replace', 'rename', 'remove'),
    offset,
    length: fc.nat(1500),
    fill: fc.nat(255),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
      const kept = new KeptDisks();
      const files = new FileSystem(kept);
      let model: Uint8Array | null = null;
      let path = '/d/a';
      files.makePath('/d');
      for (const { action, offset: at, length, fill } of steps) {
        const bytes = new Uint8Array(length).fill(fill);
        if (action === 'write') {
          expect(files.writeAt(path, at, bytes).ok).toBe(true);
          const longer: Uint8Array = new Uint8Array(Math.max(model?.length ?? 0, at + length));
          longer.set(model ?? []);
          longer.set(bytes, at);
          model = longer;
        } else if (action === 'resize') {
          expect(files.resize(path, at).ok).toBe(true);
          const resized: Uint8Array = new Uint8Array(at);
          resized.set((model ?? new Uint8Array()).subarray(0, at));
          model = resized;
        } else if (action === 'disk') {
          const disk = files.disk(path);
          expect(disk.ok).toBe(model !== null);
          if (!disk.ok || disk.value.sectors === 0) continue;
          const sector = at % disk.value.sectors;
          // Behind the end of the file are the zeros of the last sector.
          const sectorBytes = new Uint8Array(512);
          sectorBytes.set(bytes.subarray(0, Math.min(512, (model?.length ?? 0) - sector * 512)));
          disk.value.write(sector, sectorBytes);
          model?.set(sectorBytes.subarray(0, model.length - sector * 512), sector * 512);
        } else if (action === 'replace') {
          const disk = files.isDisk(path) ? files.disk(path) : null;
          files.write(path, bytes);
          if (disk?.ok) expect(disk.value.sectors).toBe(0);
          model = bytes.slice();
        } else if (action === 'rename') {
          const to = path === '/d/a' ? '/d/b' : '/d/a';
          expect(files.rename(path, to).ok).toBe(model !== null);
          if (model) path = to;
        } else {
          expect(files.remove(path).ok).toBe(model !== null);
          model = null;
        }
        const read = files.read(path);
        expect(read.ok ? Buffer.compare(read.value, model ?? new Uint8Array()) : model).toBe(read.ok ? 0 : null);
      }
      if (model && !files.isDisk(path)) return;
      const again = new FileSystem(kept);
      again.makePath('/d');
      // A file that has only been looked at as a disk is not kept with the disks.
      if (!files.originalOfDisk(path)) expect(printOf(again)).toBe(printOf(files));
    }),
    { numRuns: 200 },
  );
});

test('a volume has its size; a large image is not held', () => {
  const files = new FileSystem();
  expect(files.makeDevice('/dev/vg/a', 2 ** 30).ok).toBe(true);
  expect(files.makeDevice('/dev/vg/a', 2 ** 20)).toEqual({ ok: false, error: 'File exists' });
  expect(files.size('/dev/vg/a')).toEqual({ ok: true, value: 2 ** 30 });
  expect(files.read('/dev/vg/a')).toEqual({ ok: false, error: 'File too large' });
  expect(files.writeAt('/dev/vg/a', 2 ** 30 - 1, new Uint8Array(2))).toMatchObject({
    error: 'No space left on device',
  });
  expect(files.write('/dev/vg/a', 'hello').ok).toBe(true);
  expect(files.readAt('/dev/vg/a', 0, 6)).toEqual({ ok: true, value: new TextEncoder().encode('hello\0') });
  expect(files.resize('/dev/vg/a', 5)).toEqual({ ok: false, error: 'Invalid argument' });
  expect(files.resize('/x', 2 ** 30 + 1)).toEqual({ ok: false, error: 'File too large' });
});
