import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { isFault } from './messages.ts';

/** The wall time that virtual time may take on a busy computer. */
export const patience = { timeout: 60_000 };

/** The visitor has seen the start page before, so that it does not open by itself. Without storage it opens. */
const beenHere = () => {
  try {
    localStorage.setItem('el2lab.introduction', JSON.stringify({ version: 1, visited: true, step: null }));
  } catch {}
};

/** The page in Xen mode, with the steps that the tests share. */
export class XenLab {
  /** Errors that the page has reported. */
  readonly errors: string[] = [];

  constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (isFault(message)) this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  /** Opens the page for the first time. */
  async arrive(path = '/'): Promise<void> {
    await this.page.goto(path);
    await expect(this.console('dom0')).toContainText('dom0#', patience);
  }

  /** Opens the page, which the visitor has seen before, and waits for Domain-0's prompt. */
  async start(path = '/'): Promise<void> {
    await this.page.addInitScript(beenHere);
    await this.arrive(path);
  }

  panel(name: string): Locator {
    return this.page.getByRole('tabpanel', { name, exact: true }).locator('[data-panel]');
  }

  /** The content of a console. */
  console(name: string): Locator {
    return this.page.locator(`[data-panel="console ${name}"] .xterm-rows`);
  }

  /** The machine's state in the status bar. */
  get state(): Locator {
    return this.page.getByRole('contentinfo').getByRole('status');
  }

  /** The page's warnings: a refusal, a crash, files that are not kept. */
  get alert(): Locator {
    // dockview has an empty alert for its own announcements.
    return this.page.getByRole('alert').filter({ hasText: /./ });
  }

  domain(name: string): Locator {
    return this.panel('Domains').getByRole('row').filter({ hasText: name });
  }

  async expectDomains(...names: readonly string[]): Promise<void> {
    await expect(this.panel('Domains').locator('tbody .name')).toHaveText([...names], patience);
  }

  /** Chooses an action of a domain. */
  async act(domain: string, action: string): Promise<void> {
    await this.domain(domain)
      .getByRole('button', { name: `Actions of ${domain}` })
      .click();
    await this.page.getByRole('menuitem', { name: action }).click();
  }

  file(path: string): Locator {
    return this.page.locator(`[data-path="${path}"]`);
  }

  /** Opens a file from the tree in an editor. */
  async open(path: string): Promise<void> {
    await this.file(path).click();
    await expect(this.editor).toBeVisible(patience);
    await expect(this.page.getByRole('tab', { name: path.slice(path.lastIndexOf('/') + 1) })).toBeVisible();
  }

  /** The text of the visible editor. */
  get editor(): Locator {
    return this.page.locator('.monaco-editor .view-lines:visible');
  }

  get marks(): Locator {
    return this.page.locator('.monaco-editor:visible').locator('.squiggly-info, .squiggly-warning, .squiggly-error');
  }

  /** Replaces the text of the visible editor. */
  async replaceText(text: string): Promise<void> {
    await this.editor.click();
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.insertText(text);
  }

  /** Types a command into Domain-0, and Enter. */
  async runInDom0(command: string): Promise<void> {
    await this.page.keyboard.press('Control+6');
    await this.page.keyboard.type(`${command}\n`);
  }

  /** Creates the domain `hello` and makes it crash: it is preserved. */
  async createCrashed(): Promise<void> {
    await this.runInDom0('xl create /etc/xen/hello.cfg');
    await this.domain('hello').getByRole('button', { name: 'hello', exact: true }).click();
    await expect(this.console('domain hello')).toContainText('Hello from a domain of Xen 4.17', patience);
    await this.page.keyboard.press('c');
    await expect(this.domain('hello').getByTitle('crashed')).toBeVisible(patience);
  }
}

/** A test in which the page must report no error. */
export const test = base.extend<{ lab: XenLab }>({
  lab: async ({ page }, use) => {
    const lab = new XenLab(page);
    await use(lab);
    expect(lab.errors).toEqual([]);
  },
});

export { expect };
