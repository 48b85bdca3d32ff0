import { expect, test } from 'vitest';
import { FileSystem } from '../../dom0/os/files.ts';
import { KeptDisks } from '../../soc/storage/disk-store-testing.ts';
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

test('a volume that comes with the page is its original until something is written to it; then it is the user’s', () => {
  const pool = new KeptDisks();
  const start = (contents: string, removed: readonly string[] = []) => {
    const system = new FileSystem(pool);
    const seed = [{ path: '/dev/vg/a', bytes: bytes(contents) }];
    const files = new Dom0Files(system, seed, { files: [{ path: '/root/b', bytes: bytes('b') }], removed });
    const listed = files.list('/dev/vg');
    return { system, files, listed: listed.ok ? listed.value : [] };
  };
  const first = start('first');
  expect(first.listed).toMatchObject([{ isDisk: false, changed: false, size: 5 }]);
  const disk = first.system.disk('/dev/vg/a');
  const other = first.system.disk('/root/b');
  expect(start('second').files.read('/dev/vg/a')).toEqual({ ok: true, value: bytes('second') });
  for (const each of [disk, other]) if (each.ok) each.value.write(0, new Uint8Array(512).fill(0x78));
  expect(first.files.changes(0).paths).toEqual(['/dev/vg/a', '/root/b']);
  // Whatever the page starts with, or keeps of it as a file, the disk is what was written.
  const { files, listed } = start('third', ['/dev/vg/a']);
  expect(listed).toMatchObject([{ isDisk: true, changed: true, size: 5 }]);
  expect(files.read('/dev/vg/a')).toEqual({ ok: true, value: bytes('xxxxx') });
  expect(files.readAt('/root/b', 0, 9)).toEqual({ ok: true, value: bytes('x') });
  expect(files.writeOriginal('/dev/vg/a', bytes('later')).ok).toBe(true);
  expect(files.read('/dev/vg/a')).toEqual({ ok: true, value: bytes('xxxxx') });
  files.remove('/dev/vg/a');
  expect(start('fourth').files.read('/dev/vg/a')).toEqual({ ok: true, value: bytes('fourth') });
});

test('to go to an earlier state is a change of the files that differ there', () => {
  const seed = [{ path: '/etc/a', bytes: bytes('a') }];
  const files = new Dom0Files(new FileSystem(), seed, { files: [], removed: [] });
  files.write('/etc/b', bytes('b'));
  const state = structuredClone(files.saveState());
  files.write('/etc/a', bytes('other'));
  files.write('/etc/c', bytes('c'));
  const { end } = files;
  files.loadState(state);
  expect(files.read('/etc/a')).toEqual({ ok: true, value: bytes('a') });
  expect([...files.changes(end).paths].sort()).toEqual(['/etc/a', '/etc/c']);
  const next = new Dom0Files(new FileSystem(), seed, { files: [], removed: [] });
  next.loadState(state);
  expect(next.changes(0)).toEqual({ paths: ['/etc/b'], end: state.end, missed: false, removed: [] });
});
