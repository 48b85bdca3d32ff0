import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { UsageError } from '../exit-code.ts';
import { CardFile } from './card-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'el2lab-card-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file of zeros. */
function fileOf(name: string, size: number): string {
  const path = join(folder, name);
  closeSync(openSync(path, 'w'));
  truncateSync(path, size);
  return path;
}

test('what is written is in the file, and nothing else changes', () => {
  const path = fileOf('card.img', 2 ** 20);
  writeFileSync(path, 'before', { flag: 'r+' });
  const card = new CardFile(path);
  const sector = new Uint8Array(512);
  card.disk.read(0, sector);
  expect(new TextDecoder().decode(sector.subarray(0, 6))).toBe('before');
  card.disk.write(2047, new Uint8Array(512).fill(9));
  card.disk.write(128, new Uint8Array(1024).fill(3));
  card.disk.discard(129, 1);
  card.close();
  const bytes = readFileSync(path);
  expect(bytes.length).toBe(2 ** 20);
  expect([bytes[0], bytes[128 * 512], bytes[129 * 512], bytes[2 ** 20 - 1]]).toEqual([98, 3, 0, 9]);
});

test('files that are no cards', () => {
  expect(() => new CardFile(join(folder, 'none'))).toThrow(UsageError);
  expect(() => new CardFile(join(folder, 'none'))).toThrow(/none cannot be read: no such file or directory\.$/);
  expect(() => new CardFile(fileOf('odd.img', 1000))).toThrow(
    /odd.img has 1000 bytes: a card has a multiple of 512 KiB, up to 1 GiB\. `truncate -s 64M` makes one of 64 MiB\.$/,
  );
});
