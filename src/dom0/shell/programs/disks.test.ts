import { expect, test } from 'vitest';
import { ShellBench } from '../shell-testing.ts';
import { lvremoveProgram } from './volumes.ts';

const run = (script: string): string =>
  new ShellBench([lvremoveProgram((path) => path === '/dev/vg/used')]).run(script).printed;

/** dd's figures of time and rate are left out. */
const withoutTimes = (printed: string): string => printed.replace(/ copied, .*/g, '');

test.each([
  ['truncate -s 256M x.img; ls -l x.img', '-rw-r--r-- 268435456 x.img\n'],
  [
    'truncate -s 1k x; truncate -s +1 x; truncate -s -25 x; ls -l; truncate -c -s 9 y; ls',
    '-rw-r--r--      1000 x\nx\n',
  ],
  ['truncate -s 2G x', 'truncate: x: File too large\n'],
  ['truncate -s 4x x', "truncate: invalid number: '4x'\n"],
  [
    'dd if=/dev/zero of=x bs=1M count=64; ls -l',
    '64+0 records in\n64+0 records out\n67108864 bytes (64.0MB)\n-rw-r--r--  67108864 x\n',
  ],
  ['echo hello > a; dd if=a bs=2 skip=1', 'llo\n2+0 records in\n2+0 records out\n4 bytes (4B)\n'],
  ['echo hello > a; echo -n XY | dd of=a conv=notrunc bs=1 seek=1 status=none; cat a', 'hXYlo\n'],
  ['echo hello > a; echo -n XY | dd of=a bs=1 seek=1 status=none; cat a', 'hXY'],
  ['dd if=none', "dd: can't open 'none': No such file or directory\n"],
  ['dd of=/dev/vg/none', "dd: can't open '/dev/vg/none': No such file or directory\n"],
  [
    'dd bs=0; dd bs=1G; dd conv=ebcdic',
    "dd: invalid number: '0'\ndd: out of memory: a block has at most 64 MiB\ndd: invalid argument: 'conv=ebcdic'\n",
  ],
  [
    'lvcreate -L 4M -n a vg; dd if=/dev/zero of=/dev/vg/a bs=3M',
    '  Logical volume "a" created.\ndd: error writing \'/dev/vg/a\': No space left on device\n2+0 records in\n1+0 records out\n3145728 bytes (3.0MB)\n',
  ],
  [
    'lvcreate -L 1G -n data vg; lvcreate -L5 -n b vg; lvcreate -L 4M vg; lvs; ls -l /dev/vg',
    '  Logical volume "data" created.\n  Rounding up size to full physical extent 8.00 MiB\n  Logical volume "b" created.\n' +
      '  Logical volume "lvol0" created.\n  LV    VG Attr       LSize\n  b     vg -wi-a-----   8.00m\n' +
      '  data  vg -wi-a-----   1.00g\n  lvol0 vg -wi-a-----   4.00m\n' +
      'brw-rw----   8388608 b\nbrw-rw---- 1073741824 data\nbrw-rw----   4194304 lvol0\n',
  ],
  [
    'lvcreate -L 1G -n a vg; lvcreate -L 1G -n a vg; lvcreate -L 1G -n a vh; lvcreate -L 2G -n b vg; lvcreate -L 1G -n a/b vg',
    '  Logical volume "a" created.\n  Logical Volume "a" already exists in volume group "vg"\n' +
      '  Volume group "vh" not found\n  Cannot process volume group vh\n  No volume of this simulator is larger than 1 GiB: take less.\n' +
      '  Logical volume name "a/b" is invalid.\n  Run `lvcreate --help\' for more information.\n',
  ],
  [
    'for=1; lvcreate -L 1G vg; lvcreate -L 1G vg; lvcreate -L 1G vg; lvcreate -L 1G vg; lvcreate -L 1G vg | grep none',
    '  Logical volume "lvol0" created.\n  Logical volume "lvol1" created.\n  Logical volume "lvol2" created.\n  Logical volume "lvol3" created.\n' +
      '  Volume group "vg" has insufficient free space (0 extents): 256 required.\n',
  ],
  [
    'lvcreate -L 1G -n a vg; lvremove vg/a; lvremove -y /dev/vg/a; lvremove vg/a; lvs',
    '  Logical volume "a" created.\nDo you really want to remove active logical volume vg/a? [y/n]: [n]\n' +
      '  Logical volume vg/a not removed.\n  With -y it is removed.\n  Logical volume "a" successfully removed.\n' +
      '  Failed to find logical volume "vg/a"\n',
  ],
  [
    'lvcreate -L 1G -n used vg; lvremove -f vg/used',
    '  Logical volume "used" created.\n  Logical volume vg/used in use.\n',
  ],
  [
    'truncate -s 1M x; echo -n "Hello, disk" | dd of=x bs=1 seek=4096 conv=notrunc status=none; cp x y; hexdump -C y',
    '00000000  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n' +
      '00001000  48 65 6c 6c 6f 2c 20 64  69 73 6b 00 00 00 00 00  |Hello, disk.....|\n' +
      '00001010  00 00 00 00 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\n00100000\n',
  ],
  [
    'echo abc > x; hexdump -C -n 2 -s 1 x; hexdump -C none',
    `00000001  62 63${' '.repeat(45)}|bc|\n00000003\nhexdump: none: No such file or directory\n`,
  ],
  ['truncate -s 1M x; echo a | dd of=x conv=notrunc status=none; mv x y; rm y; ls; sync', ''],
  ['truncate -s 1M x; cp x x', "cp: 'x' and 'x' are the same file\n"],
])('%s', (script, printed) => {
  expect(withoutTimes(run(script))).toBe(printed);
});

test('dd takes Dom0 time by the MiB', () => {
  const bench = new ShellBench();
  const before = bench.now;
  const { printed } = bench.run('dd if=/dev/zero of=/root/x bs=1M count=256');
  expect(printed).toContain('268435456 bytes (256.0MB) copied, 0.256000 seconds, 1000.0MB/s');
  expect(bench.now - before).toBeGreaterThan(256_000_000);
});
