import type { Hasher } from '../../base/hasher.ts';
import { err, ok } from '../../base/result.ts';
import type { Disk } from '../../soc/storage/disk.ts';
import { dom0Costs } from './costs.ts';
import { type FileResult, type FileSystem, isDevice } from './files.ts';
import type { Program } from './program.ts';
import { compute } from './task.ts';

/** Majors of Linux's devices: loop devices, and the device mapper's, which has the first free one (254). */
const loopMajor = 7;
const mapperMajor = 254;

/** A file behind a loop device. */
interface Loop {
  readonly path: string;
  readonly isReadOnly: boolean;
}

/** The block devices of Dom0: files below /dev, and loop devices, behind which are image files. */
export class BlockDevices {
  private readonly files: FileSystem;
  /** By minor. */
  private readonly loops = new Map<number, Loop>();
  /** Files below /dev by minor, in the order in which they were first asked for. */
  private readonly mapped: string[] = [];

  constructor(files: FileSystem) {
    this.files = files;
  }

  /** losetup -f: puts a file behind the first free loop device. Returns its minor. */
  attachLoop(path: string, isReadOnly: boolean): number {
    let minor = 0;
    while (this.loops.has(minor)) minor++;
    this.loops.set(minor, { path, isReadOnly });
    return minor;
  }

  /** losetup -d. Returns whether there was one. */
  detachLoop(minor: number): boolean {
    return this.loops.delete(minor);
  }

  /** The numbers of a device as stat(1) prints them, in hexadecimal; null if the path is no device. */
  numbersOf(path: string): string | null {
    const loop = /^\/dev\/loop(\d+)$/.exec(path)?.[1];
    if (loop !== undefined) return `${loopMajor.toString(16)}:${Number(loop).toString(16)}`;
    if (!isDevice(path) || !this.files.exists(path) || this.files.isDirectory(path)) return null;
    let minor = this.mapped.indexOf(path);
    if (minor < 0) minor = this.mapped.push(path) - 1;
    return `${mapperMajor.toString(16)}:${minor.toString(16)}`;
  }

  /** The loop devices behind which a file is. */
  loopsOf(path: string): string[] {
    return [...this.loops].filter(([, loop]) => loop.path === path).map(([minor]) => `/dev/loop${minor}`);
  }

  /** Opens a device by its numbers in hexadecimal, `7:0`. */
  open(numbers: string): FileResult<{ readonly disk: Disk; readonly isReadOnly: boolean }> {
    const [major, minor] = numbers.split(':').map((part) => Number.parseInt(part, 16));
    const loop = major === loopMajor ? this.loops.get(minor ?? -1) : undefined;
    const path = loop?.path ?? (major === mapperMajor ? this.mapped[minor ?? -1] : undefined);
    if (path === undefined) return err('No such file or directory');
    const disk = this.files.disk(path);
    if (!disk.ok) return disk;
    return ok({ disk: disk.value, isReadOnly: (loop?.isReadOnly ?? false) || disk.value.isReadOnly });
  }

  fingerprint(hasher: Hasher): void {
    for (const [minor, loop] of this.loops) hasher.add(minor, { ...loop });
    hasher.add(this.mapped);
  }

  /** losetup, which lists loop devices. */
  get program(): Program {
    const loops = this.loops;
    return {
      name: 'losetup',
      summary: 'list loop devices, behind which are the images of disks',
      *run({ args, out, err: complain }) {
        yield* compute(dom0Costs.smallProgram);
        const unknown = args.find((argument) => argument !== '-a' && argument !== '--all');
        if (unknown !== undefined) {
          complain(`losetup: ${unknown}: only -a is served here\n`);
          return 1;
        }
        for (const [minor, { path }] of [...loops].sort(([a], [b]) => a - b))
          out(`/dev/loop${minor}: [0002]:1 (${path})\n`);
        return 0;
      },
    };
  }
}
