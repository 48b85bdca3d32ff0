import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { defined } from '../../base/assert.ts';
import { guestFiles, XenSessionBench } from './xen-session-testing.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 120_000 });

const guests = guestFiles((path) => readFileSync(new URL(`../../../${path}`, import.meta.url)));

/** ESR_ELx.EC of an HVC. */
const hvc = 0x16;

test('a crashed domain shows its last exit and the registers that it crashed with', () => {
  const bench = new XenSessionBench({ guests });
  bench.script('xl create -q /etc/xen/hello.cfg');
  const { id } = defined(bench.view.domains().domains[1], 'hello');
  bench.until(() => bench.shown(`${id}/pv`).includes('Type something'));
  bench.type(`${id}/pv`, 'c');
  bench.until(() => bench.view.domains().domains.find((domain) => domain.id === id)?.shutdown === 'crash');
  bench.run(1);
  const details = defined(bench.view.details(id), 'details');
  expect(details).toMatchObject({
    config: '/etc/xen/hello.cfg',
    kernel: '/guests/hello.img',
    maxMemoryKib: 16 * 1024 + 1024,
    devices: [{ kind: 'console', text: 'hvc0' }],
  });
  const vcpu = defined(details.vcpus[0], 'vCPU 0');
  const exit = defined(vcpu.exit, 'an exit');
  expect([exit.syndrome >>> 26, exit.syndrome & 0xffff, exit.hypercall]).toEqual([hvc, 0xea1, 'sched_op']);
  expect(vcpu.registers).toMatchObject({ core: null, el: 1, pc: exit.pc });
  // Nothing has run since, and Xen has put the result of the hypercall into X0.
  expect([vcpu.registers.x[16], vcpu.registers.x[0]]).toEqual([29n, 0n]);
  expect(bench.view.details(99)).toBeNull();
});

test('a running vCPU’s registers are those of its core, and looking at them changes nothing', () => {
  const start = () => {
    const bench = new XenSessionBench({ guests });
    bench.script('xl create -q /etc/xen/noisy.cfg');
    return bench;
  };
  const looked = start();
  const other = start();
  const [cores] = [looked.system.board.cluster.cores];
  const id = defined(looked.view.domains().domains[1], 'noisy').id;
  for (let i = 0; i < 50; i++) {
    looked.session.advance(0);
    other.session.advance(0);
    const registers = defined(looked.view.details(id)?.vcpus[0], 'vCPU 0').registers;
    const core = registers.core === null ? undefined : cores[registers.core];
    if (!core || core.el === 2) continue;
    expect([registers.pc, registers.el, registers.x[3]]).toEqual([core.pc, core.el, core.x(3)]);
  }
  expect(looked.session.stateHash()).toBe(other.session.stateHash());
});

test('a passed-through device is among the devices', () => {
  const bench = new XenSessionBench({ guests });
  const config = ['name = "p"', 'kernel = "/guests/hello.img"', 'memory = 16', 'iomem = ["0xff010,1@0x50000"]'];
  bench.write('/etc/xen/p.cfg', `${config.join('\n')}\n`);
  bench.script('xl create -q /etc/xen/p.cfg');
  const id = defined(bench.view.domains().domains[1], 'p').id;
  expect(bench.view.details(id)?.devices.map(({ kind, text }) => `${kind} ${text}`)).toEqual([
    'console hvc0',
    'iomem ff010000-ff010fff @ 50000000',
  ]);
});
