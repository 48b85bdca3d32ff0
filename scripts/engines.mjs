// The three browser engines, each with a page that can be driven alike: Chromium and Firefox by Puppeteer (the latter over
// WebDriver BiDi), WebKit by WebDriver with WebKitGTK's own driver and small browser, on a screen of its own.

import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { findChromium, findOnPath } from './chromium.mjs';
import { Stop } from './install.mjs';

/**
 * @typedef {object} EnginePage a page in one engine
 * @property {string} name of the engine, with its version
 * @property {(url: string) => Promise<void>} open
 * @property {(script: string) => Promise<any>} evaluate gives the value of an expression, or what its promise resolves to
 * @property {(x: number, y: number) => Promise<void>} click
 * @property {(text: string) => Promise<void>} type
 * @property {(keys: string) => Promise<void>} press `F1`, `Control+Enter`
 * @property {() => Promise<void>} close
 */

/** @typedef {'chromium' | 'firefox' | 'webkit'} Engine */

export const engines = /** @type {const} */ (['chromium', 'firefox', 'webkit']);

const width = 1440;
const height = 900;

/** Keys by their names in DOM events, as WebDriver writes them (W3C WebDriver, 17.4.2). */
const webDriverKeys = /** @type {Readonly<Record<string, string>>} */ ({
  Tab: '\uE004',
  Enter: '\uE007',
  Shift: '\uE008',
  Control: '\uE009',
  Escape: '\uE00C',
  End: '\uE010',
  Home: '\uE011',
  ArrowLeft: '\uE012',
  ArrowRight: '\uE014',
  ArrowDown: '\uE015',
  F1: '\uE031',
  F5: '\uE035',
});

/** WebKitGTK's small browser. */
function findMiniBrowser() {
  const libraries = ['/usr/lib', '/usr/libexec', ...(existsSync('/usr/lib') ? triplets() : [])];
  return libraries
    .flatMap((folder) => ['webkit2gtk-4.1', 'webkit2gtk-4.0', 'webkitgtk-6.0'].map((name) => join(folder, name)))
    .map((folder) => join(folder, 'MiniBrowser'))
    .find((file) => existsSync(file));
}

/** Debian's folders of libraries, by architecture. */
const triplets = () =>
  readdirSync('/usr/lib')
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => join('/usr/lib', name));

/** What an engine needs, with where it is. */
const needs = {
  chromium: () => ({ Chromium: findChromium() }),
  firefox: () => ({ Firefox: findOnPath(['firefox-esr', 'firefox']) }),
  webkit: () => ({
    WebKitWebDriver: findOnPath(['WebKitWebDriver']),
    'WebKitGTK’s MiniBrowser': findMiniBrowser(),
    Xvfb: findOnPath(['Xvfb']),
  }),
};

/**
 * What is not installed of what an engine needs, as a sentence; undefined where nothing is missing.
 * @param {Engine} engine
 */
export function whatIsMissing(engine) {
  const missing = Object.entries(needs[engine]()).flatMap(([name, path]) => (path === undefined ? [name] : []));
  return missing.length === 0 ? undefined : `${missing.join(' and ')}: not installed here.`;
}

/**
 * Opens a page in an engine.
 * @param {Engine} engine
 * @returns {Promise<EnginePage>}
 */
export function openEngine(engine) {
  const missing = whatIsMissing(engine);
  if (missing !== undefined) throw new Stop(missing);
  return engine === 'webkit' ? openWebKit() : openPuppeteer(engine);
}

/**
 * @param {'chromium' | 'firefox'} engine
 * @returns {Promise<EnginePage>}
 */
async function openPuppeteer(engine) {
  const { launch } = await import('puppeteer-core');
  const executablePath = (engine === 'firefox' ? needs.firefox().Firefox : findChromium()) ?? '';
  const browser = await launch({
    browser: engine === 'firefox' ? 'firefox' : 'chrome',
    executablePath,
    headless: true,
    defaultViewport: { width, height },
    protocolTimeout: 600_000,
    args: engine === 'chromium' ? ['--no-sandbox', `--lang=en-US`] : [],
    extraPrefsFirefox: { 'intl.accept_languages': 'en-US' },
  });
  const page = await browser.newPage();
  page.setDefaultNavigationTimeout(120_000);
  // A page is left without being asked, as WebDriver does it.
  page.on('dialog', (dialog) => void dialog.accept().catch(() => {}));
  const version = (await browser.version()).split('/')[1] ?? '';
  return {
    name: `${engine === 'firefox' ? 'Firefox' : 'Chromium'} ${version}`,
    open: async (url) => void (await page.goto(url)),
    evaluate: (script) => page.evaluate(script),
    click: (x, y) => page.mouse.click(x, y),
    type: (text) => page.keyboard.type(text),
    press: async (keys) => {
      const names = /** @type {import('puppeteer-core').KeyInput[]} */ (keys.split('+'));
      for (const name of names) await page.keyboard.down(name);
      for (const name of names.reverse()) await page.keyboard.up(name);
    },
    close: () => browser.close(),
  };
}

/** A port of this computer that is free now. */
export const freePort = () =>
  /** @type {Promise<number>} */ (
    new Promise((resolve) => {
      const server = createServer().listen(0, 'localhost', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
      });
    })
  );

/** Starts a screen that nobody sees. */
async function openScreen() {
  const size = `${width}x${height + 200}x24`;
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', size, '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  /** @type {string} */
  const number = await new Promise((resolve, reject) => {
    screen.once('error', reject);
    screen.once('exit', () => reject(new Stop('Xvfb does not start.')));
    screen.stdout.once('data', (data) => resolve(String(data).trim()));
  });
  return { display: `:${number}`, close: () => screen.kill() };
}

/** @returns {Promise<EnginePage>} */
async function openWebKit() {
  const { Builder, Key, Origin } = await import('selenium-webdriver');
  const { WebKitWebDriver, 'WebKitGTK’s MiniBrowser': binary } = needs.webkit();
  const screen = await openScreen();
  const port = await freePort();
  const driver = spawn(WebKitWebDriver ?? '', [`--port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, DISPLAY: screen.display, LANG: 'C.UTF-8', WEBKIT_DISABLE_COMPOSITING_MODE: '1' },
  });
  const stop = () => {
    driver.kill();
    screen.close();
  };
  try {
    await answers(port);
    const browser = await new Builder()
      .usingServer(`http://127.0.0.1:${port}`)
      .withCapabilities({
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': { binary, args: ['--automation', `--geometry=${width}x${height + 100}`] },
      })
      .build();
    await browser.manage().setTimeouts({ script: 600_000, pageLoad: 120_000 });
    await browser
      .manage()
      .window()
      .setRect({ x: 0, y: 0, width, height: height + 40 });
    const version = (await browser.getCapabilities()).get('browserVersion');
    const keyOf = (/** @type {string} */ name) => webDriverKeys[name] ?? name;
    return {
      name: `WebKitGTK ${version}`,
      open: (url) => browser.get(url),
      evaluate: (script) => browser.executeScript(`return (${script})`),
      click: (x, y) =>
        browser
          .actions()
          .move({ x: Math.round(x), y: Math.round(y), origin: Origin.VIEWPORT })
          .click()
          .perform(),
      type: (text) => browser.actions().sendKeys(text.replaceAll('\n', Key.ENTER)).perform(),
      press: async (keys) => {
        const names = keys.split('+').map(keyOf);
        const actions = browser.actions();
        for (const name of names) actions.keyDown(name);
        for (const name of names.reverse()) actions.keyUp(name);
        await actions.perform();
      },
      close: async () => {
        await browser.quit().catch(() => {});
        stop();
      },
    };
  } catch (error) {
    stop();
    throw error;
  }
}

/**
 * Waits until a driver answers.
 * @param {number} port
 */
async function answers(port) {
  for (let tries = 0; ; tries++) {
    try {
      await fetch(`http://127.0.0.1:${port}/status`);
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
