import { expect, test } from 'vitest';
import { makeCard, openCard } from './cardImage.ts';

const size = 32 * 2 ** 20;
const hello = new TextEncoder().encode('hello');

test('a card has the files that it was made with', () => {
  const card = makeCard(size, [
    { path: '/boot/Image', bytes: hello },
    { path: '/a long name.txt', bytes: new Uint8Array() },
  ]);
  expect(card.length).toBeLessThan(2 ** 21);
  const contents = openCard(card, size);
  expect(contents.type).toBe('FAT16');
  expect(contents.files.map((file) => [file.path, file.size])).toEqual([
    ['/boot/Image', 5],
    ['/a long name.txt', 0],
  ]);
  expect(contents.read('/boot/Image')).toEqual(hello);
});

test('files that do not fit are refused, and a card without a file system has no files', () => {
  expect(() => makeCard(2 ** 21, [{ path: '/a', bytes: new Uint8Array(2 ** 22) }])).toThrow(/./);
  expect(openCard(new Uint8Array(512), size)).toMatchObject({ type: null, files: [] });
});
