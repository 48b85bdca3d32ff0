// Builds the guests: `npm run guests`. With --check it builds them to a temporary folder and compares them, byte for
// byte, with the committed ones in guests/build/.
//
// Each guest becomes NAME.elf (with symbols) and NAME.img (an arm64 Image: the same bytes without the ELF around them).

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = join(root, 'guests/build');
const prefix = 'aarch64-linux-gnu-';

const xen = ['xen/lib/start.S', 'xen/lib/xen.c', 'xen/lib/console.c'];
const channel = ['lib/uart.c', 'lib/notes.c', 'dma/vectors.S', 'dma/channel.c'];

/**
 * The sources of each guest, relative to guests/; those in xen/ are for Xen's domains, the others for the board.
 * @type {Record<string, string[]>}
 */
const guests = {
  gic: ['lib/start.S', 'lib/second.S', 'lib/uart.c', 'lib/notes.c', 'gic/vectors.S', 'gic/gic.c'],
  dma: ['lib/start.S', ...channel, 'dma/dma.c'],
  hello: ['hello/hello.S'],
  'xen/hello': [...xen, 'xen/hello/hello.c'],
  'xen/spin': [...xen, 'xen/lib/command-line.c', 'xen/spin/spin.c'],
  'xen/rtos': [
    ...xen,
    'xen/lib/command-line.c',
    'xen/rtos/heartbeat.c',
    'xen/rtos/kernel.c',
    'xen/rtos/latency.c',
    'xen/rtos/rtos.c',
    'xen/lib/xenstore.c',
  ],
  'xen/rogue': [...xen, 'xen/rogue/rogue.c'],
  'xen/disk': [
    ...xen,
    'xen/lib/events.c',
    'xen/lib/grants.c',
    'xen/lib/xenstore.c',
    'xen/disk/front.c',
    'xen/disk/disk.c',
  ],
  'xen/net': [
    ...xen,
    'xen/lib/command-line.c',
    'xen/lib/events.c',
    'xen/lib/grants.c',
    'xen/lib/xenstore.c',
    'xen/net/front.c',
    'xen/net/ip.c',
    'xen/net/net.c',
  ],
  'xen/monitor': [
    ...xen,
    'xen/lib/command-line.c',
    'xen/lib/events.c',
    'xen/lib/grants.c',
    'xen/lib/xenstore.c',
    'xen/monitor/monitor.c',
  ],
  'xen/worker': [
    ...xen,
    'xen/lib/command-line.c',
    'xen/lib/events.c',
    'xen/lib/grants.c',
    'xen/lib/xenstore.c',
    'xen/net/front.c',
    'xen/net/ip.c',
    'xen/worker/worker.c',
  ],
  'xen/exits': [...xen, 'xen/exits/exits.c'],
  'xen/uart': [...xen, 'xen/uart/uart.c'],
  'xen/dma': [...xen, 'xen/lib/command-line.c', 'xen/dma/dma.c'],
  routines: ['lib/start.S', 'lib/uart.c', 'routines/routines.c'],
  primes: ['lib/start.S', 'lib/uart.c', 'primes/primes.c'],
  psci: ['lib/start.S', 'lib/second.S', 'lib/uart.c', 'lib/notes.c', 'psci/psci.c'],
  smmu: ['lib/start.S', ...channel, 'smmu/smmu.c'],
  timers: ['lib/start.S', 'lib/uart.c', 'lib/notes.c', 'timers/timers.c'],
  uart: ['lib/start.S', 'lib/uart.c', 'lib/notes.c', 'uart/uart.c'],
};

const flags = [
  '-march=armv8-a',
  // A guest runs with the MMU off, so memory is Device memory: no unaligned access (Arm ARM, B2.8.2), no SIMD copies.
  '-mstrict-align',
  '-mgeneral-regs-only',
  // Atomic operations in line: there is no library with functions for them.
  '-mno-outline-atomics',
  '-O2',
  '-std=c11',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wno-main',
  '-ffreestanding',
  '-fno-pic',
  '-fno-pie',
  '-fno-stack-protector',
  '-fno-asynchronous-unwind-tables',
  // Loops stay loops: there is no C library with memset() and memcpy() to call instead.
  '-fno-tree-loop-distribute-patterns',
  '-nostdlib',
  '-static',
  // The same bytes on every machine.
  '-Wl,--build-id=none,--no-warn-rwx-segments,-n',
];

/**
 * Programs for Linux without a C library: the agent of the real Xen's Dom0, and a server for a Linux domain.
 * @type {Record<string, string[]>}
 */
const programs = {
  'dom0/agent.elf': ['dom0/agent.c', 'dom0/files.c', 'dom0/domains.c'],
  'linux/server.elf': ['linux/server.c'],
};
const programFlags = flags
  .filter((flag) => !flag.startsWith('-Wl') && flag !== '-O2' && flag !== '-mstrict-align')
  .concat('-Os', '-fno-unwind-tables', '-Wl,--build-id=none,-z,norelro,-z,max-page-size=4096,--strip-all');

/**
 * Runs a tool of the cross toolchain in guests/ and returns what it prints.
 * @param {string} tool
 * @param {string[]} args
 */
function run(tool, args) {
  return execFileSync(prefix + tool, args, { cwd: join(root, 'guests'), encoding: 'utf8' });
}

/** The first lines of the tools' version texts: other versions may make other bytes. */
function toolchain() {
  return ['gcc', 'ld'].map((tool) => `${run(tool, ['--version']).split('\n')[0]}\n`).join('');
}

/** @param {string} folder where NAME.elf and NAME.img go */
function build(folder) {
  mkdirSync(join(folder, 'xen'), { recursive: true });
  for (const [name, sources] of Object.entries(guests)) {
    const elf = join(folder, `${name}.elf`);
    const library = name.startsWith('xen/') ? 'xen/lib' : 'lib';
    run('gcc', [...flags, `-I${library}`, '-Ilib', `-Wl,-T,${library}/image.ld`, '-o', elf, ...sources]);
    const image = join(folder, `${name}.img`);
    run('objcopy', ['--output-target=binary', elf, image]);
    // Data to the machine that builds them: no one runs these files here.
    for (const file of [elf, image]) chmodSync(file, 0o644);
  }
  for (const [path, sources] of Object.entries(programs)) {
    const program = join(folder, path);
    mkdirSync(dirname(program), { recursive: true });
    run('gcc', [...programFlags, '-o', program, ...sources]);
    chmodSync(program, 0o644);
  }
  writeFileSync(join(folder, 'toolchain.txt'), toolchain());
}

/**
 * Compares a fresh build with the committed one.
 * @returns {string[]} the names of the files that differ
 */
function differences() {
  const folder = mkdtempSync(join(tmpdir(), 'el2lab-guests-'));
  try {
    build(folder);
    return Object.keys(guests)
      .flatMap((name) => [`${name}.elf`, `${name}.img`])
      .concat(Object.keys(programs))
      .filter((file) => !readFileSync(join(folder, file)).equals(readFileSync(join(built, file))));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/**
 * Checks the committed guests.
 * @returns {{ ok: boolean, skipped?: boolean, message: string }} `skipped` where the toolchain is not the committed one
 */
export function checkGuests() {
  let here;
  try {
    here = toolchain();
  } catch {
    return { ok: true, skipped: true, message: `no ${prefix}gcc here (package gcc-aarch64-linux-gnu)` };
  }
  if (here !== readFileSync(join(built, 'toolchain.txt'), 'utf8')) {
    return { ok: true, skipped: true, message: 'another compiler version than the one in guests/build/toolchain.txt' };
  }
  const files = differences();
  return files.length === 0
    ? { ok: true, message: 'the committed images are what the sources build' }
    : { ok: false, message: `${files.join(', ')} differ from what the sources build: run npm run guests` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes('--check')) {
    const { ok, message } = checkGuests();
    console.log(message);
    process.exitCode = ok ? 0 : 1;
  } else {
    build(built);
    console.log(`Built ${Object.keys(guests).join(', ')} in guests/build/.`);
  }
}
