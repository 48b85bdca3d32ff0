// `npm test`: runs all checks and tests, also on a fresh clone. Each check, unit test and browser test counts as one;
// the last line is their sum, "N passed, N failed, N skipped".

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hasApt } from './apt.mjs';
import { buildCommandLine } from './build-cli.mjs';
import { findChromium } from './chromium.mjs';
import { freePort } from './engines.mjs';
import { checkGuests } from './guests.mjs';
import { fetchImages, hasImages } from './images.mjs';
import { installPackages, root, runScript } from './install.mjs';
import { prepareSystems } from './prepare.mjs';
import { checkSizes } from './size.mjs';
import { fetchSoftware, hasSoftware } from './software.mjs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Count */

const reports = join(root, '.cache/reports');
const sum = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const lines = [];

/**
 * Prints a step's heading, runs it and adds its counts.
 * @param {string} name
 * @param {() => Count | Promise<Count>} run
 */
async function step(name, run) {
  console.log(`\n── ${name}`);
  const start = Date.now();
  /** @type {Count} */
  let count;
  try {
    count = await run();
  } catch (error) {
    console.error(error);
    count = { passed: 0, failed: 1, skipped: 0 };
  }
  sum.passed += count.passed;
  sum.failed += count.failed;
  sum.skipped += count.skipped;
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  const counts = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
  lines.push(`${count.failed > 0 ? '✗' : '✓'} ${name.padEnd(14)} ${counts} (${seconds} s)`);
}

/**
 * @param {boolean} ok
 * @returns {Count}
 */
const check = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 });

/**
 * Runs the command of an installed package and shows its output. Returns whether it succeeded.
 * @param {string} script below node_modules/
 * @param {string[]} args
 * @param {Record<string, string>} [environment]
 */
function tool(script, args, environment) {
  const run = spawnSync(process.execPath, [join(root, 'node_modules', script), ...args], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...environment },
  });
  return run.status === 0;
}

/**
 * @param {boolean} ok whether the runner succeeded
 * @param {string} file its JSON report
 * @param {(report: any) => Count} read
 */
function counted(ok, file, read) {
  const count = read(JSON.parse(readFileSync(file, 'utf8')));
  // A file that fails to load fails the run without failing a test.
  if (!ok && count.failed === 0) count.failed = 1;
  return count;
}

function unitTests() {
  const file = join(reports, 'unit.json');
  const ok = tool('vitest/vitest.mjs', ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]);
  return counted(ok, file, (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }));
}

/** Installs Chromium with apt if it is missing and installing is possible. */
function ensureChromium() {
  if (findChromium() !== undefined || process.env.CHROMIUM) return;
  const sudo = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const [command, ...rest] = [...sudo, 'apt-get', ...args];
    const run = spawnSync(command ?? '', rest, {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    if (run.status !== 0) return;
  }
}

/**
 * Fetches Linux and Xen for the tests that boot them, if possible; otherwise these tests are skipped.
 * @returns {Promise<Count>}
 */
async function ensureImages() {
  if (!hasImages()) {
    try {
      if (!hasApt()) throw new Error('there is no apt');
      await fetchImages();
    } catch (error) {
      console.log(
        `No Linux is booted, as its images cannot be fetched: ${error instanceof Error ? error.message : error}`,
      );
      return { passed: 0, failed: 0, skipped: 1 };
    }
  }
  // The browser tests open it; they boot Linux.
  await prepareSystems(['xen.snap']);
  return check(hasImages());
}

/**
 * Fetches Debian's programs for the test that runs them on the board, if possible; otherwise it is skipped.
 * @returns {Promise<Count>}
 */
async function ensureSoftware() {
  try {
    await fetchSoftware();
  } catch (error) {
    console.log(
      `Debian's programs are not run, as they cannot be fetched: ${error instanceof Error ? error.message : error}`,
    );
    return { passed: 0, failed: 0, skipped: 1 };
  }
  return check(hasSoftware());
}

async function browserTests() {
  ensureChromium();
  if (findChromium() === undefined) {
    console.error(
      'The browser tests need Chromium: install it (on Debian: apt-get install chromium), or name its executable in CHROMIUM.',
    );
    return check(false);
  }
  const file = join(reports, 'browser.json');
  const ok = tool('@playwright/test/cli.js', ['test', '--reporter=list,json'], {
    PLAYWRIGHT_JSON_OUTPUT_FILE: file,
    EL2LAB_PORT: String(await freePort()),
  });
  return counted(ok, file, ({ stats }) => ({
    passed: stats.expected,
    failed: stats.unexpected + stats.flaky,
    skipped: stats.skipped,
  }));
}

await runScript(async () => {
  installPackages();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });

  // A full build: after a change of an ambient declaration (*.d.ts), TypeScript 7 may repeat old errors or miss new
  // ones.
  await step('types', () => check(tool('typescript/bin/tsc', ['-b', '--force'])));
  await step('lint, format', () => check(tool('@biomejs/biome/bin/biome', ['check', '--error-on-warnings'])));
  await step('unused code', () => check(tool('knip/bin/knip.js', [])));
  await step('guests', () => {
    const { ok, skipped, message } = checkGuests();
    console.log(message);
    return skipped ? { passed: 0, failed: 0, skipped: 1 } : check(ok);
  });
  await step('command line', async () => {
    await buildCommandLine();
    return check(true);
  });
  await step('images', ensureImages);
  await step('programs', ensureSoftware);
  await step('unit tests', unitTests);
  await step('page', () => check(tool('vite/bin/vite.js', ['build', '--logLevel=warn'])));
  await step('page size', () => check(checkSizes()));
  await step('browser tests', browserTests);

  console.log(`\n${lines.join('\n')}\n`);
  console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`);
  process.exitCode = sum.failed === 0 ? 0 : 1;
});
