// `npm run bench -- --xen [--chromium]`: how fast Xen boots, takes hypercalls and changes domains, what idle domains cost, and a domain's network.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../scripts/bundle.mjs';
import { root } from '../scripts/install.mjs';
import { chromiumPage } from './hosts.mjs';
import { benchXenLinux } from './xen-linux.mjs';

/** @typedef {import('./xen.ts').XenFigures & { network: import('./network.ts').NetworkFigures }} XenFigures */

const guests = ['hello', 'disk', 'net'].map((name) => join(root, `guests/build/xen/${name}.img`));

/** @returns {Promise<{ name: string, figures: XenFigures }>} */
async function inNode() {
  const sample = fileURLToPath(await bundle('bench/xen-sample.ts'));
  const figures = JSON.parse(execFileSync(process.execPath, [sample, ...guests], { encoding: 'utf8' }));
  return { name: `Node ${process.versions.node}, by processor time of all threads`, figures };
}

/** @returns {Promise<{ name: string, figures: XenFigures }>} */
async function inChromiumPage() {
  const { name, evaluate, close } = await chromiumPage('xen-worker.ts', guests);
  try {
    return { name: `${name}, by wall time`, figures: await evaluate('ask(null)') };
  } finally {
    await close();
  }
}

/** @param {{ inChromium: boolean }} options */
export async function benchXen({ inChromium }) {
  const { name, figures } = await (inChromium ? inChromiumPage() : inNode());
  const { firstPromptMs, promptMs, hypercalls, switches, idle, dom0Alone, diskReads, diskReadUs, network } = figures;
  /** @type {(share: number) => string} */
  const percent = (share) => `${(100 * share).toFixed(1)} %`;
  console.log(`Xen in ${name}.`);
  console.log(`to Domain-0's prompt: ${promptMs.toFixed(0)} ms; the first time ${firstPromptMs.toFixed(0)} ms`);
  console.log(`hypercalls a second: ${(hypercalls / 1e3).toFixed(0)} thousand`);
  console.log(`changes of domain a second: ${(switches / 1e3).toFixed(0)} thousand`);
  const mib = (diskReads / 256).toFixed(0);
  console.log(
    `PV disk, 4 KiB reads in turn: ${(diskReads / 1e3).toFixed(1)} thousand a second, ${mib} MiB/s; ${diskReadUs.toFixed(0)} us each in the machine`,
  );
  console.log(`16 idle domains: ${percent(idle)} of a core at real time; Domain-0 alone ${percent(dom0Alone)}`);
  console.log(
    `a domain's network, in virtual time: ping of Domain-0 ${network.pingUs} us (worst ${network.worstPingUs} us), ` +
      `${network.megabytes} MB/s sent; ${(network.frames / 1e3).toFixed(0)} thousand frames a second of the host's time`,
  );
  if (!inChromium) await benchXenLinux();
}
