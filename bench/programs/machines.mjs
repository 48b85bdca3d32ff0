// Where the programs can run: here in Node and in Chromium, and on native QEMU. Each gives what Linux printed, by time.

import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../../scripts/bundle.mjs';
import { root, Stop } from '../../scripts/install.mjs';
import { chromiumPage, processorTime } from '../hosts.mjs';

/** @typedef {import('./run.ts').Printed} Printed */

/**
 * @typedef {object} ProgramHost
 * @property {string} name
 * @property {(last: string) => Promise<Printed[]>} run runs the programs until Linux has printed `last`
 * @property {() => Promise<void>} close
 */

export const kernel = join(root, 'images/Image');

/**
 * @param {string} initrd
 * @returns {Promise<ProgramHost>}
 */
export async function inNode(initrd) {
  const sample = fileURLToPath(await bundle('bench/programs/programs-sample.ts'));
  const options = /** @type {const} */ ({ encoding: 'utf8', maxBuffer: 1 << 28 });
  return {
    name: `Node ${process.versions.node}`,
    run: async (last) => JSON.parse(execFileSync(process.execPath, [sample, kernel, initrd, last], options)),
    close: async () => {},
  };
}

/**
 * @param {string} initrd
 * @returns {Promise<ProgramHost>}
 */
export async function inChromium(initrd) {
  const { name, evaluate, close } = await chromiumPage('programs/programs-worker.ts', [kernel, initrd]);
  return { name, run: (last) => evaluate(`ask(${JSON.stringify({ last })})`), close };
}

/**
 * @param {string} initrd
 * @param {string} last
 * @returns {Promise<Printed[]>}
 */
export function onQemu(initrd, last) {
  const args = [
    ...['-M', 'virt,gic-version=2', '-cpu', 'cortex-a53', '-smp', '4', '-m', '2048', '-nic', 'none', '-nographic'],
    ...['-kernel', kernel, '-initrd', initrd, '-append', 'console=ttyAMA0 quiet panic=-1'],
  ];
  const start = performance.now();
  const child = spawn('qemu-system-aarch64', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  return new Promise((resolve, reject) => {
    /** @type {Printed[]} */
    const printed = [];
    let text = '';
    child.on('error', reject);
    child.on('exit', () => reject(new Stop(`QEMU ended before all programs had run:\n${text}`)));
    child.stdout.setEncoding('latin1').on('data', (/** @type {string} */ part) => {
      const now = { wallMs: performance.now() - start, cpuMs: processorTime(child.pid) ?? Number.NaN };
      printed.push({ text: part, ...now });
      text = text.slice(-2000) + part;
      if (!text.includes(last)) return;
      child.removeAllListeners('exit');
      child.kill();
      resolve(printed);
    });
  });
}
