import { err, ok, type Result } from '../base/result.ts';
import type { KernelPlan } from './elf.ts';

const headerSize = 64;
const magicOffset = 56;

/** Whether a file has the header of an arm64 Image. */
export const isImage = (bytes: Uint8Array): boolean =>
  bytes.length >= headerSize &&
  bytes[magicOffset] === 0x41 &&
  bytes[magicOffset + 1] === 0x52 &&
  bytes[magicOffset + 2] === 0x4d &&
  bytes[magicOffset + 3] === 0x64;

/**
 * The image goes `text_offset` bytes after a 2 MiB boundary; the lowest 2 MiB of DRAM are used only if the offset
 * leaves their first page free.
 */
const alignment = 0x20_0000n;
const reserved = 0x1000n;

/**
 * Reads the header of an arm64 kernel Image (Linux, Documentation/arm64/booting.rst, section 4) and places it as QEMU's
 * loader does. The error is the rest of a sentence that starts with the file's name.
 */
export function readImage(bytes: Uint8Array, dramBase: bigint): Result<KernelPlan> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const imageSize = view.getBigUint64(16, true);
  const flags = view.getBigUint64(24, true);
  // Before Linux 3.17 image_size and the byte order of text_offset were undefined; the document says which offset to
  // assume.
  const textOffset = imageSize === 0n ? 0x8_0000n : view.getBigUint64(8, true);
  if (flags & 1n) return err('is a big-endian arm64 Image; the machine runs little-endian kernels');
  const address = dramBase + textOffset + (textOffset < reserved ? alignment : 0n);
  const memorySize = imageSize > BigInt(bytes.length) ? imageSize : BigInt(bytes.length);
  return ok({ format: 'Image', segments: [{ address, bytes, memorySize }], entry: address });
}
