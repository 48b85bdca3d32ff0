import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { defined } from '../../base/assert.ts';
import { cycles } from '../../base/units.ts';
import { XEN_SCHEDULER } from '../../xen/public/hypercalls.ts';
import { nanoseconds } from '../../xen/time/time.ts';
import { guestFiles, XenSessionBench } from './xen-session-testing.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 120_000 });

const guests = guestFiles((path) => readFileSync(new URL(`../../../${path}`, import.meta.url)));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Dom0 and a guest, which waits for input. */
function bench(): XenSessionBench {
  const made = new XenSessionBench({
    guests,
    machine: { cpus: 2, memoryMiB: 256, el: 2 },
    commandLine: 'dom0_mem=32M',
    interactive: true,
  });
  made.type('dom0', 'xl create /etc/xen/hello.cfg\r');
  made.until(() => made.shown('1/pv').includes('Type something'), 1000);
  return made;
}

test('covers everything that decides how the machine goes on: each change shows', () => {
  const { system, session, xen, dom0 } = bench();
  const { board } = system;
  const domain = defined(xen.domains.get(1), 'the guest');
  const vcpu = domain.vcpu(0);
  const core = defined(board.cluster.cores[0], 'core 0');
  const changes: Record<string, () => void> = {
    'a register': () => core.setX(7, core.x(7) + 1n),
    'a byte of memory': () => {
      const page = xen.machine.page(defined(domain.p2m.lookUp(0x4_0000), 'its first page').mfn);
      page[5] = (page[5] as number) ^ 1;
    },
    'a pending event': () => board.events.at(cycles(board.events.now + 1e9), () => {}),
    'a device': () => board.setButton(true),
    'a byte on a serial line': () => board.receive(1, Uint8Array.of(1)),
    "Xen's heap": () => xen.heap.allocate(0, 0),
    'a frame that is held': () => xen.heap.hold(domain.sharedInfo),
    "one of Xen's timers": () => xen.timers.create(1, () => {}).set(nanoseconds(1e12)),
    "Xen's log": () => xen.log.clear(),
    'a saved register of a vCPU': () => vcpu.context.setX(3, vcpu.context.x(3) + 1n),
    'a pause': () => domain.pauseCount++,
    'a parameter of a domain': () => {
      domain.parameters[3] = 77n;
    },
    'a saved list register': () => {
      vcpu.gic.lists[2] = 0x1234;
    },
    'a virtual interrupt': () => {
      defined(vcpu.gic.irqs[29], 'an interrupt').queued = true;
    },
    'the order of interrupts that wait': () => vcpu.gic.waiting.push(defined(vcpu.gic.irqs[5], 'an interrupt')),
    'a register of the virtual distributor': () => {
      vcpu.gic.rank.priorities[9] = 8;
    },
    'a guest’s timer': () => {
      vcpu.timer.physicalCompare = 123n;
    },
    'a runstate': () => {
      vcpu.unit.runstateTimes[1] = nanoseconds(vcpu.unit.runstateTimes[1] + 1);
    },
    'an affinity': () => {
      vcpu.unit.softAffinity = 1;
    },
    'a weight': () => xen.scheduling.setDomainParameters(domain, { weight: 257 }),
    'a pool of pCPUs': () => xen.scheduling.pools.create(XEN_SCHEDULER.CREDIT2),
    'a pCPU that leaves its pool': () => xen.scheduling.pools.removeCpu(0, 1),
    'a domain’s pool': () => {
      xen.scheduling.pools.addCpu(1, 1);
      xen.scheduling.pools.moveDomain(domain, 1);
    },
    'an event channel': () => domain.events.bindIpi(0),
    'a mapped grant': () =>
      domain.grants.track({ owner: 0, reference: 8, gfn: 1, mfn: domain.sharedInfo, readOnly: true }),
    'what a pCPU ran last of a domain': () => {
      domain.p2m.lastRan[0] = 3;
    },
    'a watchdog': () => domain.watchdogs.set(0, nanoseconds(1e12)),
    'a node of xenstore': () => dom0.store.write(dom0.connection, '/tool/x', 'y'),
    'a byte of a file': () => dom0.files.write('/etc/xen/hello.cfg', bytes('name = "h"')),
    'a key that Dom0 has not read': () => dom0.tty.type(bytes('k')),
    'a byte typed on a guest’s console': () => dom0.xenconsoled.type(1, 'pv', bytes('k')),
    'a process': () => dom0.startScript('sleep 1', () => {}),
  };
  const seen = new Map([[session.stateHash(), 'nothing']]);
  for (const [what, change] of Object.entries(changes)) {
    expect(seen.get(session.stateHash()), `before ${what}`).toBeDefined();
    change();
    const hash = session.stateHash();
    expect(seen.get(hash), what).toBeUndefined();
    seen.set(hash, what);
  }
});

test('taking it changes nothing', () => {
  const watched = bench();
  const alone = bench();
  for (let i = 0; i < 20; i++) {
    for (const one of [watched, alone]) {
      one.type('dom0', i % 2 === 0 ? 'xl create /etc/xen/hello.cfg \'name="b"\'\r' : 'xl destroy b\r');
      one.run(3);
    }
    const { version } = watched.view;
    expect(watched.session.stateHash()).toBe(watched.session.stateHash());
    expect(watched.view.version).toBe(version);
  }
  watched.run(50);
  alone.run(50);
  expect(watched.session.stateHash()).toBe(alone.session.stateHash());
  expect(watched.view.domains()).toEqual(alone.view.domains());
});
