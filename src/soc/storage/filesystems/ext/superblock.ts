/** The superblock and block group descriptors of ext2, ext3 and ext4 (Linux, Documentation/filesystems/ext4). */
import { type DiskPart, FileSystemError, viewOf } from '../disk-part.ts';

/** Features without which a reader would read wrongly: s_feature_incompat. */
const incompatible = {
  fileType: 0x2,
  recover: 0x4,
  metaBlockGroups: 0x10,
  extents: 0x40,
  is64bit: 0x80,
  mmp: 0x100,
  flexGroups: 0x200,
  eaInode: 0x400,
  csumSeed: 0x2000,
  largeDirectories: 0x4000,
  inlineData: 0x8000,
  encrypt: 0x1_0000,
  caseFold: 0x2_0000,
} as const;
const known = Object.values(incompatible).reduce((all, bit) => all | bit, 0);
/** s_feature_compat and s_feature_ro_compat. */
const hasJournal = 0x4;
const sparseSuper = 0x1;
/** What ext4 has and ext3 has not, though both can read it: huge_file, gdt_csum, dir_nlink, extra_isize and later. */
const ext4ReadOnly = 0x8 | 0x10 | 0x20 | 0x40 | 0x100 | 0x200 | 0x400;

export interface Superblock {
  readonly type: 'ext2' | 'ext3' | 'ext4';
  readonly label: string;
  readonly id: string;
  readonly needsRecovery: boolean;
  readonly blockSize: number;
  readonly blocks: number;
  readonly inodes: number;
  readonly inodesPerGroup: number;
  readonly inodeSize: number;
  /** Whether directory entries have a byte for the file's type, so that a name's length is one byte. */
  readonly hasFileType: boolean;
  /** The first block of a block group's table of inodes. */
  inodeTable(group: number): number;
}

const magic = 0xef53;
const superblockAt = 1024;

/** Reads the superblock; null if there is none. */
export function readSuperblock(part: DiskPart): Superblock | null {
  if (part.size < superblockAt + 1024) return null;
  const bytes = part.read(superblockAt, 1024);
  const view = viewOf(bytes);
  const u16 = (at: number): number => view.getUint16(at, true);
  const u32 = (at: number): number => view.getUint32(at, true);
  if (u16(56) !== magic) return null;
  const compat = u32(92);
  const incompat = u32(96);
  const readOnly = u32(100);
  const unknown = (incompat & ~known) >>> 0;
  if (unknown !== 0) throw new FileSystemError(`has features that are not known here (0x${unknown.toString(16)})`);
  const logBlock = u32(24);
  const inodesPerGroup = u32(40);
  const blocksPerGroup = u32(32);
  const inodeSize = u32(76) === 0 ? 128 : u16(88);
  const is64bit = (incompat & incompatible.is64bit) !== 0;
  const blocks = u32(4) + (is64bit ? u32(336) * 2 ** 32 : 0);
  const blockSize = 1024 * 2 ** Math.min(logBlock, 16);
  const descriptorSize = is64bit ? u16(254) : 32;
  const isPossible =
    logBlock <= 6 &&
    ![blocks, inodesPerGroup, blocksPerGroup].includes(0) &&
    [inodeSize >= 128, inodeSize <= blockSize, descriptorSize >= 32, descriptorSize <= blockSize].every(Boolean);
  if (!isPossible) throw new FileSystemError('has a damaged superblock');
  const firstBlock = u32(20);
  const groups = Math.ceil((blocks - firstBlock) / blocksPerGroup);
  const perBlock = Math.floor(blockSize / descriptorSize);
  const hasMeta = (incompat & incompatible.metaBlockGroups) !== 0;
  const firstMeta = u32(260);

  /** Where a group's descriptor is: behind the superblock, or with meta_bg in the first group of its own block. */
  const descriptorAt = (group: number): number => {
    const index = Math.floor(group / perBlock);
    const within = (group % perBlock) * descriptorSize;
    if (!hasMeta || index < firstMeta) return (firstBlock + 1 + index) * blockSize + within;
    const first = index * perBlock;
    const hasSuper = (readOnly & sparseSuper) === 0 || isSparse(first) ? 1 : 0;
    return (firstBlock + first * blocksPerGroup + hasSuper) * blockSize + within;
  };

  const isExt4 = (incompat & (incompatible.extents | incompatible.is64bit)) !== 0 || (readOnly & ext4ReadOnly) !== 0;
  return {
    type: isExt4 ? 'ext4' : compat & hasJournal ? 'ext3' : 'ext2',
    label: new TextDecoder().decode(bytes.subarray(120, 136)).replace(/\0.*$/s, ''),
    id: uuidText(bytes.subarray(104, 120)),
    needsRecovery: (incompat & incompatible.recover) !== 0,
    blockSize,
    blocks,
    inodes: u32(0),
    inodesPerGroup,
    inodeSize,
    hasFileType: (incompat & incompatible.fileType) !== 0,
    inodeTable(group) {
      if (group >= groups) throw new FileSystemError('refers to an inode that it does not have');
      const descriptor = viewOf(part.read(descriptorAt(group), descriptorSize));
      const high = descriptorSize >= 64 ? descriptor.getUint32(40, true) : 0;
      return descriptor.getUint32(8, true) + high * 2 ** 32;
    },
  };
}

/** Groups 0 and 1 and powers of 3, 5 and 7 have a copy of the superblock. */
const isSparse = (group: number): boolean => {
  if (group <= 1) return true;
  return [3, 5, 7].some((base) => {
    let power = base;
    while (power < group) power *= base;
    return power === group;
  });
};

const uuidText = (bytes: Uint8Array): string =>
  [...bytes].map((byte, i) => ([4, 6, 8, 10].includes(i) ? '-' : '') + byte.toString(16).padStart(2, '0')).join('');
