// `npm run images`: fetches software for the board into images/, as Debian packages it for arm64: a Linux kernel, the
// ZCU102's device tree, Xen with the tools of its Dom0, and BusyBox, of which it makes initial RAM disks. What is there and
// intact stays.
//
// apt works with lists, a cache and an architecture setting of its own in a temporary folder: no privilege is needed,
// and nothing of the machine's own apt changes.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Apt, hasApt, Progress } from './apt.mjs';
import { dom0, dom0Packages, terminals } from './dom0.mjs';
import { guestDisk, guestRamdisk } from './guest-images.mjs';
import { initrd } from './initrd.mjs';
import { root, runScript, Stop } from './install.mjs';
import { modules } from './modules.mjs';
import { symbolsOf } from './symbols.mjs';

const sums = 'SHA256SUMS';

/** Each file of images/, with its package and the end of its path there. */
const origins = /** @type {const} */ ({
  Image: { origin: 'kernel', start: 'boot/vmlinuz-' },
  'zcu102.dtb': { origin: 'kernel', start: 'xilinx/zynqmp-zcu102-rev1.0.dtb' },
  xen: { origin: 'xen', start: 'boot/xen-' },
  'xen-syms': { origin: 'symbols', start: 'boot/xen-syms-' },
  'initrd.gz': { origin: 'busybox', start: 'bin/busybox' },
  'modules.gz': { origin: 'kernel', start: 'lib/modules/' },
  'guest-disk.img': { origin: 'busybox', start: 'bin/busybox' },
  'dom0.gz': { origin: 'dom0', start: '' },
});
/** @typedef {keyof typeof origins} Name */
const names = /** @type {Name[]} */ (Object.keys(origins));

/** The RAM disk for Linux as a domain, which is made of others. */
const guestInitrd = 'guest-initrd.gz';
const parts = /** @type {const} */ (['initrd.gz', 'modules.gz']);

/** The files that booting Linux needs. */
const forLinux = /** @type {const} */ (['Image', 'zcu102.dtb', 'initrd.gz']);

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/**
 * The checksums of the files when they were fetched, by name.
 * @param {string} folder
 * @returns {Map<string, string>}
 */
function noted(folder) {
  const file = join(folder, sums);
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').split('\n');
  return new Map(
    lines.flatMap((line) => {
      const [, sum, name] = line.match(/^([0-9a-f]{64}) {2}(.+)$/) ?? [];
      return sum && name ? [[name, sum]] : [];
    }),
  );
}

/**
 * Files that are missing or have changed since they were fetched. A file that was not fetched is the user's and is kept.
 * @param {string} folder
 */
function wanting(folder) {
  const sumOf = noted(folder);
  return names.filter((name) => {
    const file = join(folder, name);
    if (!existsSync(file)) return true;
    const sum = sumOf.get(name);
    return sum !== undefined && sum !== sha256(readFileSync(file));
  });
}

/** Whether Linux can be booted with the files of images/. */
export const hasLinux = () => forLinux.every((name) => existsSync(join(root, 'images', name)));

/** Whether there is all that this script fetches. */
export const hasImages = () => names.every((name) => existsSync(join(root, 'images', name)));

/**
 * The packages to fetch, by origin: Debian's current arm64 kernel, and its newest Xen (4.17 if there is a choice).
 * @param {Apt} apt
 */
function packages(apt) {
  const kernel = apt.cache('depends', 'linux-image-arm64:arm64').match(/Depends: (linux-image-\d[^:\s]*)/)?.[1];
  const hypervisors =
    apt.cache('search', '--names-only', '^xen-hypervisor-[0-9.]+-arm64$').match(/^xen-hypervisor-\S+/gm) ?? [];
  const xen = hypervisors.find((name) => name.includes('-4.17-')) ?? hypervisors.sort().pop();
  if (kernel === undefined || xen === undefined) {
    throw new Stop(
      'The package sources of this apt have no arm64 kernel or no Xen: those of Debian 12 or newer have both.',
    );
  }
  const version = xen.match(/-(\d[\d.]*)-/)?.[1] ?? '';
  return {
    kernel: [kernel],
    xen: [xen],
    symbols: [`${xen}-dbg`],
    busybox: ['busybox-static'],
    dom0: dom0Packages(version),
    version,
  };
}

/**
 * Unpacks only the files of a package whose paths contain one of `starts`, because a kernel has many modules. Returns the
 * first file for each.
 * @param {string} deb
 * @param {string} folder
 * @param {readonly string[]} starts
 */
function unpack(deb, folder, starts) {
  mkdirSync(folder, { recursive: true });
  const script = 'deb=$1; folder=$2; shift 2; dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$folder" --wildcards "$@"';
  const patterns = [...new Set(starts)].map((start) => `*/${start}*`); // tar finds a pattern once
  try {
    execFileSync('bash', ['-o', 'pipefail', '-c', script, 'bash', deb, folder, ...patterns], { stdio: 'pipe' });
  } catch (error) {
    throw new Stop(`${deb} cannot be unpacked: ${error instanceof Error ? error.message : error}`);
  }
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => join(file.path, file.name).slice(folder.length + 1))
    .sort();
  return starts.map((start) => {
    const file = files.find((path) => path.includes(start));
    if (file === undefined) throw new Stop(`${deb} holds no ${start}.`);
    return readFileSync(join(folder, file));
  });
}

/**
 * What is kept of a package's file: the file itself, or what is made of it and of the folder where the package is.
 * @param {Name} name
 * @param {Uint8Array} bytes
 * @param {string} folder
 */
function made(name, bytes, folder) {
  if (name === 'initrd.gz') return initrd(bytes);
  if (name === 'guest-disk.img') return guestDisk(bytes);
  if (name === 'xen-syms') return symbolsOf(bytes);
  return name === 'modules.gz' ? modules(folder) : bytes;
}

/**
 * Makes the RAM disk of Linux as a domain, if it is missing or a part of it is new.
 * @param {string} folder
 * @param {readonly Name[]} fetched
 */
function assemble(folder, fetched) {
  const file = join(folder, guestInitrd);
  if (existsSync(file) && !parts.some((name) => fetched.includes(name))) return [];
  const [base, overlay] = parts.map((name) => readFileSync(join(folder, name)));
  if (base && overlay) writeFileSync(file, guestRamdisk(base, overlay));
  return [guestInitrd];
}

/**
 * Fetches the files that are missing or damaged in `folder`, and makes what is made of them.
 * @param {string} folder
 * @returns {Promise<string[]>} the files that are new
 */
export async function fetchImages(folder = join(root, 'images')) {
  const missing = wanting(folder);
  if (missing.length > 0) await fetchMissing(folder, missing);
  return [...missing, ...assemble(folder, missing)];
}

/**
 * @param {string} folder
 * @param {readonly Name[]} missing
 */
async function fetchMissing(folder, missing) {
  if (!hasApt()) {
    throw new Stop(
      `${missing.join(', ')} cannot be fetched: there is no apt here. On Debian 12 (a container or virtual machine will do) run ` +
        '`npm run images` and copy its images/ folder to this one; or drop a kernel, an initial RAM disk and a device tree of your ' +
        'own on the page.',
    );
  }
  const temporary = mkdtempSync(join(tmpdir(), 'el2lab-images-'));
  const progress = new Progress();
  try {
    mkdirSync(folder, { recursive: true });
    const apt = new Apt(temporary);
    await apt.get(['update'], (done) => progress.show('Reading package lists', done));
    const wanted = packages(apt);
    const needed = [...new Set(missing.flatMap((name) => wanted[origins[name].origin]))];
    await apt.get(['download', ...needed.map((name) => (name === terminals ? name : `${name}:arm64`))], (done) =>
      progress.show(`Fetching ${needed.length} packages`, done),
    );
    const debs = apt.downloaded();
    const sumOf = noted(folder);
    const versions = new Map(
      readLines(join(folder, 'VERSION')).map(
        (line) => /** @type {[string, string]} */ ([line.split('_')[0] ?? '', line]),
      ),
    );
    /** @param {Name} file @param {Uint8Array} content */
    const keep = (file, content) => {
      writeFileSync(join(folder, file), content);
      sumOf.set(file, sha256(content));
    };
    const forDom0 = missing.includes('dom0.gz') ? wanted.dom0 : [];
    for (const [i, name] of needed.entries()) {
      progress.show('Unpacking', i / needed.length);
      const deb = debs.find((path) => path.includes(`/${name}_`));
      if (deb === undefined) throw new Stop(`apt-get has not downloaded ${name}.`);
      if (forDom0.includes(name)) {
        execFileSync('dpkg-deb', ['-x', deb, join(temporary, name)]);
        continue;
      }
      const files = missing.filter((file) => wanted[origins[file].origin].includes(name));
      const starts = files.map((file) => origins[file].start);
      for (const [n, bytes] of unpack(deb, join(temporary, name), starts).entries()) {
        const file = /** @type {Name} */ (files[n]);
        keep(file, made(file, bytes, join(temporary, name)));
      }
    }
    const trees = forDom0.map((name) => join(temporary, name));
    if (forDom0.length > 0) keep('dom0.gz', dom0(trees, wanted.version));
    progress.show('Unpacking', 1);
    for (const path of debs) {
      const file = decodeURIComponent(path.slice(path.lastIndexOf('/') + 1));
      versions.set(file.split('_')[0] ?? '', file);
    }
    writeFileSync(join(folder, sums), [...sumOf].map(([name, sum]) => `${sum}  ${name}\n`).join(''));
    writeFileSync(join(folder, 'VERSION'), [...versions.values()].map((line) => `${line}\n`).join(''));
  } finally {
    progress.end();
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** @param {string} file */
const readLines = (file) =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
    : [];

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(async () => {
    const fetched = await fetchImages();
    console.log(
      fetched.length === 0 ? 'images/ has all there is, intact.' : `Fetched to images/: ${fetched.join(', ')}.`,
    );
    const { prepareSystems } = await import('./prepare.mjs');
    const prepared = await prepareSystems();
    if (prepared.length > 0) console.log(`Prepared for the page to open on: ${prepared.join(', ')}.`);
  });
}
