import { writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RandomBytes } from '../../../base/random.ts';
import { type Disk, SparseDisk } from '../disk.ts';
import { diskFrom, hasTools, imageOf, judge, makeDisk, runTool } from '../disk-tools-testing.ts';
import { DiskPart, FileSystemError } from '../filesystems/disk-part.ts';
import { makeFat } from '../filesystems/fat/make.ts';
import { gptTypes, writeGpt } from './gpt.ts';
import { writeMbr } from './mbr.ts';
import { readPartitionTable } from './partition-table.ts';

const MiB = 2048;
const partition = { name: '', isActive: false };

/** A disk whose table sfdisk makes from a script. */
const sfdisk = (script: string, size = 64): Disk =>
  makeDisk((path) => {
    writeFileSync(path, new Uint8Array(size * 2 ** 20));
    runTool('sfdisk', ['-q', path], script);
  });

interface Dump {
  readonly label: string;
  readonly partitions: readonly { readonly start: number; readonly size: number; readonly type: string }[];
}
const dump = (disk: Disk): Dump => {
  judge(disk, (path) => runTool('sfdisk', ['-V', path]));
  return JSON.parse(judge(disk, (path) => runTool('sfdisk', ['-J', path]))).partitiontable;
};

describe('a partition table', () => {
  test('is read as it was written', () => {
    const disk = new SparseDisk(64 * MiB);
    writeMbr(disk, [
      { firstSector: MiB, sectors: 10 * MiB, type: 0x0c, isActive: true },
      { firstSector: 11 * MiB, sectors: 53 * MiB, type: 0x83 },
    ]);
    expect(readPartitionTable(disk)).toEqual({
      kind: 'MBR',
      partitions: [
        { number: 1, firstSector: MiB, sectors: 10 * MiB, type: '0c', name: '', isActive: true },
        { number: 2, firstSector: 11 * MiB, sectors: 53 * MiB, type: '83', name: '', isActive: false },
      ],
      warnings: [],
    });
    writeGpt(disk, [{ firstSector: MiB, sectors: 10 * MiB, type: gptTypes.efiSystem, name: 'boot' }]);
    expect(readPartitionTable(disk)).toEqual({
      kind: 'GPT',
      partitions: [
        { ...partition, number: 1, firstSector: MiB, sectors: 10 * MiB, type: gptTypes.efiSystem, name: 'boot' },
      ],
      warnings: [],
    });
  });

  test('is not seen on an empty disk, nor in the boot sector of FAT', () => {
    const disk = new SparseDisk(8 * MiB);
    expect(readPartitionTable(disk)).toBeNull();
    makeFat(new DiskPart(disk), []);
    expect(readPartitionTable(disk)?.partitions ?? []).toEqual([]);
  });

  test('is taken from the second copy of a GPT if the first is damaged', () => {
    const disk = new SparseDisk(64 * MiB);
    writeGpt(disk, [{ firstSector: MiB, sectors: MiB, type: gptTypes.linux }]);
    const image = imageOf(disk);
    image[2 * 512 + 60] = 1;
    const read = readPartitionTable(diskFrom(image));
    expect(read?.partitions).toHaveLength(1);
    expect(read?.warnings).toEqual([
      'The partition table is damaged: the checksum of its entries is wrong. Its second copy is used.',
    ]);
    image[image.length - 512 + 20] = 1;
    expect(() => readPartitionTable(diskFrom(image))).toThrow(
      'has a damaged partition table (GPT): the checksum of its entries is wrong',
    );
    image[2 * 512 + 60] = 0;
    expect(readPartitionTable(diskFrom(image))?.warnings[0]).toContain('second copy is damaged');
  });

  test.skipIf(!hasTools('sfdisk'))('from sfdisk is read, logical partitions included', () => {
    const disk = sfdisk('label: dos\n,8M,c,*\n,8M,L\n,2M,L\n,36M,E\n,4M,L\n,5M,L\n,6M,L\n');
    expect(
      readPartitionTable(disk)?.partitions.map(({ number, sectors, type }) => [number, sectors / MiB, type]),
    ).toEqual([
      [1, 8, '0c'],
      [2, 8, '83'],
      [3, 2, '83'],
      [4, 36, '05'],
      [5, 4, '83'],
      [6, 5, '83'],
      [7, 6, '83'],
    ]);
    expect(readPartitionTable(sfdisk('label: gpt\n,8M,U\n,,L\n'))).toMatchObject({
      kind: 'GPT',
      partitions: [{ type: gptTypes.efiSystem, sectors: 8 * MiB }, { type: gptTypes.linux }],
      warnings: [],
    });
  });

  test.skipIf(!hasTools('sfdisk'))('that was written pleases sfdisk', () => {
    const disk = new SparseDisk(64 * MiB);
    writeMbr(disk, [{ firstSector: MiB, sectors: 63 * MiB, type: 0x0c }]);
    expect(dump(disk)).toMatchObject({ label: 'dos', partitions: [{ start: MiB, size: 63 * MiB, type: 'c' }] });
    writeGpt(disk, [{ firstSector: MiB, sectors: 62 * MiB, type: gptTypes.linux }]);
    expect(dump(disk)).toMatchObject({
      label: 'gpt',
      partitions: [{ start: MiB, type: gptTypes.linux.toUpperCase() }],
    });
  });

  test('of any bytes is read, in part, or refused, and never for long', () => {
    const seeds = fc.record({ seed: fc.nat(), isGpt: fc.boolean(), sectors: fc.integer({ min: 1, max: 200 }) });
    fc.assert(
      fc.property(seeds, fc.array(fc.tuple(fc.nat(511), fc.nat(255))), ({ seed, isGpt, sectors }, changes) => {
        const disk = new SparseDisk(200, { base: new RandomBytes(seed).bytes(sectors * 512) });
        if (isGpt) writeGpt(disk, [{ firstSector: 40, sectors: 8, type: gptTypes.linux }]);
        else writeMbr(disk, [{ firstSector: seed % 220, sectors: seed % 7, type: 0x05 }]);
        const sector = new Uint8Array(512);
        disk.read(isGpt ? 1 : 0, sector);
        for (const [at, byte] of changes) sector[at] = byte;
        sector.set([0x55, 0xaa], isGpt ? 600 % 512 : 510);
        disk.write(isGpt ? 1 : 0, sector);
        try {
          for (const { firstSector, sectors: size } of readPartitionTable(disk)?.partitions ?? [])
            expect(firstSector + size).toBeLessThanOrEqual(200);
        } catch (error) {
          if (!(error instanceof FileSystemError)) throw error;
        }
      }),
    );
  });
});
