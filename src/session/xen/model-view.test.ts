import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { defined } from '../../base/assert.ts';
import type { DomainList } from '../api/hypervisor.ts';
import { guestFiles, XenSessionBench } from './xen-session-testing.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 120_000 });

const guests = guestFiles((path) => readFileSync(new URL(`../../../${path}`, import.meta.url)));

function first(): XenSessionBench {
  const bench = new XenSessionBench({ guests, startsDomains: true, interactive: true });
  bench.until(() => bench.view.domains().domains.length === 4, 1000);
  return bench;
}

test('who runs where, and the roots of translation, agree with the registers of the cores', () => {
  const bench = first();
  const { cores } = bench.system.board.cluster;
  const seen = new Set<number>();
  for (let i = 0; i < 100; i++) {
    bench.session.advance(0);
    const roots = bench.view.roots();
    expect(new Set(roots.map(({ vmid }) => vmid)).size).toBe(4);
    bench.view.running().forEach((vcpu, index) => {
      if (!vcpu) return;
      seen.add(vcpu.domain);
      const core = defined(cores[index], 'a core');
      // A core that is in EL2 for the moment may change before it leaves.
      if (core.el === 2) return;
      const root = defined(
        roots.find(({ domain }) => domain === vcpu.domain),
        'its root',
      );
      const look = bench.session.inspect(index);
      const vttbr = look.ok && look.value.systemRegisters().find(({ name }) => name === 'VTTBR_EL2')?.value;
      expect(vttbr).toBe(root.vttbr);
      expect(root.vttbr).toBe((BigInt(root.vmid) << 48n) | root.table);
    });
  }
  expect(seen.size).toBeGreaterThan(1);
});

/** What must not change while the version stands still. */
const lasting = ({ domains }: DomainList): unknown =>
  domains.map(({ letters, states: _, time: __, vcpus, ...rest }) => ({
    ...rest,
    letters: letters.slice(2),
    vcpus: vcpus.map(({ id, hardAffinity, softAffinity }) => ({ id, hardAffinity, softAffinity })),
  }));

test('the version stands still only while the list does, and does stand still', () => {
  const bench = first();
  const commands = [
    'xl create -q /etc/xen/hello.cfg',
    'xl rename hello other',
    'xl vcpu-pin noisy 0 2',
    'xl sched-credit -d noisy -w 100 -c 20',
    'xl pause rtos-a',
    'xl unpause rtos-a',
    'xl console other',
    '\x1d',
    'xl destroy other',
    'xl destroy rtos-b',
  ];
  let before = bench.view.domains();
  let changes = 0;
  const watch = (ms: number): void => {
    const end = bench.session.virtualNs + ms * 1e6;
    while (bench.session.virtualNs < end) {
      for (let slice = 0; slice < 5; slice++) bench.session.advance(0);
      const { version } = bench.view;
      const now = bench.view.domains();
      expect(now.version).toBe(version);
      if (version === before.version) expect(lasting(now)).toEqual(lasting(before));
      else changes++;
      before = now;
    }
  };
  for (const command of commands) {
    const { version } = bench.view;
    bench.type('dom0', command === '\x1d' ? command : `${command}\r`);
    watch(15);
    expect(bench.view.version, command).toBeGreaterThan(version);
  }
  expect(changes).toBeGreaterThan(commands.length - 1);
  const { version } = bench.view;
  watch(50);
  expect(bench.view.version).toBe(version);
});

test('the status looks at no domain, however many there are', () => {
  const bench = first();
  const { xen, dom0, session } = bench;
  const spies = [
    vi.spyOn(xen.domains, 'values'),
    vi.spyOn(xen.domains, 'keys'),
    vi.spyOn(xen.domains, 'get'),
    vi.spyOn(dom0.store, 'read'),
    vi.spyOn(dom0.xenconsoled, 'find'),
    vi.spyOn(JSON, 'stringify'),
  ];
  const { hypervisor, sampled } = session.status();
  expect(sampled).toBe(bench.view.sampled);
  expect(hypervisor).toMatchObject({ domains: bench.view.version, freeKib: bench.view.freeKib });
  for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  bench.view.domains();
  expect(spies[0]).toHaveBeenCalled();
  vi.restoreAllMocks();
});
