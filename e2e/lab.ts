import { test as base, expect, type Locator, type Page } from '@playwright/test';
import { isFault } from './messages.ts';

/** The page in Board mode, with the steps that the tests share. */
export class Lab {
  /** Errors that the page has reported. A test that provokes one removes it. */
  readonly errors: string[] = [];

  constructor(readonly page: Page) {
    page.on('console', (message) => {
      if (isFault(message)) this.errors.push(message.text());
    });
    page.on('pageerror', (error) => this.errors.push(String(error)));
  }

  /** Opens the page and waits until the built-in guest has greeted. */
  async start(path = '/#board'): Promise<void> {
    await this.page.goto(path);
    await this.greeted();
  }

  async greeted(): Promise<void> {
    await expect(this.console).toContainText('Type something: each key comes back.');
  }

  panel(name: string): Locator {
    return this.page.getByRole('tabpanel', { name, exact: true }).locator('[data-panel]');
  }

  tab(name: string): Locator {
    return this.page.getByRole('tab', { name });
  }

  /** Pauses the machine, and waits until the browser has it. */
  async pauseKept(): Promise<void> {
    await this.page.keyboard.press('Shift+F5');
    await expect(this.state).toHaveText('Paused');
    await expect(this.panel('Board')).toContainText('Kept in this browser as it is now.', { timeout: 60_000 });
  }

  /** The notice that the machine is the one of the last visit. */
  get goesOn(): Locator {
    return this.page.getByText('The machine goes on where it was');
  }

  /** The content of the serial console. */
  get console(): Locator {
    return this.page.locator('[data-panel="serial"] .xterm-rows');
  }

  /** The machine's state in the status bar. */
  get state(): Locator {
    return this.page.getByRole('contentinfo').getByRole('status');
  }

  /** The page's error message. */
  get alert(): Locator {
    // dockview has an empty alert for its own announcements.
    return this.page.getByRole('alert').filter({ hasText: /./ });
  }

  /** Runs a command by its name in the palette. */
  async command(name: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.page.getByRole('dialog').getByRole('combobox').fill(name);
    await this.page.getByRole('option', { name }).first().click();
  }

  /** Gives a file to the page's file picker. */
  async open(name: string, buffer: Buffer): Promise<void> {
    const chooser = this.page.waitForEvent('filechooser');
    await this.panel('Board').getByRole('button', { name: 'Open a guest…' }).click();
    await (await chooser).setFiles({ name, mimeType: 'application/octet-stream', buffer });
  }
}

/** A test in which the page must report no error. */
export const test = base.extend<{ lab: Lab }>({
  lab: async ({ page }, use) => {
    const lab = new Lab(page);
    await use(lab);
    expect(lab.errors).toEqual([]);
  },
});

export { expect };
