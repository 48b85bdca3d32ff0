// `npm run latency`: how fast the page answers keys while four cores are busy. Boots Linux in headless Chromium, starts a
// busy loop on each core, types, and prints how long after a key the next frame was there, and its echo in the terminal.
//   --keys N   keys to type (default 100)

import { options } from './bundle.mjs';
import { findChromium } from './chromium.mjs';
import { hasLinux } from './images.mjs';
import { installPackages, runScript, Stop } from './install.mjs';
import { servePage } from './serve.mjs';

/** Run in the page: notes for each key when the next frame was done, and when the terminal's text next changed. */
const probe = `
  var latency = { frames: [], echoes: [] };
  var typedAt = 0;
  new MutationObserver(() => {
    if (typedAt > 0) latency.echoes.push(performance.now() - typedAt);
    typedAt = 0;
  }).observe(document.querySelector('[data-panel="serial"] .xterm-rows'), { childList: true, subtree: true, characterData: true });
  addEventListener('keydown', (event) => {
    typedAt = event.timeStamp;
    requestAnimationFrame(() => setTimeout(() => latency.frames.push(performance.now() - event.timeStamp)));
  }, { capture: true });
`;

/**
 * A line of figures.
 * @param {string} name
 * @param {number[]} samples milliseconds
 */
function report(name, samples) {
  const sorted = [...samples].sort((a, b) => a - b);
  /** @param {number} share */
  const at = (share) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN).toFixed(1);
  console.log(`${name.padEnd(24)} p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, worst ${at(1)} ms (${sorted.length} keys)`);
}

await runScript(async () => {
  installPackages();
  const keys = options(['keys']).number('keys', 100);
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Stop('There is no Chromium here: name its executable in CHROMIUM.');
  if (!hasLinux()) throw new Stop('There is no Linux in images/: `npm run images` fetches it.');
  const server = await servePage(0);
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath });
  try {
    const page = await browser.newPage({ locale: 'en-US' });
    await page.goto(`http://localhost:${server.port}/`);
    await page.getByRole('button', { name: 'Boot Linux' }).click();
    const shown = page.locator('[data-panel="serial"] .xterm-rows');
    const timeout = 600_000;
    await shown.getByText('# ').last().waitFor({ timeout });
    await page.keyboard.press('Control+`');
    await page.keyboard.type('echo all $((2 * 2)) busy; for i in 1 2 3 4; do while :; do :; done & done\n');
    await shown.getByText('all 4 busy').waitFor({ timeout });
    await page.evaluate(probe);
    for (let i = 0; i < keys; i++) {
      await page.keyboard.press('x');
      await page.waitForFunction(`latency.frames.length > ${i}`);
    }
    /** @type {{ frames: number[], echoes: number[] }} */
    const { frames, echoes } = await page.evaluate('latency');
    console.log(`Four busy cores in Chromium ${browser.version()}:`);
    report('key to the next frame', frames);
    report('key to a change of text', echoes);
  } finally {
    await browser.close();
    await server.close();
  }
});
