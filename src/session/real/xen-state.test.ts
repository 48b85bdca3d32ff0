import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { physAddr } from '../../base/units.ts';
import { SymbolTable } from '../../boot/symbols.ts';
import { ZynqMp } from '../../soc/board/zynqmp.ts';
import { XenState } from './xen-state.ts';

const encoder = new TextEncoder();

/** An ELF file of these symbols in one section, without a build ID. */
function elf(symbols: Readonly<Record<string, number>>): Uint8Array {
  const names = Object.keys(symbols);
  const strings = encoder.encode(`\0${names.join('\0')}\0`);
  const table = 64 + 4 * 64;
  const file = new Uint8Array(table + 24 * names.length + strings.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setBigUint64(40, 64n, true);
  view.setUint16(58, 64, true);
  view.setUint16(60, 4, true);
  const section = (n: number, type: number, flags: bigint, offset: number, size: number, link = 0): void => {
    const at = 64 + 64 * n;
    view.setUint32(at + 4, type, true);
    view.setBigUint64(at + 8, flags, true);
    view.setBigUint64(at + 24, BigInt(offset), true);
    view.setBigUint64(at + 32, BigInt(size), true);
    view.setUint32(at + 40, link, true);
  };
  section(1, 8, 2n, 0, 2 ** 20);
  section(2, 2, 0n, table, 24 * names.length, 3);
  section(3, 3, 0n, table + 24 * names.length, strings.length);
  let name = 1;
  for (const [i, symbol] of names.entries()) {
    const at = table + 24 * i;
    view.setUint32(at, name, true);
    view.setUint8(at + 4, 0x11); // a global object
    view.setUint16(at + 6, 1, true);
    view.setBigUint64(at + 8, BigInt(symbols[symbol] ?? 0), true);
    name += symbol.length + 1;
  }
  file.set(strings, table + 24 * names.length);
  return file;
}

const at = { domain: 0x1000, vcpus: 0x2000, vcpu: 0x3000, unit: 0x4000, resource: 0x5000, pool: 0x6000 } as const;
const more = { scheduler: 0x7000, name: 0x7100, priv: 0x8000, unitPriv: 0x9000 } as const;
const symbols = { domain_list: 0x100, hardware_domain: 0x108, cpupool_list: 0x110, per_cpu__curr_vcpu: 0x120 } as const;

/** A board with the structures of one domain, a VMID of 1 and a weight of 512, in its memory; EL2's MMU is off. */
function machine(): { readonly state: XenState; readonly memory: DataView } {
  const board = new ZynqMp({ cores: 1, dramSize: 2 ** 20, el: 2, log: () => {}, transmit: () => {}, end: () => {} });
  const bytes = board.cluster.ramView(physAddr(0), 2 ** 20);
  const memory = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pointer = (address: number, to: number): void => memory.setBigUint64(address, BigInt(to), true);
  pointer(symbols.domain_list, at.domain);
  pointer(symbols.hardware_domain, at.domain);
  pointer(symbols.cpupool_list, at.pool + 40);
  pointer(symbols.per_cpu__curr_vcpu, at.vcpu);
  pointer(at.domain + 8, at.vcpus);
  memory.setUint32(at.domain + 88, 4096, true);
  memory.setUint32(at.domain + 100, 8192, true);
  pointer(at.domain + 112, more.priv);
  pointer(at.domain + 128, at.pool);
  memory.setUint16(at.domain + 560, 1, true);
  memory.setBigUint64(at.domain + 568, (1n << 48n) | 0xabc000n, true);
  pointer(at.vcpus, at.vcpu);
  pointer(at.vcpu + 16, at.domain);
  pointer(at.vcpu + 200, at.unit);
  memory.setUint32(at.vcpu + 216, 2, true);
  memory.setBigUint64(at.vcpu + 232, 5_000_000n, true);
  pointer(at.unit, at.domain);
  pointer(at.unit + 8, at.vcpu);
  pointer(at.unit + 16, more.unitPriv);
  pointer(at.unit + 32, at.resource);
  memory.setUint32(at.unit + 72, 1, true);
  memory.setUint32(at.unit + 104, 1, true);
  memory.setUint32(at.pool + 8, 1, true);
  pointer(at.pool + 40, symbols.cpupool_list);
  pointer(at.pool + 64, more.scheduler);
  pointer(more.scheduler + 8, more.name);
  bytes.set(encoder.encode('credit\0'), more.name);
  memory.setUint16(more.priv + 42, 512, true);
  pointer(more.unitPriv + 32, more.priv);
  pointer(more.unitPriv + 40, at.unit);
  memory.setInt32(more.unitPriv + 64, -7, true);
  return { state: new XenState(board, new SymbolTable(elf(symbols))), memory };
}

test('domains and pools are read from Xen’s structures', () => {
  const { state } = machine();
  expect(state.current(0)).toEqual({ domain: 0, vcpu: 0, address: expect.any(Number) });
  expect(state.noted(state.current(0)?.address ?? 0)).toMatchObject({ runstate: 2, credit: -7 });
  expect(state.noted(0)).toBeNull();
  expect(state.look()).toMatchObject({
    refusal: null,
    pools: [{ id: 0, scheduler: 'credit', cpus: 1 }],
    domains: [
      {
        ...{ id: 0, vmid: 1, vttbr: (1n << 48n) | 0xabc000n, pages: 4096, maxPages: 8192, pool: 0 },
        scheduling: { weight: 512, cap: 0 },
        vcpus: [{ id: 0, pcpu: 0, runstate: 2, time: 5_000_000, isDown: false, hardAffinity: 1, credit: -7 }],
      },
    ],
  });
});

test.each([
  ['the first domain', symbols.hardware_domain],
  ['a VMID', at.domain + 560],
  ['a vCPU’s domain', at.vcpu + 16],
  ['a unit’s domain', at.unit],
  ['a pCPU', at.resource + 112],
  ['the name of a scheduler', more.name],
  ['a scheduler’s unit', more.unitPriv + 40],
  ['a scheduler’s domain', more.unitPriv + 32],
])('where %s is another one, they are refused in a sentence', (_, address) => {
  const { state, memory } = machine();
  memory.setUint8(address, memory.getUint8(address) + 0x11);
  expect(state.look()).toMatchObject({ refusal: expect.stringMatching(/^This Xen’s structures are not .*\.$/) });
});

test('before Xen has made Domain-0 there is nothing to say', () => {
  const { state, memory } = machine();
  memory.setBigUint64(symbols.domain_list, 0n, true);
  expect(state.look()).toEqual({ refusal: '' });
});

test('whatever the memory holds, looking ends', () => {
  const change = fc.record({
    address: fc.oneof(...Object.values({ ...at, ...more }).map((base) => fc.integer({ min: base, max: base + 0x240 }))),
    value: fc.oneof(fc.constantFrom(...Object.values({ ...at, ...more }).map(BigInt)), fc.bigInt(0n, 2n ** 64n - 1n)),
  });
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const { state, memory } = machine();
      for (const { address, value } of changes) memory.setBigUint64(address, value, true);
      state.current(0);
      expect(state.look()).toHaveProperty('refusal');
    }),
    { numRuns: 30 },
  );
});
