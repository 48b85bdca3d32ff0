import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { packVcpu } from '../../base/probe/probe.ts';
import type { TraceWait } from '../api/trace.ts';
import { planKernel } from '../kernel-system.ts';
import { Session } from '../session.ts';
import { guestFiles, XenSessionBench } from '../xen/xen-session-testing.ts';
import { longestWait, traceFigures, traceWindow } from './queries.ts';
import type { ScheduleTrace } from './schedule-trace.ts';

// Guests take as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 120_000 });

const repository = new URL('../../../', import.meta.url);
const read = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(path, repository)));
const guests = guestFiles(read);
const mib = 2 ** 20;

const traceOf = ({ trace }: Session): ScheduleTrace => {
  if (!trace.ok) throw new Error(trace.error);
  return trace.value;
};

/** A real-time system beside one that never pauses, on one pCPU. */
function neighbours(bytes: number) {
  const bench = new XenSessionBench({ guests, machine: { cpus: 2, memoryMiB: 512, el: 2 } });
  bench.session.traceSchedule(bytes);
  bench.script('xl create -q /etc/xen/rtos-a.cfg\nxl create -q /etc/xen/noisy.cfg');
  bench.run(300);
  return bench;
}

describe('the timeline of domains', () => {
  const bench = neighbours(64 * mib);
  const trace = traceOf(bench.session);
  const now = bench.session.virtualNs;
  const figures = traceFigures(trace, 0, now, now);

  test('changes nothing in the machine', () => {
    expect(bench.session.stateHash()).toBe(neighbours(0).session.stateHash());
  });

  test('has the times that Xen accounts', () => {
    for (const { id, vcpus } of bench.view.domains().domains)
      for (const { id: vcpu, time } of vcpus) {
        const found = figures.vcpus.find((each) => each.domain === id && each.vcpu === vcpu);
        // A core is a turn ahead of the others, at most.
        expect(Math.abs((found?.ran ?? 0) - time)).toBeLessThan(50_000);
      }
    for (const { core, busy, xen } of figures.cores) {
      const ran = figures.vcpus.length > 0 ? busy : 0;
      expect(xen).toBeGreaterThan(0);
      expect(ran).toBeLessThanOrEqual(now + 50_000);
      expect(core).toBeLessThan(2);
    }
  });

  test('says why the real-time system waits for a slice of its neighbour, and who ran', () => {
    const wait = longestWait(trace, 0, now, now, packVcpu(1, 0)) as TraceWait;
    const length = wait.end - wait.start;
    expect(wait).toMatchObject({ domain: 1, vcpu: 0, core: 1, cause: 'woken' });
    // The rate limit, or a whole time slice (docs/xen/scheduling.md, section 5).
    expect(length).toBeGreaterThan(0.9e6);
    expect(length).toBeLessThan(31e6);
    expect(wait.ran[0]).toMatchObject({ domain: 2, vcpu: 0 });
    expect(wait.ran[0]?.ran).toBeGreaterThan(length * 0.99);
    expect(wait.priority).not.toBeNull();
    expect(longestWait(trace, 0, now, now, packVcpu(9, 0))).toBeNull();
    const one = figures.vcpus.find(({ domain }) => domain === 1);
    expect(one?.longestWait).toBe(length);
    expect(one?.exits).toMatchObject({ wfx: expect.any(Number), irq: expect.any(Number) });
  });

  test('gives a view no more than it can draw', () => {
    const { lanes, shows, events } = traceWindow(trace, { from: 0, to: now, pixels: 200 }, now);
    expect(shows).toBe('vcpus');
    expect(lanes.map(({ kind }) => kind)).toEqual(['core', 'core', ...Array(lanes.length - 3).fill('vcpu'), 'machine']);
    expect(events).toBeGreaterThan(2000);
    for (const { slices, marks } of lanes) {
      expect(slices.count.length).toBeLessThanOrEqual(401);
      for (const each of Object.values(marks)) expect(each.count.length).toBeLessThanOrEqual(200);
    }
    const classes = lanes.flatMap(({ marks }) => Object.keys(marks));
    for (const name of ['interrupt', 'hypercall', 'wake', 'tickle', 'injected', 'domain'])
      expect(classes).toContain(name);
    const counted = lanes.filter(({ credit }) => credit !== null);
    expect(counted.length).toBeGreaterThan(0);
  });

  test('gives up the oldest where it would take too much', () => {
    const small = traceOf(neighbours(mib).session);
    expect(small.bytes).toBeLessThanOrEqual(mib);
    expect(small.since).toBeGreaterThan(0);
    expect(small.events).toBeLessThan(trace.events);
    const [all, rest] = [trace, small].map((each) => traceFigures(each, small.since, now, now));
    expect(rest?.vcpus).toEqual(all?.vcpus);
  });
});

test('the timeline of a board has the levels of its cores', () => {
  const plan = planKernel({
    kernel: { name: 'gic', bytes: read('guests/build/gic.img') },
    machine: { cpus: 2, memoryMiB: 64, el: 2 },
  });
  if (!plan.ok) throw new Error(plan.error);
  const run = (bytes: number): Session => {
    const session = new Session(() => 0);
    session.traceSchedule(bytes);
    session.start(plan.value);
    session.run();
    while (session.state === 'running' && session.virtualNs < 1e9) session.advance(0);
    return session;
  };
  const session = run(mib);
  const now = session.virtualNs;
  const { lanes, shows } = traceWindow(traceOf(session), { from: 0, to: now, pixels: 1000 }, now);
  expect(shows).toBe('levels');
  expect(new Set(lanes[0]?.slices.value)).toEqual(new Set([1, 2]));
  expect(lanes[0]?.slices.start[0]).toBe(0);
  expect(lanes[0]?.marks.interrupt?.count.length).toBeGreaterThan(0);
  expect(session.stateHash()).toBe(run(0).stateHash());
  expect(run(0).trace.ok).toBe(false);
});
