import { readFileSync } from 'node:fs';
import { expect, test, vi } from 'vitest';
import { guestFiles, XenSessionBench } from './xen-session-testing.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 240_000 });

const guests = guestFiles((path) => readFileSync(new URL(`../../../${path}`, import.meta.url)));
const config = (more: string): string => `name = "x"\nkernel = "/guests/hello.img"\nmemory = 16\n${more}\n`;

/** Everything that a domain has in Xen, in xenstore and in Dom0, counted. */
function belongings({ dom0, xen }: XenSessionBench): unknown {
  const { events } = xen.domains.get(0) ?? {};
  const ports = Array.from({ length: 200 }, (_, port) => events?.status(port)?.status).filter((status) => status !== 0);
  return {
    domains: [...xen.domains.keys()],
    freePages: xen.heap.freePages,
    nodes: dom0.store.list('/'),
    ports,
    records: dom0.records.size,
    consoles: Array.from({ length: 50 }, (_, domid) => dom0.xenconsoled.find(domid, 'pv')).filter(Boolean),
    grants: xen.domains.get(0)?.grants.mappings.size,
  };
}

test.each([
  ['an unknown word', config('cpus = "all,x"'), 1],
  ['no name', 'kernel = "/guests/hello.img"', 1],
  ['a kernel that is missing', config('kernel = "/guests/none.img"'), 3],
  ['a kernel that is damaged', config('kernel = "/guests/damaged.img"'), 3],
  ['a kernel larger than memory', config('kernel = "/guests/large.img"'), 3],
  ['more memory than there is', config('memory = 99999'), 3],
  ['all the memory there is, which leaves none for tables', config('memory = FREE'), 3],
  ['no room for the device tree', config('memory = 1'), 3],
  ['more vCPUs than there can be', config('vcpus = 200'), 3],
  ['a pCPU that is not there', config('vcpus = 1\ncpus = "9"'), 1],
  ['a name that is in use', config('name = "taken"'), 3],
])('xl create with %s leaves nothing behind', (_, text, code) => {
  const bench = new XenSessionBench({
    guests,
    machine: { cpus: 1, memoryMiB: 256, el: 2 },
    commandLine: 'dom0_mem=64M',
  });
  bench.write('/guests/damaged.img', Uint8Array.of(0x1f, 0x8b, 8, 0, 1, 2, 3));
  const large = new Uint8Array(17 * 2 ** 20);
  large.set(guests[0]?.bytes ?? []);
  bench.write('/guests/large.img', large);
  bench.script('xl create -q /etc/xen/hello.cfg \'name="taken"\'; sleep 0.1');
  // When it was used first, the shell has made its files.
  const before = belongings(bench);
  const free = Math.floor((bench.xen.heap.freePages * 4) / 1024);
  bench.write('/etc/xen/x.cfg', text.replace('FREE', String(free)));
  expect(bench.script('xl create /etc/xen/x.cfg; echo "[exit $?]"; sleep 0.1')).toContain(`[exit ${code}]`);
  expect(belongings(bench)).toEqual(before);
  expect(bench.dom0.records.size).toBe(1);
});

test('32 domains run side by side, and leave nothing behind when they are destroyed', () => {
  const bench = new XenSessionBench({ guests });
  bench.script('sleep 0.01');
  const before = belongings(bench);
  const names = Array.from({ length: 32 }, (_, i) => `d${i + 1}`);
  bench.script(names.map((name) => `xl create -q /etc/xen/hello.cfg 'name="${name}"' vcpus=4`).join('\n'));
  bench.run(100);
  const { domains } = bench.view.domains();
  expect(domains).toHaveLength(33);
  for (const { id, letters } of domains.slice(1)) {
    expect(letters).toBe('-b----');
    expect(bench.shown(`${id}/pv`)).toContain('Hello from a domain');
    bench.type(`${id}/pv`, String(id % 10));
  }
  bench.run(100);
  for (const { id } of domains.slice(1)) expect(bench.shown(`${id}/pv`)).toMatch(new RegExp(`${id % 10}$`));
  expect(new Set(domains.map(({ colour }) => colour)).size).toBe(33);
  bench.script(names.map((name) => `xl destroy ${name}`).join('\n'));
  bench.run(50);
  expect(belongings(bench)).toEqual(before);
});

test('a domain keeps its name in the figures while it dies and afterwards', () => {
  const bench = new XenSessionBench({ guests });
  bench.write('/etc/xen/x.cfg', config(''));
  bench.script('xl create -q /etc/xen/x.cfg');
  bench.run(50);
  const names = new Set<string>();
  bench.dom0.startScript('xl destroy x', () => {});
  for (let ms = 0; ms < 200; ms++) {
    bench.run(1);
    for (const { name } of bench.view.domains().domains) names.add(name);
    const { series } = bench.view.utilisation({ from: 0, to: 1e9, buckets: 1 });
    for (const { kind, name } of series) if (kind === 'vcpu') names.add(name);
  }
  expect(bench.view.domains().domains).toHaveLength(1);
  expect([...names].sort()).toEqual(['Domain-0', 'x']);
});
