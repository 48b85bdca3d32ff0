import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Dom0Bench } from './dom0-testing.ts';

const file = (name: string) => fileURLToPath(new URL(`../../images/${name}`, import.meta.url));
const images = ['Image', 'initrd.gz', 'modules.gz'].map(file);

/** Linux in a domain with two disks: /dev/vg/a, which it may write, and an image that it may only read. */
function start() {
  const [kernel, ...archives] = images.map((path) => new Uint8Array(readFileSync(path)));
  if (!kernel) throw new Error('there are images');
  const initrd = new Uint8Array(Buffer.concat(archives));
  const bench = new Dom0Bench({ linux: kernel, initrd }, 2);
  const { files } = bench.dom0;
  files.makeDevice('/dev/vg/a', 32 * 2 ** 20);
  files.write('/var/lib/xen/images/b.img', new TextEncoder().encode('read this'.padEnd(1 << 20, '.')));
  const config = [
    'name = "linux"',
    'kernel = "/guests/linux.img"',
    'ramdisk = "/guests/initrd.img"',
    'memory = 256',
    'vcpus = 2',
    'extra = "console=hvc0 quiet"',
    'disk = [ "/dev/vg/a,raw,xvda,w", "format=raw,vdev=xvdb,access=ro,target=/var/lib/xen/images/b.img" ]',
  ];
  files.write('/root/linux.cfg', `${config.join('\n')}\n`);
  bench.run(50);
  const wait = (domid: number, text: RegExp, limit: number): void => {
    for (let ms = 0; ms < limit && !text.test(bench.consoles.get(domid) ?? ''); ms += 50) bench.run(50);
  };
  /** Creates it, and returns its number when its shell is there. */
  const create = (): number => {
    expect(bench.script('xl create -q /root/linux.cfg').code).toBe(0);
    const domid = Math.max(...bench.xen.domains.keys());
    wait(domid, /\/ # $/, 5000);
    return domid;
  };
  let asked = 0;
  /** Types a command. Returns what it prints. */
  const shell = (domid: number, command: string): string => {
    const from = (bench.consoles.get(domid) ?? '').length;
    const [start, end] = [`start ${++asked}\r\n`, `end ${asked}`];
    // The quotes keep the echo of what was typed apart.
    bench.type(domid, `echo st""art ${asked}; ${command}; echo e""nd ${asked}\n`);
    wait(domid, new RegExp(end), 10_000);
    const printed = (bench.consoles.get(domid) ?? '').slice(from);
    return printed.slice(printed.indexOf(start) + start.length, printed.indexOf(end)).replaceAll('\r\n', '\n');
  };
  return { bench, create, shell };
}

describe.skipIf(!images.every(existsSync))(
  'disks of Linux as a domain (skipped where the images folder does not hold kernel, initrd and modules)',
  () => {
    test('it makes a file system, writes, and finds all of it again after it was destroyed', {
      timeout: 600_000,
    }, () => {
      const { bench, create, shell } = start();
      const first = create();
      expect(shell(first, 'cat /sys/block/xvda/size /sys/block/xvdb/size /sys/block/xvdb/ro')).toBe('65536\n2048\n1\n');
      expect(shell(first, 'head -c 9 /dev/xvdb')).toBe('read this');
      expect(shell(first, 'dmesg | grep blkfront')).toMatch(
        /blkfront: xvda: flush diskcache: enabled; persistent grants: enabled; indirect descriptors: enabled;/,
      );
      shell(first, 'modprobe ext4; mke2fs -q /dev/xvda; mkdir /mnt; mount -t ext4 /dev/xvda /mnt');
      shell(first, 'dd if=/dev/urandom of=/mnt/x bs=64k count=64 2>/dev/null; sync');
      const sum = shell(first, 'md5sum /mnt/x');
      expect(sum).toMatch(/^[0-9a-f]{32} {2}\/mnt\/x\n$/);
      expect(bench.script('xl destroy linux').code).toBe(0);
      expect(bench.xen.domains.size).toBe(1);
      const second = create();
      shell(second, 'modprobe ext4; mkdir /mnt; mount -o ro -t ext4 /dev/xvda /mnt');
      expect(shell(second, 'md5sum /mnt/x')).toBe(sum);
      // A disk comes and goes while it runs.
      bench.script('truncate -s 1M /c.img; xl block-attach linux /c.img,raw,xvdc,w; sleep 0.3');
      expect(shell(second, 'cat /sys/block/xvdc/size')).toBe('2048\n');
      expect(bench.script('xl block-detach linux xvdc; losetup').printed).toBe(
        '/dev/loop0: [0002]:1 (/var/lib/xen/images/b.img)\n',
      );
      expect(shell(second, 'ls -d /sys/block/xvdc 2>/dev/null')).toBe('');
      expect(shell(second, 'dmesg | grep -c -E "I/O error|WARNING|BUG"')).toBe('0\n');
    });
  },
);
