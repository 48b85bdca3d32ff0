// `npm run latency`: how fast the page answers keys while four cores are busy. Boots Linux in headless Chromium,
// starts a busy loop on each core, types, and prints the time from a key to the next frame, and to its echo in the
// terminal. With Xen: a busy domain on each pCPU, keys typed into Domain-0, and how often the page and its plot are
// drawn meanwhile. With storms: the busy domains beside Domain-0 do nothing but fault.
//   --keys N      keys to type (default 100)
//   --mode xen    Xen and its domains instead of Linux on the board; --mode storm with domains that fault

import { bundle, options } from './bundle.mjs';
import { findChromium } from './chromium.mjs';
import { hasLinux } from './images.mjs';
import { installPackages, runScript, Stop } from './install.mjs';

/** Runs in the page: records for each key when the next frame was done and when the terminal's text next changed. */
const probe = (/** @type {string} */ panel) => `
  var latency = { frames: [], echoes: [] };
  var typedAt = 0;
  new MutationObserver(() => {
    if (typedAt > 0) latency.echoes.push(performance.now() - typedAt);
    typedAt = 0;
  }).observe(document.querySelector('[data-panel="${panel}"] .xterm-rows'), { childList: true, subtree: true, characterData: true });
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

/** Runs in the page: drops files on it, as [name, bytes]. */
const drop = (/** @type {readonly (readonly [string, readonly number[]])[]} */ files) => `{
  const data = new DataTransfer();
  for (const [name, bytes] of ${JSON.stringify(files)}) data.items.add(new File([new Uint8Array(bytes)], name));
  for (const type of ['dragover', 'drop'])
    document.querySelector('main').dispatchEvent(
      new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }),
    );
}`;

/** Runs in the page: counts its frames in five seconds, the longest time between two, and drawings of the plot. */
const drawn = `new Promise((resolve) => {
  let plots = 0;
  const { setTransform } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.setTransform = function (...args) {
    // Each drawing of the plot begins with an identity transform.
    if (args[0] === 1 && args[4] === 0) plots++;
    return setTransform.apply(this, args);
  };
  const start = performance.now();
  let frames = 0, last = start, longest = 0;
  const frame = (now) => {
    frames++;
    longest = Math.max(longest, now - last);
    last = now;
    if (now - start < 5000) requestAnimationFrame(frame);
    else resolve({ frames: frames / 5, plots: plots / 5, longest });
  };
  requestAnimationFrame(frame);
})`;

const timeout = 600_000;
/** @typedef {import('@playwright/test').Page} Page */

/**
 * Linux with a busy loop on each core, and its shell's terminal.
 * @param {Page} page
 * @param {string} url
 */
async function startLinux(page, url) {
  await page.goto(`${url}#board`);
  await page.getByRole('button', { name: 'Boot Linux' }).click();
  const shown = page.locator('[data-panel="serial"] .xterm-rows');
  await shown.getByText('# ').last().waitFor({ timeout });
  await page.keyboard.press('Control+`');
  await page.keyboard.type('echo all $((2 * 2)) busy; for i in 1 2 3 4; do while :; do :; done & done\n');
  await shown.getByText('all 4 busy').waitFor({ timeout });
  return 'serial';
}

/**
 * Xen's ready session with a busy domain on each pCPU, and Domain-0's terminal.
 * @param {Page} page
 * @param {string} url
 * @param {boolean} storms whether the domains fault instead of being busy
 */
async function startXen(page, url, storms) {
  await page.goto(url);
  const shown = page.locator('[data-panel="console dom0"] .xterm-rows');
  await shown.getByText('dom0#').waitFor({ timeout });
  await page.keyboard.press('Control+6');
  if (storms) {
    /** @type {{ stormImage: (storm: string) => Uint8Array }} */
    const { stormImage } = await import(await bundle('e2e/stormImage.ts'));
    await page.evaluate(drop(['brk', 'abort'].map((storm) => [`${storm}.img`, [...stormImage(storm)]])));
    await page.getByRole('button', { name: 'Put them there' }).click({ timeout });
    await page.locator('[data-path="/guests/abort.img"]').waitFor({ timeout });
    await page.keyboard.press('Control+6');
  }
  for (const [cpu, image] of /** @type {const} */ ([
    [0, storms ? 'brk' : 'spin'],
    [2, storms ? 'abort' : 'spin'],
    [3, storms ? 'brk' : 'spin'],
  ])) {
    const keys = `'name="busy${cpu}"' 'cpus="${cpu}"' 'kernel="/guests/${image}.img"'`;
    await page.keyboard.type(`xl create -q /etc/xen/noisy.cfg ${keys}\n`);
    await page
      .getByRole('row')
      .filter({ hasText: `busy${cpu}` })
      .waitFor({ timeout });
  }
  await page.keyboard.type('echo all $?\n');
  await shown.getByText('all 0').last().waitFor({ timeout });
  return 'console dom0';
}

await runScript(async () => {
  installPackages();
  const given = options(['keys', 'mode']);
  const keys = given.number('keys', 100);
  const mode = given.text('mode') ?? 'linux';
  if (!['linux', 'xen', 'storm'].includes(mode)) throw new Stop(`--mode takes xen or storm, not '${mode}'.`);
  const withXen = mode !== 'linux';
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Stop('There is no Chromium here: name its executable in CHROMIUM.');
  if (!withXen && !hasLinux()) throw new Stop('There is no Linux in images/: `npm run images` fetches it.');
  const { servePage } = await import('./serve.mjs');
  const server = await servePage(0);
  const { chromium } = await import('@playwright/test');
  const browser = await chromium.launch({ executablePath });
  try {
    const page = await browser.newPage({ locale: 'en-US' });
    const url = `http://localhost:${server.port}/`;
    const panel = await (withXen ? startXen(page, url, mode === 'storm') : startLinux(page, url));
    if (withXen) {
      /** @type {{ frames: number, plots: number, longest: number }} */
      const { frames, plots, longest } = await page.evaluate(drawn);
      console.log(
        `Frames a second: ${frames.toFixed(1)}, with the plot ${plots.toFixed(1)}; longest wait ${longest.toFixed(0)} ms`,
      );
      console.log(await page.locator('footer').innerText());
    }
    await page.evaluate(probe(panel));
    for (let i = 0; i < keys; i++) {
      await page.keyboard.press('x');
      // The page's policy lets no string become code, so this is not `waitForFunction`.
      while (!(await page.evaluate(`latency.frames.length > ${i}`))) await page.waitForTimeout(5);
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
