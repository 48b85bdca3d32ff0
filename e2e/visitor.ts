import type { EnginePage } from '../scripts/engines.mjs';

/** Finds the visible element that a selector and a text, or an accessible name, mean. xterm writes no-break spaces. */
const find = `(selector, text) => [...document.querySelectorAll(selector)].find((element) => {
  const { width, height } = element.getBoundingClientRect();
  const shown = element.textContent.replaceAll('\\u00a0', ' ');
  return width > 0 && height > 0 && (shown.includes(text) || element.getAttribute('aria-label') === text);
})`;

/** Keeps what the page reports. */
const listen = `(() => {
  const seen = [];
  window.seen = seen;
  addEventListener('error', ({ message }) => seen.push(message));
  addEventListener('unhandledrejection', ({ reason }) => seen.push(String(reason)));
  document.addEventListener('securitypolicyviolation', (event) => seen.push(event.violatedDirective + ' ' + event.blockedURI));
  for (const kind of ['error', 'warn']) console[kind] = (...values) => seen.push(values.join(' '));
  return null;
})()`;

/** What a person does with the page, in any engine: looks, clicks and types. */
export class Visitor {
  constructor(readonly page: EnginePage) {}

  async open(url: string): Promise<void> {
    await this.page.open(url);
    await this.page.evaluate(listen);
  }

  /** What the page has reported since it was opened. */
  reports(): Promise<unknown> {
    return this.page.evaluate('window.seen');
  }

  /** Waits until an expression holds, however slow the computer. */
  async until(what: string, expression: string, patienceMs = 90_000): Promise<void> {
    const end = Date.now() + patienceMs;
    while (!(await this.page.evaluate(`Boolean(${expression})`))) {
      if (Date.now() > end) {
        const page = await this.page.evaluate('document.body.innerText.slice(0, 4000)');
        throw new Error(
          `${this.page.name} does not show ${what}. The page reported ${JSON.stringify(await this.reports())} and shows:\n${page}`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** Waits until a text is shown. */
  see(selector: string, text = '', patienceMs?: number): Promise<void> {
    const found = `(${find})(${JSON.stringify(selector)}, ${JSON.stringify(text)})`;
    return this.until(`"${text}" in ${selector}`, found, patienceMs);
  }

  /** Clicks what shows a text, once it is there. */
  async click(selector: string, text = ''): Promise<void> {
    await this.see(selector, text);
    const { x, y } = await this.page.evaluate(`(() => {
      const element = (${find})(${JSON.stringify(selector)}, ${JSON.stringify(text)});
      element.scrollIntoView({ block: 'nearest' });
      const { left, top, width, height } = element.getBoundingClientRect();
      return { x: left + Math.min(width / 2, 40), y: top + height / 2 };
    })()`);
    await this.page.click(x, y);
  }

  type(text: string): Promise<void> {
    return this.page.type(text);
  }

  press(keys: string): Promise<void> {
    return this.page.press(keys);
  }
}
