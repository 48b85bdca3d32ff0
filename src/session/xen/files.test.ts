import { expect, test } from 'vitest';
import { FileSystem } from '../../dom0/os/files.ts';
import { Dom0Files } from './files.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

test('an original that comes later is not a change, and what replaces it is one', () => {
  const files = new Dom0Files(new FileSystem(), [{ path: '/guests/a', bytes: bytes('a') }], { files: [], removed: [] });
  const changed = () => {
    const listed = files.list('/guests');
    return listed.ok ? listed.value.map(({ path, changed }) => `${path} ${changed}`) : [];
  };
  files.writeOriginal('/guests/Image', bytes('Linux'));
  expect(changed()).toEqual(['/guests/Image false', '/guests/a false']);
  expect(files.changes(0).paths).toContain('/guests/Image');
  files.write('/guests/Image', bytes('mine'));
  expect(changed()).toEqual(['/guests/Image true', '/guests/a false']);
});
