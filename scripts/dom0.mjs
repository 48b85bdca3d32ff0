// Dom0 for the real Xen, as an archive that is laid over the board's initial RAM disk and the kernel's modules: Debian's
// tools for Xen with what they need, and what starts them.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cpio } from './cpio.mjs';
import { neededBy } from './elf.mjs';
import { Stop } from './install.mjs';

/**
 * The packages that it is made of.
 * @param {string} version of Xen: `4.17`
 */
export const dom0Packages = (version) => [
  ...[`xen-utils-${version}`, 'xen-utils-common', 'xenstore-utils', `libxenmisc${version}`, 'libxencall1'],
  ...['libxendevicemodel1', 'libxenevtchn1', 'libxenforeignmemory1', 'libxengnttab1', 'libxenhypfs1', 'libxenstore4'],
  ...[
    'libxentoolcore1',
    'libxentoollog1',
    'libyajl2',
    'libfdt1',
    'zlib1g',
    'libc6',
    'libgcc-s1',
    'libuuid1',
    'libblkid1',
  ],
  ...['libtinfo6', 'libncurses6', 'libsmartcols1', 'bash', 'bridge-utils', 'util-linux', 'mount'],
  ...['e2fsprogs', 'libext2fs2', 'libcom-err2', 'libss2', terminals],
];

/** A package for all architectures, with what full-screen programs know of terminals. */
export const terminals = 'ncurses-base';
const terminalTypes = ['v/vt100', 'x/xterm', 'x/xterm-256color', 'l/linux', 'd/dumb'];

/** Xen's own programs: those of every day, its traces, and the tests that it ships. */
const xenPrograms = [
  ...[
    'xl',
    'xenstored',
    'xenconsoled',
    'xenconsole',
    'xen-init-dom0',
    'xentop',
    'xentrace',
    'xentrace_setsize',
    'xenpm',
  ],
  ...['xenperf', 'xenctx', 'xen-diag', 'xenwatchdogd', 'xenstore-control', 'test-xenstore', 'test-resource'],
];

/** Others, which BusyBox has not, or not as Xen's hotplug scripts need them. */
const programs = [
  ...['usr/bin/xenstore', 'usr/bin/xenalyze', 'usr/sbin/xenhypfs', 'bin/bash', 'sbin/brctl', 'usr/bin/flock'],
  ...[
    'sbin/losetup',
    'sbin/mke2fs',
    'sbin/e2fsck',
    'sbin/tune2fs',
    'sbin/resize2fs',
    'usr/share/bash-completion/completions/xl',
    'etc/mke2fs.conf',
  ],
];
const xenstoreCommands = ['chmod', 'exists', 'list', 'ls', 'read', 'rm', 'watch', 'write'];

const init = (/** @type {string} */ home) => `#!/bin/busybox sh
# Starts Domain-0: the devices of Xen, xenstored and xenconsoled, then shells.
/bin/busybox --install -s /bin 2>/dev/null
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:${home}/bin HOME=/root TERM=vt100
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs run /run
mkdir -p /run/xen /run/xenstored /run/lock /run/xen-hotplug
# A log gives its memory back as far as the agent has read it, which a RAM disk does not.
mount -t tmpfs logs /var/log/xen/console
hostname dom0
ifconfig lo 127.0.0.1
modprobe -a -b xen-privcmd xenfs xen-evtchn xen-gntdev xen-gntalloc
mount -t xenfs xenfs /proc/xen
if grep -q control_d /proc/xen/capabilities 2>/dev/null; then
  xenstored --pid-file /run/xenstored.pid
  xen-init-dom0 > /dev/null
  xenconsoled --log=guest --pid-file=/run/xenconsoled.pid
  echo DOM0-READY
else
  echo "This is no Domain-0: Xen does not run below it, or runs it as a guest."
fi
cat /proc/uptime
/etc/init.d/devices &
# Whoever started the machine may talk to Domain-0 by its second serial port.
[ -x /sbin/el2lab-agent ] && /sbin/el2lab-agent /dev/ttyPS1 &
cd /root
while :; do setsid cttyhack bash -l; done
`;

/** Back ends of Xen's disks and networks, drivers of the board's devices, and a bridge to its Ethernet. */
const devices = `#!/bin/sh
modprobe -a -b xen-blkback xen-netback loop bridge tun
find /sys/devices -name modalias -exec cat {} + | sort -u | xargs modprobe -a -b 2>/dev/null
brctl addbr xenbr0
ifconfig xenbr0 up
if ifconfig eth0 up 2>/dev/null; then
  brctl addif xenbr0 eth0
  udhcpc -i xenbr0 -x hostname:dom0 -s /etc/udhcpc/default.script -n -q -t 10 -T 1 2>/dev/null
fi
`;

const profile = `alias ll='ls -l'
PS1='\\h:\\w\\$ '
. /usr/share/bash-completion/completions/xl
`;

const texts = {
  'etc/profile': profile,
  'etc/passwd': 'root:x:0:0:root:/root:/bin/bash\n',
  'etc/group': 'root:x:0:\ndisk:x:6:\n',
  'etc/hosts': '127.0.0.1 localhost dom0\n',
};

/**
 * The archive, compressed with gzip.
 * @param {readonly string[]} folders where the packages are unpacked
 * @param {string} version of Xen
 */
export function dom0(folders, version) {
  const home = `usr/lib/xen-${version}`;
  /** The unpacked file of a path. @param {string} path */
  const find = (path) => folders.map((folder) => join(folder, path)).find((file) => existsSync(file));
  /** @type {import('./cpio.mjs').Entry[]} */
  const entries = [];
  /** @type {Set<string>} */
  const made = new Set();
  /** @param {import('./cpio.mjs').Entry} entry */
  const add = (entry) => {
    if (made.has(entry.path)) return;
    const above = entry.path.split('/').slice(0, -1);
    for (const [i] of above.entries()) add({ type: 'directory', path: above.slice(0, i + 1).join('/') });
    made.add(entry.path);
    entries.push(entry);
  };
  const libraries = ['lib/aarch64-linux-gnu', 'usr/lib/aarch64-linux-gnu', 'lib'];
  /** Adds the libraries that a file needs, by their sonames and where the loader looks first. @param {Buffer} bytes */
  const takeLibraries = (bytes) => {
    for (const name of neededBy(bytes)) {
      const path = name.startsWith('ld-') ? `lib/${name}` : `lib/aarch64-linux-gnu/${name}`;
      if (made.has(path)) continue;
      const file = libraries.map((folder) => find(`${folder}/${name}`)).find((found) => found !== undefined);
      if (file === undefined) throw new Stop(`None of the packages for Domain-0 holds ${name}.`);
      const library = readFileSync(file);
      add({ type: 'file', path, mode: 0o755, bytes: library });
      takeLibraries(library);
    }
  };
  /** Adds a file with the libraries that it needs. @param {string} path */
  const take = (path) => {
    const file = find(path);
    if (file === undefined) throw new Stop(`None of the packages for Domain-0 holds ${path}.`);
    const bytes = readFileSync(file);
    add({ type: 'file', path, mode: statSync(file).mode & 0o111 ? 0o755 : 0o644, bytes });
    takeLibraries(bytes);
  };
  for (const path of ['dev', 'proc', 'root', 'run', 'sys', 'tmp', 'guests', 'var/lib/xen', 'var/lib/xenstored'])
    add({ type: 'directory', path });
  for (const path of ['var/lib/xen/images', 'var/log/xen/console', 'etc/xen/auto', 'dev/vg'])
    add({ type: 'directory', path });
  add({ type: 'link', path: 'var/run', target: '/run' });
  add({ type: 'link', path: 'var/lock', target: '/run/lock' });
  for (const name of xenPrograms) {
    take(`${home}/bin/${name}`);
    add({ type: 'link', path: `usr/sbin/${name}`, target: `/${home}/bin/${name}` });
  }
  for (const path of programs) take(path);
  for (const name of xenstoreCommands)
    add({ type: 'link', path: `usr/bin/xenstore-${name}`, target: '/usr/bin/xenstore' });
  for (const name of ['mkfs.ext4', 'mkfs.ext3', 'mkfs.ext2'])
    add({ type: 'link', path: `sbin/${name}`, target: 'mke2fs' });
  const scripts = find('etc/xen/scripts');
  for (const name of scripts === undefined ? [] : readdirSync(scripts)) take(`etc/xen/scripts/${name}`);
  take('etc/xen/xl.conf');
  take('lib/aarch64-linux-gnu/libgcc_s.so.1'); // the C library opens it when xl ends a thread
  for (const type of terminalTypes) take(`lib/terminfo/${type}`);
  for (const [path, text] of Object.entries(texts)) add({ type: 'file', path, bytes: Buffer.from(text) });
  add({ type: 'file', path: 'etc/init.d/devices', mode: 0o755, bytes: Buffer.from(devices) });
  add({ type: 'file', path: 'init', mode: 0o755, bytes: Buffer.from(init(`/${home}`)) });
  return gzipSync(cpio(entries), { level: 9 });
}
