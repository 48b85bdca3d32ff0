// `npm run bench -- --linux [--chromium] [--repeat K]`: how long Debian's unmodified arm64 kernel takes on four cores of the
// ZCU102 to the line LINUX-READY of its root, from the start of the process, here and on native QEMU in turn.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../scripts/bundle.mjs';
import { root, Stop } from '../scripts/install.mjs';
import { chromiumPage, processorTime, qemuVersion } from './hosts.mjs';

/** @typedef {import('./linux.ts').LinuxFigures} LinuxFigures */

const images = join(root, 'images');
const kernel = join(images, 'Image');
const initrd = join(images, 'initrd.gz');
const tree = join(images, 'zcu102.dtb');

/**
 * Writes the stock tree as QEMU needs it and gives its path. QEMU has no platform management firmware: the serial ports'
 * clocks become fixed ones, and their power domains and pins go.
 */
function treeForQemu() {
  const source = execFileSync('dtc', ['-q', '-I', 'dtb', '-O', 'dts', tree], { encoding: 'utf8' });
  const clock = 0xfff0;
  const serial = source.replace(/serial@ff000000 \{[^}]*\}/, (node) =>
    node.replace(/^.*(power-domains|pinctrl).*\n/gm, '').replace(/clocks = <[^>]*>/, `clocks = <${clock} ${clock}>`),
  );
  const fixed = `fixed-clock { compatible = "fixed-clock"; #clock-cells = <0>; clock-frequency = <100000000>; phandle = <${clock}>; };`;
  const edited = serial
    .replace('\tchosen {', `\t${fixed}\n\tchosen {`)
    .replace('bootargs = "earlycon"', 'bootargs = "earlycon console=ttyPS0,115200 clk_ignore_unused"');
  const file = join(root, '.cache/bench/linux.dtb');
  mkdirSync(join(root, '.cache/bench'), { recursive: true });
  execFileSync('dtc', ['-q', '-I', 'dts', '-O', 'dtb', '-o', file, '-'], { input: edited });
  return file;
}

/**
 * @param {string} dtb
 * @returns {Promise<{ wallMs: number, cpuMs: number | undefined }>}
 */
function bootQemu(dtb) {
  const board = ['-M', 'xlnx-zcu102,virtualization=on', '-smp', '4', '-m', '2G'];
  const quiet = ['-display', 'none', '-serial', 'stdio', '-monitor', 'none', '-audiodev', 'none,id=a'];
  const start = performance.now();
  const child = spawn('qemu-system-aarch64', [...board, ...quiet, '-kernel', kernel, '-dtb', dtb, '-initrd', initrd], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    child.on('error', reject);
    child.on('exit', () => reject(new Stop(`QEMU ended before Linux was ready:\n${text.slice(-2000)}`)));
    child.stdout.on('data', (bytes) => {
      text += bytes;
      if (!text.includes('LINUX-READY')) return;
      resolve({ wallMs: performance.now() - start, cpuMs: processorTime(child.pid) });
      child.kill();
    });
  });
}

/** @returns {Promise<{ name: string, boot: () => Promise<LinuxFigures>, close: () => Promise<void> }>} */
async function nodeHost() {
  const sample = fileURLToPath(await bundle('bench/linux-sample.ts'));
  return {
    name: `Node ${process.versions.node}`,
    boot: async () => JSON.parse(execFileSync(process.execPath, [sample, kernel, initrd, tree], { encoding: 'utf8' })),
    close: async () => {},
  };
}

/** @returns {Promise<{ name: string, boot: () => Promise<LinuxFigures>, close: () => Promise<void> }>} */
async function chromiumHost() {
  const { name, evaluate, close } = await chromiumPage('linux-worker.ts', [kernel, initrd, tree]);
  return { name, boot: () => evaluate('ask(null)'), close };
}

/** @param {readonly (number | undefined)[]} times */
const least = (times) => Math.min(...times.map((time) => time ?? Number.NaN));

/** @param {{ inChromium: boolean, repeat: number }} options */
export async function benchLinux({ inChromium, repeat }) {
  const missing = [kernel, initrd, tree].filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Stop(`This needs Debian's kernel: ${missing.join(', ')} missing.`);
  const version = qemuVersion();
  if (version === undefined) throw new Stop('This needs qemu-system-aarch64, to compare with.');
  const dtb = treeForQemu();
  const host = await (inChromium ? chromiumHost() : nodeHost());
  /** @type {LinuxFigures[]} */
  const ours = [];
  /** @type {Awaited<ReturnType<typeof bootQemu>>[]} */
  const qemu = [];
  try {
    for (let i = 0; i < repeat; i++) {
      ours.push(await host.boot());
      qemu.push(await bootQemu(dtb));
    }
  } finally {
    await host.close();
  }
  const hashes = new Set(ours.map(({ stateHash }) => stateHash));
  console.log(
    `Linux on four cores to LINUX-READY: EL2 Lab in ${host.name} against QEMU ${version}, best of ${repeat}.`,
  );
  /** @type {(what: string, el2lab: number, theirs: number) => void} */
  const line = (what, el2lab, theirs) => {
    const seconds = `${(el2lab / 1e3).toFixed(2)} s, QEMU ${(theirs / 1e3).toFixed(2)} s`;
    const ratio = el2lab / theirs;
    console.log(
      `${what}: ${seconds}; ${ratio.toFixed(2)} times as long (at most 4: ${ratio <= 4 ? 'met' : 'NOT MET'})`,
    );
  };
  const wall = [least(ours.map(({ wallMs }) => wallMs)), least(qemu.map(({ wallMs }) => wallMs))];
  line('wall time', wall[0] ?? Number.NaN, wall[1] ?? Number.NaN);
  if (!inChromium) {
    line('processor time', least(ours.map(({ cpuMs }) => cpuMs)), least(qemu.map(({ cpuMs }) => cpuMs)));
  }
  const states = `state ${[...hashes].join(', ')}${hashes.size > 1 ? ': THE RUNS DIFFER' : ''}`;
  console.log(`${ours[0]?.instructions} instructions, ${states}`);
}
