import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileSystem } from '../../dom0/os/files.ts';
import { HostDisks } from './host-disks.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'el2lab-disks-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('images and volumes are raw files, which are there at the next start and have holes where nothing was written', () => {
  const disks = new HostDisks(folder);
  const files = new FileSystem(disks);
  files.makeDevice('/dev/vg/a', 2 ** 30);
  files.writeAt('/dev/vg/a', 2 ** 29, bytes('middle'));
  files.writeAt('/dev/vg/a', 0, new Uint8Array(2 ** 20));
  files.write('/small', 'as it was');
  const small = files.disk('/small');
  expect(existsSync(join(folder, 'small'))).toBe(false);
  if (small.ok) small.value.write(0, new Uint8Array(512).fill(0x61));
  files.resize('/old', 2 ** 20);
  files.rename('/old', '/new');
  files.resize('/gone', 2 ** 20);
  files.remove('/gone');
  disks.flush();
  disks.close();
  const { size, blocks } = statSync(join(folder, 'dev/vg/a'));
  expect([size, blocks * 512 < 2 ** 20]).toEqual([2 ** 30, true]);
  expect(readFileSync(join(folder, 'small'), 'latin1')).toBe('a'.repeat('as it was'.length));
  const again = new HostDisks(folder);
  expect(again.list()).toEqual([
    { name: '/dev/vg/a', size: 2 ** 30 },
    { name: '/new', size: 2 ** 20 },
    { name: '/small', size: 9 },
  ]);
  const read = new FileSystem(again).readAt('/dev/vg/a', 2 ** 29, 6);
  expect(read).toEqual({ ok: true, value: bytes('middle') });
  again.close();
});

test('a folder is one process’s; what a killed one has left does not matter', async () => {
  const first = new HostDisks(folder);
  expect(() => new HostDisks(folder)).toThrow(`${folder} is used by process ${process.pid}: end that first.`);
  first.close();
  const killed = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await new Promise((ended) => killed.on('exit', ended));
  writeFileSync(join(folder, '.el2lab-lock'), String(killed.pid));
  writeFileSync(join(folder, 'half.el2lab-new'), 'half');
  const second = new HostDisks(folder);
  expect(second.list()).toEqual([]);
  expect(existsSync(join(folder, 'half.el2lab-new'))).toBe(false);
  second.close();
});

test('what cannot be a disk is refused at the start; what cannot be written later stays in memory', () => {
  writeFileSync(join(folder, 'large'), '');
  truncateSync(join(folder, 'large'), 2 ** 30 + 1);
  const disks = new HostDisks(folder);
  expect(() => disks.list()).toThrow(`${folder}/large is larger than 1 GiB, which no disk here can be.`);
  rmSync(join(folder, 'large'));
  const files = new FileSystem(disks);
  writeFileSync(join(folder, 'file'), '');
  mkdirSync(join(folder, 'taken'));
  files.resize('/taken', 2 ** 20);
  expect(files.writeAt('/taken', 5, bytes('x')).ok).toBe(true);
  expect(files.readAt('/taken', 5, 1)).toEqual({ ok: true, value: bytes('x') });
  disks.close();
  expect(() => new HostDisks(join(folder, 'file/below'))).toThrow(
    'file/below cannot be used for disks: not a directory.',
  );
});
