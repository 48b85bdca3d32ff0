import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { type EventName, eventNames } from '../../base/probe/kinds.ts';
import { planKernel } from '../kernel-system.ts';
import { Session } from '../session.ts';
import { guestFiles, XenSessionBench } from '../xen/xen-session-testing.ts';

// Guests take as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 120_000 });

const repository = new URL('../../../', import.meta.url);
const guests = guestFiles((path) => readFileSync(new URL(path, repository)));
const capacity = 2 ** 20;

/** A guest that reads its interrupt controller, yields by waiting for an event, and powers off. */
const smallGuest = (): Uint8Array =>
  imageOf([
    0xd282_0000, // movz x0, #0x1000
    0xf2a0_6000, // movk x0, #0x300, lsl #16
    0xb940_0001, // ldr  w1, [x0]
    0xd503_205f, // wfe: the return from that load was an event
    0xd503_205f, // wfe
    0x5280_0100, // movz w0, #8
    0x72b0_8000, // movk w0, #0x8400, lsl #16
    0xd400_0002, // hvc  #0
  ]);

/** Software on the board that resets it until that ends the run. */
const resettingGuest = (): Uint8Array =>
  imageOf([
    0x5280_0120, // movz w0, #9
    0x72b0_8000, // movk w0, #0x8400, lsl #16
    0xd400_0003, // smc  #0
  ]);

function imageOf(words: readonly number[]): Uint8Array {
  const image = new DataView(new ArrayBuffer(64 + 4 * words.length));
  image.setUint32(0, 0x1400_0010, true); // b . + 64
  image.setBigUint64(8, 0x8_0000n, true);
  image.setBigUint64(16, 256n, true);
  image.setUint32(56, 0x644d_5241, true); // "ARM\\x64"
  for (const [i, word] of words.entries()) image.setUint32(64 + 4 * i, word, true);
  return new Uint8Array(image.buffer);
}

/** Kinds that have occurred in a session, and its state. */
const outcome = (session: Session) => ({
  kinds: session.eventCounts({ from: 0, to: 1e12, kinds: null, cores: null, domains: null, buckets: 1 }).series,
  state: { hash: session.stateHash(), time: session.virtualNs, counts: session.counts() },
});

/** Runs a guest of the bare board to its end. */
function onBoard(name: string, bytes: Uint8Array, kinds: readonly EventName[]) {
  const plan = planKernel({ kernel: { name, bytes }, machine: { cpus: 2, memoryMiB: 64, el: 2 } });
  if (!plan.ok) throw new Error(plan.error);
  const session = new Session(() => 0);
  session.record({ kinds, capacity });
  session.start(plan.value);
  session.run();
  while (session.state === 'running' && session.virtualNs < 1e9) session.advance(0);
  return outcome(session);
}

/** Has domains come and go, talk, and be scheduled under Xen. */
function underXen(kinds: readonly EventName[]) {
  const bench = new XenSessionBench({ guests, commandLine: 'loglvl=all', machine: { cpus: 4, memoryMiB: 512, el: 2 } });
  bench.session.record({ kinds, capacity });
  bench.write('/etc/xen/two.cfg', 'name="two"\nkernel="/guests/spin.img"\nmemory=16\nvcpus=2\ncap=50\n');
  bench.write('/guests/small.img', smallGuest());
  bench.write('/etc/xen/small.cfg', 'name="small"\nkernel="/guests/small.img"\nmemory=16\n');
  bench.script('xl create -q /etc/xen/hello.cfg');
  bench.write('/guests/net.img', new Uint8Array(readFileSync(new URL('guests/build/xen/net.img', repository))));
  bench.type('1/pv', 'abc');
  bench.script(['rtos-a', 'noisy', 'two', 'small'].map((name) => `xl create -q /etc/xen/${name}.cfg`).join('\n'));
  bench.script('xl create -q /etc/xen/net.cfg');
  bench.run(60);
  bench.script('xl vcpu-pin two 0 3\nxl pause noisy\nxl unpause noisy\nxl destroy two', 2000);
  bench.type('1/pv', 'q');
  bench.run(50);
  return outcome(bench.session);
}

describe('every kind of event', () => {
  const seen = new Map<EventName, string>();
  const note = (where: string, { kinds }: ReturnType<typeof onBoard>): void => {
    for (const { kind } of kinds) seen.set(kind, where);
  };

  const built = ['dma', 'smmu', 'gic', 'psci', 'timers'].map((name): [string, Uint8Array] => [
    name,
    new Uint8Array(readFileSync(new URL(`guests/build/${name}.img`, repository))),
  ]);
  test.each([...built, ['resets', resettingGuest()] as const])(
    'of %s on the bare board, and the run is the same',
    (name, image) => {
      const recorded = onBoard(name, image, eventNames);
      const silent = onBoard(name, image, []);
      expect(silent.kinds).toEqual([]);
      expect(recorded.state).toEqual(silent.state);
      note(name, recorded);
    },
  );

  test('of Xen, and the run is the same', () => {
    const recorded = underXen(eventNames);
    expect(recorded.state).toEqual(underXen([]).state);
    note('Xen', recorded);
  });

  test.each(eventNames)('%s occurs', (name) => {
    expect(seen.get(name)).toBeDefined();
  });
});
