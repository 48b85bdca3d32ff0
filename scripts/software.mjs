// `node scripts/software.mjs`: runs programs that Debian packages for arm64 in Linux on the board, and compares what they
// print with what they printed on QEMU (rigs/software). Names of cases run these alone; `--record` runs them on QEMU and
// writes what they print to rigs/software/recorded.json.
//
// The packages are fetched by apt into .cache/software, as `npm run images` fetches the kernel.

import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cpio } from './cpio.mjs';
import { fetchImages, hasLinux } from './images.mjs';
import { root, runScript, Stop } from './install.mjs';
import { isStale } from './newest.mjs';
import { fetchPackages } from './packages.mjs';

const packages = [
  ...[
    'busybox-static',
    'bc',
    'brotli',
    'coreutils',
    'dash',
    'dc',
    'flac',
    'fzf',
    'gawk',
    'gforth',
    'jq',
    'libjpeg-turbo-progs',
  ],
  ...['luajit', 'memtester', 'openssl', 'pari-gp', 'perl-base', 'python3-minimal', 'ripgrep', 'sqlite3', 'strace'],
  ...['stress-ng', 'xz-utils', 'zstd'],
];

const archive = '.cache/software/root.cpio';
const cases = 'rigs/software/cases';
const recorded = 'rigs/software/recorded.json';
const emulator = 'qemu-system-aarch64';

/** Runs each case in a folder of its own, between lines that name it and its exit code, and turns the machine off. */
const init = `#!/usr/bin/busybox sh
/usr/bin/busybox mkdir -p /applets /proc /sys /tmp /root
/usr/bin/busybox --install -s /applets
export PATH=/usr/bin:/usr/sbin:/applets HOME=/root TERM=dumb LC_ALL=C
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /dev/pts
mount -t tmpfs shm /dev/shm
mount -t devpts devpts /dev/pts
for case in /cases/*.sh; do
  name=\${case##*/}; name=\${name%.sh}
  mkdir /tmp/$name && cd /tmp/$name
  echo "=== $name"
  /usr/bin/sh $case </dev/null 2>&1
  echo "=== exit $? at $(cut -d' ' -f1 /proc/uptime)"
  cd / && rm -rf /tmp/$name
done
poweroff -f
`;

/** Whether the packages are there. */
export const hasSoftware = () => !isStale(archive, ['scripts/software.mjs', 'scripts/packages.mjs']);

/** Fetches the packages with all that they need, unless they are there. */
export async function fetchSoftware() {
  if (!hasSoftware()) await fetchPackages(packages, archive);
}

/** The names of the cases. */
export const caseNames = () => readdirSync(join(root, cases)).map((file) => basename(file, '.sh'));

/**
 * An initial RAM disk that runs cases: the packages, and after them the cases.
 * @param {string} file
 * @param {string[]} names
 */
function writeInitrd(file, names) {
  const own = cpio([
    { type: 'link', path: 'usr/bin/sh', target: 'dash' },
    { type: 'file', path: 'init', mode: 0o755, bytes: Buffer.from(init) },
    { type: 'directory', path: 'dev' },
    { type: 'directory', path: 'cases' },
    ...names.map((name) => ({
      type: /** @type {const} */ ('file'),
      path: `cases/${name}.sh`,
      bytes: readFileSync(join(root, cases, `${name}.sh`)),
    })),
  ]);
  writeFileSync(file, Buffer.concat([readFileSync(join(root, archive)), own]));
}

/**
 * What a case printed, and its exit code.
 * @typedef {{ lines: string[], exit: number }} Outcome
 */

/**
 * The outcomes of the cases in what came from the serial port.
 * @param {string} serial
 * @returns {Record<string, Outcome>}
 */
export function outcomes(serial) {
  const parts = serial.replaceAll('\r', '').matchAll(/^=== (\S+)\n((?:.*\n)*?)=== exit (\d+) at .*\n/gm);
  return Object.fromEntries(
    [...parts].map(([, name = '', text = '', exit]) => [
      name,
      { lines: text.split('\n').slice(0, -1), exit: Number(exit) },
    ]),
  );
}

/**
 * What came of the cases on QEMU.
 * @returns {Record<string, Outcome>}
 */
export const expected = () => JSON.parse(readFileSync(join(root, recorded), 'utf8'));

/**
 * Runs cases on the board, or on QEMU, and returns what came from the serial port.
 * @param {string[]} names
 * @param {'board' | 'qemu'} machine
 */
export function runCases(names, machine) {
  const temporary = mkdtempSync(join(tmpdir(), 'el2lab-software-'));
  const [image, initrd] = [join(root, 'images/Image'), join(temporary, 'initrd')];
  const append = (/** @type {string} */ console) => `console=${console} quiet panic=-1`;
  try {
    writeInitrd(initrd, names);
    const [command, args] =
      machine === 'board'
        ? [
            join(root, 'bin/el2lab'),
            [
              ...['boot', '--cpus', '4', '--kernel', image, '--initrd', initrd, '--append', append('ttyPS0,115200')],
              ...['--virtual-seconds', '900', '--max-seconds', '900'],
            ],
          ]
        : [
            emulator,
            [
              ...[
                '-M',
                'virt,gic-version=2',
                '-cpu',
                'cortex-a53',
                '-smp',
                '4',
                '-m',
                '2048',
                '-nic',
                'none',
                '-nographic',
              ],
              ...['-kernel', image, '-initrd', initrd, '-append', append('ttyAMA0')],
            ],
          ];
    // In a file, so that one can see how far it is.
    const serial = join(root, `.cache/software/${machine}.txt`);
    const output = openSync(serial, 'w');
    const run = spawnSync(command, args, { stdio: ['ignore', output, 'ignore'] });
    closeSync(output);
    if (run.error) throw new Stop(`${command} cannot be run: ${run.error.message}`);
    return readFileSync(serial, 'utf8');
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runScript(async () => {
    const args = process.argv.slice(2);
    const record = args.includes('--record');
    const asked = args.filter((arg) => arg !== '--record');
    const names = asked.length > 0 ? asked : caseNames();
    for (const name of names) if (!caseNames().includes(name)) throw new Stop(`There is no case ${name}.`);
    if (!hasLinux()) await fetchImages();
    await fetchSoftware();
    const serial = runCases(names, record ? 'qemu' : 'board');
    const found = outcomes(serial);
    if (record) {
      const kept = asked.length > 0 ? expected() : {};
      writeFileSync(join(root, recorded), `${JSON.stringify({ ...kept, ...found }, null, 2)}\n`);
    }
    for (const name of names) {
      const is = JSON.stringify(found[name], null, 2);
      const ok = record ? found[name] !== undefined : is === JSON.stringify(expected()[name], null, 2);
      console.log(`${ok ? 'as recorded' : 'DIFFERS    '} ${name}${ok ? '' : `\n${is}`}`);
      if (!ok) process.exitCode = 1;
    }
    if (process.exitCode === 1) console.log(serial.slice(-2000));
  });
}
