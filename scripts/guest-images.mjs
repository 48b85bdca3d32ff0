// What Debian's Linux starts from as a domain of Xen: a RAM disk with the modules that it needs and a network, and a disk
// with a root file system.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cpio } from './cpio.mjs';
import { Stop } from './install.mjs';

/** MiB of the disk. */
const diskSize = 16;

/** Before the root file system is there. `hostname` and `root` come from the kernel's command line. */
const init = `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
# Loads the modules for the devices that there are.
find /sys/devices -name modalias -exec cat {} + | sort -u | xargs modprobe -a -b 2>/dev/null
root=$(sed -n 's/.*\\broot=\\([^ ]*\\).*/\\1/p' /proc/cmdline)
if [ -n "$root" ]; then
  tries=0
  while [ ! -b "$root" ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
  mkdir -p /mnt
  mount -t ext4 "$root" /mnt && umount /proc && umount /sys && mount -o move /dev /mnt/dev && exec switch_root /mnt /sbin/init
  echo "$root cannot be mounted; this is the RAM disk."
fi
exec /sbin/init
`;

const inittab = `::sysinit:/etc/rc
::respawn:/bin/cttyhack /bin/sh
::shutdown:/bin/umount -a -r
`;

/** What init runs first, on either. */
const rc = `#!/bin/sh
export PATH=/bin:/sbin
[ -d /proc/1 ] || mount -t proc proc /proc
[ -d /sys/class ] || mount -t sysfs sys /sys
mkdir -p /dev/pts /run
mount -t devpts devpts /dev/pts
mount -t tmpfs run /run
name=$(sed -n 's/.*\\bhostname=\\([^ ]*\\).*/\\1/p' /proc/cmdline)
hostname "\${name:-linux}"
echo "127.0.0.1 localhost $(hostname)" > /etc/hosts
ifconfig lo 127.0.0.1
if [ -e /sys/class/net/eth0 ]; then
  ifconfig eth0 up
  udhcpc -i eth0 -x hostname:$(hostname) -s /etc/udhcpc/default.script -n -q -t 10 -T 1 && httpd -h /www
fi
/etc/vcpus &
echo LINUX-READY
cat /proc/uptime
`;

/**
 * Linux on Arm marks a vCPU that `xl vcpu-set` allows as present, tells nobody, and leaves it to user space to bring it up.
 */
const vcpus = `#!/bin/sh
cd /sys/devices/system/cpu
before=$(cat present)
while sleep 1; do
  [ "$(cat present)" = "$before" ] && continue
  before=$(cat present)
  for cpu in cpu[1-9]*; do echo 1 > $cpu/online; done 2>/dev/null
done
`;

/** The page that it serves, made when it is asked for. */
const page = `#!/bin/sh
echo "Content-Type: text/plain"
echo
echo "This is $(hostname), $(uname -r), up for $(cut -d ' ' -f 1 /proc/uptime) seconds."
`;

/** The commands of udhcpc for what it has learnt. */
const leased = `#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ifconfig "$interface" "$ip" netmask "\${subnet:-255.255.255.0}"
for gateway in $router; do route add default gw "$gateway" dev "$interface" 2>/dev/null; done
{ [ -z "$domain" ] || echo "search $domain"; for server in $dns; do echo "nameserver $server"; done; } > /etc/resolv.conf
`;

const readMe = `This disk is the root of a Linux domain. What is written here is there again after a restart.
`;

const folders = ['dev', 'etc', 'etc/udhcpc', 'proc', 'root', 'run', 'sbin', 'sys', 'tmp', 'www', 'www/cgi-bin'];
const programs = {
  'etc/rc': rc,
  'etc/udhcpc/default.script': leased,
  'etc/vcpus': vcpus,
  'www/cgi-bin/index.cgi': page,
};
const texts = { 'etc/inittab': inittab };
/** What the kernel itself, and init, call. */
const links = ['init', 'poweroff', 'reboot', 'modprobe'];

/**
 * The RAM disk of a domain: the board's with its modules, and what is different in a domain laid over them.
 * @param {Uint8Array} initrd
 * @param {Uint8Array} modules
 */
export function guestRamdisk(initrd, modules) {
  const overlay = cpio([
    ...folders.map((path) => ({ type: /** @type {const} */ ('directory'), path })),
    { type: 'file', path: 'init', mode: 0o755, bytes: Buffer.from(init) },
    ...Object.entries(programs).map(([path, text]) => ({
      type: /** @type {const} */ ('file'),
      path,
      mode: 0o755,
      bytes: Buffer.from(text),
    })),
    ...Object.entries(texts).map(([path, text]) => ({
      type: /** @type {const} */ ('file'),
      path,
      bytes: Buffer.from(text),
    })),
    ...links.map((name) => ({ type: /** @type {const} */ ('link'), path: `sbin/${name}`, target: '/bin/busybox' })),
  ]);
  return Buffer.concat([initrd, modules, gzipSync(overlay, { level: 9 })]);
}

/**
 * The disk of a domain, an ext4 file system.
 * @param {Uint8Array} busybox the executable, linked statically
 */
export function guestDisk(busybox) {
  const folder = mkdtempSync(join(tmpdir(), 'el2lab-disk-'));
  try {
    const tree = join(folder, 'tree');
    /**
     * @param {string} path
     * @param {Uint8Array | string} content
     * @param {number} mode
     */
    const put = (path, content, mode) => {
      mkdirSync(dirname(join(tree, path)), { recursive: true });
      writeFileSync(join(tree, path), content);
      chmodSync(join(tree, path), mode);
    };
    for (const path of folders) mkdirSync(join(tree, path), { recursive: true });
    put('bin/busybox', busybox, 0o755);
    for (const [path, text] of Object.entries(programs)) put(path, text, 0o755);
    for (const [path, text] of Object.entries(texts)) put(path, text, 0o644);
    put('root/README', readMe, 0o644);
    for (const name of links) symlinkSync('/bin/busybox', join(tree, 'sbin', name));
    // The RAM disk has made links to BusyBox in its own /bin only: the first start makes them here.
    symlinkSync('/bin/busybox', join(tree, 'bin/sh'));
    put('etc/rc', rc.replace('export PATH', '/bin/busybox --install -s /bin\nexport PATH'), 0o755);
    const image = join(folder, 'disk.img');
    writeFileSync(image, '');
    truncateSync(image, diskSize * 2 ** 20);
    execFileSync('mke2fs', ['-q', '-t', 'ext4', '-L', 'linux-disk', '-E', 'root_owner=0:0', '-d', tree, image], {
      stdio: 'pipe',
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` },
    });
    return readFileSync(image);
  } catch (error) {
    const text = error instanceof Error ? error.message : `${error}`;
    throw new Stop(`The disk for Linux as a domain cannot be made, for which mke2fs is needed (e2fsprogs): ${text}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
