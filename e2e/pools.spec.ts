import { expect, test } from './xenLab.ts';

// The ready session on a busy machine runs well below real time.
test.describe.configure({ timeout: 180_000 });

test('a pool of CPUs with a scheduler of its own shows in the plot and in the details of its domain', async ({
  lab,
}) => {
  await lab.start();
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy');
  await lab.runInDom0('xl cpupool-cpu-remove Pool-0 3');
  await lab.runInDom0('xl cpupool-create \'name="rt"\' \'sched="credit2"\' \'cpus=["3"]\'');
  await lab.runInDom0('xl cpupool-migrate rtos-a rt');
  await expect(lab.panel('CPU').getByText('pCPU3 rt')).toBeVisible();
  const details = lab.panel('Domain details');
  await lab.act('rtos-a', 'Details');
  await expect(details.getByRole('textbox', { name: 'Pool' })).toHaveValue('rt');
  await details.getByRole('textbox', { name: 'Weight' }).fill('512');
  await details.getByRole('button', { name: 'xl sched-credit2 -d rtos-a -w 512' }).click();
  await expect(lab.console('dom0')).toContainText('dom0# xl sched-credit2 -d rtos-a -w 512');
});
