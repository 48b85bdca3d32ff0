import { err, ok, type Result } from '../base/result.ts';

/** Part of a kernel file, and its place in physical memory. */
export interface Segment {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /** Bytes in memory; those after `bytes` are zero. */
  readonly memorySize: bigint;
}

/** What a kernel file asks of its loader. */
export interface KernelPlan {
  readonly format: 'ELF' | 'Image';
  readonly segments: readonly Segment[];
  /** Physical address of the first instruction. */
  readonly entry: bigint;
}

const EI_CLASS = 4;
const EI_DATA = 5;
const ELFCLASS64 = 2;
const ELFDATA2LSB = 1;
const ET_EXEC = 2;
const ET_DYN = 3;
const EM_AARCH64 = 183;
const PT_LOAD = 1;
const headerSize = 64;
const programHeaderSize = 56;

const machines: ReadonlyMap<number, string> = new Map([
  [3, '80386'],
  [8, 'MIPS'],
  [20, 'PowerPC'],
  [21, '64-bit PowerPC'],
  [22, 's390'],
  [40, '32-bit Arm'],
  [62, 'x86-64'],
  [189, 'MicroBlaze'],
  [243, 'RISC-V'],
]);

/** Whether a file starts like an ELF file. */
export const isElf = (bytes: Uint8Array): boolean =>
  bytes[0] === 0x7f && bytes[1] === 0x45 && bytes[2] === 0x4c && bytes[3] === 0x46;

/**
 * Reads the program headers of an executable ELF64 file for AArch64 (System V ABI chapters 4 and 5; ELF for the Arm
 * 64-bit Architecture). Segments go to their physical addresses; an entry point that is a virtual address moves with
 * its segment. The error is the rest of a sentence that starts with the file's name.
 */
export function readElf(bytes: Uint8Array): Result<KernelPlan> {
  if (bytes.length < headerSize) return err(`ends inside its ELF header, after ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes[EI_DATA] !== ELFDATA2LSB) return err('is a big-endian ELF file; the machine runs little-endian kernels');
  const machine = view.getUint16(18, true);
  if (machine !== EM_AARCH64)
    return err(`is an ELF file for ${machines.get(machine) ?? `machine number ${machine}`}, not for AArch64`);
  if (bytes[EI_CLASS] !== ELFCLASS64) return err('is a 32-bit ELF file; the machine runs 64-bit kernels');
  const type = view.getUint16(16, true);
  if (type !== ET_EXEC && type !== ET_DYN) return err(`is an ELF file of type ${type}, not an executable`);

  const entry = view.getBigUint64(24, true);
  const tableOffset = view.getBigUint64(32, true);
  const entrySize = view.getUint16(54, true);
  const count = view.getUint16(56, true);
  if (count > 0 && entrySize < programHeaderSize)
    return err(`has ELF program headers of ${entrySize} bytes, too small`);
  if (tableOffset + BigInt(count * entrySize) > BigInt(bytes.length))
    return err('is cut short: its ELF program headers lie beyond its end');

  const segments: Segment[] = [];
  let physicalEntry = entry;
  for (let i = 0; i < count; i++) {
    const at = Number(tableOffset) + i * entrySize;
    if (view.getUint32(at, true) !== PT_LOAD) continue;
    const offset = view.getBigUint64(at + 8, true);
    const virtualAddress = view.getBigUint64(at + 16, true);
    const address = view.getBigUint64(at + 24, true);
    const fileSize = view.getBigUint64(at + 32, true);
    const memorySize = view.getBigUint64(at + 40, true);
    if (offset + fileSize > BigInt(bytes.length)) return err(`is cut short: ELF segment ${i} lies beyond its end`);
    if (fileSize > memorySize) return err(`has an ELF segment ${i} that is larger in the file than in memory`);
    if (memorySize === 0n) continue;
    const start = Number(offset);
    segments.push({ address, bytes: bytes.subarray(start, start + Number(fileSize)), memorySize });
    if (entry >= virtualAddress && entry - virtualAddress < memorySize)
      physicalEntry = entry - virtualAddress + address;
  }
  if (segments.length === 0) return err('is an ELF file with nothing to load');
  return ok({ format: 'ELF', segments, entry: BigInt.asUintN(64, physicalEntry) });
}
