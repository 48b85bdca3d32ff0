/** Disks for tests, and the tools of Linux that judge them: e2fsprogs, dosfstools, fdisk. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Disk, SparseDisk, sectorSize } from './disk.ts';

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin`, MTOOLS_SKIP_CHECK: '1' };

/** Whether all of these tools are there. */
export const hasTools = (...tools: readonly string[]): boolean =>
  tools.every((name) => spawnSync('sh', ['-c', `command -v ${name}`], { env }).status === 0);

/** Runs a tool and returns what it printed. Throws if its exit code is not 0. */
export function runTool(name: string, args: readonly string[], input = ''): string {
  const { status, stdout, stderr } = spawnSync(name, args, { env, input, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${status}\n${stdout}${stderr}`);
  return stdout;
}

/** Runs `body` with a folder of its own. */
export function inFolder<T>(body: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'el2lab-disk-'));
  try {
    return body(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const diskFrom = (bytes: Uint8Array): Disk =>
  new SparseDisk(Math.ceil(bytes.length / sectorSize), { base: bytes });

/** The bytes of a disk. */
export function imageOf(disk: Disk): Uint8Array {
  const bytes = new Uint8Array(disk.sectors * sectorSize);
  disk.read(0, bytes);
  return bytes;
}

/** What a tool says of a disk, which it gets as the file `disk.img` in a folder of its own. */
export const judge = (disk: Disk, tool: (path: string) => string): string =>
  inFolder((folder) => {
    const path = join(folder, 'disk.img');
    writeFileSync(path, imageOf(disk));
    return tool(path);
  });

/** A disk whose image a tool makes at a path. */
export const makeDisk = (make: (path: string, folder: string) => void): Disk =>
  inFolder((folder) => {
    const path = join(folder, 'disk.img');
    make(path, folder);
    return diskFrom(readFileSync(path));
  });
