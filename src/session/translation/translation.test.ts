import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { defined } from '../../base/assert.ts';
import { noUserFiles } from '../api/files.ts';
import type { AddressSpaceOf, Walk } from '../api/translation.ts';
import { smmuFiles } from '../stories/smmu/files.ts';
import { guestFiles, XenSessionBench } from '../xen/xen-session-testing.ts';

const guests = guestFiles((path) => readFileSync(path));
const config = (name: string, kernel: string) =>
  `name = "${name}"\nkernel = "/guests/${kernel}.img"\nmemory = 16\nvcpus = 1\n`;

const bench = new XenSessionBench({ guests });
bench.write('/etc/xen/a.cfg', config('a', 'spin'));
bench.write('/etc/xen/b.cfg', config('b', 'rtos'));
bench.script('xl create /etc/xen/a.cfg\nxl create /etc/xen/b.cfg\nxl pause b\n');
bench.run(50);
const { session, xen } = bench;
const [a = 0, b = 0] = [...xen.domains.keys()].slice(1);

function walk(of: AddressSpaceOf, address: bigint, access: 'read' | 'write' | 'execute' = 'read'): Walk {
  const walked = session.walk({ of, address, access });
  if (!walked.ok) throw new Error(walked.error);
  return walked.value;
}

function map(of: Exclude<AddressSpaceOf, { kind: 'stream' }>) {
  const mapped = session.addressMap({ of });
  if (!mapped.ok) throw new Error(mapped.error);
  return mapped.value;
}

const leads = ({ result }: Walk): number | null => (result?.ok ? result.pa : null);

test('the map of a domain says of each page what Xen’s tables say, and the walk leads there', () => {
  const before = session.stateHash();
  for (const domain of [0, a]) {
    const { ranges, isCut } = map({ kind: 'domain', domain });
    const { p2m } = defined(xen.domains.get(domain), 'the domain');
    expect(isCut).toBe(false);
    const byPage = new Map<number, number>();
    p2m.forEach((gfn, { mfn, order }) => {
      byPage.set(gfn, mfn);
      byPage.set(gfn + 2 ** order - 1, mfn + 2 ** order - 1);
    });
    for (const [gfn, mfn] of byPage) {
      const at = BigInt(gfn) * 4096n;
      const range = ranges.find(({ start, end }) => start <= at && at < end);
      expect(range && range.output + Number(at - range.start)).toBe(mfn * 4096);
      expect(range?.kind).toBe(p2m.lookUp(gfn)?.type);
    }
    const pages = ranges.reduce((sum, { start, end }) => sum + Number(end - start) / 4096, 0);
    let mapped = 0;
    p2m.forEach((_, { order }) => {
      mapped += 2 ** order;
    });
    expect(pages).toBe(mapped);
    for (const { start, output } of ranges.slice(0, 40)) {
      expect(leads(walk({ kind: 'domain', domain }, start + 8n))).toBe(output + 8);
      if (start > 0n && !ranges.some(({ end }) => end === start))
        expect(walk({ kind: 'domain', domain }, start - 8n).result?.ok).toBe(false);
    }
  }
  expect(session.stateHash()).toBe(before);
});

test('a map has what Xen emulates, the devices of the board and the pages that two domains share', () => {
  const guest = map({ kind: 'domain', domain: a });
  expect(guest.emulated.map(({ name }) => name)).toContain('GICD');
  // The CPU interface is the board's virtual one.
  expect(guest.ranges.find(({ start }) => start === 0x300_2000n)).toMatchObject({ devices: ['gic'], writable: true });
  const console = guest.shared.find(({ gfn }) => gfn === 0x39000);
  expect(console).toMatchObject({ isOwn: true, other: 0, readOnly: false });
  expect(map({ kind: 'domain', domain: 0 }).shared.some(({ other, isOwn }) => other === a && !isOwn)).toBe(true);
});

test('a vCPU that does not run is translated by what Xen has saved, one that runs by its core', () => {
  const details = defined(bench.view.details(b)?.vcpus[0], 'the vCPU');
  expect(details.registers.core).toBeNull();
  const { pc } = details.registers;
  const walked = walk({ kind: 'vcpu', domain: b, vcpu: 0, el: 1 }, pc, 'execute');
  expect(walked.core).toBeNull();
  expect(walked.registers.map(({ name }) => name)).toContain('VTTBR_EL2');
  const { p2m } = defined(xen.domains.get(b), 'the domain');
  expect(walked.steps.at(-1)).toMatchObject({ stage: 2, forTable: false });
  const { ranges, isOff } = map({ kind: 'vcpu', domain: b, vcpu: 0, el: 1 });
  const range = ranges.find(({ start, end }) => start <= pc && pc < end);
  const ipa = range ? range.output + Number(pc - range.start) : Number(pc);
  expect(isOff).toBe(range === undefined);
  expect(leads(walked)).toBe((p2m.lookUp(Math.floor(ipa / 4096))?.mfn ?? 0) * 4096 + (ipa % 4096));

  bench.until(() => bench.view.running().some((vcpu) => vcpu?.domain === a));
  const core = bench.view.running().findIndex((vcpu) => vcpu?.domain === a);
  const own = walk({ kind: 'vcpu', domain: a, vcpu: 0, el: 1 }, 0x4008_0000n);
  expect(own.core).toBe(core);
  expect(own.steps).toEqual(walk({ kind: 'core', core, el: 1 }, 0x4008_0000n).steps);
});

test('what cannot be translated says where it fails; what is not there is refused', () => {
  const { result, steps } = walk({ kind: 'domain', domain: a }, 0xff0a_0000n, 'write');
  expect(result).toMatchObject({ ok: false, target: 2, fault: { stage: 2, ipa: 0xff0a_0000, write: true } });
  expect(steps.at(-1)?.kind).toBe('invalid');
  expect(walk({ kind: 'stream', stream: 0x14e8 }, 0x1000n)).toMatchObject({ smmu: { kind: 'bypass', why: 'off' } });
  for (const of of [
    { kind: 'domain', domain: 99 },
    { kind: 'vcpu', domain: a, vcpu: 7, el: 1 },
    { kind: 'core', core: 9, el: 1 },
  ] as const)
    expect(session.walk({ of, address: 0n, access: 'read' })).toMatchObject({ ok: false });
});

test('what a rogue domain is refused is in the log, with the walk of that moment and what in its config is behind it', () => {
  const rogue = new XenSessionBench({ guests });
  rogue.session.keepPast(2 ** 27);
  rogue.script('xl create /etc/xen/rogue.cfg\n');
  rogue.run(400);
  const faults = rogue.session.faults();
  expect(faults.length).toBeGreaterThan(0);
  const { entries } = rogue.session.log(0, 1000);
  expect(faults.map(({ entry, cause }) => [entries[entry]?.text, cause])).toEqual(
    expect.arrayContaining([
      ['rogue writes 0x10000000, which its stage 2 does not map', { kind: 'nothing' }],
      ['rogue reads 0x7ff00000, which its stage 2 does not map', { kind: 'memory', kib: 16400 }],
      ['rogue writes 0xff000000, which its stage 2 does not map', { kind: 'iomem', device: 'uart0', page: 0xff000 }],
    ]),
  );
  for (const { entry, domain, name, config } of faults) {
    const fault = rogue.session.fault(entry);
    expect(entries[entry]?.source).toBe('stage2');
    expect(entries[entry]?.text).toContain('rogue ');
    expect({ domain, name, config }).toEqual({ domain: 1, name: 'rogue', config: '/etc/xen/rogue.cfg' });
    expect(fault).toMatchObject({ value: { walk: { result: { ok: false, target: 2, fault: { stage: 2 } } } } });
  }
  expect(rogue.session.fault(12_345)).toMatchObject({ ok: false });

  // A machine that goes back does not know of them, and finds them again.
  const { time } = rogue.session;
  if (!time.ok) throw new Error(time.error);
  rogue.session.pause();
  const present = rogue.session.virtualNs;
  for (const [to, count] of [
    [(faults[0]?.virtualNs ?? 0) - 1e6, 0],
    [present, faults.length],
  ] as const) {
    expect(time.value.goTo(to)).toMatchObject({ ok: true });
    while (time.value.isSeeking) rogue.session.advance(10);
    expect(rogue.session.faults()).toHaveLength(count);
  }
});

test('what the SMMU refuses a domain’s DMA channel is in the log, with the walk through the domain’s tables', () => {
  const bytes = (contents: string | Uint8Array) =>
    typeof contents === 'string' ? new TextEncoder().encode(contents) : contents;
  const files = Object.entries(smmuFiles).map(([path, contents]) => ({ path, bytes: bytes(contents) }));
  const image = { path: '/guests/dma.img', bytes: new Uint8Array(readFileSync('guests/build/xen/dma.img')) };
  const dma = new XenSessionBench({ guests: [...guests, image], user: { ...noUserFiles, files } });
  dma.script('xl create /etc/xen/dma.cfg\n');
  const id = defined([...dma.xen.domains.keys()].at(-1), 'the domain');
  dma.until(() => dma.shown(`${id}/pv`) !== '');
  dma.run(20);
  dma.type(`${id}/pv`, 'write 0x12345\r');
  dma.until(() => dma.session.faults().length > 0);
  const fault = dma.session.fault(dma.session.faults()[0]?.entry ?? -1);
  if (!fault.ok) throw new Error(fault.error);
  expect(fault.value).toMatchObject({
    domain: id,
    name: 'gdma0',
    cause: { kind: 'dma', domain: id },
    config: '/etc/xen/dma.cfg',
    walk: {
      smmu: { kind: 'context', banks: { first: null } },
      result: { ok: false, fault: { stage: 2, ipa: 0x1234_5e00, write: true } },
    },
  });
  expect(dma.session.log(0, 1000).entries[fault.value.entry]).toMatchObject({
    source: 'smmu',
    text: 'gdma0 writes 0x12345e00, which the SMMU refuses',
  });
});
