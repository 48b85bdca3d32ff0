import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FaultType } from '../../arch/mmu/faults.ts';
import { Need, viewOf, Walker } from '../../arch/mmu/walk.ts';
import { Reg } from '../../arch/registers/mmu-registers.ts';
import { Hcr, Sctlr } from '../../arch/state/control-bits.ts';
import { defined } from '../../base/assert.ts';
import { noCosts } from '../costs.ts';
import { ramBanks } from '../domain/guest-layout.ts';
import { P2mType, vtcr } from '../mm/p2m.ts';
import { XenBench } from '../xen-testing.ts';
import { holes } from './shadow-entry.ts';
import { ShadowTables } from './shadow-tables.ts';

const ram = ramBanks[0].base;
const firstPage = ram / 4096;
/** The guest's tables are in these pages of its RAM, one for each number. */
const tablePages = 6;
const inputSize = 39;

/** A translation's result, as far as the guest sees it. */
interface Seen {
  readonly fault: string | null;
  readonly page: number;
  readonly rights: string;
}

const bench = new XenBench({ costs: noCosts });
const domain = bench.guest('b .', { paused: true, unaccelerated: true });

/** A walker with registers of its own. */
const registers = new Uint32Array(4096);
const { memory } = bench.board.cluster;
const walker = new Walker(memory, registers, 0);

const configure = (root: number, stage2: { readonly vttbrLow: number; readonly vttbrHigh: number }): void => {
  const set = (register: number, low: number, high = 0): void => {
    registers[register] = low >>> 0;
    registers[register + 1] = high >>> 0;
  };
  set(Reg.SCTLR_EL1, Sctlr.M);
  set(Reg.TCR_EL1, (64 - inputSize) | (1 << 23), 2);
  set(Reg.TTBR0_EL1, root * 4096, Math.floor(root / 2 ** 20));
  set(Reg.MAIR_EL1, 0xff04);
  set(Reg.HCR_EL2, Hcr.VM | Hcr.PTW | Hcr.RW);
  set(Reg.VTCR_EL2, vtcr);
  set(Reg.VTTBR_EL2, stage2.vttbrLow, stage2.vttbrHigh);
  walker.stage2.forget();
};

/** Stores to a frame with tables end in EL2, whatever the guest's rights are. */
const rightsOf = (
  { readable, writable, executable, device, attributes, shareability, page }: Walker,
  tables: ShadowTables,
) => [readable, writable && !tables.isProtected(page), executable, device, attributes, shareability].join(' ');

const walk = (tables: ShadowTables, address: number): Seen => {
  const [low, high] = [address >>> 0, Math.floor(address / 2 ** 32)];
  if (walker.translate(low, high, viewOf(1), Need.read))
    return { fault: null, page: walker.page, rights: rightsOf(walker, tables) };
  const { faultType, faultLevel, faultStage, faultS1ptw, faultIpa } = walker;
  // Of a fault in stage 2 the guest sees no level; in a block that Xen has split, permissions are checked a level deeper.
  const level = faultStage === 1 && faultType !== FaultType.permission ? faultLevel : 0;
  return {
    fault: `${faultType} ${level} ${faultStage} ${faultS1ptw}`,
    page: Math.floor(faultIpa / 4096),
    rights: '',
  };
};

const nested = (tables: ShadowTables, address: number): Seen => {
  configure(firstPage, domain.p2m);
  return walk(tables, address);
};

/** As the hardware and Xen walk shadow tables: until the guest gets a page or an abort. */
const shadowed = (tables: ShadowTables, address: number): Seen => {
  const [low, high] = [address >>> 0, Math.floor(address / 2 ** 32)];
  const root = defined(tables.root(firstPage, 1) ?? undefined, 'a root');
  for (let tries = 0; tries < 10; tries++) {
    configure(root.frame, tables.filter);
    const seen = walk(tables, address);
    if (seen.fault === null || walker.faultStage === 1) return seen;
    if (!walker.faultS1ptw && seen.page >= holes) return { ...seen, page: seen.page - holes };
    if (tables.fill({ table: root, index: Math.floor(address / 2 ** 30) }, low, high) === 'unreachable')
      return { fault: 'unreachable', page: 0, rights: '' };
  }
  throw new Error('no end');
};

/** Pages that descriptors name: tables, other RAM, a device, nothing. */
const page = fc.oneof(
  fc.integer({ min: 0, max: tablePages - 1 }).map((n) => firstPage + n),
  fc.integer({ min: 0, max: 511 }).map((n) => firstPage + n),
  fc.constantFrom(firstPage, 0x3001, 0x3002, 0x22000, 0x9_0000, 0x80_0000),
);
const descriptor = fc
  .record({
    page,
    type: fc.constantFrom(0, 1, 3, 3, 3),
    attributes: fc.integer({ min: 0, max: 0x3ff }),
    accessed: fc.integer({ min: 0, max: 7 }).map((n) => n > 0),
    high: fc.constantFrom(0, 1 << 20, 1 << 21, 1 << 22, 0x1000, 0x8000_0000, 0x6000_0000, 0x1800_0000),
  })
  .map(({ page, type, attributes, accessed, high }): [number, number] => [
    ((page << 12) | (attributes & ~3) | (accessed ? 1 << 10 : 0) | type) >>> 0,
    (high | Math.floor(page / 2 ** 20)) >>> 0,
  ]);
/** Few indices, so that addresses meet entries. */
const index = fc.integer({ min: 0, max: 3 });
const entry = fc.record({ table: fc.integer({ min: 0, max: tablePages - 1 }), index, descriptor });
const address = fc
  .tuple(index, index, index, fc.integer({ min: 0, max: 511 }))
  .map(([a, b, c, d]) => a * 2 ** 30 + b * 2 ** 21 + c * 4096 + 8 * d);

const put = (table: number, index: number, [low, high]: readonly [number, number]): void =>
  bench.poke(domain, ram + table * 4096 + 8 * index, low, high);

/** The guest stores a descriptor, through EL2 if the page is protected. */
const store = (tables: ShadowTables, table: number, index: number, [low, high]: readonly [number, number]): void => {
  const { mfn } = defined(domain.p2m.lookUp(firstPage + table) ?? undefined, 'RAM');
  if (!tables.isProtected(mfn) || !tables.store(mfn, 8 * index, 8, low, high)) put(table, index, [low, high]);
};

const withTables = (run: (tables: ShadowTables) => void): void => {
  for (let table = 0; table < tablePages; table++) for (let i = 0; i < 4; i++) put(table, i, [0, 0]);
  const roots = new Set<number>();
  const made = ShadowTables.create(bench.xen, domain.p2m, domain.vmid, ({ level }) => level === 1 && roots.size === 0);
  const tables = defined(made ?? undefined, 'memory');
  const free = bench.xen.heap.freePages;
  try {
    run(tables);
  } finally {
    tables.teardown();
    expect(bench.xen.heap.freePages).toBeGreaterThanOrEqual(free);
  }
};

describe('shadow tables', () => {
  test('translate as both stages do, whatever the guest’s tables are, and after each of its stores', () => {
    const step = fc.oneof(
      fc.record({ store: entry }),
      fc.record({ look: address }),
      fc.record({ look: address }),
      fc.record({ drop: fc.integer({ min: 0, max: tablePages - 1 }) }),
      fc.record({ reset: fc.constant(true) }),
    );
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 30 }), fc.array(step, { maxLength: 40 }), (first, steps) => {
        withTables((tables) => {
          for (const { table, index, descriptor } of first) put(table, index, descriptor);
          for (const each of steps) {
            if ('store' in each) store(tables, each.store.table, each.store.index, each.store.descriptor);
            else if ('drop' in each)
              tables.drop(defined(domain.p2m.lookUp(firstPage + each.drop) ?? undefined, '').mfn);
            else if ('reset' in each) tables.reset();
            else {
              const shadow = shadowed(tables, each.look);
              const both = nested(tables, each.look);
              if (shadow.fault === 'unreachable') expect(both.fault).toMatch(/2 true$/);
              else expect(shadow).toEqual(both);
            }
          }
        });
      }),
      { numRuns: 100 },
    );
  });

  test('when the domain loses a page, nothing leads to it', () => {
    withTables((tables) => {
      put(0, 0, [((firstPage + 1) << 12) | 3, 0]);
      put(1, 0, [((firstPage + 2) << 12) | 3, 0]);
      put(2, 0, [((firstPage + 100) << 12) | 0x703, 0]);
      const { mfn } = defined(domain.p2m.lookUp(firstPage + 100) ?? undefined, 'RAM');
      expect(shadowed(tables, 0)).toMatchObject({ fault: null, page: mfn });
      domain.p2m.unmap(firstPage + 100, 1);
      expect(shadowed(tables, 0).fault).not.toBeNull();
      expect(tables.filter.lookUp(mfn)).toBeNull();
      domain.p2m.map(firstPage + 100, 1, mfn, P2mType.ramRw);
    });
  });

  test('there are so many, and no more', () => {
    withTables((tables) => {
      const { freePages } = bench.xen.heap;
      put(0, 0, [((firstPage + 1) << 12) | 3, 0]);
      for (let i = 0; i < 512; i++) put(1, i, [((firstPage + 2) << 12) | 0x701, 0]);
      for (let i = 0; i < 3; i++) for (let j = 0; j < 512; j++) shadowed(tables, i * 2 ** 30 + j * 2 ** 21);
      expect(freePages - bench.xen.heap.freePages).toBeLessThan(1100);
      for (let i = 0; i < 512; i++) put(1, i, [0, 0]);
    });
  });
});
