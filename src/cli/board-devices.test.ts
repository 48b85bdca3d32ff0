import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { SparseDisk, sectorSize } from '../soc/storage/disk.ts';
import { diskFrom, hasTools, imageOf, inFolder, makeDisk, runTool } from '../soc/storage/disk-tools-testing.ts';
import { DiskPart } from '../soc/storage/filesystems/disk-part.ts';
import { makeFat } from '../soc/storage/filesystems/fat/make.ts';
import { openFileSystem } from '../soc/storage/filesystems/open.ts';
import { writeMbr } from '../soc/storage/partitions/mbr.ts';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const images = ['images/Image', 'images/initrd.gz', 'images/modules.gz', 'images/zcu102.dtb'].map(file);

const hello = new TextEncoder().encode('Hello from the card.\n');
/** Partitions of the card, in sectors. */
const fat = { firstSector: 2048, sectors: 30 * 2048 };
const ext = { firstSector: fat.firstSector + fat.sectors, sectors: 16 * 2048 };
const cardSectors = 48 * 2048;
const hasExt = hasTools('mkfs.ext4', 'e2fsck');

/** A card with a FAT partition that has a file, and an empty one with ext4. */
function makeCard(): Uint8Array {
  const disk = new SparseDisk(cardSectors);
  writeMbr(disk, [
    { ...fat, type: 0x0c },
    { ...ext, type: 0x83 },
  ]);
  makeFat(new DiskPart(disk, fat.firstSector, fat.sectors), [{ path: '/hello.txt', bytes: hello }], { label: 'CARD' });
  if (hasExt) {
    const made = makeDisk((path) => {
      writeFileSync(path, new Uint8Array(ext.sectors * sectorSize));
      runTool('mkfs.ext4', ['-q', '-F', path]);
    });
    disk.write(ext.firstSector, imageOf(made));
  }
  return imageOf(disk);
}

/** What is typed, one line at each prompt. */
const lines = [
  'sleep 1; mkdir /fat /ext; mount -t vfat /dev/mmcblk0p1 /fat && cat /fat/hello.txt',
  'dd if=/dev/urandom of=/fat/big.bin bs=64k count=16 2>/dev/null; echo fat $(sha256sum /fat/big.bin)',
  ...(hasExt ? ['mount -t ext4 /dev/mmcblk0p2 /ext && cp /fat/big.bin /ext && umount /ext && echo ext written'] : []),
  'ifconfig eth0 up; sleep 3; udhcpc -i eth0 -n -q; ifconfig eth0 | grep "inet addr"',
  'ping -c 2 10.0.0.1; wget -q -O - http://10.0.0.1/readme.txt',
  "(printf 'PUT /up.bin HTTP/1.1\\r\\nHost: lab\\r\\nContent-Length: 1048576\\r\\nConnection: close\\r\\n\\r\\n'; cat /fat/big.bin) | nc 10.0.0.1 80",
  'wget -q -O /down.bin http://10.0.0.1/up.bin; echo net $(sha256sum /down.bin)',
  'umount /fat; dmesg | grep -E "mmc|macb|DP83867"; poweroff -f',
];

describe.skipIf(!images.every(existsSync))(
  "Linux's drivers of card and Ethernet (skipped where the images folder does not hold kernel, tree, initrd and modules)",
  () => {
    test('the card mounts and keeps what is written; eth0 has an address, and frames go both ways', {
      timeout: 900_000,
    }, () => {
      inFolder((folder) => {
        const path = join(folder, 'card.img');
        writeFileSync(path, makeCard());
        const [kernel, initrd, modules, tree] = images as [string, string, string, string];
        const files = ['--kernel', kernel, '--initrd', initrd, '--initrd', modules, '--dtb', tree, '--sd', path];
        const typed = lines.flatMap((line) => ['--input', `/ # =>${line.replaceAll('\\', '\\\\')}\\r`]);
        const { status, stdout } = spawnSync(
          file('bin/el2lab'),
          ['boot', ...files, '--cpus', '2', '--max-seconds', '850', ...typed],
          { input: '', encoding: 'utf8', cwd: file('.') },
        );
        expect(stdout).toContain('new high speed SDHC card');
        expect(stdout).toMatch(/^Hello from the card\.\r$/m);
        expect(stdout).toContain('[TI DP83867]');
        expect(stdout).toContain('Link is Up - 1Gbps/Full');
        expect(stdout).toMatch(/inet addr:10\.0\.0\.\d+ /);
        expect(stdout).toContain('2 packets transmitted, 2 packets received, 0% packet loss');
        expect(stdout).toContain('over the board');
        expect(stdout).toContain('201 Created');
        const [, written] = /^fat ([0-9a-f]{64}) /m.exec(stdout) ?? [];
        const [, fetched] = /^net ([0-9a-f]{64}) /m.exec(stdout) ?? [];
        expect(fetched).toBe(written);
        expect(stdout).not.toMatch(/WARNING:|BUG:|Oops|Internal error|I\/O error|timeout/i);
        expect(status).toBe(0);
        const card = diskFrom(readFileSync(path));
        const big = openFileSystem(card, fat.firstSector, fat.sectors)?.read('/big.bin') ?? new Uint8Array();
        expect(createHash('sha256').update(big).digest('hex')).toBe(written);
        if (hasTools('fsck.fat')) {
          const part = join(folder, 'fat.img');
          writeFileSync(part, imageOf(card).subarray(fat.firstSector * sectorSize, ext.firstSector * sectorSize));
          runTool('fsck.fat', ['-n', part]);
        }
        if (hasExt) {
          const part = join(folder, 'ext.img');
          writeFileSync(
            part,
            imageOf(card).subarray(ext.firstSector * sectorSize, (ext.firstSector + ext.sectors) * sectorSize),
          );
          runTool('e2fsck', ['-f', '-n', part]);
          expect(openFileSystem(card, ext.firstSector, ext.sectors)?.read('/big.bin')).toEqual(big);
        }
      });
    });
  },
);
