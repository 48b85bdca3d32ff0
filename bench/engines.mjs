// `npm run bench -- --engines`: the ready session of the page, and the rows, in each browser engine that is installed.

import { execFileSync } from 'node:child_process';
import { engines, openEngine, whatIsMissing } from '../scripts/engines.mjs';
import { Stop } from '../scripts/install.mjs';
import { servePage } from '../scripts/serve.mjs';
import { serveBench } from './hosts.mjs';
import { image } from './images.mjs';

/** @typedef {import('./rows.mjs').Row} Row */
/** @typedef {import('./machine.ts').Figures} Figures */
/** @typedef {import('../scripts/engines.mjs').Engine} Engine */

/** For so long, in seconds, the ready session is watched, after the time in which its code gets hot. */
const watched = 10;
const warmUp = 5;

/** Waits in the page until the four domains are there; gives the milliseconds since the page was opened. */
const whenReady = `new Promise((resolve) => {
  const look = () => {
    if (document.querySelectorAll('[data-panel="domains"] .name').length === 4) resolve(performance.now());
    else setTimeout(look, 20);
  };
  look();
})`;

/** Virtual seconds, and MIPS as the status bar shows it, for each half second. */
const watch = `new Promise((resolve) => {
  const text = (figure) => document.querySelector('[data-figure="' + figure + '"]').textContent;
  const seconds = () => text('virtual-time').replace(/[^0-9:.]/g, '').split(':').reduce((sum, part) => 60 * sum + Number(part), 0);
  const mips = [];
  setTimeout(() => {
    const start = { wall: performance.now(), virtual: seconds() };
    const timer = setInterval(() => {
      mips.push(Number(text('mips').replace(/[^0-9.]/g, '')));
      const wall = (performance.now() - start.wall) / 1000;
      if (wall < ${watched}) return;
      clearInterval(timer);
      resolve({ factor: (seconds() - start.virtual) / wall, mips: mips.reduce((a, b) => a + b, 0) / mips.length });
    }, 500);
  }, ${warmUp * 1000});
})`;

/**
 * @param {Engine} engine
 * @param {string} url
 * @param {readonly string[]} scripts evaluated one after the other
 */
async function inPage(engine, url, scripts) {
  const page = await openEngine(engine);
  try {
    await page.open(url);
    const results = [];
    for (const script of scripts) results.push(await page.evaluate(script));
    return { name: page.name, results };
  } finally {
    await page.close();
  }
}

/**
 * Prints a line of a table.
 * @param {readonly string[]} cells
 */
const line = ([name = '', ...cells]) => console.log(name.padEnd(38) + cells.map((cell) => cell.padStart(18)).join(''));

/**
 * @param {{ rows: readonly Row[], repeat: number }} options
 */
export async function benchEngines({ rows, repeat }) {
  const installed = engines.filter((engine) => {
    const missing = whatIsMissing(engine);
    if (missing !== undefined) console.log(missing);
    return missing === undefined;
  });
  if (installed.length === 0) throw new Stop('No browser engine is installed.');
  execFileSync('npx', ['vite', 'build', '--logLevel', 'error'], { stdio: 'inherit' });
  const server = await servePage(0);
  /** @type {{ name: string, ready: number, factor: number, mips: number }[]} */
  const sessions = [];
  for (const engine of installed) {
    const { name, results } = await inPage(engine, `http://localhost:${server.port}/`, [whenReady, watch]);
    const [ready, speed] = /** @type {[number, { factor: number, mips: number }]} */ (results);
    sessions.push({ name, ready, ...speed });
  }
  await server.close();
  line(['', ...sessions.map(({ name }) => name.replace(/(\d+\.\d+)\S*$/, '$1'))]);
  line(['four domains after, ms', ...sessions.map(({ ready }) => ready.toFixed(0))]);
  line(['ready session, of real time', ...sessions.map(({ factor }) => `${factor.toFixed(2)}x`)]);
  line(['ready session, MIPS', ...sessions.map(({ mips }) => mips.toFixed(0))]);

  const bench = await serveBench('worker.ts');
  for (const row of rows) {
    const cells = [];
    for (const engine of installed) {
      const job = {
        base64: image(row.image, row.iterations).toString('base64'),
        cores: row.cores ?? 1,
        level: row.el2 ? 2 : 1,
        translate: !row.interpreted,
      };
      const scripts = Array.from({ length: repeat }, () => `run(${JSON.stringify(job)})`);
      const { results } = await inPage(engine, bench.url, scripts);
      const speeds = /** @type {Figures[]} */ (results).map(({ late }) => late.instructions / late.wallMs / 1e3);
      cells.push(Math.max(...speeds).toFixed(0));
    }
    line([`${row.name}, MIPS`, ...cells]);
  }
  await bench.close();
}
