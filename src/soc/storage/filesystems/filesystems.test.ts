import { closeSync, ftruncateSync, mkdirSync, openSync, symlinkSync, writeFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Hasher } from '../../../base/hasher.ts';
import { RandomBytes } from '../../../base/random.ts';
import { type Disk, SparseDisk } from '../disk.ts';
import { diskFrom, hasTools, imageOf, judge, makeDisk, runTool } from '../disk-tools-testing.ts';
import { DiskPart, FileSystemError } from './disk-part.ts';
import { type FatOptions, makeFat, type NewFile } from './fat/make.ts';
import type { FileTree } from './file-tree.ts';
import { openFileSystem } from './open.ts';

const bytes = (length: number, seed = length): Uint8Array => new RandomBytes(seed).bytes(length);
const MiB = 2 ** 20;

/** Files that need several clusters, indirect blocks, long names and a directory of many blocks. */
const sample: readonly NewFile[] = [
  { path: '/boot/extlinux/extlinux.conf', bytes: new TextEncoder().encode('label l0\n') },
  { path: '/boot/Image', bytes: bytes(700_001) },
  { path: '/EMPTY.TXT', bytes: new Uint8Array() },
  { path: '/A Long Name, with ünïcode.text', bytes: bytes(5000) },
  ...Array.from({ length: 300 }, (_, i) => ({ path: `/many/file number ${i}`, bytes: bytes(i % 7, i) })),
];

/** Bytes as a short text, which is quickly compared. */
const digest = (content: Uint8Array): string => `${content.length}: ${new Hasher().add(content).digest()}`;

const listOf = (files: readonly NewFile[], change = (path: string): string => path): string[] =>
  files.map(({ path, bytes: content }) => `${change(path)} ${digest(content)}`).sort();

const contentsOf = (files: FileTree): NewFile[] =>
  [...files.walk()]
    .filter(({ kind, path }) => kind === 'file' && !path.startsWith('/lost+found'))
    .map(({ path }) => ({ path, bytes: files.read(path) }));

function open(disk: Disk, sector = 0): FileTree {
  const files = openFileSystem(disk, sector);
  if (!files) throw new Error('no file system');
  return files;
}

function fat(sectors: number, files: readonly NewFile[], options: FatOptions = {}): Disk {
  const disk = new SparseDisk(sectors);
  makeFat(new DiskPart(disk), files, options);
  return disk;
}

const put = (folder: string, files: readonly NewFile[]): string => {
  const root = join(folder, 'root');
  for (const { path, bytes: content } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
};

describe('FAT', () => {
  const sizes = [
    ['FAT12', 3 * MiB],
    ['FAT16', 16 * MiB],
    ['FAT32', 48 * MiB],
  ] as const;

  test.each(sizes)('%s is read as it was made', (type, size) => {
    const disk = fat(size / 512, sample, { type, label: 'CARD', id: 0x1234abcd });
    const files = open(disk);
    expect(files.format).toMatchObject({ type, label: 'CARD', id: '1234-ABCD', needsRecovery: false });
    expect(listOf(contentsOf(files))).toEqual(listOf(sample));
    expect(digest(files.read('/BOOT/image'))).toBe(digest(bytes(700_001)));
    expect(files.kindOf('/boot/../boot/./')).toBe('directory');
    expect(files.kindOf('/empty.txt/x')).toBeNull();
    expect(() => files.read('/none')).toThrow('has no file /none');
  });

  test.skipIf(!hasTools('fsck.fat')).each(sizes)('%s that was made pleases fsck.fat', (type, size) => {
    const disk = fat(size / 512, sample, { type, label: 'CARD' });
    expect(judge(disk, (path) => runTool('fsck.fat', ['-nv', path]))).toMatch(/: \d+ files, /);
  });

  test.skipIf(!hasTools('mkfs.fat', 'mcopy')).each([
    ['12', 3],
    ['16', 20],
    ['32', 40],
  ])('FAT%s from mkfs.fat is read', (width, size) => {
    const disk = makeDisk((path, folder) => {
      runTool('mkfs.fat', ['-C', '-F', width, '-n', 'BOOT', path, String(size * 1024)]);
      const root = put(folder, sample.slice(0, 4));
      runTool('mcopy', ['-s', '-i', path, join(root, 'boot'), join(root, 'EMPTY.TXT'), '::']);
      runTool('mcopy', ['-i', path, join(root, 'EMPTY.TXT'), '::lower.txt']);
    });
    const files = open(disk);
    expect(files.format).toMatchObject({ type: `FAT${width}`, label: 'BOOT' });
    expect(digest(files.read('/boot/Image'))).toBe(digest(bytes(700_001)));
    expect(files.read('/boot/extlinux/extlinux.conf')).toEqual(sample[0]?.bytes);
    expect([...files.walk()].map(({ path }) => path)).toContain('/lower.txt');
  });

  test('whatever names and contents are put in, they are read back', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9_~éЖ][a-zA-Z0-9 ._~éЖ-]{0,30}[a-z0-9]$/);
    const file = fc.record({
      path: fc.array(name, { minLength: 1, maxLength: 3 }),
      bytes: fc.uint8Array({ maxLength: 3000 }),
    });
    fc.assert(
      fc.property(fc.array(file, { maxLength: 12 }), (given) => {
        const used = new Set<string>();
        const files = given
          .map(({ path, bytes: content }) => ({ path: `/d/${path.join('/d/')}`, bytes: content }))
          .filter(({ path }) => !used.has(path.toUpperCase()) && used.add(path.toUpperCase()));
        // A directory keeps the name that it had first.
        const upper = (path: string): string => path.toUpperCase();
        expect(listOf(contentsOf(open(fat(8192, files))), upper)).toEqual(listOf(files, upper));
      }),
      { numRuns: 60 },
    );
  });

  test('what cannot be is refused with a reason', () => {
    const refused = (files: readonly NewFile[], options?: FatOptions): string => {
      try {
        fat(4096, files, options);
        return 'accepted';
      } catch (error) {
        if (!(error instanceof FileSystemError)) throw error;
        return error.message;
      }
    };
    const file = (path: string, length = 0): NewFile => ({ path, bytes: new Uint8Array(length) });
    expect(refused([file('/a:b')])).toBe('cannot have a file named “a:b”');
    expect(refused([file('/')])).toBe('cannot have a file named “”');
    expect(refused([file('/a', 3 * MiB)])).toMatch(/^is too small for these files: at least \d+ KiB are missing$/);
    expect(refused([file('/a'), file('/A')])).toBe('cannot have two files at /A');
    expect(refused([file('/a'), file('/a/b')])).toBe('cannot have both a file and a directory at /a/b');
    expect(refused([], { label: 'much too long' })).toBe('cannot have the label “much too long”');
    expect(refused([], { type: 'FAT32' })).toBe('cannot be FAT32 with 4096 sectors');
    expect(refused(Array.from({ length: 300 }, (_, i) => file(`/long name ${i}`)))).toBe(
      'has too many files in its root directory',
    );
  });

  test('a volume that is in use is told', () => {
    const image = imageOf(fat(8 * 2048, sample.slice(0, 3)));
    const view = new DataView(image.buffer);
    view.setUint16(512 + 2, view.getUint16(512 + 2, true) & 0x7fff, true);
    expect(open(diskFrom(image)).format.needsRecovery).toBe(true);
  });
});

const extTypes = [
  ['ext2', ['-b', '1024']],
  ['ext2', ['-b', '4096', '-O', '^filetype']],
  ['ext3', ['-b', '1024']],
  ['ext4', ['-b', '4096']],
  ['ext4', ['-b', '1024', '-O', '64bit,meta_bg,^resize_inode']],
  ['ext4', ['-b', '2048', '-O', 'metadata_csum_seed,bigalloc']],
] as const;

const makeExt = (type: string, options: readonly string[], files: readonly NewFile[]): Disk =>
  makeDisk((path, folder) => {
    const root = put(folder, files);
    symlinkSync('Image', join(root, 'boot/vmlinuz'));
    symlinkSync(`/boot/../${'./'.repeat(40)}boot/vmlinuz`, join(root, 'kernel'));
    symlinkSync('loop', join(root, 'loop'));
    symlinkSync('boot', join(root, 'directory'));
    runTool(`mkfs.${type}`, ['-q', '-F', '-L', 'root', '-d', root, ...options, path, '24M']);
  });

describe.skipIf(!hasTools('mkfs.ext4', 'debugfs'))('ext', () => {
  test.each(extTypes)('%s made with %j is read', (type, options) => {
    const large = { path: '/large', bytes: bytes(6 * MiB + 5) };
    const files = open(makeExt(type, options, [...sample, large]));
    expect(files.format).toMatchObject({ type, label: 'root', needsRecovery: false });
    expect(files.format.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(listOf(contentsOf(files))).toEqual(listOf([...sample, large]));
    expect(digest(files.read('/kernel'))).toBe(digest(bytes(700_001)));
    expect(files.read('/directory/extlinux/extlinux.conf')).toEqual(sample[0]?.bytes);
    expect(files.kindOf('/BOOT')).toBeNull();
    expect(files.kindOf('/directory/../boot')).toBe('directory');
    expect(() => files.kindOf('/loop')).toThrow('too many links');
  });

  test('holes, extents in a tree and a directory with a hash tree are read', () => {
    const names = Array.from({ length: 900 }, (_, i) => ({ path: `/d/${'n'.repeat(60)}${i}`, bytes: bytes(1, i) }));
    const sparse = new Uint8Array(4 * MiB);
    const disk = makeDisk((path, folder) => {
      const root = put(folder, names);
      // With a block here and there, the file has more extents than its inode has room for.
      const file = openSync(join(root, 'sparse'), 'w');
      for (let at = 0; at < sparse.length; at += 2 ** 16) {
        sparse.set(bytes(4096, at), at);
        writeSync(file, sparse, at, 4096, at);
      }
      ftruncateSync(file, sparse.length);
      closeSync(file);
      runTool('mkfs.ext4', ['-q', '-F', '-b', '1024', '-d', root, path, '24M']);
      runTool('sh', ['-c', 'e2fsck -fyD "$0" || test $? -le 2', path]);
      const depth = runTool('debugfs', ['-R', 'dump_extents /sparse', path]);
      expect(depth).toContain(' 1/ 1 ');
    });
    const files = open(disk);
    expect([...files.walk()].filter(({ path }) => path.startsWith('/d/'))).toHaveLength(900);
    expect(files.read(`/d/${'n'.repeat(60)}899`)).toEqual(bytes(1, 899));
    expect(digest(files.read('/sparse'))).toBe(digest(sparse));
  });

  test('a journal that waits to be replayed is told', () => {
    const disk = makeDisk((path) => {
      runTool('mkfs.ext4', ['-q', '-F', path, '8M']);
      runTool('debugfs', ['-w', '-R', 'feature needs_recovery', path]);
    });
    expect(open(disk).format.needsRecovery).toBe(true);
  });

  test('features that are not known are named', () => {
    const disk = makeDisk((path) => {
      runTool('mkfs.ext4', ['-q', '-F', path, '8M']);
      runTool('debugfs', ['-w', '-R', 'feature FEATURE_I31', path]);
    });
    expect(() => openFileSystem(disk)).toThrow('has features that are not known here (0x80000000)');
  });
});

describe('damaged file systems', () => {
  const small = sample.slice(0, 20);
  const images = [
    imageOf(fat(2048, small.slice(0, 4).concat(small.slice(5)))),
    imageOf(fat(40 * 2048, small, { type: 'FAT32' })),
    ...(hasTools('mkfs.ext4')
      ? extTypes.slice(2, 5).map(([type, options]) => imageOf(makeExt(type, options, small)))
      : []),
  ];

  /** Where a change is likely to be met: tables and directories are at the beginning. */
  const changes = fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), {
    minLength: 1,
    maxLength: 40,
  });

  const change = (disk: Disk, at: number, byte: number): void => {
    const sector = Math.floor(at / 512) % disk.sectors;
    const content = new Uint8Array(512);
    disk.read(sector, content);
    content[at % 512] = byte;
    disk.write(sector, content);
  };

  test('are read in part, or refused with a FileSystemError, and never for long', () => {
    fc.assert(
      fc.property(fc.nat(images.length - 1), fc.integer({ min: 11, max: 21 }), changes, (which, log, list) => {
        const disk = diskFrom(images[which] as Uint8Array);
        for (const { at, byte } of list) change(disk, Math.floor(at * 2 ** log), byte);
        try {
          const files = openFileSystem(disk);
          let left = 2000;
          for (const { path, kind } of files?.walk() ?? []) {
            if (left-- === 0) break;
            if (kind === 'file' || kind === 'link') files?.kindOf(path);
            if (kind === 'file') files?.read(path);
          }
        } catch (error) {
          if (!(error instanceof FileSystemError)) throw error;
        }
      }),
      { numRuns: 400 },
    );
  });

  test('any bytes are no file system or a damaged one', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const image = bytes(64 * 512, seed);
        image.set([0x55, 0xaa], 510);
        image.set([0x53, 0xef], 1080);
        try {
          openFileSystem(diskFrom(image));
        } catch (error) {
          if (!(error instanceof FileSystemError)) throw error;
        }
      }),
    );
  });
});
