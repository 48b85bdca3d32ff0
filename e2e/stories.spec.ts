import { expect, test } from './xenLab.ts';

// Stories on a busy machine run well below real time.
test.describe.configure({ timeout: 240_000 });
const patience = { timeout: 60_000 };

test('a story starts its domains and says what to try; what is unsaved and the user’s own script stay', async ({
  lab,
  page,
}) => {
  await lab.start();
  const choose = async (name: string) => {
    await page.getByRole('menuitem', { name: 'Stories', exact: true }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  await lab.runInDom0('echo xl create /etc/xen/hello.cfg > /etc/rc.local');
  await expect(lab.file('/etc/rc.local')).toContainText('yours');
  await lab.open('/etc/xen/hello.cfg');
  await lab.replaceText('# not saved\n');

  await choose('Weights and caps');
  const story = lab.panel('Weights and caps');
  await story.getByRole('button', { name: 'Start', exact: true }).click();
  await lab.expectDomains('Domain-0', 'light', 'heavy');
  await expect(lab.console('dom0')).toContainText('# xl create /etc/xen/heavy.cfg');
  await expect(story).toContainText('heavy has weight 512, light 256');
  // One core, in shares of about 1 to 2, and what is tried has the effect that was said.
  await expect(lab.domain('heavy')).toContainText(/6[4-8] %/, patience);
  await expect(lab.domain('light')).toContainText(/3[1-5] %/, patience);
  await story.getByRole('button', { name: 'xl sched-credit -d heavy -c 25' }).click();
  await expect(lab.console('dom0')).toContainText('dom0# xl sched-credit -d heavy -c 25');
  await page.keyboard.press('Enter');
  await expect(lab.domain('heavy')).toContainText(/2[3-6] %/, patience);
  await story.getByRole('button', { name: 'Start again' }).click();
  await expect(lab.domain('heavy')).toContainText(/6[4-8] %/, patience);

  // The config of a story is one of Domain-0’s files, and nobody’s change.
  await expect(lab.file('/etc/xen/heavy.cfg')).not.toContainText('yours');
  await page.getByRole('tab', { name: 'hello.cfg ●' }).click();
  await expect(lab.editor).toContainText('# not saved');
  await page.getByRole('tab', { name: 'Weights and caps' }).click();
  await story.getByRole('button', { name: 'Back to the ready session' }).click();
  await lab.expectDomains('Domain-0', 'hello');
});

test('a link opens a story; in the redundant one a channel that fails is replaced at once, and comes back as the spare', async ({
  lab,
  page,
}) => {
  await lab.start('/#story=redundancy');
  await lab.expectDomains('Domain-0', 'monitor', 'channel-a', 'channel-b');
  const story = lab.panel('Redundancy');
  await story.getByRole('button', { name: 'Go there' }).nth(1).click();
  await expect(lab.console('domain monitor')).toContainText('Channel 0 controls the plant.', patience);
  await story.getByRole('button', { name: 'Go there' }).first().click();
  await page.keyboard.type('hang\n');
  await story.getByRole('button', { name: 'Go there' }).nth(1).click();
  await expect(lab.console('domain monitor')).toContainText(
    /Channel 1 controls the plant again: no output for [1-4]\.\d+ ms/,
    patience,
  );
  // The script in Domain-0 has created the failed one again, and it runs in the shadow.
  await expect(lab.domain('channel-a').getByRole('cell').first()).toHaveText('4', patience);
  await story.getByRole('button', { name: 'Go there' }).first().click();
  await expect(lab.console('domain channel-a')).toContainText('Monitored by domain 1', patience);
  await lab.domain('channel-b').getByRole('button', { name: 'channel-b', exact: true }).click();
  await page.keyboard.type('stat\n');
  await expect(lab.console('domain channel-b')).toContainText(/releases, 0 missed/, patience);
});

test('a noisy neighbour with a cap uses no more of its core than that', async ({ lab, page }) => {
  await lab.start('/#story=isolation');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await expect(lab.domain('noisy')).toContainText(/[5-9]\d %/, patience);
  await lab
    .panel('Isolation: a noisy neighbour')
    .getByRole('button', { name: 'xl sched-credit -d noisy -c 40' })
    .click();
  await page.keyboard.press('Enter');
  await expect(lab.domain('noisy')).toContainText(/(3\d|40) %/, patience);
});

test('a story measures its figures on the machine, where its commands are seen', async ({ lab, page }) => {
  await lab.start();
  await page.getByRole('menuitem', { name: 'Stories', exact: true }).click();
  await page.getByRole('menuitem', { name: 'Isolation: a noisy neighbour' }).click();
  const story = lab.panel('Isolation: a noisy neighbour');
  const row = (name: string) => story.getByRole('row', { name });
  await expect(row('rtos-b on its pCPU, idle: longest')).toContainText('–0 to 60 µs336.6 µs');
  await story.getByRole('button', { name: 'Start and measure' }).click();
  await expect(lab.console('dom0')).toContainText('dom0# xl pause noisy', patience);
  await expect(row('busy for 20 %')).toContainText(/1\d{3} µs1000 to 2500 µs/, { timeout: 180_000 });
  await expect(story.getByRole('status')).toContainText('The figures are being measured');
});

// Each is opened by its link, and its first figure is waited for: `el2lab story` measures all of them.
for (const [name, story, figure, measured] of [
  ['load', 'Load: servers come and go', 'started and stopped by balance.sh: requests answered', /^(99\.\d|100) %/],
  ['acceleration', 'With and without acceleration', 'rounds of arithmetic, fast', /^2\d\d,\d{3} /],
  ['scaling', 'Scaling: more of the same', 'time for the second domain', /^1\d\d ms/],
  ['smmu', 'The SMMU: a domain with DMA', 'bytes that the channel copies inside', /^4096/],
  ['revisions', 'Revisions of configs', 'revisions after two saves', /^3/],
  ['life-cycle', 'A domain’s whole life', 'time of xl create', /^\d\d(\.\d+)? ms/],
] as const)
  test(`the story “${story}” starts and measures`, async ({ lab }) => {
    await lab.start(`/#story=${name}`);
    const panel = lab.panel(story);
    await panel.getByRole('button', { name: 'Start and measure' }).click();
    const value = panel.getByRole('row', { name: figure }).getByRole('cell').first();
    await expect(value).toHaveText(measured, { timeout: 180_000 });
  });
