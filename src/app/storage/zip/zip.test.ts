import * as fc from 'fast-check';
import { zipSync } from 'fflate';
import { describe, expect, test } from 'vitest';
import { readZip, type ZipFault, zipLimits } from './readZip.ts';
import { writeZip, type ZipFile } from './writeZip.ts';

const bytesOf = async (zip: Blob) => new Uint8Array(await zip.arrayBuffer());
const text = new TextEncoder();
const faultOf = async (zip: Uint8Array): Promise<ZipFault | null> => {
  const read = await readZip(zip);
  return read.ok ? null : read.error;
};
/** Files in order, as strings: large arrays are compared slowly. */
const strings = (files: readonly ZipFile[]) =>
  files.map(({ name, bytes }) => `${name}: ${Buffer.from(bytes).toString('base64')}`).sort();

test('what is written is read again', async () => {
  const file = fc.record({
    name: fc.string({ unit: 'grapheme', minLength: 1 }).filter((name) => !/\p{Cs}/u.test(name) && !name.endsWith('/')),
    bytes: fc.oneof(
      fc.uint8Array(),
      fc.nat(300_000).map((size) => new Uint8Array(size).fill(7)),
    ),
  });
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(file, { selector: ({ name }) => name, maxLength: 5 }), async (files) => {
      const read = await readZip(await bytesOf(await writeZip(files)));
      expect(read.ok).toBe(true);
      if (read.ok) expect(strings(read.value)).toEqual(strings(files));
    }),
    { numRuns: 50 },
  );
});

test('whatever is changed in a zip, it is read as it was or refused', async () => {
  const files = [
    { name: 'etc/xen/a.cfg', bytes: text.encode('name = "a"\n'.repeat(20)) },
    { name: 'guests/b.img', bytes: Uint8Array.from({ length: 500 }, (_, n) => (n * n) & 255) },
  ];
  const zip = await bytesOf(await writeZip(files));
  const change = fc.record({ at: fc.nat(zip.length - 1), to: fc.nat(255) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), fc.nat(zip.length), async (changes, length) => {
      const changed = zip.slice(0, length % 3 === 0 ? length : zip.length);
      for (const { at, to } of changes) changed[at] = to;
      const read = await readZip(changed);
      if (!read.ok) return;
      for (const { bytes } of read.value) expect(files.map((file) => file.bytes)).toContainEqual(bytes);
    }),
    { numRuns: 300 },
  );
});

describe('is refused', () => {
  /** A zip with one stored file, and changes at offsets of its local header, its central entry, and its end. */
  const changed = (change: (view: DataView, central: number, end: number) => void): Uint8Array => {
    const zip = zipSync({ 'a.cfg': text.encode('name = "a"\n'.repeat(9)) }, { level: 0 });
    const view = new DataView(zip.buffer, zip.byteOffset, zip.length);
    const end = zip.length - 22;
    change(view, view.getUint32(end + 16, true), end);
    return zip;
  };

  test.each<[string, Uint8Array, ZipFault]>([
    ['a file that is none', text.encode('no zip, but long enough to be one'), { kind: 'none' }],
    ['an empty file', new Uint8Array(), { kind: 'none' }],
    ['an encrypted file', changed((view, at) => view.setUint16(at + 8, 1, true)), { kind: 'encrypted', name: 'a.cfg' }],
    [
      'a symbolic link',
      changed((view, at) => {
        view.setUint8(at + 5, 3);
        view.setUint32(at + 38, 0o120_777 * 65_536, true);
      }),
      { kind: 'link', name: 'a.cfg' },
    ],
    ['another compression', changed((view, at) => view.setUint16(at + 10, 14, true)), { kind: 'unsupported' }],
    ['a zip of several parts', changed((view, _, end) => view.setUint16(end + 4, 1, true)), { kind: 'unsupported' }],
    [
      'a zip with 64 bit sizes',
      changed((view, _, end) => view.setUint32(end + 16, 2 ** 32 - 1, true)),
      { kind: 'unsupported' },
    ],
    ['a wrong checksum', changed((view, at) => view.setUint32(at + 16, 1, true)), { kind: 'damaged' }],
    ['a size that is not true', changed((view, at) => view.setUint32(at + 24, 5, true)), { kind: 'damaged' }],
    ['a name that is not UTF-8', changed((view, at) => view.setUint8(at + 46, 0xff)), { kind: 'name', name: '?' }],
    ['too many files', changed((view, _, end) => view.setUint16(end + 10, 2001, true)), { kind: 'tooMany' }],
    ['too much', changed((view, at) => view.setUint32(at + 24, zipLimits.bytes + 1, true)), { kind: 'tooLarge' }],
  ])('%s', async (_, zip, fault) => {
    expect(await faultOf(zip)).toEqual(fault);
  });

  test('a bomb that says it is small', async () => {
    const zip = zipSync({ bomb: new Uint8Array(5_000_000) }, { level: 9 });
    const view = new DataView(zip.buffer);
    view.setUint32(view.getUint32(zip.length - 6, true) + 24, 100, true);
    expect(await faultOf(zip)).toEqual({ kind: 'damaged' });
  });

  test('a bomb of files that share their data', async () => {
    const zip = zipSync({ a: text.encode('aaaa'), b: text.encode('aaaa') }, { level: 0 });
    const view = new DataView(zip.buffer);
    const first = view.getUint32(zip.length - 6, true);
    // The second entry leads to the data of the first.
    view.setUint32(first + 47 + 42, view.getUint32(first + 42, true), true);
    expect(await faultOf(zip)).toEqual({ kind: 'damaged' });
  });
});
