import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpio as archiveOf } from '../src/boot/cpio.ts';
import { cpio } from './cpio.mjs';

/** An independent reader, written from the kernel's buffer-format.rst. */
function read(archive: Uint8Array) {
  const text = (from: number, length: number) => new TextDecoder().decode(archive.subarray(from, from + length));
  const align = (n: number) => (n + 3) & ~3;
  const found: { name: string; mode: number; bytes: Uint8Array }[] = [];
  for (let at = 0; ; ) {
    expect(text(at, 6)).toBe('070701');
    const field = (n: number) => Number.parseInt(text(at + 6 + 8 * n, 8), 16);
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const name = text(at + 110, nameSize - 1);
    const data = align(at + 110 + nameSize);
    if (name === 'TRAILER!!!') return found;
    found.push({ name, mode, bytes: Uint8Array.from(archive.subarray(data, data + size)) });
    at = align(data + size);
  }
}

test('entries are read back as they were, whatever their lengths', () => {
  const file = fc.record({ path: fc.stringMatching(/^[a-z]{1,9}$/), bytes: fc.uint8Array({ maxLength: 9 }) });
  fc.assert(
    fc.property(fc.array(file), (files) => {
      const archive = cpio(files.map((each) => ({ type: 'file', ...each })));
      expect(archive.length % 4).toBe(0);
      expect(read(archive)).toEqual(files.map(({ path, bytes }) => ({ name: path, mode: 0o100644, bytes })));
    }),
  );
});

test('the archive of a boot set is the same', () => {
  const files = [
    { path: 'init', mode: 0o755, bytes: Buffer.from('#!/bin/sh\n') },
    { path: 'etc/xen/a.cfg', mode: 0o644, bytes: Buffer.from('name = "a"') },
    { path: 'etc/b', mode: 0o644, bytes: Buffer.from('') },
  ];
  const [first, second, third] = files.map((file) => ({ type: 'file' as const, ...file }));
  const folders = ['etc', 'etc/xen'].map((path) => ({ type: 'directory' as const, path }));
  expect(Buffer.from(archiveOf(files))).toEqual(cpio([first, ...folders, second, third].filter((each) => !!each)));
});

test.skipIf(spawnSync('cpio', ['--version']).error !== undefined)(
  'GNU cpio unpacks it (skipped where there is none)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'el2lab-cpio-'));
    const input = cpio([
      { type: 'directory', path: 'bin' },
      { type: 'file', path: 'bin/tool', mode: 0o755, bytes: Buffer.from('tool') },
      { type: 'link', path: 'sh', target: 'bin/tool' },
    ]);
    expect(spawnSync('cpio', ['-i', '--quiet', '--no-preserve-owner'], { cwd: folder, input }).status).toBe(0);
    expect(readFileSync(join(folder, 'bin/tool'), 'utf8')).toBe('tool');
    expect(statSync(join(folder, 'bin/tool')).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(folder, 'sh'))).toBe('bin/tool');
    rmSync(folder, { recursive: true });
  },
);
