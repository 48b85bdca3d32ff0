// The initial RAM disk of the bench of programs: Debian's packages, our own loads, and an init that runs the rows.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpio } from '../../scripts/cpio.mjs';
import { root, Stop } from '../../scripts/install.mjs';
import { isStale } from '../../scripts/newest.mjs';
import { fetchPackages } from '../../scripts/packages.mjs';
import { packages } from './packages.mjs';

/** @typedef {import('./rows.mjs').ProgramRow} ProgramRow */

const folder = '.cache/programs';
const archive = `${folder}/root.cpio`;
const loads = `${folder}/loads`;
const sources = 'bench/programs';

/** What its Linux prints when all rows have run. */
export const lastLine = '=== done';

/** Runs each row between lines that say its number, exit code and time by Linux's clock. */
const init = `#!/usr/bin/busybox sh
/usr/bin/busybox mkdir -p /applets /proc /sys /tmp /root
/usr/bin/busybox --install -s /applets
export PATH=/usr/bin:/usr/sbin:/applets HOME=/root TERM=dumb LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
cd /bench
cat /usr/bin/busybox /usr/bin/openssl /usr/bin/perl /usr/bin/sqlite3 > data
for row in rows/*; do
  read up idle < /proc/uptime
  echo "=== begin \${row#rows/} $up"
  /usr/bin/dash $row < /dev/null 2>&1
  exit=$?
  read up idle < /proc/uptime
  echo "=== end \${row#rows/} $up $exit"
done
echo "${lastLine}"
poweroff -f
`;

/** @param {number} index of a row */
const numberOf = (index) => String(index).padStart(2, '0');

function compileLoads() {
  if (!isStale(loads, [`${sources}/loads.c`])) return;
  const args = ['-O2', '-static', '-pthread', '-o', join(root, loads), join(root, sources, 'loads.c')];
  try {
    execFileSync('aarch64-linux-gnu-gcc', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    throw new Stop(`The loads need Debian's gcc-aarch64-linux-gnu with libc6-dev-arm64-cross: ${error}`);
  }
}

/**
 * Makes the RAM disk that runs these rows, and gives its path. Packages are fetched by apt if they are not there.
 * @param {readonly ProgramRow[]} rows
 */
export async function programsDisk(rows) {
  mkdirSync(join(root, folder), { recursive: true });
  if (isStale(archive, [`${sources}/packages.mjs`, 'scripts/packages.mjs'])) await fetchPackages(packages, archive);
  compileLoads();
  const guest = join(root, sources, 'guest');
  const added = cpio([
    { type: 'link', path: 'usr/bin/sh', target: 'dash' },
    { type: 'file', path: 'init', mode: 0o755, bytes: Buffer.from(init) },
    { type: 'directory', path: 'dev' },
    { type: 'directory', path: 'bench' },
    { type: 'directory', path: 'bench/rows' },
    { type: 'file', path: 'bench/loads', mode: 0o755, bytes: readFileSync(join(root, loads)) },
    ...readdirSync(guest).map((name) => ({
      type: /** @type {const} */ ('file'),
      path: `bench/${name}`,
      bytes: readFileSync(join(guest, name)),
    })),
    ...rows.map(({ command }, i) => ({
      type: /** @type {const} */ ('file'),
      path: `bench/rows/${numberOf(i)}`,
      bytes: Buffer.from(`${command}\n`),
    })),
  ]);
  // Of this process alone: two benches may run at the same time.
  const own = join(root, folder, String(process.pid));
  mkdirSync(own);
  process.once('exit', () => rmSync(own, { recursive: true, force: true }));
  const file = join(own, 'initrd');
  writeFileSync(file, Buffer.concat([readFileSync(join(root, archive)), added]));
  return file;
}
