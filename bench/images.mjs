// The images that both simulators run. `node bench/images.mjs` builds them in bench/build/ from bench/guests/ and is needed
// after a change only: the built ones are committed, so that no cross compiler is needed to use them.

import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../scripts/install.mjs';

const sources = join(root, 'bench/guests');
const built = join(root, 'bench/build');

/** Offset of the number of iterations in an image (start.S). */
const iterationsOffset = 64;

/** What every image is made of besides its own file. */
const shared = ['start.S', 'mmu.S'];

/** Images that are not their source of the same name, alone: the source and definitions. */
const variants = {
  'dispersed-2000': ['dispersed.S', '-DCOUNT=2000', '-DSTEP=29'],
  'dispersed-50000': ['dispersed.S', '-DCOUNT=50000', '-DSTEP=29'],
  'dispersed-2000-pages': ['dispersed.S', '-DCOUNT=2000', '-DSTEP=29', '-DPAGES'],
  'dispersed-50000-pages': ['dispersed.S', '-DCOUNT=50000', '-DSTEP=29', '-DPAGES'],
  'far-2000-pages': ['dispersed.S', '-DCOUNT=2000', '-DSTEP=617', '-DPAGES', '-DFAR'],
  ...Object.fromEntries(
    [
      'brk',
      'undefined',
      'translation',
      'permission',
      'alignment',
      'fetch',
      'illegal',
      'irq',
      'serror',
      'hvc',
      'trap',
      'stage2',
      'float',
      'stack',
      'sweep',
      'pc',
      'external',
      'register',
      'memory',
      'smc',
      'wfi',
      'hole',
      'user',
      'kernel',
      'ticks',
      'masks',
      'idle',
      'float2',
      'monitor',
      'debug',
    ].map((name) => [`exception-${name}`, ['exceptions.S', `-DCLASS=${name.toUpperCase()}`]]),
  ),
};

/**
 * An image that does its loop so many times.
 * @param {string} name
 * @param {number} iterations
 */
export function image(name, iterations) {
  const bytes = readFileSync(join(built, `${name}.img`));
  bytes.writeBigUInt64LE(BigInt(iterations), iterationsOffset);
  return bytes;
}

function build() {
  const single = readdirSync(sources).filter(
    (file) => file.endsWith('.S') && ![...shared, 'dispersed.S', 'exceptions.S'].includes(file),
  );
  const all = { ...Object.fromEntries(single.map((file) => [file.slice(0, -2), [file]])), ...variants };
  rmSync(built, { recursive: true, force: true });
  mkdirSync(built, { recursive: true });
  for (const [name, args] of Object.entries(all)) {
    const elf = join(built, `${name}.elf`);
    const img = join(built, `${name}.img`);
    const flags = [
      '-nostdlib',
      '-static',
      '-I../../guests/lib',
      '-Wl,--build-id=none,--no-warn-rwx-segments,-n,-T,image.ld',
      '-o',
      elf,
    ];
    execFileSync('aarch64-linux-gnu-gcc', [...flags, ...shared, ...args], { cwd: sources });
    execFileSync('aarch64-linux-gnu-objcopy', ['--output-target=binary', elf, img]);
    rmSync(elf);
    // Data to the machine that builds it.
    chmodSync(img, 0o644);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build();
