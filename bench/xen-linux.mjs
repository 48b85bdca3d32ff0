// A part of `npm run bench -- --xen`: Linux domains of the Xen model with blkfront and netfront. Beside them stands Linux on
// QEMU's ZCU102, in the same run, with that board's SD card and Ethernet: QEMU without Xen. Under QEMU, the real Xen with a
// Linux as Dom0 would need Debian's tools of Xen and their libraries in a Dom0 of some hundred MiB, which no script here makes.

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../scripts/bundle.mjs';
import { root } from '../scripts/install.mjs';
import { onQemuBoard } from './board.mjs';
import { qemuVersion } from './hosts.mjs';

const syncs = 16;
/** Without a variable of its own, since it is typed in quotes too. */
const sync = `for i in ${'x '.repeat(syncs)}; do dd if=/dev/zero of=$disk bs=4k count=1 conv=fsync,notrunc 2>/dev/null; done`;

/**
 * `mib`: what a row's command moves; otherwise how often it does what is counted in microseconds.
 * @type {readonly { name: string, command: string, mib?: number, times?: number, isOnlyXen?: boolean }[]}
 */
const rows = [
  {
    name: 'disk, read',
    mib: 16,
    command: 'echo 3 > /proc/sys/vm/drop_caches; dd if=$disk of=/dev/null bs=1M count=16 2>/dev/null',
  },
  { name: 'disk, written', mib: 16, command: 'dd if=/dev/zero of=$disk bs=1M count=16 conv=fsync 2>/dev/null' },
  { name: 'disk, dd of 4 KiB with fsync', times: syncs, command: sync },
  { name: 'network, received from host', mib: 8, command: 'wget -q -O /dev/null http://$host:$port/8M' },
  {
    name: 'network, sent to host',
    mib: 8,
    command: 'wget -q -O /dev/null --post-file=/8M http://$host:$port/ 2>/dev/null',
  },
  { name: 'network, from domain b', mib: 8, command: 'wget -q -O /dev/null http://b/8M', isOnlyXen: true },
  { name: 'network, ping of host', command: 'ping -c 5 -q $host' },
];

const needed = ['Image', 'guest-initrd.gz', 'initrd.gz', 'modules.gz', 'zcu102.dtb'];
const image = (/** @type {string} */ name) => join(root, 'images', name);

/** @param {string} text of ping: its average in microseconds */
const pingUs = (text) => Number(/= [\d.]+\/([\d.]+)\//.exec(text)?.[1]) * 1e3;

export async function benchXenLinux() {
  const missing = needed.filter((name) => !existsSync(image(name)));
  if (missing.length > 0) {
    console.log(`Linux domains are left out: images/ lacks ${missing.join(', ')} (npm run images).`);
    return;
  }
  const sample = fileURLToPath(await bundle('bench/xen-linux-sample.ts'));
  /** @type {import('./xen-linux.ts').LinuxTimes[]} */
  const ours = JSON.parse(
    execFileSync(process.execPath, [sample, image('Image'), image('guest-initrd.gz'), JSON.stringify(rows)], {
      encoding: 'utf8',
    }),
  );
  const version = qemuVersion();
  if (version === undefined) console.log('QEMU is left out: there is no qemu-system-aarch64.');
  const shared = rows.filter(({ isOnlyXen }) => !isOnlyXen);
  const theirs = version === undefined ? [] : await onQemuBoard(shared);
  console.log(`A Linux domain with PV disk and network; beside it Linux on QEMU ${version}'s ZCU102 without Xen:`);
  for (const [i, row] of rows.entries()) {
    const mine = ours[i];
    const other = theirs[shared.indexOf(row)];
    if (!mine) continue;
    /** @type {(ms: number | undefined) => string} */
    const figure = (ms) => {
      if (ms === undefined) return '-';
      return row.mib
        ? `${((row.mib * 1e3) / ms).toFixed(1)} MiB/s`
        : `${((ms * 1e3) / (row.times ?? 1)).toFixed(0)} us`;
    };
    const line =
      row.mib || row.times
        ? `virtual time ${figure(mine.virtual)}; processor time ${figure(mine.host)}, QEMU ${figure(other?.processor)}; QEMU's wall time ${figure(other?.wall)}`
        : `virtual time ${pingUs(mine.text).toFixed(0)} us; QEMU's wall time ${other ? pingUs(other.text).toFixed(0) : '-'} us`;
    console.log(`${row.name.padEnd(30)} ${line}`);
  }
}
