import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { type Storm, stormImage } from './stormImage.ts';
import { expect, test } from './xenLab.ts';

// Storms burn virtual time faster than any computer follows.
test.describe.configure({ timeout: 180_000 });
const patience = { timeout: 120_000 };

/** Drops the storms' images on the page: they go to /guests in Domain-0. */
async function dropImages(page: Page, ...storms: readonly Storm[]): Promise<void> {
  const files = storms.map((storm) => ({ name: `${storm}.img`, bytes: [...stormImage(storm)] }));
  const dataTransfer = await page.evaluateHandle((given) => {
    const data = new DataTransfer();
    for (const { name, bytes } of given) data.items.add(new File([new Uint8Array(bytes)], name));
    return data;
  }, files);
  await page.dispatchEvent('main', 'dragover', { dataTransfer });
  await page.dispatchEvent('main', 'drop', { dataTransfer });
  await page.getByRole('dialog').getByRole('button', { name: 'Put them there' }).click();
}

/** Processor time, in ms, that the page's own thread has worked, and the frames that it has drawn. */
async function work(page: Page): Promise<() => Promise<{ cpuMs: number; frames: number }>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.evaluate(() => {
    let frames = 0;
    const count = (): void => {
      Reflect.set(window, 'frames drawn', ++frames);
      requestAnimationFrame(count);
    };
    count();
  });
  return async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const cpuMs = 1000 * (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN);
    const frames = await page.evaluate(() => Number(Reflect.get(window, 'frames drawn')));
    return { cpuMs, frames };
  };
}

/** Time that each domain has run on a pCPU in the last buckets of the plot's CSV, by its name. */
function sharesOf(csv: string, pcpu: number, buckets: number): Map<string, number> {
  const [titles = [], ...lines] = csv
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const shares = new Map<string, number>();
  titles.forEach((title, column) => {
    const [, name] = title.match(new RegExp(`^CPU${pcpu} (\\S+) \\(`)) ?? [];
    if (name === undefined) return;
    shares.set(
      name,
      lines.slice(-buckets).reduce((sum, line) => sum + Number(line[column]), 0),
    );
  });
  return shares;
}

test('while two domains do nothing but fault, others keep their shares, and the page is drawn and answers', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await dropImages(page, 'brk', 'abort');
  await expect(lab.file('/guests/abort.img')).toBeVisible();
  const create = (name: string, image: string, cpu: number): string =>
    `xl create -q /etc/xen/noisy.cfg 'name="${name}"' 'kernel="/guests/${image}.img"' 'cpus="${cpu}"'`;
  await lab.runInDom0(
    [
      // Short turns, so that shares show soon.
      'xl sched-credit -s -t 1',
      create('peer', 'spin', 2),
      create('brk', 'brk', 1),
      create('abort', 'abort', 2),
      'echo all $?',
    ].join('; '),
  );
  await expect(lab.console('dom0')).toContainText('all 0', patience);
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy', 'peer', 'brk', 'abort');

  const clock = page.locator('[data-figure="virtual-time"]');
  const seconds = async (): Promise<number> => {
    const [, minutes, rest] = ((await clock.textContent()) ?? '').replace(' ', '').split(':').map(Number);
    return 60 * (minutes ?? Number.NaN) + (rest ?? Number.NaN);
  };
  const worked = await work(page);
  const before = await worked();
  const since = await seconds();
  await expect.poll(seconds, patience).toBeGreaterThan(since + 0.15);
  const after = await worked();
  // A thread of 50 frames a second has 20 ms for each. Processor time does not depend on what else the computer does.
  expect(after.frames - before.frames).toBeGreaterThan(10);
  expect((after.cpuMs - before.cpuMs) / (after.frames - before.frames)).toBeLessThan(10);

  const downloading = page.waitForEvent('download');
  await lab.panel('CPU').getByRole('button', { name: 'CSV' }).click();
  const csv = readFileSync(await (await downloading).path(), 'utf8');
  for (const [pcpu, storm, neighbour] of [
    [1, 'brk', 'noisy'],
    [2, 'abort', 'peer'],
  ] as const) {
    const shares = sharesOf(csv, pcpu, 10);
    const [mine = 0, others = 0] = [shares.get(storm), shares.get(neighbour)];
    expect(mine + others).toBeGreaterThan(0);
    expect(Math.abs(others / (mine + others) - 0.5)).toBeLessThan(0.15);
  }

  await lab.runInDom0('echo still $?');
  await expect(lab.console('dom0')).toContainText('still 0', patience);
});
