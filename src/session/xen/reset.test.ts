import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { ShutdownReason } from '../../xen/domain/domain.ts';
import { shutdownDomain } from '../../xen/domain/life.ts';
import { Session } from '../session.ts';
import { guestFiles, XenSessionBench } from './xen-session-testing.ts';

vi.setConfig({ testTimeout: 120_000 });

const guests = guestFiles((path) => new Uint8Array(readFileSync(new URL(`../../../${path}`, import.meta.url))));
const boots = (bench: XenSessionBench) => bench.shown('serial').split('(XEN) Xen version').length - 1;

test('a script goes on after its reboot: files stay, domains are new, and replay gives the same state', () => {
  const script = `
    xl create /etc/xen/hello.cfg; sleep 0.1; echo kept > /root/note
    reboot
    cat /root/note; xl list; xl create /etc/xen/rtos-a.cfg; sleep 0.1; xl list`;
  const bench = new XenSessionBench({ guests, script });
  const { view, session } = bench;
  const before = bench.xen;
  const versions: number[] = [];
  bench.until(() => {
    versions.push(view.version);
    return bench.system.scriptCode !== null;
  });
  expect(bench.system.scriptCode).toBe(0);
  expect(boots(bench)).toBe(2);
  expect(bench.xen).not.toBe(before);
  expect(bench.shown('serial')).toContain('(XEN) Hardware Dom0 shutdown: rebooting machine\n');
  expect(bench.shown('dom0')).toMatch(/kept\nName .*\nDomain-0 +0 .*\nParsing config/);
  expect(bench.shown('dom0').trim()).toMatch(/\nrtos-a +1 .*$/);
  // What the page follows does not run backward.
  expect(versions.every((version, i) => version >= (versions[i - 1] ?? 0))).toBe(true);
  expect(view.domains().domains.map(({ name }) => name)).toEqual(['Domain-0', 'rtos-a']);
  expect(session.status()).toMatchObject({ state: 'running', resets: { count: 1, last: { cause: 'software' } } });
  // Domain 1 was another before. Its console goes on.
  expect(bench.shown('1/pv')).toMatch(/^Hello[\s\S]*RTOS/i);

  const journal = session.journal();
  if (!journal.ok) throw new Error(journal.error);
  let wall = 0;
  const again = new Session(() => wall++);
  again.replay(journal.value);
  again.run();
  while (again.advance(1000) !== null);
  expect(again.stateHash()).toBe(session.stateHash());
});

test('the accounts of the pCPUs go on over a reboot', () => {
  const bench = new XenSessionBench({ guests, script: 'xl create /etc/xen/noisy.cfg; sleep 0.2\nreboot\nsleep 0.3' });
  bench.finish();
  const { sampled } = bench.view;
  const { series, covered } = bench.view.utilisation({ from: 0, to: sampled, buckets: 1 });
  expect(covered[0]).toBeCloseTo(sampled, -8);
  for (let pcpu = 0; pcpu < 4; pcpu++) {
    const used = series
      .filter((one) => one.pcpu === pcpu && one.kind !== 'xen')
      .reduce((sum, { busy }) => sum + (busy[0] ?? 0), 0);
    // Until Xen has booted nobody uses them.
    expect(used / sampled).toBeGreaterThan(0.9);
    expect(used / sampled).toBeLessThanOrEqual(1);
  }
  expect(series.filter(({ name }) => name === 'noisy')[0]?.busy[0]).toBeGreaterThan(0.15e9);
});

test('a shell is there again after a reboot, and poweroff is the end', () => {
  const bench = new XenSessionBench({ guests, interactive: true });
  bench.run(100);
  bench.type('dom0', 'reboot -f\r');
  bench.run(100);
  expect(boots(bench)).toBe(2);
  bench.type('dom0', 'xl list\r');
  bench.run(100);
  expect(bench.shown('dom0').split("Domain-0: EL2 Lab's control shell").length - 1).toBe(2);
  expect(bench.shown('dom0')).toMatch(/\nName .*\nDomain-0 /);
  bench.type('dom0', 'poweroff now\rpoweroff\r');
  bench.until(() => bench.session.state === 'ended');
  expect(bench.shown('dom0')).toContain("poweroff: invalid option 'now'\n");
  expect(bench.session.end).toBe('power-off');
  expect(bench.shown('serial')).toContain('(XEN) Hardware Dom0 halted: halting machine\n');
});

test('debug key R reboots, and nothing of the script runs before', () => {
  const bench = new XenSessionBench({ guests, script: 'echo one; xl debug-keys R; echo two' });
  bench.finish();
  expect(boots(bench)).toBe(2);
  expect(bench.shown('dom0')).toBe('one\ntwo\n');
  expect(bench.shown('serial').split("'R' pressed -> rebooting machine\n").length).toBe(2);
});

test('a reset ends the run if the user wants that', () => {
  const machine = { cpus: 2, memoryMiB: 1024, el: 2, onReset: 'end' } as const;
  const bench = new XenSessionBench({ guests, machine, script: 'reboot' });
  bench.until(() => bench.session.state === 'ended');
  expect(bench.session.status()).toMatchObject({ end: 'reset', dom0: { scriptCode: null } });
});

test('after a crash of Domain-0 Xen waits for five seconds, in which no domain runs', () => {
  const bench = new XenSessionBench({
    guests,
    script: 'xl create /etc/xen/hello.cfg; sleep 0.1; xl create /etc/xen/noisy.cfg',
  });
  bench.finish();
  const dom0 = bench.xen.domains.get(0);
  if (!dom0) throw new Error('no Domain-0');
  const from = bench.session.virtualNs;
  shutdownDomain(bench.xen, dom0, ShutdownReason.crash);
  expect(bench.shown('serial')).toContain('(XEN) Hardware Dom0 crashed: rebooting machine in 5 seconds.\n');
  const used = () => bench.view.domains().domains.map(({ time }) => time);
  bench.run(100);
  const before = used();
  bench.run(1000);
  expect(used()).toEqual(before);
  bench.until(() => bench.session.status().resets.count > 0);
  expect((bench.session.virtualNs - from) / 1e9).toBeCloseTo(5, 1);
  expect(boots(bench)).toBe(2);
});
