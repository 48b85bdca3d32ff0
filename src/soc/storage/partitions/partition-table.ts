import type { Disk } from '../disk.ts';
import { readGpt } from './gpt.ts';
import { protectiveType, readMbr } from './mbr.ts';
import type { Partition } from './partition.ts';

/** The partition table of a disk. */
export interface PartitionTable {
  readonly kind: 'MBR' | 'GPT';
  /** In the order of their numbers. */
  readonly partitions: readonly Partition[];
  /** What is odd about it, in sentences. */
  readonly warnings: readonly string[];
}

/**
 * Reads the partition table of a disk, an MBR or a GPT; null if there is none. Throws FileSystemError if there is a GPT
 * of which both copies are damaged.
 */
export function readPartitionTable(disk: Disk): PartitionTable | null {
  const mbr = readMbr(disk);
  if (!mbr) return null;
  const protective = protectiveType.toString(16);
  if (mbr.partitions.some(({ type }) => type === protective)) return { kind: 'GPT', ...readGpt(disk) };
  return { kind: 'MBR', ...mbr };
}
