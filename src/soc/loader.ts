import { err, type Result } from '../base/result.ts';
import { type PhysAddr, physAddr } from '../base/units.ts';
import { isElf, type KernelPlan, readElf } from './elf.ts';
import { isImage, readImage } from './image.ts';

/** DRAM as the loader sees it. */
export interface LoaderMemory {
  readonly base: PhysAddr;
  readonly size: number;
  /** The bytes at a physical address; all of them must be DRAM. */
  view(address: PhysAddr, length: number): Uint8Array;
}

const hex = (n: bigint): string => `0x${n.toString(16)}`;

/**
 * Decides where a kernel file goes, without touching memory.
 * The error is one sentence for the user that names the file and the reason.
 */
export function planKernel(
  file: { readonly name: string; readonly bytes: Uint8Array },
  dram: Pick<LoaderMemory, 'base' | 'size'>,
): Result<KernelPlan> {
  const { name, bytes } = file;
  const plan = readKernel(bytes, BigInt(dram.base));
  if (!plan.ok) return err(`${name} ${plan.error}.`);
  const end = BigInt(dram.base) + BigInt(dram.size);
  for (const segment of plan.value.segments) {
    if (segment.address < BigInt(dram.base) || segment.address + segment.memorySize > end) {
      const range = `${hex(segment.address)} to ${hex(segment.address + segment.memorySize - 1n)}`;
      return err(`${name} has a segment at ${range}, outside DRAM (${hex(BigInt(dram.base))} to ${hex(end - 1n)}).`);
    }
  }
  const { entry } = plan.value;
  const inside = plan.value.segments.some((s) => entry >= s.address && entry < s.address + s.memorySize);
  if (!inside) return err(`${name} starts at ${hex(entry)}, which is in none of its segments.`);
  if ((entry & 3n) !== 0n) return err(`${name} starts at ${hex(entry)}, which is not the address of an instruction.`);
  return plan;
}

function readKernel(bytes: Uint8Array, dramBase: bigint): Result<KernelPlan> {
  if (bytes.length === 0) return err('is empty');
  if (isElf(bytes)) return readElf(bytes);
  if (isImage(bytes)) return readImage(bytes, dramBase);
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) return err('is compressed with gzip: unpack it first');
  return err('is neither an ELF file nor an arm64 Image');
}

/** Copies the segments to DRAM. Returns the bytes placed. */
export function placeKernel(plan: KernelPlan, dram: LoaderMemory): number {
  let placed = 0;
  for (const { address, bytes, memorySize } of plan.segments) {
    const target = dram.view(physAddr(Number(address)), Number(memorySize));
    target.set(bytes);
    // An Image clears its own memory beyond the file; an ELF segment may rely on zeros, also where another lay before it.
    if (plan.format === 'ELF') target.fill(0, bytes.length);
    placed += bytes.length;
  }
  return placed;
}
