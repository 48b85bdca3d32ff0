// The oracle of the differential tests: scripts/recorder/, run by qemu-aarch64.

import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, Stop } from './install.mjs';
import { isStale } from './newest.mjs';

const program = '.cache/recorder';
const emulator = 'qemu-aarch64';

const flags = [
  ...['-O2', '-Wall', '-Wextra', '-Werror', '-ffreestanding', '-nostdlib', '-static', '-fno-pic', '-fno-pie'],
  ...['-fno-stack-protector', '-fno-tree-loop-distribute-patterns'],
  // Away from addresses that tests are likely to use: powers of two and their neighbours.
  '-Wl,-Ttext-segment=0x5a5a0000,--build-id=none',
];

/** Builds the recorder unless it is newer than its sources. */
function build() {
  const sources = ['rigs/recorder/enter.S', 'rigs/recorder/recorder.c'];
  if (!isStale(program, sources)) return;
  mkdirSync(join(root, '.cache'), { recursive: true });
  try {
    execFileSync('aarch64-linux-gnu-gcc', [...flags, '-o', program, ...sources], { cwd: root, stdio: 'inherit' });
  } catch {
    throw new Stop('The recorder needs aarch64-linux-gnu-gcc (on Debian: apt-get install gcc-aarch64-linux-gnu).');
  }
}

/** The emulator's version text. */
export function oracleVersion() {
  const { stdout } = spawnSync(emulator, ['--version'], { encoding: 'utf8' });
  if (!stdout) throw new Stop('The differential tests need qemu-aarch64 (on Debian: apt-get install qemu-user).');
  return stdout.split('\n')[0] ?? '';
}

/**
 * Starts the recorder. It works on the tests given to `run` in order, while the caller goes on.
 * @returns {{ run: (tests: Uint8Array) => Promise<Uint8Array>, close: () => void }}
 */
export function startRecorder() {
  oracleVersion();
  build();
  const child = spawn(emulator, ['-cpu', 'cortex-a53', join(root, program)], { stdio: ['pipe', 'pipe', 'inherit'] });
  /** @type {{ result: Uint8Array, length: number, resolve: (result: Uint8Array) => void, reject: (e: Error) => void }[]} */
  const waiting = [];
  child.stdout.on('data', (/** @type {Uint8Array} */ data) => {
    let rest = data;
    while (rest.length > 0) {
      const first = waiting[0];
      if (!first) throw new Error('the recorder wrote more than it was asked for');
      const part = rest.subarray(0, first.result.length - first.length);
      first.result.set(part, first.length);
      first.length += part.length;
      rest = rest.subarray(part.length);
      if (first.length === first.result.length) waiting.shift()?.resolve(first.result);
    }
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting) reject(new Error(`the recorder ended with ${signal ?? code}`));
  });
  return {
    run: (tests) =>
      new Promise((resolve, reject) => {
        waiting.push({ result: new Uint8Array(tests.length), length: 0, resolve, reject });
        child.stdin.write(tests);
      }),
    close: () => void child.stdin.end(),
  };
}
