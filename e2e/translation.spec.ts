import type { Page } from '@playwright/test';
import { violations } from './axe.ts';
import { expect, patience, test } from './xenLab.ts';

test.describe.configure({ timeout: 180_000 });

async function goTo(page: Page, panel: string): Promise<void> {
  await page.keyboard.press('F1');
  await page.getByRole('dialog').getByRole('combobox').fill(`Go to ${panel}`);
  await page.keyboard.press('Enter');
}

test('what stage 2 refuses a domain is explained by clicks, to the bit and the line of its config; any address can be walked', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.runInDom0('xl create /etc/xen/rogue.cfg');
  await goTo(page, 'Log');
  await page
    .getByRole('button', { name: 'Why: rogue writes 0xff000000, which its stage 2 does not map' })
    .click(patience);
  const panel = lab.panel('Translation');
  await expect(panel).toContainText('Translation fault, stage 2, level 1');
  await expect(panel).toContainText('ESR_EL2 = 0x92000045');
  await expect(panel).toContainText('iomem = [ "0xff000,1" ]');
  await expect(panel.getByRole('row', { name: '0 valid 0 not valid' })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await panel.getByRole('button', { name: 'Open /etc/xen/rogue.cfg' }).click();
  await expect(lab.editor).toContainText('rogue', patience);

  await goTo(page, 'Translation');
  await panel.getByRole('button', { name: 'Map', exact: true }).click();
  const ranges = panel.getByRole('table', { name: 'What is mapped where' });
  await expect(ranges).toContainText('emulated by Xen: GICD');
  await expect(ranges).toContainText('2 MiB');
  await ranges.getByRole('button', { name: 'Walk 0x40000000' }).click();
  await expect(panel).toContainText(/0x40000000 leads to 0x[0-9a-f]+/);
  await panel.getByRole('button', { name: 'Bits of Stage 2, level 2' }).click();
  await expect(panel.getByRole('row', { name: '7:6 S2AP 3 read and write D5.4' })).toBeVisible();
});

test('what the SMMU refuses a domain’s DMA channel is explained by the walk through the domain’s tables', async ({
  lab,
  page,
}) => {
  await lab.start('/#story=smmu');
  await lab.domain('dma').getByRole('button', { name: 'dma', exact: true }).click(patience);
  await expect(lab.console('domain dma')).toContainText('write', patience);
  await page.keyboard.type('write 0x12345\n');
  await goTo(page, 'Log');
  await page
    .getByRole('button', { name: /^Why: gdma0 writes 0x12345[0-9a-f]{3}, which the SMMU refuses/ })
    .click(patience);
  const panel = lab.panel('Translation');
  await expect(panel).toContainText('The SMMU walks the tables of dma, which has the device by dtdev');
  await expect(panel).toContainText(/Stream mapping group \d+ leads to context bank \d+ for stage 2/);
  await expect(panel).toContainText('FSR = 0x2');
  await expect(panel.getByRole('row', { name: '0 valid 0 not valid' })).toBeVisible();
});
