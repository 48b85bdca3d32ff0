import type { Page } from '@playwright/test';
import { configLines, consoleBytes, domainNames, drags, elsewhere, fileNames, fragments } from './hostileWords.ts';
import { serveFolder } from './plainServer.ts';
import { expect, test } from './xenLab.ts';

test.describe.configure({ timeout: 180_000 });
/** The wall time that a command may take on a busy computer. */
const patience = { timeout: 60_000 };

/** Watches a page for what hostile words want: returns what has happened. */
async function watch(page: Page, origin: string): Promise<() => Promise<string[]>> {
  const seen: string[] = [];
  await page.exposeFunction('seen', (text: string) => void seen.push(text));
  await page.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      Reflect.get(window, 'seen')(`policy: ${violatedDirective} ${blockedURI}`);
    });
    window.open = (url) => {
      Reflect.get(window, 'seen')(`window.open: ${url}`);
      return null;
    };
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!/^(?:data|blob):/.test(url) && new URL(url).origin !== origin) seen.push(`request: ${url}`);
  });
  page.on('websocket', (socket) => seen.push(`socket: ${socket.url()}`));
  page.on('dialog', (dialog) => {
    seen.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.context().on('page', (other) => seen.push(`page: ${other.url()}`));
  page.on('download', (download) => seen.push(`download: ${download.url()}`));
  page.on('framenavigated', (frame) => {
    if (frame !== page.mainFrame() || new URL(frame.url()).origin !== origin) seen.push(`navigation: ${frame.url()}`);
  });
  return async () => {
    if (await page.evaluate(() => 'hacked' in window)) seen.push('a script ran');
    const title = await page.title();
    if (title !== 'EL2 Lab') seen.push(`title: ${title}`);
    return seen;
  };
}

/** Drops files on the page, for Domain-0's /guests. */
async function drop(page: Page, files: readonly { readonly name: string; readonly content: string }[]): Promise<void> {
  const dataTransfer = await page.evaluateHandle((files) => {
    const data = new DataTransfer();
    for (const { name, content } of files) data.items.add(new File([content], name));
    return data;
  }, files);
  await page.dispatchEvent('main', 'dragover', { dataTransfer });
  await page.dispatchEvent('main', 'drop', { dataTransfer });
  const dialog = page.getByRole('dialog', { name: 'Files for Domain-0' });
  await expect(dialog.getByRole('combobox')).toHaveCount(files.length);
  for (const folder of await dialog.getByRole('combobox').all()) await folder.selectOption('/guests');
  await dialog.getByRole('button', { name: 'Put them there' }).click();
}

test('100 hostile names, bytes, configs, drags and links do not script, leave or phone out', async ({
  lab,
  page,
  baseURL,
}) => {
  const words = [domainNames, fileNames, consoleBytes, configLines, fragments, drags];
  expect(words.reduce((sum, { length }) => sum + length, 0)).toBeGreaterThanOrEqual(100);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const seen = await watch(page, String(baseURL));
  for (const fragment of fragments) await page.goto(`/#${fragment}`);
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await page.evaluate(() => navigator.clipboard.writeText('mine'));

  // Files: by their names in the tree, and in an editor's tab.
  const create = domainNames.map(
    (name) => `xl create -q /etc/xen/hello.cfg 'name="${name.replaceAll('"', '\\"')}"' \n`,
  );
  await drop(page, [
    ...fileNames.map((name) => ({ name, content: '<script>hacked=1</script>' })),
    { name: 'bytes', content: consoleBytes.join('\r\n') },
    { name: 'lines.cfg', content: configLines.join('\n') },
    { name: 'create', content: create.join('') },
  ]);
  const tree = page.getByRole('tree');
  await expect(tree.getByText('<svg onload=hacked=1>')).toBeVisible();
  await tree.getByText('<img src=x onerror=hacked=1>').click();
  await expect(page.getByRole('tab', { name: '<img src=x onerror=hacked=1>' })).toBeVisible();

  // A config: by what the editor says of each line.
  await tree.getByText('lines.cfg').click();
  await expect(lab.marks).not.toHaveCount(0);
  for (const line of await page.locator('.monaco-editor:visible .view-line > span').all()) {
    await line.hover();
    await page.keyboard.press('F8');
  }
  await expect(page.locator('.monaco-editor :is(a[href^="http"], a[data-href], img)')).toHaveCount(0);

  // Domains: by their names in the list, a menu, a console's tab, and what xl prints.
  await lab.runInDom0('. /guests/create; xl list');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy', ...domainNames);

  // Bytes: by what a console does when they come, and when it is clicked.
  await lab.runInDom0('cat /guests/bytes; echo "all $?"');
  await expect(lab.console('dom0')).toContainText('all 0', patience);
  const box = await page.locator('[data-panel="console dom0"] .xterm-screen').boundingBox();
  for (let y = 8; box && y < box.height; y += 16) {
    await page.mouse.click(box.x + 20, box.y + y);
    await page.keyboard.down('Control');
    await page.mouse.click(box.x + 20, box.y + y);
    await page.keyboard.up('Control');
  }

  // Drags from elsewhere: the browser would go where they lead.
  const session = await page.context().newCDPSession(page);
  for (const item of drags) {
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
      await session.send('Input.dispatchDragEvent', {
        type,
        x: 300,
        y: 500,
        data: { items: [item], dragOperationsMask: 1 },
      });
    }
  }
  // What the terminal has answered to requests is on the shell's line, as on any terminal.
  await lab.runInDom0('');
  await lab.runInDom0('echo "still $?"');
  await expect(lab.console('dom0')).toContainText(/still \d/, patience);
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe('mine');
  expect(await seen()).toEqual([]);
});

/** What the policy has to stop even if a fault of the page let it happen; each by the directive that stops it. */
const breaches: Readonly<Record<string, string>> = {
  eval: 'hacked = (0, eval)("1")',
  'a function from a text': 'hacked = new Function("return 1")()',
  'a timer from a text': 'setTimeout("hacked = 1")',
  'HTML from a text': 'document.body.innerHTML = "<img src=x onerror=hacked=1>"',
  'a script in the page': 'const s = document.createElement("script"); s.text = "hacked = 1"; document.body.append(s)',
  'a script from elsewhere': `const s = document.createElement("script"); s.src = "${elsewhere}/s.js"; document.body.append(s)`,
  'a worker from elsewhere': `new Worker("${elsewhere}/w.js")`,
  'a request': `fetch("${elsewhere}/fetch").then(() => { hacked = 1 })`,
  'a beacon': `navigator.sendBeacon("${elsewhere}/beacon")`,
  'a socket': `new WebSocket("ws${elsewhere.slice(4)}/socket")`,
  'a picture': `new Image().src = "${elsewhere}/img"`,
  'a frame': `const f = document.createElement("iframe"); f.src = "${elsewhere}/f"; document.body.append(f)`,
  'a style that loads': `document.body.style.background = "url(${elsewhere}/bg)"`,
  'a form': `const f = document.createElement("form"); f.action = "${elsewhere}/form"; document.body.append(f); f.submit()`,
};

test('the policy stops scripts and requests, also without the server’s headers', async ({ page, baseURL }) => {
  const plain = await serveFolder('/some/folder/');
  // Chromium tells of a picture that the policy has stopped as of a request that has failed.
  const requests = new Set<string>();
  page.on('request', (request) => requests.add(request.url()));
  page.on('requestfailed', (request) => {
    if (request.failure()?.errorText === 'csp') requests.delete(request.url());
  });
  try {
    for (const url of [`${baseURL}/`, plain.url]) {
      await page.goto(url);
      for (const [what, script] of Object.entries(breaches)) {
        // In a task of its own: what the tests' own scripts do at once is exempt.
        const stopped = await page.evaluate(
          (script) =>
            new Promise<boolean>((resolve) => {
              document.addEventListener('securitypolicyviolation', () => resolve(true), { once: true });
              setTimeout(Reflect.construct(Function, [`try { ${script} } catch {}`]));
              setTimeout(() => resolve(false), 5000);
            }),
          script,
        );
        expect(stopped, `${what} at ${url}`).toBe(true);
      }
      expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
    }
  } finally {
    await plain.close();
  }
  expect([...requests].filter((url) => url.startsWith(elsewhere))).toEqual([]);
});
