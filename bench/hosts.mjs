// Where an image can run. Each run is in a process of its own, so that none finds warmed up what the one before it left.

import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { bundle } from '../scripts/bundle.mjs';
import { findChromium } from '../scripts/chromium.mjs';
import { isolationHeaders } from '../scripts/headers.mjs';
import { root, Stop } from '../scripts/install.mjs';
import { serve } from '../scripts/serve.mjs';
import { image } from './images.mjs';

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {import('./machine.ts').Figures} Figures */
/** @typedef {import('@playwright/test').Page} Page */

/**
 * What a run took: wall time, and the processor time of all threads of its process.
 * @typedef {{ wallMs: number, cpuMs: number }} Times
 */

/**
 * @typedef {object} Host
 * @property {string} name
 * @property {(row: Row, iterations: number) => Promise<Figures & { rss?: number }>} run
 * @property {() => Promise<void>} close
 */

const folder = join(root, '.cache/bench');

/**
 * Writes an image to a file and gives its path.
 * @param {Row} row
 * @param {number} iterations
 */
function imageFile(row, iterations) {
  const file = join(folder, `${row.image}.img`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, image(row.image, iterations));
  return file;
}

/**
 * Native QEMU with its own start, which two numbers of iterations cancel.
 * @param {Row} row
 * @param {number} iterations
 * @returns {Times}
 */
export function runQemu(row, iterations) {
  const machine = [
    '-M',
    `virt,gic-version=2${row.el2 ? ',virtualization=on' : ''}`,
    '-nic',
    'none',
    '-cpu',
    'cortex-a53',
    '-m',
    '512',
    '-smp',
    `${row.cores ?? 1}`,
  ];
  const options = [...machine, '-display', 'none', '-kernel', imageFile(row, iterations), ...(row.qemu ?? [])];
  // Node tells only its own processor time; bash that of its children, exactly.
  const args = ['-c', 'TIMEFORMAT="%U %S"; time "$@"', 'bash', 'qemu-system-aarch64', ...options];
  const start = performance.now();
  const { status, stderr } = spawnSync('bash', args, { encoding: 'utf8' });
  const wallMs = performance.now() - start;
  if (status !== 0) throw new Stop(`QEMU failed on ${row.image}: ${stderr}`);
  const [user = 0, system = 0] = (stderr.trim().split('\n').pop() ?? '').split(' ').map(Number);
  const cpuMs = (user + system) * 1e3;
  return { wallMs, cpuMs };
}

/** QEMU's version, or undefined where there is none. */
export function qemuVersion() {
  try {
    return execFileSync('qemu-system-aarch64', ['--version'], { encoding: 'utf8' }).match(/[\d.]+/)?.[0];
  } catch {
    return undefined;
  }
}

/** Milliseconds of a tick in /proc. */
const tickMs = 10;

/**
 * Processor time of all threads of a process so far, where the host tells.
 * @param {number | undefined} pid
 */
export function processorTime(pid) {
  try {
    // Fields 14 and 15 of proc(5), counted behind the name.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) * tickMs;
  } catch {
    return undefined;
  }
}

/** @returns {Promise<Host>} */
export async function nodeHost() {
  const sample = fileURLToPath(await bundle('bench/sample.ts'));
  return {
    name: `Node ${process.versions.node}`,
    run: async (row, iterations) => {
      const args = [
        sample,
        imageFile(row, iterations),
        `${row.cores ?? 1}`,
        `${!row.interpreted}`,
        row.el2 ? '2' : '1',
      ];
      return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' }));
    },
    close: async () => {},
  };
}

/**
 * Builds a page around a worker, and serves it.
 * @param {string} entry source of the worker in bench/
 * @param {readonly string[]} [files] what lies beside the page
 */
export async function serveBench(entry, files = []) {
  const outDir = join(folder, 'page');
  await build({
    root,
    configFile: false,
    publicDir: false,
    logLevel: 'warn',
    build: { lib: { entry: join('bench', entry), formats: ['es'], fileName: () => 'worker.js' }, outDir },
  });
  for (const file of [join(root, 'bench/page.html'), ...files]) copyFileSync(file, join(outDir, basename(file)));
  // Its script is in the page, and strings start its workers: the policy of the real page would not let it.
  const server = await serve(outDir, 0, { headers: isolationHeaders });
  return { url: `http://localhost:${server.port}/page.html`, close: server.close };
}

/**
 * Opens the page around a worker in Chromium, each time in a new context.
 * @param {string} entry source of the worker in bench/
 * @param {readonly string[]} [files] what lies beside the page
 * @returns {Promise<{ name: string, evaluate: (script: string, prepare?: (page: Page) => Promise<void>) => Promise<any>,
 *   close: () => Promise<void> }>} `prepare` is given the page before the script
 */
export async function chromiumPage(entry, files = []) {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Stop('There is no Chromium here: name its executable in CHROMIUM.');
  const server = await serveBench(entry, files);
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath });
  return {
    name: `Chromium ${browser.version()}`,
    evaluate: async (script, prepare = async () => {}) => {
      const context = await browser.newContext();
      const page = await context.newPage();
      await page.goto(server.url);
      await prepare(page);
      const result = await page.evaluate(script);
      await context.close();
      return result;
    },
    close: async () => {
      await browser.close();
      await server.close();
    },
  };
}

/** @returns {Promise<Host>} */
export async function chromiumHost() {
  const { name, evaluate, close } = await chromiumPage('worker.ts');
  return {
    name,
    run: (row, iterations) => {
      const job = {
        base64: image(row.image, iterations).toString('base64'),
        cores: row.cores ?? 1,
        level: row.el2 ? 2 : 1,
        translate: !row.interpreted,
      };
      return evaluate(`run(${JSON.stringify(job)})`);
    },
    close,
  };
}
