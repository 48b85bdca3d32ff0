/**
 * The initial contents of a guest's memory and its entry point (Xen 4.17, tools/libs/guest/xg_dom_arm.c and its
 * loaders).
 */
import { gunzip, isGzip } from '../../base/gzip.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { isElf, readElf } from '../../boot/elf.ts';
import { isImage } from '../../boot/image.ts';
import { type Range, ramBanks, ramMax } from '../../xen/domain/guest-layout.ts';
import type { PartialTree } from './devices/partial-tree.ts';
import { guestDeviceTree } from './guest-device-tree.ts';

export interface GuestImageRequest {
  /** The kernel file: an arm64 Image or an ELF file, or one of these compressed with gzip. */
  readonly kernel: Uint8Array;
  readonly ramdisk: Uint8Array | null;
  readonly commandLine: string | null;
  readonly vcpus: number;
  /** Bytes of RAM. */
  readonly memory: number;
  readonly vuart: boolean;
  readonly partial?: PartialTree | null;
  readonly rngSeed: Uint8Array;
}

/**
 * Bytes and their intermediate physical address. The memory after them, up to `size`, is zero, as all memory is at
 * first.
 */
export interface Piece {
  readonly address: number;
  readonly bytes: Uint8Array;
  readonly size: number;
}

export interface GuestImage {
  readonly pieces: readonly Piece[];
  readonly entry: bigint;
  /** The device tree's address, which X0 holds at entry. */
  readonly deviceTree: number;
}

/** Why a guest cannot be built; create-judgement.ts has libxl's messages for it. */
export type GuestImageError = 'kernel-damaged' | 'kernel-outside-memory' | 'no-room' | BelowKernel;

/** RAM disk and device tree would lie below the kernel's end, but libxc places segments in ascending order. */
export interface BelowKernel {
  readonly place: number;
  /** The end of the kernel's last page. */
  readonly kernelEnd: number;
}

const MiB = 2 ** 20;
const pageUp = (bytes: number): number => Math.ceil(bytes / 4096) * 4096;

/** Plans the layout without touching memory. */
export function planGuest(request: GuestImageRequest): Result<GuestImage, GuestImageError> {
  const { memory, vcpus, vuart, partial = null, rngSeed, commandLine: bootArguments } = request;
  if (memory > ramMax) return err('no-room');
  const unpacked = isGzip(request.kernel) ? gunzip(request.kernel) : ok(request.kernel);
  if (!unpacked.ok) return err('kernel-damaged');
  const kernel = readKernel(unpacked.value);
  if (!kernel) return err('kernel-damaged');
  const [bank] = ramBanks;
  const bankEnd = bank.base + Math.min(memory, bank.size);
  const start = Math.min(...kernel.pieces.map((piece) => piece.address));
  const end = Math.max(...kernel.pieces.map((piece) => piece.address + piece.size));
  if (start < bank.base || end > bankEnd) return err('kernel-outside-memory');

  const { ramdisk } = request;
  const tree = (initrd: Range | null): Uint8Array =>
    guestDeviceTree({ vcpus, memory, bootArguments, initrd, vuart, partial, rngSeed });
  const ramdiskSize = ramdisk ? pageUp(ramdisk.length) : 0;
  const treeSize = pageUp(tree(ramdisk ? { base: 0, size: 0 } : null).length);
  const base = placeModules(start, end, bankEnd, ramdiskSize + treeSize);
  if (typeof base !== 'number') return err(base);
  const initrd = ramdisk ? { base, size: ramdiskSize } : null;
  const deviceTree = base + ramdiskSize;
  return ok({
    pieces: [
      ...kernel.pieces,
      ...(ramdisk ? [{ address: base, bytes: ramdisk, size: ramdiskSize }] : []),
      { address: deviceTree, bytes: tree(initrd), size: treeSize },
    ],
    entry: kernel.entry,
    deviceTree,
  });
}

/** Whether a file can be loaded as a kernel. */
export const isKernel = (file: Uint8Array): boolean => {
  const unpacked = isGzip(file) ? gunzip(file) : ok(file);
  return unpacked.ok && readKernel(unpacked.value) !== null;
};

function readKernel(bytes: Uint8Array): { readonly pieces: readonly Piece[]; readonly entry: bigint } | null {
  const [{ base }] = ramBanks;
  if (isElf(bytes)) {
    const elf = readElf(bytes);
    if (!elf.ok) return null;
    const pieces = elf.value.segments.map((s) => ({
      address: Number(s.address),
      bytes: s.bytes,
      size: Number(s.memorySize),
    }));
    return { pieces, entry: elf.value.entry };
  }
  if (!isImage(bytes)) return null;
  const address = base + textOffset(bytes);
  return { pieces: [{ address, bytes, size: bytes.length }], entry: BigInt(address) };
}

/** An Image's text_offset. libxc takes it unchecked; an Image that does not fit into memory is refused later. */
const textOffset = (image: Uint8Array): number =>
  Number(new DataView(image.buffer, image.byteOffset, image.byteLength).getBigUint64(8, true));

/**
 * The address of RAM disk and device tree: 128 MiB above the start of RAM if RAM is large enough, else as high as
 * possible (meminit).
 */
function placeModules(
  kernelStart: number,
  kernelEndExact: number,
  bankEnd: number,
  size: number,
): number | 'no-room' | BelowKernel {
  const [{ base }] = ramBanks;
  const at128 = base + 128 * MiB;
  const kernelEnd = Math.ceil(kernelEndExact / (2 * MiB)) * 2 * MiB;
  if (bankEnd >= at128 + size && kernelEnd < at128) return at128;
  if (bankEnd - size > kernelEnd) return bankEnd - size;
  if (kernelStart - base > size) return { place: kernelStart - size, kernelEnd: pageUp(kernelEndExact) };
  return 'no-room';
}
