import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { addDevice, boardTree } from '../../xen/passthrough/board-testing.ts';
import { Runstate } from '../../xen/sched/unit.ts';
import type { XenRequest } from '../api/boot.ts';
import type { UtilisationSeries } from '../api/hypervisor.ts';
import type { Input } from '../api/input.ts';
import { Session } from '../session.ts';
import { utilisationCsv } from './utilisation-csv.ts';
import { guestFiles, XenSessionBench } from './xen-session-testing.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 120_000 });

const guests = guestFiles((path) => readFileSync(new URL(`../../../${path}`, import.meta.url)));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((a, b) => a + b, 0);

const first = (): XenSessionBench => {
  const bench = new XenSessionBench({ guests, startsDomains: true, interactive: true });
  bench.until(() => bench.view.domains().domains.length === 4, 1000);
  return bench;
};

test('the first session has Dom0, two real-time systems and a noisy neighbour on one pCPU', () => {
  const bench = first();
  bench.run(100);
  const { domains } = bench.view.domains();
  expect(domains.map(({ name, colour, consoles }) => ({ name, colour, consoles }))).toEqual([
    { name: 'Domain-0', colour: 0, consoles: ['dom0'] },
    { name: 'rtos-a', colour: 1, consoles: ['1/pv'] },
    { name: 'rtos-b', colour: 2, consoles: ['2/pv'] },
    { name: 'noisy', colour: 3, consoles: ['3/pv'] },
  ]);
  for (const { vcpus } of domains.slice(1)) expect(vcpus).toMatchObject([{ hardAffinity: [1] }]);
  expect(bench.shown('1/pv')).toContain('control task at 1 kHz');
  expect(bench.shown('dom0')).toContain("EL2 Lab's control shell");
  expect(bench.shown('serial')).toContain('(XEN) Brought up 4 CPUs\n');
  expect(bench.session.status()).toMatchObject({ kernel: 'Xen', consoleEnd: { '1/pv': expect.any(Number) } });
});

test('consoles take input, and that of a dead domain can still be read', () => {
  const bench = first();
  bench.type('1/pv', 'stat\r');
  bench.until(() => bench.shown('1/pv').includes('99.9'), 1000);
  bench.type('dom0', 'xl destroy rtos-a\r');
  bench.until(() => bench.view.domains().domains.length === 3, 1000);
  expect(bench.shown('1/pv')).toContain('99.9');
  expect(bench.type('1/pv', 'x')).toBe(0);
});

test('it is told whether Domain-0’s terminal shows a console', () => {
  const bench = first();
  const attached = () => bench.view.domains().domains.flatMap(({ name, attached }) => (attached ? [name] : []));
  expect(attached()).toEqual([]);
  bench.type('dom0', 'xl create -c /etc/xen/hello.cfg\r');
  bench.until(() => bench.shown('dom0').includes('Type something'), 1000);
  expect(attached()).toEqual(['hello']);
  const { version } = bench.view.domains();
  bench.type('dom0', '\x1d');
  bench.until(() => bench.view.domains().version > version, 1000);
  expect(attached()).toEqual([]);
});

test('on a core of its own a real-time system is late by Xen’s work only, in whichever second one asks', () => {
  const bench = first();
  bench.type('dom0', 'xl destroy noisy; xl destroy rtos-b; xl vcpu-pin rtos-a 0 2\r');
  bench.until(() => bench.view.domains().domains.length === 2, 1000);
  bench.run(100);
  bench.type('1/pv', 'reset\r');
  // Alarms of its tasks that drifted past each other would meet within some seconds, and Xen delays the second by 50 µs.
  bench.run(4000);
  bench.type('1/pv', 'stat\r');
  bench.until(() => /max [\d.]+ us/.test(bench.shown('1/pv')), 1000);
  expect(Number(/max ([\d.]+) us/.exec(bench.shown('1/pv'))?.[1])).toBeLessThan(10);
});

test('a domain that comes again has the colour that it had', () => {
  const bench = first();
  bench.type(
    'dom0',
    'xl destroy rtos-b; xl create hello.cfg; cd /etc/xen; xl create hello.cfg; xl create rtos-b.cfg\r',
  );
  bench.until(() => bench.view.domains().domains.length === 5, 1000);
  expect(bench.view.domains().domains.map(({ name, colour }) => [name, colour])).toEqual([
    ['Domain-0', 0],
    ['rtos-a', 1],
    ['noisy', 3],
    ['hello', 4],
    ['rtos-b', 2],
  ]);
});

describe('utilisation', () => {
  const total = (series: readonly UtilisationSeries[], of: (one: UtilisationSeries) => boolean): number =>
    sum(series.filter(of).flatMap(({ busy }) => [...busy]));

  test('adds up to what Xen has accounted, at both resolutions, through the coming and going of domains', () => {
    const bench = first();
    bench.type('dom0', 'xl destroy rtos-a; xl vcpu-pin noisy 0 2; sleep 0.3; xl create /etc/xen/rtos-a.cfg\r');
    bench.until(() => bench.view.domains().domains.some(({ id }) => id === 4), 2000);
    const units = [...bench.xen.domains.values()].flatMap((domain) =>
      domain.vcpus.map(({ unit }) => ({ domain: domain.domainId, unit })),
    );
    const at = Math.ceil(bench.session.virtualNs / 100e6 + 0.5) * 100e6;
    bench.until(() => bench.session.virtualNs >= at, 1000);
    const exact = (buckets: number) => bench.view.utilisation({ from: 0, to: at, buckets });
    for (const { series, step, buckets, covered } of [exact(at / 10e6), exact(7), exact(1)]) {
      expect(sum(covered)).toBe(at);
      expect(step * buckets).toBeGreaterThanOrEqual(at);
      for (const { domain, unit } of units) {
        const told = total(series, (one) => one.domain === domain && one.vcpu === unit.id);
        // Between the sample and now nothing has run: both are at the end of the same slice, but a core may be some
        // cycles ahead.
        const now = bench.dom0.now();
        expect(Math.abs(told - unit.runstate(now).times[Runstate.running])).toBeLessThan(2000);
      }
      for (let cpu = 0; cpu < 4; cpu++) {
        const used = total(series, ({ pcpu, kind }) => pcpu === cpu && kind !== 'xen');
        expect(Math.abs(used - at)).toBeLessThan(2000);
        expect(total(series, ({ pcpu, kind }) => pcpu === cpu && kind === 'xen')).toBeGreaterThan(0);
      }
    }
    const names = exact(10).series.filter(({ kind }) => kind === 'vcpu');
    expect(new Set(names.map(({ name }) => name))).toEqual(new Set(['Domain-0', 'rtos-a', 'rtos-b', 'noisy']));
    // The one that has gone and the one that has come are two domains with one colour.
    expect(new Set(names.filter(({ name }) => name === 'rtos-a').map(({ domain }) => domain))).toEqual(new Set([1, 4]));
    expect(new Set(names.filter(({ name }) => name === 'rtos-a').map(({ colour }) => colour)).size).toBe(1);
  });

  test('is a table, too', () => {
    const bench = first();
    bench.type('dom0', 'xl rename noisy loud\r');
    bench.run(200);
    const utilisation = bench.view.utilisation({ from: 100e6, to: 200e6, buckets: 10 });
    const [head = '', ...rows] = utilisationCsv(utilisation).trimEnd().split('\n');
    expect(head).toMatch(/^begin \[s\],sampled \[s\],CPU0 idle \[ns\],.*,CPU1 loud \(d3v0\) \[ns\]/);
    expect(rows).toHaveLength(10);
    expect(rows[0]).toMatch(/^0\.10,0\.01,/);
    const column = head.split(',').indexOf('CPU1 loud (d3v0) [ns]');
    const noisy = utilisation.series.find(({ name }) => name === 'loud');
    expect(rows.map((row) => Number(row.split(',')[column]))).toEqual([...(noisy?.busy ?? [])]);
  });
});

describe("Dom0's files", () => {
  test('can be read and changed, and who watches is told', () => {
    const { files, session } = new XenSessionBench({ guests });
    const enter = (input: Input): boolean => session.enter(input).ok;
    expect(files.list('/etc')).toMatchObject({
      value: [
        { path: '/etc/motd', changed: false },
        { path: '/etc/rc.local', changed: false },
        { path: '/etc/xen', isDirectory: true },
      ],
    });
    const from = files.end;
    expect(enter({ kind: 'writeFile', path: '/root/new/a.txt', bytes: bytes('a') })).toBe(true);
    expect(enter({ kind: 'renameFile', path: '/root/new/a.txt', to: '/root/b.txt' })).toBe(true);
    expect(enter({ kind: 'removeFile', path: '/root/new' })).toBe(true);
    expect(files.changes(from)).toMatchObject({ missed: false, end: files.end });
    expect(files.changes(from).paths).toContain('/root/b.txt');
    expect(files.read('/root/b.txt')).toEqual({ ok: true, value: bytes('a') });
    expect(files.read('/root/new')).toEqual({ ok: false, error: 'No such file or directory' });
  });

  test('begin with what the user has changed', () => {
    const user = {
      files: [{ path: '/etc/xen/mine.cfg', bytes: bytes('name = "mine"') }],
      removed: ['/etc/xen/rogue.cfg'],
    };
    const { files } = new XenSessionBench({ guests, user });
    expect(files.read('/etc/xen/mine.cfg')).toEqual({ ok: true, value: bytes('name = "mine"') });
    expect(files.read('/etc/xen/rogue.cfg').ok).toBe(false);
    expect(files.list('/etc/xen')).toMatchObject({
      value: expect.arrayContaining([expect.objectContaining({ path: '/etc/xen/mine.cfg', changed: true })]),
    });
  });

  test.each([
    [
      boardTree((bus) => addDevice(bus, 0xff01_0000, 22).setFlag('xen,passthrough')),
      '/etc/xen/board.dtb is the board’s device tree; free for guests: 54',
      [54],
    ],
    [new Uint8Array(8), '/etc/xen/board.dtb is not a device tree blob: the stock tree is used instead', []],
  ])('the board’s device tree among them says what is free for guests', (bytes, text, free) => {
    const user = { files: [{ path: '/etc/xen/board.dtb', bytes }], removed: [] };
    const { session, xen } = new XenSessionBench({ guests, user });
    expect([...xen.board.interrupts].filter(([, { isRouted }]) => !isRouted).map(([id]) => id)).toEqual(free);
    expect(session.log(0, 10).entries[0]).toMatchObject({ source: 'xen', text });
  });
});

test('the same session ends in the same state, to the bit', () => {
  const run = (advance: (bench: XenSessionBench) => void): string => {
    const bench = new XenSessionBench({ guests, startsDomains: true, interactive: true });
    bench.until(() => bench.session.virtualNs >= 150e6);
    bench.type('dom0', 'xl list\r');
    bench.type('1/pv', 'stat\r');
    advance(bench);
    bench.until(() => bench.session.virtualNs >= 250e6);
    return bench.session.stateHash();
  };
  const straight = run(() => {});
  expect(
    run((bench) => {
      bench.session.status();
      bench.view.utilisation({ from: 0, to: 1e9, buckets: 10 });
      bench.session.pause();
      bench.session.step(1, 1234);
      bench.session.run();
    }),
  ).toBe(straight);
});

test.each<[Partial<XenRequest>, string]>([
  [{ commandLine: 'dom0_mem=much' }, "dom0_mem takes a size, as in dom0_mem=512M, not 'much'."],
  [{ commandLine: 'dom0_mem=4G' }, 'dom0_mem has to be from 2M to 2032M on a machine with 2048 MiB.'],
  [{ commandLine: 'sched_ratelimit_us=fast' }, "sched_ratelimit_us takes a whole number, not 'fast'."],
])('%j is refused in one sentence', (request, error) => {
  expect(() => new XenSessionBench({ guests, ...request })).toThrow(error);
});

test('where no Xen is, one sentence says so', () => {
  const { hypervisor, dom0 } = new Session(() => 0);
  expect(hypervisor).toEqual({ ok: false, error: 'There is no Xen on this machine: start one first.' });
  expect(dom0).toEqual({ ok: false, error: 'There is no Domain-0 on this machine: start Xen first.' });
});
