// `npm run bench -- --board`: what Debian's unmodified drivers get from the board's SD card and Ethernet, here and on QEMU's
// ZCU102 in the same run, the third time that a command runs, when its code is translated. Both read and write the same card
// and talk to an HTTP server.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { root, Stop } from '../scripts/install.mjs';
import { qemuVersion } from './hosts.mjs';
import { measureLinux, printRow } from './linux-shell.mjs';

const folder = join(root, '.cache/bench');
/** @param {string} name */
const image = (name) => join(root, 'images', name);
const cardMiB = 64;
const MiB = 2 ** 20;

/** What is measured: a command of Linux's shell, and the MiB that it moves. */
const rows = [
  {
    name: 'SD card, read',
    mib: 48,
    command: 'echo 3 > /proc/sys/vm/drop_caches; dd if=$disk of=/dev/null bs=1M count=48 2>/dev/null',
  },
  {
    name: 'SD card, written',
    mib: 32,
    command: 'dd if=/dev/zero of=$disk bs=1M count=32 conv=fsync 2>/dev/null',
  },
  { name: 'Ethernet, sent', mib: 8, command: 'wget -q -O /dev/null --post-file=/8M http://$host:$port/ 2>/dev/null' },
  { name: 'Ethernet, received', mib: 8, command: 'wget -q -O /dev/null http://$host:$port/8M' },
];

/** @param {string} host @param {number} port */
const setUp = (host, port) => [
  `disk=/dev/mmcblk0 host=${host} port=${port}; sleep 1; ifconfig eth0 up; sleep 3; udhcpc -i eth0 -n -q`,
  // wget posts no zeros. Where the server is the built-in host, it is given the file that it is to send.
  "dd if=/dev/zero bs=1M count=8 2>/dev/null | tr '\\0' x > /8M",
  "printf 'PUT /8M HTTP/1.1\\r\\nHost: x\\r\\nContent-Length: 8388608\\r\\nConnection: close\\r\\n\\r\\n' > /head",
  'cat /head /8M | nc $host $port > /dev/null',
];

/** The stock tree as QEMU needs it: fixed clocks in place of the firmware's, and the PHY where QEMU has one. */
function treeForQemu() {
  const source = execFileSync('dtc', ['-q', '-I', 'dtb', '-O', 'dts', image('zcu102.dtb')], { encoding: 'utf8' });
  const clock = 0xfff0;
  const nodes = /^\t\t(serial@ff000000|mmc@ff170000|ethernet@ff0e0000) \{[\s\S]*?^\t\t\};/gm;
  const edited = source
    .replace(nodes, (node) =>
      node
        .replace(/^.*(power-domains|pinctrl|resets|reset-names|iommus).*\n/gm, '')
        .replace(
          /clocks = <([^>]*)>/,
          (_, cells) =>
            `clocks = <${cells
              .split(' ')
              .map(() => clock)
              .slice(0, cells.split(' ').length / 2)
              .join(' ')}>`,
        )
        .replace('reg = <0x0c>', 'reg = <23>'),
    )
    .replace(
      '\tchosen {',
      `\tfixed-clock { compatible = "fixed-clock"; #clock-cells = <0>; clock-frequency = <100000000>; phandle = <${clock}>; };\n\tchosen {`,
    )
    .replace('bootargs = "earlycon"', 'bootargs = "earlycon console=ttyPS0,115200 clk_ignore_unused"');
  const file = join(folder, 'board.dtb');
  execFileSync('dtc', ['-q', '-I', 'dts', '-O', 'dtb', '-o', file, '-'], { input: edited });
  return file;
}

/** A server for QEMU's guest, as the built-in host is for ours. */
function server() {
  const body = Buffer.alloc(8 * MiB);
  const http = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end(request.method === 'GET' ? body : 'stored\n'));
  });
  return new Promise((resolve) => {
    http.listen(0, '127.0.0.1', () => resolve(http));
  });
}

/** The card of both sides, empty. */
function newCard() {
  mkdirSync(folder, { recursive: true });
  const card = join(folder, 'card.img');
  writeFileSync(card, Buffer.alloc(cardMiB * MiB));
  return card;
}

/** The RAM disk with its modules, unpacked. */
function boardInitrd() {
  mkdirSync(folder, { recursive: true });
  const initrd = join(folder, 'board-initrd');
  const parts = ['initrd.gz', 'modules.gz'].map((name) => gunzipSync(readFileSync(image(name))));
  writeFileSync(initrd, Buffer.concat(parts));
  return initrd;
}

/**
 * Measures rows in Linux on QEMU's ZCU102, with one core. In the commands, $disk is the card, and $host and $port an HTTP
 * server that has /8M.
 * @param {readonly { command: string }[]} measured
 * @param {string} card
 */
export async function onQemuBoard(measured, card = newCard()) {
  const http = await server();
  const machine = ['-M', 'xlnx-zcu102,virtualization=on', '-smp', '1', '-m', '2G', '-display', 'none'];
  const lines = ['-serial', 'stdio', '-monitor', 'none', '-audiodev', 'none,id=a'];
  const software = ['-kernel', image('Image'), '-dtb', treeForQemu(), '-initrd', boardInitrd()];
  const devices = ['-drive', `file=${card},if=sd,index=1,format=raw`, ...[0, 1, 2, 3].flatMap(() => ['-nic', 'user'])];
  try {
    return await measureLinux('qemu-system-aarch64', [...machine, ...lines, ...software, ...devices], {
      setUp: setUp('10.0.2.2', http.address().port),
      rows: measured,
    });
  } finally {
    http.close();
  }
}

export async function benchBoard() {
  const missing = ['Image', 'initrd.gz', 'modules.gz', 'zcu102.dtb'].filter((name) => !existsSync(image(name)));
  if (missing.length > 0) throw new Stop(`This needs Debian's kernel (npm run images): ${missing.join(', ')} missing.`);
  const version = qemuVersion();
  if (version === undefined) throw new Stop('This needs qemu-system-aarch64, to compare with.');
  const card = newCard();
  const ours = await measureLinux(
    join(root, 'bin/el2lab'),
    ['boot', '--kernel', image('Image'), '--initrd', boardInitrd(), '--sd', card],
    { setUp: setUp('10.0.0.1', 80), rows },
  );
  const qemu = await onQemuBoard(rows, card);
  console.log(`One core: EL2 Lab in Node ${process.versions.node} against QEMU ${version}.`);
  for (const [i, { name, mib }] of rows.entries()) printRow(name, mib, ours[i], qemu[i]);
}
