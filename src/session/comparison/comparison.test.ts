import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { noUserFiles } from '../api/files.ts';
import { Session } from '../session.ts';
import { firstFiles } from '../xen/first-files.ts';
import { comparedDomain, comparison } from './comparison.ts';
import { differenceOf, differences } from './differences.ts';

const guest = (name: string) => ({
  path: `/guests/${name}.img`,
  bytes: new Uint8Array(readFileSync(new URL(`../../../guests/build/xen/${name}.img`, import.meta.url))),
});
const configOf = (name: string) => {
  const path = `/etc/xen/${name}.cfg`;
  const file = firstFiles.find((each) => each.path === path);
  const domain = comparedDomain(path, new TextDecoder().decode(file?.bytes));
  if (!domain) throw new Error(path);
  return domain;
};

test('domains are created and measured, and compared with themselves they are equal', { timeout: 60_000 }, () => {
  const domains = [configOf('rtos-a'), configOf('noisy')];
  expect(domains).toMatchObject([
    { name: 'rtos-a', isRtos: true },
    { name: 'noisy', isRtos: false },
  ]);
  let wall = 0;
  const session = new Session(() => wall++);
  session.startXen({
    machine: { cpus: 4, memoryMiB: 512, el: 2 },
    commandLine: '',
    costs: true,
    seed: 1,
    guests: [guest('rtos'), guest('spin')],
    user: noUserFiles,
    startsDomains: false,
    script: null,
    interactive: true,
  });
  session.experiment(comparison(domains, 1), 1);
  session.run();
  while (session.measured?.state === 'running') session.advance(100);
  const status = session.measured;
  if (!status) throw new Error('not measured');
  expect(status).toMatchObject({ state: 'done', error: null });
  const rows = differences(status, status);
  const value = (domain: string, quantity: string) =>
    rows.find((row) => row.domain === domain && row.quantity === quantity)?.model ?? Number.NaN;
  expect(value('noisy', 'share')).toBeGreaterThan(90);
  expect(value('rtos-a', 'waits')).toBeGreaterThan(900);
  expect(value('rtos-a', 'max')).toBeGreaterThan(0);
  expect(rows.map(({ domain }) => domain)).toContain('Domain-0');
  expect(rows.filter((row) => ![null, '+0.00', '+0.0 %'].includes(differenceOf(row)))).toEqual([]);
  expect(differences(status, null).every((row) => differenceOf(row) === null)).toBe(true);
});

test('differences of shares are points, those of all else are per cent of the binary', () => {
  const row = { domain: 'a', unit: '' as const };
  expect(differenceOf({ ...row, quantity: 'share', model: 50, binary: 51.5 })).toBe('−1.50');
  expect(differenceOf({ ...row, quantity: 'p50', model: 11, binary: 10 })).toBe('+10.0 %');
  expect(differenceOf({ ...row, quantity: 'waits', model: 11, binary: 0 })).toBeNull();
});
