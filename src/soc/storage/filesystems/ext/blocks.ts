/** Where the blocks of a file lie: by a tree of extents, or by lists of blocks in up to three levels. */
import { FileSystemError, viewOf } from '../disk-part.ts';

/** A run of a file's blocks: where the first is on the disk, and how many follow in a row. Block 0 is a hole. */
export interface Run {
  readonly block: number;
  readonly count: number;
}

/** Reads a block of the file system. */
export type ReadBlock = (block: number) => Uint8Array;

const extentMagic = 0xf30a;
/** Deeper than any file needs (Linux, EXT4_MAX_EXTENT_DEPTH). */
const mostDepth = 5;
/** Longer extents are not initialized: their blocks read as zeros. */
const mostInitialized = 32768;

/** The run at a block of a file whose inode has extents. `root` is the inode's i_block. */
export function runByExtents(root: Uint8Array, wanted: number, readBlock: ReadBlock): Run {
  let node = viewOf(root);
  /** The first block behind what is asked for, from the entries on the way. */
  let end = Number.POSITIVE_INFINITY;
  for (let depth = mostDepth + 1; ; ) {
    const entries = node.getUint16(2, true);
    const own = node.getUint16(6, true);
    if (node.getUint16(0, true) !== extentMagic || 12 + entries * 12 > node.byteLength || own >= depth)
      throw new FileSystemError('has a file with a damaged tree of extents');
    depth = own;
    let found = -1;
    for (let i = 0; i < entries; i++) {
      const first = node.getUint32(12 + i * 12, true);
      if (first > wanted) {
        end = Math.min(end, first);
        break;
      }
      found = 12 + i * 12;
    }
    const hole = { block: 0, count: end - wanted };
    if (found < 0) return hole;
    if (depth > 0) {
      node = viewOf(readBlock(node.getUint32(found + 4, true) + node.getUint16(found + 8, true) * 2 ** 32));
      continue;
    }
    const first = node.getUint32(found, true);
    const length = node.getUint16(found + 4, true);
    const isInitialized = length <= mostInitialized;
    const count = first + (isInitialized ? length : length - mostInitialized) - wanted;
    if (count <= 0) return hole;
    const start = node.getUint16(found + 6, true) * 2 ** 32 + node.getUint32(found + 8, true);
    return { block: isInitialized ? start + wanted - first : 0, count };
  }
}

/** The run at a block of a file whose inode has lists: 12 blocks, then a list, a list of lists, and one more level. */
export function runByLists(root: Uint8Array, wanted: number, blockSize: number, readBlock: ReadBlock): Run {
  const perBlock = blockSize / 4;
  const entries = viewOf(root);
  if (wanted < 12) return { block: entries.getUint32(wanted * 4, true), count: 1 };
  let rest = wanted - 12;
  /** How many blocks of the file an entry of the level stands for. */
  let span = perBlock;
  for (let level = 0; level < 3; level++, span *= perBlock) {
    if (rest >= span) {
      rest -= span;
      continue;
    }
    let block = entries.getUint32((12 + level) * 4, true);
    let below = span;
    // A missing list is a hole of all that it would have listed.
    while (below > 1 && block !== 0) {
      below /= perBlock;
      block = viewOf(readBlock(block)).getUint32(Math.floor(rest / below) * 4, true);
      rest %= below;
    }
    return { block, count: below - rest };
  }
  throw new FileSystemError('has a file that is larger than it can be');
}
