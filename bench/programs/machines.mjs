// Where the programs can run: here in Node and in Chromium, and on native QEMU. Each gives what Linux printed, by time.

import { execFileSync, spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bestNode, engineOptions } from '../../scripts/best-node.mjs';
import { bundle } from '../../scripts/bundle.mjs';
import { root, Stop } from '../../scripts/install.mjs';
import { chromiumPage, processorTime } from '../hosts.mjs';

/** @typedef {import('./run.ts').Printed} Printed */
/** @typedef {import('./run.ts').Place} Place */

/**
 * @typedef {object} ProgramHost
 * @property {string} name
 * @property {(last: string) => Promise<Printed[]>} run runs the programs until Linux has printed `last`
 * @property {() => Promise<void>} close
 */

export const kernel = join(root, 'images/Image');

/**
 * @param {Place} place
 * @param {string} initrd
 * @param {boolean} profile whether to tell in which part of the machine the time goes, which costs some
 * @returns {Promise<ProgramHost>}
 */
export async function inNode(place, initrd, profile) {
  const sample = fileURLToPath(await bundle('bench/programs/programs-sample.ts', { sourcemap: profile }));
  const node = bestNode();
  const more = profile ? ['profile'] : [];
  const options = /** @type {const} */ ({ encoding: 'utf8', maxBuffer: 1 << 28 });
  return {
    name: `Node ${node.version.join('.')}`,
    run: async (last) =>
      JSON.parse(
        execFileSync(
          node.file,
          [...engineOptions(node.version), sample, place, kernel, initrd, last, ...more],
          options,
        ),
      ),
    close: async () => {},
  };
}

/** Starts the worker, and passes on what it says until it says null and all has been heard. */
const inPage = (/** @type {Place} */ place, /** @type {string} */ last) => `new Promise((resolve, reject) => {
  const worker = new Worker('worker.js', { type: 'module' });
  const heard = [];
  worker.onmessage = ({ data }) => (data === null ? Promise.all(heard).then(resolve, reject) : heard.push(say(data)));
  worker.onerror = ({ message }) => reject(new Error(message));
  worker.postMessage(${JSON.stringify({ place, last })});
})`;

/**
 * @param {Place} place
 * @param {string} initrd
 * @returns {Promise<ProgramHost>}
 */
export async function inChromium(place, initrd) {
  const { name, evaluate, close } = await chromiumPage('programs/programs-worker.ts', [kernel, initrd]);
  return {
    name,
    run: async (last) => {
      /** @type {Printed[]} */
      const printed = [];
      await evaluate(inPage(place, last), async (page) => {
        const devTools = await page.context().newCDPSession(page);
        await devTools.send('Performance.enable');
        /** Processor time of the page's process. */
        const cpuMs = async () => {
          const { metrics } = await devTools.send('Performance.getMetrics');
          return (metrics.find((metric) => metric.name === 'ProcessTime')?.value ?? Number.NaN) * 1e3;
        };
        await page.exposeFunction('say', async (/** @type {Printed} */ said) => {
          const at = printed.push(said) - 1;
          printed[at] = { ...said, cpuMs: await cpuMs() };
        });
      });
      return printed;
    },
    close,
  };
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
