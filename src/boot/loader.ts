import { gunzip, isGzip } from '../base/gzip.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type PhysAddr, physAddr } from '../base/units.ts';
import { isElf, type KernelPlan, readElf, type Segment } from './elf.ts';
import { treeForBoot } from './fdt/boot.ts';
import type { DeviceTree } from './fdt/fdt.ts';
import { readFdt } from './fdt/reader.ts';
import { writeFdt } from './fdt/writer.ts';
import { isImage, readImage } from './image.ts';

/** DRAM as the loader sees it. */
export interface LoaderMemory {
  readonly base: PhysAddr;
  readonly size: number;
  /** The bytes at a physical address; all of them must be DRAM. */
  view(address: PhysAddr, length: number): Uint8Array;
}

/** A file's name, for messages, and its bytes. */
export interface NamedFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** What to put in memory before the first core starts. */
export interface LoadRequest {
  /** An ELF file or an arm64 Image, also compressed with gzip. */
  readonly kernel: NamedFile;
  readonly initrd?: NamedFile | undefined;
  /** A flattened device tree; the built-in one if there is none. */
  readonly deviceTree?: NamedFile | undefined;
  /** Replaces the command line in the device tree. */
  readonly bootArguments?: string | undefined;
  /** Files that go to given physical addresses as they are. */
  readonly placed?: readonly { readonly address: bigint; readonly file: NamedFile }[] | undefined;
  /** Seed of the kernel's random numbers. Without one the seed is 0, and the kernel's address is not random. */
  readonly seed?: number | undefined;
}

/** The machine to boot. */
export interface LoadTarget {
  readonly base: PhysAddr;
  readonly size: number;
  readonly cores: number;
  /** The device tree for a request without one. */
  builtInTree(): DeviceTree;
}

/** Everything that goes to memory, the kernel first. */
export interface BootPlan extends KernelPlan {
  /** Names and addresses for the log, the kernel first: `initrd.gz: 5251774 bytes at 0x8000000`. */
  readonly places: readonly string[];
  /** Physical address of the device tree. */
  readonly deviceTree: bigint;
}

const hex = (n: bigint): string => `0x${n.toString(16)}`;
const MiB = 2n ** 20n;
/**
 * A tree must lie within one 2 MiB block, which is how the kernel maps it (Linux, Documentation/arm64/booting.rst,
 * section 2).
 */
const largestTree = 2n * MiB;

/**
 * Decides where kernel, initrd, device tree and other files go, without touching memory.
 * The error is one sentence for the user that names the file and the reason.
 */
export function planBoot(request: LoadRequest, target: LoadTarget): Result<BootPlan> {
  const kernel = planKernel(request.kernel, target);
  if (!kernel.ok) return kernel;
  const space = new Space(target);
  for (const { address, memorySize } of kernel.value.segments) space.take(address, memorySize, request.kernel.name);
  const segments: Segment[] = [...kernel.value.segments];
  const { format, entry } = kernel.value;
  const places = [`${request.kernel.name}: ${format}, ${request.kernel.bytes.length} bytes, entry ${hex(entry)}`];
  const put = (name: string, address: bigint, bytes: Uint8Array) => {
    segments.push({ address, bytes, memorySize: BigInt(bytes.length) });
    places.push(`${name}: ${bytes.length} bytes at ${hex(address)}`);
  };

  for (const { address, file } of request.placed ?? []) {
    const size = BigInt(file.bytes.length);
    if (!space.holds(address, size))
      return err(`${file.name} at ${hex(address)} has ${size} bytes, which do not all lie in DRAM (${space.range}).`);
    const other = space.occupant(address, size);
    if (other) return err(`${file.name} at ${hex(address)} would lie over ${other.name}.`);
    space.take(address, size, file.name);
    put(file.name, address, file.bytes);
  }

  // As in QEMU's loader: high enough that the kernel's own memory does not reach it, and within a small memory.
  const kernelEnd = kernel.value.segments.reduce((end, s) => max(end, s.address + s.memorySize), 0n);
  let from = max(kernelEnd, BigInt(target.base) + min(128n * MiB, BigInt(target.size) / 2n));
  let initrd: { address: number; size: number } | undefined;
  if (request.initrd) {
    const { name, bytes } = request.initrd;
    const size = BigInt(bytes.length);
    const address = space.find(size, 4096n, from);
    if (address === null) return err(`${name} has ${size} bytes, for which DRAM (${space.range}) has no room.`);
    space.take(address, size, name);
    put(name, address, bytes);
    initrd = { address: Number(address), size: bytes.length };
    from = address + size;
  }

  const tree = request.deviceTree ? readFdt(request.deviceTree.bytes) : ok(target.builtInTree());
  const treeName = request.deviceTree?.name ?? 'built-in device tree';
  if (!tree.ok) return err(`${treeName} ${tree.error}.`);
  const blob = writeFdt(
    treeForBoot(tree.value, {
      cores: target.cores,
      dramBase: target.base,
      dramSize: target.size,
      bootArguments: request.bootArguments,
      initrd,
      seed: request.seed,
    }),
  );
  const size = BigInt(blob.length);
  if (size > largestTree) return err(`${treeName} has ${size} bytes; a kernel takes a tree of 2 MiB at most.`);
  // At a multiple of a power of two not below its size, so that it crosses no 2 MiB boundary.
  const alignment = 2n ** BigInt(size.toString(2).length);
  const deviceTree = space.find(size, alignment, from);
  if (deviceTree === null)
    return err(`The ${treeName} has ${size} bytes, for which DRAM (${space.range}) has no room.`);
  put(treeName, deviceTree, blob);
  return ok({ ...kernel.value, segments, places, deviceTree });
}

/** Decides where a kernel file goes, as `planBoot` does. */
export function planKernel(file: NamedFile, dram: Pick<LoaderMemory, 'base' | 'size'>): Result<KernelPlan> {
  const { name } = file;
  const unpacked = isGzip(file.bytes) ? gunzip(file.bytes) : ok(file.bytes);
  if (!unpacked.ok) return err(`${name} ${unpacked.error}.`);
  const plan = readKernel(unpacked.value, BigInt(dram.base));
  if (!plan.ok) return err(`${name} ${plan.error}.`);
  const space = new Space(dram);
  for (const segment of plan.value.segments) {
    if (!space.holds(segment.address, segment.memorySize)) {
      const range = `${hex(segment.address)} to ${hex(segment.address + segment.memorySize - 1n)}`;
      return err(`${name} has a segment at ${range}, outside DRAM (${space.range}).`);
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
  return err('is neither an ELF file nor an arm64 Image');
}

/** Copies segments to DRAM. Returns the bytes placed. */
export function placeSegments(plan: KernelPlan, dram: LoaderMemory): number {
  let placed = 0;
  for (const { address, bytes, memorySize } of plan.segments) {
    const target = dram.view(physAddr(Number(address)), Number(memorySize));
    target.set(bytes);
    // An Image clears its own memory beyond the file; an ELF segment may rely on zeros, even where memory was used
    // before.
    if (plan.format === 'ELF') target.fill(0, bytes.length);
    placed += bytes.length;
  }
  return placed;
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** The parts of DRAM that are taken, with the names of their occupants. */
class Space {
  readonly #start: bigint;
  readonly #end: bigint;
  readonly #taken: { readonly start: bigint; readonly end: bigint; readonly name: string }[] = [];

  constructor(dram: Pick<LoaderMemory, 'base' | 'size'>) {
    this.#start = BigInt(dram.base);
    this.#end = this.#start + BigInt(dram.size);
  }

  /** First and last address, for messages. */
  get range(): string {
    return `${hex(this.#start)} to ${hex(this.#end - 1n)}`;
  }

  holds(address: bigint, size: bigint): boolean {
    return address >= this.#start && address + size <= this.#end;
  }

  take(address: bigint, size: bigint, name: string): void {
    this.#taken.push({ start: address, end: address + size, name });
  }

  /** What lies in a range already. */
  occupant(address: bigint, size: bigint): { readonly end: bigint; readonly name: string } | undefined {
    return this.#taken.find(({ start, end }) => address < end && address + size > start);
  }

  /**
   * The lowest free place at or above `from`, or if there is none the lowest of all; null when nothing is free.
   * Never at address 0, which kernels take for none.
   */
  find(size: bigint, alignment: bigint, from: bigint): bigint | null {
    const aligned = (address: bigint) => ((address + alignment - 1n) / alignment) * alignment;
    for (const first of [from, max(this.#start, 1n)]) {
      let address = aligned(first);
      for (let other = this.occupant(address, size); other; other = this.occupant(address, size))
        address = aligned(other.end);
      if (this.holds(address, size)) return address;
    }
    return null;
  }
}
