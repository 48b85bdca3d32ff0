import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

/** What axe finds in the page, with the elements that it is about. */
export async function violations(page: Page): Promise<string[]> {
  const results = await new AxeBuilder({ page })
    // Monaco's own elements are not this page's.
    .exclude('.monaco-editor')
    .analyze();
  return results.violations.map(({ id, nodes }) => `${id}: ${nodes.map((n) => n.html).join(' ')}`);
}
