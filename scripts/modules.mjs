// An archive that is laid over the initial RAM disk: modules of the fetched kernel, and what loads them.

import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cpio } from './cpio.mjs';
import { section } from './elf.mjs';
import { init } from './initrd.mjs';
import { Stop } from './install.mjs';

/**
 * The modules that are taken, and with them those that they depend on: the board's SD card and Ethernet, Xen's disks and
 * networks for both sides, bridges, file systems.
 */
export const wanted = [
  ...['sdhci-of-arasan', 'macb', 'dp83867', 'xen-blkfront', 'xen-netfront'],
  ...[
    'xen-blkback',
    'xen-netback',
    'xen-evtchn',
    'xen-gntdev',
    'xen-gntalloc',
    'xen-privcmd',
    'xenfs',
    'bridge',
    'loop',
    'tun',
  ],
  ...['vfat', 'nls_cp437', 'nls_ascii', 'nls_utf8', 'ext4', 'crc32c_generic'],
];

/**
 * A module's strings in its section .modinfo, each a name and a value.
 * @param {Buffer} file
 */
function modinfo(file) {
  const texts = section(file, '.modinfo')?.toString().split('\0') ?? [];
  return texts.map(
    (text) => /** @type {[string, string]} */ ([text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
  );
}

/** @param {string} name */
const plain = (name) => name.replaceAll('-', '_');

/** The commands of udhcpc, the DHCP client of BusyBox, for what it has learnt. */
const leased = `#!/bin/sh
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ifconfig "$interface" "$ip" netmask "\${subnet:-255.255.255.0}"
for gateway in $router; do route add default gw "$gateway" dev "$interface" 2>/dev/null; done
: > /etc/resolv.conf
for server in $dns; do echo "nameserver $server" >> /etc/resolv.conf; done
`;

/**
 * The archive, compressed with gzip.
 * @param {string} folder where the kernel's package is unpacked, or its modules
 */
export function modules(folder) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ko'));
  const pathOf = new Map(files.map((path) => [plain(basename(path, '.ko')), path]));
  /** @type {Map<string, { path: string, bytes: Buffer, depends: string[], aliases: string[] }>} */
  const taken = new Map();
  /** @param {string} name */
  const take = (name) => {
    if (taken.has(name)) return;
    const path = pathOf.get(name);
    if (path === undefined) throw new Stop(`The kernel's package holds no module ${name}.`);
    const bytes = readFileSync(join(folder, path));
    const info = modinfo(bytes);
    /** @param {string} key */
    const values = (key) => info.filter(([each]) => each === key).map(([, value]) => value);
    const depends = values('depends')
      .flatMap((list) => list.split(',').filter((each) => each !== ''))
      .map(plain);
    for (const each of depends) take(each);
    taken.set(name, { path: path.slice(path.indexOf('lib/modules/')), bytes, depends, aliases: values('alias') });
  };
  for (const name of wanted) take(plain(name));
  const [home = ''] = [...taken.values()].map(({ path }) => path.split('/').slice(0, 3).join('/'));
  /** @param {string} path */
  const relative = (path) => path.slice(home.length + 1);
  /**
   * What a module needs, deepest first.
   * @param {string} name
   * @returns {string[]}
   */
  const needs = (name) => {
    const depends = taken.get(name)?.depends ?? [];
    return [...new Set(depends.flatMap((each) => [...needs(each), each]))];
  };
  // modprobe loads from the end of the line on.
  const dependencies = [...taken].map(([name, { path }]) => {
    const needed = needs(name).map((each) => relative(taken.get(each)?.path ?? ''));
    return `${relative(path)}: ${needed.reverse().join(' ')}\n`;
  });
  const aliases = [...taken].flatMap(([name, module]) => module.aliases.map((alias) => `alias ${alias} ${name}\n`));
  const paths = [...taken.values()].map(({ path }) => path);
  const folders = new Set(
    paths.flatMap((path) =>
      path
        .split('/')
        .slice(0, -1)
        .map((_, i, all) => all.slice(0, i + 1).join('/')),
    ),
  );
  const archive = cpio([
    ...[...folders, 'etc', 'etc/udhcpc', 'sbin'].map((path) => ({ type: /** @type {const} */ ('directory'), path })),
    ...[...taken.values()].map(({ path, bytes }) => ({ type: /** @type {const} */ ('file'), path, bytes })),
    { type: 'file', path: `${home}/modules.dep`, bytes: Buffer.from(dependencies.join('')) },
    { type: 'file', path: `${home}/modules.alias`, bytes: Buffer.from(aliases.join('')) },
    { type: 'file', path: 'etc/udhcpc/default.script', mode: 0o755, bytes: Buffer.from(leased) },
    // The kernel itself asks this program for modules: file systems, the driver of a PHY.
    { type: 'link', path: 'sbin/modprobe', target: '/bin/busybox' },
    { type: 'file', path: 'init', mode: 0o755, bytes: Buffer.from(init({ loadsModules: true })) },
  ]);
  return gzipSync(archive, { level: 9 });
}
