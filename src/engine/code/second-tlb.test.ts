import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessKind, CodeTlb, Core, codeTlbIndex, Tlb } from '../../a64/layout.ts';
import { softfloatFunctions } from '../../a64/softfloat/host.ts';
import type { MmuBench } from '../../arch/mmu/mmu-testing.ts';
import { dataPage, TlbModel, tables, tlbSteps } from '../../arch/mmu/tlb/tlb-testing.ts';
import { CodeTable } from './code-table.ts';
import { miss, missFetch } from './second-tlb.ts';
import { missKey } from './tlb.ts';

interface Misses {
  readonly data: (cpu: number, address: bigint, key: number) => number;
  readonly fetch: (cpu: number) => number;
}

/** Calls of TypeScript. */
let fills = 0;

function compile(bench: MmuBench): Misses {
  const { memory, mmu } = bench;
  const table = new CodeTable(memory, 0, {
    ...softfloatFunctions(memory.u32, memory.u64),
    fill: (cpu, bytes, count) => {
      fills++;
      return mmu.fill(cpu as number, bytes as number, count as number);
    },
  });
  const { wasm } = table.runtimeTable;
  return {
    data: wasm.get(table.runtime(miss)) as Misses['data'],
    fetch: wasm.get(table.runtime(missFetch)) as Misses['fetch'],
  };
}

/** An access of four bytes as generated code makes it: the first level, then `miss`. */
const access = (missed: Misses, bench: MmuBench, core: number, va: bigint, kind: number): number => {
  const state = bench.core(core);
  const entry = state.base + Core.tlb + Number((va >> 12n) & BigInt(Tlb.entries - 1)) * Tlb.entrySize;
  const tag = BigInt.asUintN(64, va & ~0xffcn) | state.long(Core.context);
  const found = bench.memory.u64[(entry + ((kind & AccessKind.write) !== 0 ? Tlb.writeTag : Tlb.readTag)) / 8];
  if (found === tag) return (Number(va & 0xffff_ffffn) + (bench.memory.u32[(entry + Tlb.addend) / 4] as number)) | 0;
  return missed.data(state.base, BigInt.asIntN(64, va), missKey({ bytes: 4, count: 1, kind }));
};

/** A fetch as generated code makes it; zero if the instruction TLB then hits. */
function fetch(missed: Misses, bench: MmuBench, core: number, pc: bigint): number {
  const state = bench.core(core);
  state.pc = BigInt.asUintN(64, pc);
  const context = state.word(Core.context);
  const entry = Core.codeTlb + codeTlbIndex(Number(pc & 0xffff_ffffn), context) * CodeTlb.entrySize;
  if (state.long(entry + CodeTlb.tag) === BigInt.asUintN(64, pc & ~0xffcn) + BigInt(context)) return 0;
  if (missed.fetch(state.base) !== 0) return 0;
  fills++;
  return bench.fetch(pc, core);
}

describe('the second level of the TLBs', () => {
  const model = new TlbModel(
    (_, core, va, kind) => access(missed, bench, core, va, kind),
    (_, core, pc) => fetch(missed, bench, core, pc),
  );
  const { bench } = model;
  const missed = compile(bench);
  const two = [0x3000n, 0x40_3000n] as const;
  const read = (va: bigint): number => model.find(bench, 0, va, AccessKind.read);
  const write = (va: bigint): number => model.find(bench, 0, va, AccessKind.write);

  /** Two pages in one entry of the first level; both have been written. */
  function begin(): void {
    model.reset();
    for (const mapping of [0, 1]) model.map(0, mapping, { target: mapping, readOnly: false, valid: true });
    for (const va of two) write(va);
    fills = 0;
  }

  it('holds nothing that a TLBI has taken away', () => {
    fc.assert(
      fc.property(tlbSteps, (list) => {
        model.reset();
        for (const s of list) model.run(s);
      }),
      { numRuns: 400, seed: 5 },
    );
  }, 60_000);

  it('serves two pages that want the same entry of the first', () => {
    begin();
    for (let i = 0; i < 4; i++) {
      expect(read(two[0] + 0x124n)).toBe(bench.host(dataPage(0)) + 0x124);
      expect(write(two[1] + 0x124n)).toBe(bench.host(dataPage(1)) + 0x124);
    }
    expect(fills).toBe(0);
  });

  it('asks TypeScript where an access is not aligned or leaves its page', () => {
    begin();
    const at = (va: bigint, count: number) => missed.data(bench.core().base, va, missKey({ bytes: 8, count, kind: 0 }));
    expect(at(two[0] + 0xff8n, 1)).toBe(bench.host(dataPage(0)) + 0xff8);
    expect(fills).toBe(0);
    expect(at(two[0] + 0xff8n, 2)).toBe(-1);
    expect(at(two[1] + 0xffcn, 1)).toBe(-1);
    expect(fills).toBe(2);
  });

  it('lets no store into a page with translated code', () => {
    begin();
    const page = dataPage(0) / 4096;
    bench.code.add(page);
    bench.memory.setHasCode(page, true);
    bench.mmu.protectPage(page);
    read(two[1]);
    expect(write(two[0])).toBe(-1);
    read(two[1]);
    // A page that is read gets no entry for stores.
    expect(read(two[0])).toBe(bench.host(dataPage(0)));
    expect(write(two[0])).toBe(-1);
    bench.code.delete(page);
    bench.memory.setHasCode(page, false);
    expect(write(two[0])).toBe(bench.host(dataPage(0)));
  });

  it('lets no store into any page after all have been protected', () => {
    begin();
    bench.mmu.protectAll();
    for (const va of two) read(va);
    expect(fills).toBe(0);
    for (const va of two) write(va);
    expect(fills).toBe(2);
  });

  it('keeps global pages over a change of ASID, until a TLBI of one', () => {
    model.reset();
    const va = 0xffff_ffff_e005_0000n;
    for (const space of [0, 1]) model.map(space, 5, { target: 2, readOnly: false, valid: true });
    read(va);
    model.switch(0, 1, 1);
    fills = 0;
    expect(read(va)).toBe(read(va));
    bench.mmu.invalidate(bench.core(), 'ASIDE1', 0, 2 << 16);
    model.switch(0, 0, 1);
    read(va);
    expect(fills).toBe(0);
    bench.mmu.invalidate(bench.core(), 'VAE1', Number((va >> 12n) & 0xffff_ffffn), 7 << 16);
    read(va);
    expect(fills).toBe(1);
  });

  it('serves instructions over a change of ASID', () => {
    model.reset();
    const pc = 0xffff_ffff_e005_0000n;
    // EL0 may execute what it can write.
    for (const space of [0, 1]) model.map(space, 5, { target: 2, readOnly: false, valid: true });
    const fetched = (space: number) => {
      model.switch(0, space, 0);
      fills = 0;
      expect(model.findCode(bench, 0, pc)).toBe(0);
      return fills;
    };
    expect(fetched(0)).toBe(1);
    expect(fetched(1)).toBe(0);
    expect(fetched(0)).toBe(0);
    bench.mmu.protectAll();
    for (const asid of [1, 2]) bench.mmu.invalidate(bench.core(), 'ASIDE1', 0, asid << 16);
    expect(fetched(1)).toBe(0);
    model.access(0, 5, 'fetch', 0);
    bench.mmu.flushCode();
    expect(fetched(1)).toBe(1);
    bench.mmu.invalidate(bench.core(), 'VAE1', Number((pc >> 12n) & 0xffff_ffffn), 7 << 16);
    expect(fetched(0)).toBe(1);
  });

  it('does not mix up address spaces when context numbers run out', () => {
    begin();
    model.map(1, 0, { target: 1, readOnly: false, valid: true });
    for (let i = 0; i < 1500; i++) {
      const odd = i & 1;
      bench.set({ TTBR0_EL1: BigInt(tables(odd)) | (BigInt((i * 7) % 600) << 48n) }, odd);
      expect(read(0x3000n)).toBe(bench.host(dataPage(odd)));
      bench.set({}, 2);
    }
  });
});
