// What a visitor does first, in each engine: Chromium, Firefox and WebKit. All else is tested in Chromium.

import { expect, test } from '@playwright/test';
import { type EnginePage, engines, openEngine, whatIsMissing } from '../scripts/engines.mjs';
import { hasLinux } from '../scripts/images.mjs';
import { Visitor } from './visitor.ts';

test.describe.configure({ timeout: 300_000 });

/** The machine's state in the status bar. */
const state = 'footer [role="status"]';
const serial = '[data-panel="serial"] .xterm-rows';
const dom0 = '[data-panel="console dom0"] .xterm-rows';
const config = '[data-path="/etc/xen/hello.cfg"]';
const kept = '[data-path="/etc/xen/rtos-b.cfg"]';
const line = '.monaco-editor .view-line';

for (const engine of engines) {
  test.describe(engine, () => {
    const missing = whatIsMissing(engine);
    test.skip(missing !== undefined, missing);
    let page: EnginePage;
    let visitor: Visitor;

    test.beforeAll(async () => {
      page = await openEngine(engine);
      visitor = new Visitor(page);
    });
    test.afterAll(() => page.close());
    test.afterEach(async () => expect(await visitor.reports()).toEqual([]));

    test('a newcomer mends a config, creates its domain, talks to it, and measures a latency', async ({ baseURL }) => {
      await visitor.open(`${baseURL}/`);
      for (const name of ['rtos-a', 'rtos-b', 'noisy']) await visitor.see('[data-panel="domains"] .name', name);
      await visitor.click(config);
      await visitor.click(line, 'memory');
      await visitor.press('End');
      await visitor.type('\nkernal = 1');
      await visitor.see('.monaco-editor [class*="squiggly"]');
      await visitor.press('Escape');
      await visitor.press('Control+.');
      await visitor.click('[role="option"]', 'Change to “kernel”');
      await visitor.see(line, 'kernel = 1');
      await visitor.press('Home');
      await visitor.press('Shift+End');
      await visitor.press('Control+x');
      await visitor.see('.monaco-editor a', 'Create this domain');
      await visitor.press('Control+Enter');
      await visitor.see(dom0, 'xl create /etc/xen/hello.cfg');
      await visitor.click('[data-panel="domains"] .name', 'hello');
      const console = '[data-panel="console domain hello"] .xterm-rows';
      await visitor.see(console, 'Hello from a domain of Xen 4.17');
      await visitor.type('moin');
      await visitor.see(console, 'moin');
      await visitor.click('[data-panel="latency"] button', 'Measure (stat)');
      await visitor.see('[data-panel="latency"]', 'rtos-a’s worst latency is');
      await visitor.click('[data-panel="latency"] button', 'xl vcpu-pin');
      await visitor.see(dom0, 'dom0# xl vcpu-pin');
    });

    test('the board by keyboard alone: menus, console, palette, run control', async ({ baseURL }) => {
      await visitor.open(`${baseURL}/?keyboard#board`);
      await visitor.see(serial, 'Type something: each key comes back.');
      await visitor.press('Tab');
      await visitor.until('the menu focused', 'document.activeElement.textContent === "Machine"');
      await visitor.press('Control+`');
      await visitor.type('k?');
      await visitor.see(serial, 'k?');
      await visitor.press('Escape');
      await visitor.press('Escape');
      await visitor.until('the console left', 'document.activeElement.matches("[data-panel=serial]")');
      await visitor.type('?');
      await visitor.see('[role="dialog"], dialog', 'Keys');
      await visitor.press('Escape');
      await visitor.until('no dialog', '!document.querySelector("dialog[open], [role=dialog]")');
      await visitor.press('F1');
      await visitor.type('pause');
      await visitor.see('[role="option"]', 'Pause');
      await visitor.press('Enter');
      await visitor.see(state, 'Paused');
      await visitor.press('F5');
      await visitor.see(state, 'Running');
    });

    test('a saved text is there at the next visit', async ({ baseURL }) => {
      await visitor.open(`${baseURL}/?storage`);
      await visitor.click(kept);
      await visitor.click(line, 'name');
      await visitor.press('Control+Home');
      await visitor.type('# mine ');
      await visitor.see(line, '# mine');
      await visitor.press('Control+s');
      await visitor.see(kept, 'yours');
      await visitor.see('p.yours [role="status"]', 'in this browser');
      await visitor.open(`${baseURL}/?storage&again`);
      await visitor.see(kept, 'yours');
      await visitor.click(kept);
      await visitor.see(line, '# mine');
    });

    test('Linux boots on four cores of the board and has a shell', async ({ baseURL }) => {
      test.skip(!hasLinux(), 'Linux is not in images/');
      await visitor.open(`${baseURL}/?linux#board`);
      await visitor.click('button', 'Pace: real time');
      await visitor.click('[data-panel="board"] button', 'Boot Linux');
      await visitor.see('[data-panel="board"] li', 'Ready for input');
      await visitor.see(serial, '/ #', 240_000);
      await visitor.press('Control+`');
      await visitor.type('echo $(nproc) cores\n');
      await visitor.see(serial, '4 cores');
    });
  });
}
