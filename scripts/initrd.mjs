// The initial RAM disk for the fetched kernel: BusyBox and a start script.

import { gzipSync } from 'node:zlib';
import { cpio } from './cpio.mjs';

/** Loads the modules for the devices that there are. */
const loading = `find /sys/devices -name modalias -exec cat {} + | sort -u | xargs modprobe -a -b 2>/dev/null
`;

/**
 * The init script: mounts the kernel's file systems, prints that Linux is up and its uptime, starts a shell with job
 * control.
 * @param {{ loadsModules: boolean }} options
 */
export const init = ({ loadsModules }) => `#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/root
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs run /run
echo LINUX-READY
cat /proc/uptime
${loadsModules ? loading : ''}exec setsid cttyhack sh
`;

const folders = ['bin', 'dev', 'proc', 'root', 'run', 'sys', 'tmp'];

/**
 * The initial RAM disk, compressed with gzip.
 * @param {Uint8Array} busybox the executable, linked statically
 */
export function initrd(busybox) {
  const archive = cpio([
    ...folders.map((path) => ({ type: /** @type {const} */ ('directory'), path })),
    { type: 'file', path: 'bin/busybox', mode: 0o755, bytes: busybox },
    { type: 'file', path: 'init', mode: 0o755, bytes: Buffer.from(init({ loadsModules: false })) },
  ]);
  return gzipSync(archive, { level: 9 });
}
