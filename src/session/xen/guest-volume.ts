/**
 * The logical volume that the example of Xilinx' white paper WP474 boots, /dev/vg/guest-volume: a disk with an MBR and a
 * FAT partition, in which pygrub finds a kernel. It has Linux if /guests has it, else one of our own guests.
 */
import { SparseDisk, sectorSize } from '../../soc/storage/disk.ts';
import { DiskPart } from '../../soc/storage/filesystems/disk-part.ts';
import { makeFat, type NewFile } from '../../soc/storage/filesystems/fat/make.ts';
import { writeMbr } from '../../soc/storage/partitions/mbr.ts';
import type { Dom0File } from '../api/files.ts';
import { guestVolumePath } from './linux-guests.ts';

const linuxPath = '/guests/linux.img';
/** With the modules that mount its disk and bring its network up; and without, where there is no other. */
const ramdiskPaths = ['/guests/linux-initrd.img', '/guests/initrd.img'] as const;

const MiB = 2 ** 20;
/** Of every disk, before the partition and behind it: the one by custom, the other for guests without a file system. */
const free = MiB;
const fatType = 0x0c;

const readme = `This partition is the first disk of the domain in /etc/xen/paper.cfg. pygrub reads /boot/extlinux/extlinux.conf
and takes the kernel from here. Try in Domain-0:   pygrub -l ${guestVolumePath}
`;

/** A kernel to put on the volume, with its ramdisk and command line. */
interface Software {
  readonly size: number;
  readonly kernel: Uint8Array;
  readonly ramdisk: Uint8Array | null;
  readonly args: string;
}

/** The volume with what there is to boot; null if there is nothing. `read` gives the file at a path in Dom0. */
export function guestVolume(read: (path: string) => Uint8Array | null): Dom0File | null {
  const software = softwareFrom(read);
  return software && { path: guestVolumePath, bytes: imageOf(software) };
}

function softwareFrom(read: (path: string) => Uint8Array | null): Software | null {
  const kernel = read(linuxPath);
  const ramdisk = read(ramdiskPaths[0]) ?? read(ramdiskPaths[1]);
  if (kernel && ramdisk) {
    const size = Math.ceil((kernel.length + ramdisk.length) / (16 * MiB) + 1) * 16 * MiB;
    return { size, kernel, ramdisk, args: 'console=hvc0' };
  }
  const own = read('/guests/disk.img') ?? read('/guests/hello.img');
  return own && { size: 16 * MiB, kernel: own, ramdisk: null, args: '' };
}

function imageOf({ size, kernel, ramdisk, args }: Software): Uint8Array {
  const text = (content: string): Uint8Array => new TextEncoder().encode(content);
  // pygrub reads no line "initrd", but takes it from the command line, as extlinux does too.
  const append = [...(ramdisk ? ['initrd=/boot/initrd'] : []), ...(args === '' ? [] : [args])].join(' ');
  const config = `default guest\nlabel guest\n  kernel /boot/kernel\n${append === '' ? '' : `  append ${append}\n`}`;
  const files: NewFile[] = [
    { path: '/README.TXT', bytes: text(readme) },
    { path: '/boot/extlinux/extlinux.conf', bytes: text(config) },
    { path: '/boot/kernel', bytes: kernel },
    ...(ramdisk ? [{ path: '/boot/initrd', bytes: ramdisk }] : []),
  ];
  const bytes = new Uint8Array(size);
  const disk = new SparseDisk(size / sectorSize);
  const firstSector = free / sectorSize;
  const sectors = (size - 2 * free) / sectorSize;
  writeMbr(disk, [{ firstSector, sectors, type: fatType, isActive: true }], 0x474);
  makeFat(new DiskPart(disk, firstSector, sectors), files, { label: 'GUEST', id: 0x474 });
  disk.read(0, bytes);
  return bytes;
}

/** Whether a file that comes into Dom0 later gives the volume other contents. */
export const isPartOfVolume = (path: string): boolean =>
  path === linuxPath || ramdiskPaths.some((ramdisk) => ramdisk === path);
