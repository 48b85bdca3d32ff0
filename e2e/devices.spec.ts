import { expect, test } from './xenLab.ts';

test.describe.configure({ timeout: 180_000 });

test('a disk is made and attached to a domain, and an interface, by commands that are typed; both are seen', async ({
  lab,
  page,
}) => {
  await lab.start();
  await lab.runInDom0('xl create /etc/xen/hello.cfg');
  await lab.expectDomains('Domain-0', 'rtos-a', 'rtos-b', 'noisy', 'hello');
  await lab.panel('Files (Domain-0)').getByRole('button', { name: '+ Disk' }).click();
  await expect(lab.console('dom0')).toContainText('dom0# lvcreate -L 64M -n disk1 vg');
  await page.keyboard.press('Enter');
  await expect(lab.file('/dev/vg/disk1')).toContainText('64 MiB');

  await lab.act('hello', 'Details');
  const details = lab.panel('Domain details');
  await details.getByRole('combobox', { name: 'Attach', exact: true }).selectOption('/dev/vg/disk1');
  await details.getByRole('button', { name: /^xl block-attach hello/ }).click();
  await page.keyboard.press('Enter');
  await expect(details).toContainText('xvda /dev/vg/disk1');
  await details.getByRole('button', { name: 'xl network-attach hello bridge=xenbr0' }).click();
  await page.keyboard.press('Enter');
  await expect(details).toContainText(/vif\d+\.0 on xenbr0/);
  await details.getByRole('button', { name: 'Detach' }).last().click();
  await expect(lab.console('dom0')).toContainText('dom0# xl network-detach hello 0');
});
