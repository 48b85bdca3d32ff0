import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { noUserFiles } from '../api/files.ts';
import type { Journal } from '../api/journal.ts';
import type { Session } from '../session.ts';
import { newSession, slices, started, value } from '../snapshot/snapshot-testing.ts';
import { arrived, visit } from '../time/time-testing.ts';
import { XenSessionBench } from './xen-session-testing.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 240_000 });

const guests = ['disk', 'hello', 'monitor', 'net', 'rogue', 'rtos', 'spin'].map((name) => ({
  path: `/guests/${name}.img`,
  bytes: new Uint8Array(readFileSync(new URL(`../../../guests/build/xen/${name}.img`, import.meta.url))),
}));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const machine = (startsDomains: boolean): Session =>
  started({
    kind: 'xen',
    request: {
      guests,
      machine: { cpus: 2, memoryMiB: 512, el: 2 },
      commandLine: 'dom0_mem=64M',
      costs: true,
      seed: 1,
      user: noUserFiles,
      startsDomains,
      script: null,
      interactive: true,
    },
  });

const outcome = (session: Session) => ({
  hash: session.stateHash(),
  ns: session.virtualNs,
  instructions: session.status().instructions,
  domains: value(session.hypervisor).domains(),
  used: value(session.usage).utilisation({ from: 0, to: session.virtualNs, buckets: 50 }),
  shown: (['serial', 'dom0', '1/pv', '2/pv'] as const).map((id) => session.console(id, 0, 1e6)),
});

/** A session in which a journal has been played. */
function played(journal: Journal): Session {
  const session = newSession();
  value(session.replay(journal));
  session.run();
  while (session.replays) session.advance(1000);
  return session;
}

const commands = [
  'xl create /etc/xen/hello.cfg',
  'xl create /etc/xen/spin.cfg',
  'xl list',
  'xl destroy hello',
  'xl destroy spin',
  'xl pause spin; xl unpause spin',
  'xl reboot hello',
  'xl dmesg | grep Xen',
  'sleep 0.02',
  'i=0; while [ $i -lt 20 ]; do i=$((i+1)); done; echo $i',
  'echo more > /etc/xen/a; cat /etc/xen/a',
  'ping -c 2 -i 0.01 dom0',
  'xl console hello',
  'xl vcpu-list &',
  'xl create /etc/xen/disk.cfg',
  'xl create /etc/xen/net.cfg',
  'ping -c 3 -i 0.01 net',
  'dd if=/dev/zero of=/root/a bs=4096 count=64; ls -l /root',
  'truncate -s 1M /var/lib/xen/images/disk.img',
];

const actions = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant('run' as const), slices: fc.integer({ min: 1, max: 1500 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('type' as const),
        console: fc.constant('dom0' as const),
        text: fc.constantFrom(...commands).map((command) => `${command}\r`),
      }),
    },
    fc.record({
      kind: fc.constant('type' as const),
      console: fc.constantFrom('dom0' as const, '1/pv' as const),
      text: fc.constantFrom('x', '\x1b[A', '\x03', '\x1d', 'xl l', '\t', 'abc\r'),
    }),
    fc.record({ kind: fc.constant('step' as const), instructions: fc.integer({ min: 1, max: 30_000 }) }),
  ),
  { minLength: 3, maxLength: 9 },
);
type Action = typeof actions extends fc.Arbitrary<(infer A)[]> ? A : never;

function act(session: Session, action: Action): void {
  if (action.kind === 'run') slices(session, action.slices);
  else if (action.kind === 'type') session.input(action.console, bytes(action.text));
  else session.step(0, action.instructions);
}

test('the model of Xen goes back and forth: it is at each moment as it was, and goes on as if it had not', () => {
  fc.assert(
    fc.property(
      fc.nat(5),
      actions,
      actions,
      fc.array(fc.nat(1000), { minLength: 1, maxLength: 5 }),
      (kind, before, after, jumps) => {
        const session = machine(kind === 0);
        session.keepPast(2 ** 26);
        const plain = machine(kind === 0);
        for (const action of before) {
          act(session, action);
          act(plain, action);
        }
        expect(outcome(session)).toEqual(outcome(plain));
        visit(session, jumps, outcome, (now, isFirst) => {
          if (isFirst) expect(outcome(played(value(session.journal())))).toEqual(now);
        });
        for (const action of after) {
          act(session, action);
          act(plain, action);
        }
        expect(outcome(session)).toEqual(outcome(plain));
      },
    ),
    { numRuns: 3 },
  );
});

test('a session with busy disks and networks has many moments, and going on from one is another run of its own', () => {
  const session = machine(false);
  session.keepPast(2 ** 28);
  const type = (text: string) => session.input('dom0', bytes(text));
  type('xl create /etc/xen/disk.cfg\rxl create /etc/xen/net.cfg\rping -c 3 -i 0.01 net\r');
  slices(session, 10_000);
  type('reboot\r');
  slices(session, 3000);
  const present = outcome(session);
  const time = value(session.time);
  const { moments } = time.marks();
  expect(session.status().resets?.count).toBe(1);
  expect(moments.length).toBeGreaterThan(12);

  for (const ns of [moments.at(-10), moments[0]]) {
    value(time.goTo(ns ?? 0));
    arrived(session);
    expect(outcome(played(value(session.journal())))).toEqual(outcome(session));
  }
  expect(session.virtualNs).toBe(0);
  value(time.toPresent());
  expect(outcome(session)).toEqual(present);

  value(time.goTo(450e6));
  arrived(session);
  value(time.fork());
  type('xl list\r');
  slices(session, 1000);
  expect(outcome(session)).toEqual(outcome(played(value(session.journal()))));
});

test('moments can be held at the prompt and while one program runs there, but not within other commands', () => {
  const made = new XenSessionBench({ guests, machine: { cpus: 2, memoryMiB: 256, el: 2 }, interactive: true });
  const isQuietAfter = (typed: string): boolean => {
    made.type('dom0', typed);
    made.run(150);
    return made.system.moments.isQuiet;
  };
  expect(isQuietAfter('xl create /etc/xen/hello.cfg\rhalf a line')).toBe(true);
  expect(isQuietAfter('\x03xl console hello\r')).toBe(true);
  expect(isQuietAfter('\x1dsleep 10\r')).toBe(true);
  expect(isQuietAfter('\x03sleep 10; sleep 10\r')).toBe(false);
  expect(isQuietAfter('\x03')).toBe(true);
});
