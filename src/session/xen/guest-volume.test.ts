import { describe, expect, test } from 'vitest';
import { MenuBench } from '../../dom0/bootloader/menu/menu-testing.ts';
import { runPygrub } from '../../dom0/bootloader/pygrub.ts';
import { diskFrom, hasTools, judge, runTool } from '../../soc/storage/disk-tools-testing.ts';
import { openFileSystem } from '../../soc/storage/filesystems/open.ts';
import { guestVolume } from './guest-volume.ts';
import { guestVolumePath } from './linux-guests.ts';
import { guestFiles, XenSessionBench } from './xen-session-testing.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const made = (files: Readonly<Record<string, Uint8Array>>): Uint8Array | undefined =>
  guestVolume((path) => files[path] ?? null)?.bytes;
/** What pygrub finds on a volume. */
const found = (bytes: Uint8Array | undefined) => {
  const disk = diskFrom(bytes ?? new Uint8Array());
  const bench = new MenuBench((terminal) => runPygrub(['-q', guestVolumePath], () => disk, terminal));
  bench.pass(0.1);
  const { boot } = bench.result ?? {};
  return boot && { kernel: boot.kernel.length, ramdisk: boot.ramdisk?.length ?? null, args: boot.args };
};

describe('the volume of the white paper’s guest', () => {
  const own = { '/guests/hello.img': new Uint8Array(10) };
  const linux = { ...own, '/guests/linux.img': new Uint8Array(33_000_001), '/guests/initrd.img': text('initrd') };

  test('has one of our guests, and Linux if it is there', () => {
    expect(made({})).toBeUndefined();
    expect(found(made(own))).toEqual({ kernel: 10, ramdisk: null, args: null });
    expect(found(made({ ...own, '/guests/disk.img': new Uint8Array(20) }))?.kernel).toBe(20);
    expect(found(made(linux))).toEqual({ kernel: 33_000_001, ramdisk: 6, args: 'console=hvc0' });
    const both = { ...linux, '/guests/linux-initrd.img': text('with modules') };
    expect(found(made(both))?.ramdisk).toBe(12);
  });

  test.skipIf(!hasTools('fsck.fat', 'sfdisk'))('pleases sfdisk and fsck.fat', () => {
    const bytes = made(own) ?? new Uint8Array();
    const disk = diskFrom(bytes);
    judge(disk, (path) => runTool('sfdisk', ['-V', path]));
    const partition = diskFrom(bytes.slice(2 ** 20, bytes.length - 2 ** 20));
    expect(judge(partition, (path) => runTool('fsck.fat', ['-n', path]))).toContain('files');
    expect(openFileSystem(disk, 2048)?.kindOf('/README.TXT')).toBe('file');
  });

  test('becomes Linux when that comes into Dom0, but not under a domain’s feet', () => {
    const bench = new XenSessionBench({ guests: guestFiles(() => new Uint8Array(10)) });
    const put = (path: string, size: number): void => {
      const bytes = new Uint8Array(size);
      expect(bench.system.enter({ kind: 'writeFile', path, bytes, isOriginal: true })).toMatchObject({ ok: true });
    };
    const kernel = (): number | undefined => {
      const { files } = bench.dom0;
      const read = files.read(guestVolumePath);
      return found(read.ok ? read.value : undefined)?.kernel;
    };
    expect(kernel()).toBe(10);
    put('/guests/linux.img', 2000);
    expect(kernel()).toBe(10);
    put('/guests/initrd.img', 3000);
    expect(kernel()).toBe(2000);
    // What a domain has written is the user's.
    bench.dom0.files.writeAt(guestVolumePath, 512, text('mine'));
    put('/guests/linux.img', 4000);
    expect(kernel()).toBe(2000);
  });
});
