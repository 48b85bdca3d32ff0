/** A Linux domain that serves the clients of the network: the RAM disk of Linux domains, with a server laid over it. */
import { type ArchiveFile, ramdisk } from '../../boot/cpio.ts';
import type { Dom0File } from '../api/files.ts';
import { linuxImages } from './linux-guests.ts';

export const serverRamdiskPath = '/guests/linux-server.img';

/** The init of the RAM disk has an address when it comes to the last line (scripts/guest-images.mjs). */
const inittab = `::sysinit:/etc/rc
::respawn:/bin/cttyhack /bin/sh
::respawn:/sbin/server
`;

/** Linux runs it when xl shutdown asks for it. The root is in memory, so there is nothing to write. */
const poweroff = `#!/bin/sh
/sbin/server leave
# It answers what it has been asked before.
sleep 0.05
exec /bin/busybox poweroff -f
`;

const text = (path: string, mode: number, content: string): ArchiveFile => ({
  path,
  mode,
  bytes: new TextEncoder().encode(content),
});

/** Its RAM disk, from Linux's files in Domain-0 and the program (guests/linux/server.c). */
export function serverRamdisk(linux: readonly Dom0File[], server: Uint8Array): Dom0File[] {
  const base = linux.find(({ path }) => path === linuxImages['guest-initrd.gz']);
  if (!base) return [];
  const files = [
    { path: 'sbin/server', mode: 0o755, bytes: server },
    text('sbin/poweroff', 0o755, poweroff),
    text('etc/inittab', 0o644, inittab),
  ];
  return [{ path: serverRamdiskPath, bytes: ramdisk([base.bytes], files) }];
}
