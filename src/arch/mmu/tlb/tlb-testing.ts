import fc from 'fast-check';
import { expect } from 'vitest';
import { AccessKind, CodeTlb, Core, codeTlbIndex } from '../../../a64/layout.ts';
import { defined } from '../../../base/assert.ts';
import { MmuBench } from '../mmu-testing.ts';

/** For tests: random changes of tables, accesses and TLBIs, and what a TLB may answer by the architecture. */

export const ram = 0x4000_0000;
const cores = 2;
/** Two VMIDs with two ASIDs each, and EL2's own regime. */
const spaces = [
  { vmid: 1, asid: 1 },
  { vmid: 1, asid: 2 },
  { vmid: 2, asid: 1 },
  { vmid: 2, asid: 2 },
  { vmid: 0, asid: 0 },
] as const;
const el2Space = 4;

/**
 * What each space can map: pages and a block of 4 KiB granules in the lower half, of 64 KiB granules in the upper one,
 * which EL2 does not have. `at` says where the descriptor lies in the space's tables, `output` where targets lie.
 */
const mappings = [
  { va: 0x0000_3000n, sizeLog2: 12, at: 0x2000 + 8 * 3, output: (n: number) => 0x8000_0000 + n * 0x1000 },
  // Shares its TLB entry with the one before.
  { va: 0x0040_3000n, sizeLog2: 12, at: 0x3000 + 8 * 3, output: (n: number) => 0x8000_0000 + n * 0x1000 },
  { va: 0x0020_0000n, sizeLog2: 21, at: 0x1000 + 8, output: (n: number) => ram + (n & 1) * 0x20_0000 },
  { va: 0xffff_ffff_e003_0000n, sizeLog2: 16, at: 0x1_0000 + 8 * 3, output: (n: number) => ram + n * 0x1_0000 },
  { va: 0xffff_ffff_c000_0000n, sizeLog2: 29, at: 0x800 + 8 * 6, output: () => ram },
  { va: 0xffff_ffff_e005_0000n, sizeLog2: 16, at: 0x1_0000 + 8 * 5, output: (n: number) => ram + n * 0x1_0000 },
] as const;
/** The mapping that is for all ASIDs. */
const globalMapping = 5;
const lowerMappings = 3;
/** IPAs from 2 GiB on that stage 2 maps page by page; EL2 has them as physical addresses in the same place of RAM. */
const ipaPages = 4;
export const dataPage = (n: number): number => ram + 0x30_0000 + n * 0x1000;

export const tables = (space: number): number => ram + 0x10_0000 + space * 0x2_0000;
const stage2Tables = (vmid: number): number => ram + vmid * 0x8000;

interface Mapping {
  readonly target: number;
  readonly readOnly: boolean;
  readonly valid: boolean;
}

type Step =
  | ({ do: 'map'; space: number; mapping: number } & Mapping)
  | { do: 'map2'; vmid: number; page: number; target: number }
  | { do: 'switch'; core: number; space: number; level: number }
  | { do: 'access'; core: number; mapping: number; kind: 'read' | 'write' | 'fetch'; offset: number }
  | { do: 'tlbi'; core: number; operation: Tlbi; broadcast: boolean; space: number; mapping: number; offset: number };

const tlbis = [
  'VMALLE1',
  'VAE1',
  'ASIDE1',
  'VAAE1',
  'VALE1',
  'VAALE1',
  'ALLE2',
  'VAE2',
  'ALLE1',
  'VALE2',
  'VMALLS12E1',
  'IPAS2E1',
] as const;
type Tlbi = (typeof tlbis)[number];

const index = (n: number) => fc.nat(n - 1);
const step = (space: fc.Arbitrary<number>, mapping: fc.Arbitrary<number>): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('map' as const),
        space,
        mapping,
        target: index(ipaPages),
        readOnly: fc.boolean(),
        valid: fc.nat(9).map((n) => n > 0),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant('map2' as const),
        vmid: fc.integer({ min: 1, max: 2 }),
        page: index(ipaPages),
        target: index(16),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant('switch' as const),
        core: index(cores),
        space,
        level: index(2),
      }),
    },
    {
      weight: 10,
      arbitrary: fc.record({
        do: fc.constant('access' as const),
        core: index(cores),
        mapping,
        kind: fc.constantFrom('read' as const, 'write' as const, 'fetch' as const),
        offset: fc.nat(0x3f_ffff),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('tlbi' as const),
        core: index(cores),
        operation: fc.constantFrom(...tlbis),
        broadcast: fc.boolean(),
        space,
        mapping,
        offset: fc.nat(0x3f_ffff),
      }),
    },
  );

/** An access, a change of what it found, an invalidation from either core, and the access again. */
const change = (space: fc.Arbitrary<number>, mapping: fc.Arbitrary<number>): fc.Arbitrary<Step[]> =>
  fc
    .record({
      core: index(cores),
      other: index(cores),
      level: index(2),
      space,
      mapping,
      targets: fc.tuple(index(ipaPages), index(ipaPages)),
      output: index(16),
      stage2: fc.boolean(),
      readOnly: fc.boolean(),
      offset: fc.nat(0x3f_ffff),
      invalidated: fc.nat(0x3f_ffff),
      operations: fc.array(fc.constantFrom(...tlbis), { minLength: 1, maxLength: 2 }),
      kind: fc.constantFrom('read' as const, 'write' as const, 'fetch' as const),
    })
    .map(
      ({
        core,
        other,
        level,
        space,
        mapping,
        targets,
        output,
        stage2,
        readOnly,
        offset,
        invalidated,
        operations,
        kind,
      }) => {
        const [before, after] = targets;
        const access = { do: 'access', core, mapping, kind, offset } as const;
        const map = { do: 'map', space, mapping, readOnly: false, valid: true } as const;
        // The VMID of EL2's space is none, so stage 2 changes for the first one then, without effect.
        const vmid = Math.max(1, defined(spaces[space], 'space').vmid);
        return [
          { do: 'switch', core, space, level },
          { ...map, target: before },
          access,
          stage2 ? { do: 'map2', vmid, page: before, target: output } : { ...map, target: after, readOnly },
          ...operations.map((operation) => ({
            do: 'tlbi' as const,
            core: other,
            operation,
            broadcast: true,
            space,
            mapping,
            offset: operation === 'IPAS2E1' ? before : invalidated,
          })),
          access,
        ];
      },
    );

/** Steps about few things, so that they meet. */
export const tlbSteps = fc
  .tuple(fc.tuple(index(spaces.length), index(spaces.length)), fc.tuple(index(mappings.length), index(mappings.length)))
  .chain(([some, few]) => {
    const space = fc.constantFrom(...some);
    const mapping = fc.constantFrom(...few);
    const single = step(space, mapping).map((s) => [s]);
    const part = fc.oneof({ weight: 5, arbitrary: single }, { weight: 1, arbitrary: change(space, mapping) });
    return fc.array(part, { minLength: 10, maxLength: 40 });
  })
  .map((parts) => parts.flat());

/** A translation of a mapping's first byte that a TLB may hold. */
interface Entry {
  readonly base: number;
  readonly writable: boolean;
}

const grid = <T>(make: () => T): T[][][] =>
  Array.from({ length: cores }, () => spaces.map(() => mappings.map(() => make())));

/** How a data access finds its host address, or -1: by default as HostFunction.fill. */
type Fill = (bench: MmuBench, core: number, va: bigint, kind: number) => number;
/** Makes the instruction TLB hit at an address; nonzero if it cannot: by default as HostFunction.fetch. */
type Fetch = (bench: MmuBench, core: number, pc: bigint) => number;
const fillByTypeScript: Fill = (bench, core, va, kind) => bench.fill(va, kind, 4, { index: core });
const fetchByTypeScript: Fetch = (bench, core, pc) => bench.fetch(pc, core);

/** Cores with tables, and what an architecturally correct TLB may still remember of them. */
export class TlbModel {
  readonly bench = new MmuBench(ram, 0x40_0000, cores);
  readonly space = Array.from({ length: cores }, () => 0);
  readonly level = Array.from({ length: cores }, () => 1);
  readonly vmid = Array.from({ length: cores }, () => 1);
  /** The mappings as the tables have them. */
  readonly now = spaces.map(() => mappings.map((): Mapping => ({ target: 0, readOnly: false, valid: false })));
  readonly now2 = [1, 2].map(() => Array.from({ length: ipaPages }, (_, i) => i));
  /** By core, space and mapping: translations that accesses have found since the last invalidation. */
  readonly kept = grid((): Entry[] => []);
  /** By core, VMID and IPA page: outputs of stage 2 likewise. */
  readonly kept2 = Array.from({ length: cores }, () =>
    [1, 2].map(() => Array.from({ length: ipaPages }, () => new Set<number>())),
  );

  constructor(
    readonly find: Fill = fillByTypeScript,
    readonly findCode: Fetch = fetchByTypeScript,
  ) {
    const { bench } = this;
    for (const [i] of spaces.entries()) {
      const t = tables(i);
      bench.poke(t, BigInt(t + 0x1000) | 3n);
      bench.poke(t + 0x1000, BigInt(t + 0x2000) | 3n);
      bench.poke(t + 0x1000 + 16, BigInt(t + 0x3000) | 3n);
      bench.poke(t + 0x800 + 8 * 7, BigInt(t + 0x1_0000) | 3n);
    }
    for (const vmid of [1, 2]) {
      const t = stage2Tables(vmid);
      bench.poke(t + 8, BigInt(t + 0x2000) | 3n);
      bench.poke(t + 0x2000, BigInt(ram) | 0x4fdn);
      bench.poke(t + 0x2008, BigInt(ram + 0x20_0000) | 0x4fdn);
      bench.poke(t + 16, BigInt(t + 0x3000) | 3n);
      bench.poke(t + 0x3000, BigInt(t + 0x4000) | 3n);
    }
    for (let core = 0; core < cores; core++) {
      const t = tables(el2Space);
      bench.set(
        {
          SCTLR_EL1: 1n,
          SCTLR_EL2: 1n,
          // 39 bits by 4 KiB below, 32 bits by 64 KiB above; 40-bit physical addresses, 16-bit ASIDs.
          TCR_EL1: 25n | (32n << 16n) | (3n << 30n) | (2n << 32n) | (1n << 36n),
          TCR_EL2: 25n | (2n << 16n),
          MAIR_EL1: 0xff00n,
          MAIR_EL2: 0xff00n,
          TTBR0_EL2: BigInt(t),
          HCR_EL2: 1n,
          VTCR_EL2: 24n | (1n << 6n) | (2n << 16n),
        },
        1,
        core,
      );
    }
  }

  /** Starts again with nothing mapped. */
  reset(): void {
    for (const [s] of spaces.entries()) {
      for (const [m] of mappings.entries()) this.map(s, m, { target: 0, readOnly: false, valid: false });
    }
    for (const vmid of [1, 2]) for (let page = 0; page < ipaPages; page++) this.map2(vmid, page, page);
    for (const kept of this.kept.flat(2)) kept.length = 0;
    for (const kept of this.kept2.flat(2)) kept.clear();
    for (let core = 0; core < cores; core++) this.switch(core, 0, 1);
    this.bench.mmu.flushAll();
  }

  map(space: number, mapping: number, value: Mapping): void {
    const { at, output, sizeLog2 } = defined(mappings[mapping], 'mapping');
    const type = !value.valid ? 0n : sizeLog2 === 21 || sizeLog2 === 29 ? 1n : 3n;
    // nG, AF, AP[1], attribute 1.
    const bits =
      (mapping === globalMapping ? 0n : 1n << 11n) |
      (1n << 10n) |
      (1n << 6n) |
      (1n << 2n) |
      (value.readOnly ? 1n << 7n : 0n);
    const address = space === el2Space && mapping < 2 ? dataPage(value.target) : output(value.target);
    this.bench.poke(tables(space) + at, BigInt(address) | bits | type);
    (this.now[space] as Mapping[])[mapping] = value;
  }

  map2(vmid: number, page: number, target: number): void {
    this.bench.poke(stage2Tables(vmid) + 0x4000 + 8 * page, BigInt(dataPage(target)) | 0x4ffn);
    (this.now2[vmid - 1] as number[])[page] = target;
  }

  switch(core: number, space: number, level: number): void {
    this.space[core] = space;
    this.level[core] = space === el2Space ? 2 : level;
    if (space === el2Space) {
      this.bench.set({}, 2, core);
      return;
    }
    const { vmid, asid } = defined(spaces[space], 'space');
    this.vmid[core] = vmid;
    const t = BigInt(tables(space));
    this.bench.set(
      {
        TTBR0_EL1: t | (BigInt(asid) << 48n),
        TTBR1_EL1: t | 0x800n,
        VTTBR_EL2: BigInt(stage2Tables(vmid)) | (BigInt(vmid) << 48n),
      },
      level,
      core,
    );
  }

  /** What the tables, or stage 2 translations that a core may have kept, say now. */
  fresh(core: number, space: number, mapping: number): Entry[] {
    const { target, readOnly, valid } = defined(this.now[space]?.[mapping], 'mapping');
    if (!valid) return [];
    const writable = !readOnly;
    if (mapping >= 2) return [{ base: defined(mappings[mapping], 'mapping').output(target), writable }];
    if (space === el2Space) return [{ base: dataPage(target), writable }];
    const vmid = defined(spaces[space], 'space').vmid - 1;
    const current = defined(this.now2[vmid]?.[target], 'page');
    const kept = defined(this.kept2[core]?.[vmid]?.[target], 'page');
    return [current, ...kept].map((n) => ({ base: dataPage(n), writable }));
  }

  access(core: number, mapping: number, kind: 'read' | 'write' | 'fetch', offset: number): void {
    const space = defined(this.space[core], 'core');
    const level = this.level[core];
    if (space === el2Space && mapping >= lowerMappings) return;
    // EL1 may not execute what EL0 can write.
    if (kind === 'fetch' && level === 1) return;
    const { va, sizeLog2 } = defined(mappings[mapping], 'mapping');
    const within = offset & (2 ** Math.min(sizeLog2, 21) - 1) & ~3;
    const address = va + BigInt(within);
    const found = kind === 'fetch' ? this.fetch(core, address) : this.fill(core, address, kind);
    const kept = defined(this.kept[core]?.[space]?.[mapping], 'kept');
    const keptByOthers = spaces.flatMap(({ vmid }, s) =>
      mapping === globalMapping && vmid === this.vmid[core] ? (this.kept[core]?.[s]?.[mapping] ?? []) : [],
    );
    const fresh = this.fresh(core, space, mapping);
    const suits = (e: Entry): boolean => kind !== 'write' || e.writable;
    if (found === undefined) {
      expect(fresh.filter(suits)).toEqual([]);
      return;
    }
    const base = found - within;
    expect([...kept, ...keptByOthers, ...fresh].filter(suits).map((e) => e.base)).toContain(base);
    const vmid = defined(spaces[space], 'space').vmid - 1;
    for (const e of fresh) {
      if (e.base !== base) continue;
      kept.push(e);
      if (mapping < 2 && space !== el2Space) {
        const { target } = defined(this.now[space]?.[mapping], 'mapping');
        this.kept2[core]?.[vmid]?.[target]?.add((base - dataPage(0)) / 4096);
      }
    }
  }

  private fill(core: number, va: bigint, kind: 'read' | 'write'): number | undefined {
    const host = this.find(this.bench, core, va, AccessKind[kind]);
    return host === -1 ? undefined : host - this.bench.host(ram) + ram;
  }

  private fetch(core: number, pc: bigint): number | undefined {
    if (this.findCode(this.bench, core, pc) !== 0) return undefined;
    const low = Number(pc & 0xffff_ffffn);
    const state = this.bench.core(core);
    const entry = Core.codeTlb + codeTlbIndex(low, state.word(Core.context)) * CodeTlb.entrySize;
    return ((state.word(entry + CodeTlb.addend) + low) | 0) - this.bench.host(ram) + ram;
  }

  tlbi({ core, operation, broadcast, space, mapping, offset }: Extract<Step, { do: 'tlbi' }>): void {
    const { asid } = defined(spaces[space], 'space');
    const { va, sizeLog2 } = defined(mappings[mapping], 'mapping');
    const vmid = defined(this.vmid[core], 'core');
    const page = offset % ipaPages;
    const byIpa = operation === 'IPAS2E1';
    const address = va + BigInt(offset & (2 ** Math.min(sizeLog2, 21) - 1));
    const operand = byIpa ? BigInt(0x8_0000 + page) : (address >> 12n) & 0xfff_ffff_ffffn;
    const high = Number(operand >> 32n) | (asid << 16);
    const state = this.bench.core(core);
    const name = broadcast ? (`${operation}IS` as const) : operation;
    this.bench.mmu.invalidate(state, name, Number(operand & 0xffff_ffffn), high);

    for (const target of broadcast ? [0, 1] : [core]) {
      for (const [s, other] of spaces.entries()) {
        for (const [m] of mappings.entries()) {
          const sameVmid = s !== el2Space && other.vmid === vmid;
          const isGlobal = m === globalMapping;
          const gone = {
            VMALLE1: sameVmid,
            VAE1: sameVmid && (other.asid === asid || isGlobal) && m === mapping,
            VALE1: sameVmid && (other.asid === asid || isGlobal) && m === mapping,
            ASIDE1: sameVmid && other.asid === asid && !isGlobal,
            VAAE1: sameVmid && m === mapping,
            VAALE1: sameVmid && m === mapping,
            ALLE2: s === el2Space,
            VAE2: s === el2Space && m === mapping,
            VALE2: s === el2Space && m === mapping,
            ALLE1: s !== el2Space,
            VMALLS12E1: sameVmid,
            IPAS2E1: false,
          };
          if (gone[operation]) defined(this.kept[target]?.[s]?.[m], 'kept').length = 0;
        }
      }
      for (const v of [1, 2]) {
        for (let p = 0; p < ipaPages; p++) {
          const all = operation === 'ALLE1' || (operation === 'VMALLS12E1' && v === vmid);
          if (all || (byIpa && v === vmid && p === page)) this.kept2[target]?.[v - 1]?.[p]?.clear();
        }
      }
    }
  }

  run(s: Step): void {
    if (s.do === 'map') this.map(s.space, s.mapping, s);
    else if (s.do === 'map2') this.map2(s.vmid, s.page, s.target);
    else if (s.do === 'switch') this.switch(s.core, s.space, s.level);
    else if (s.do === 'access') this.access(s.core, s.mapping, s.kind, s.offset);
    else this.tlbi(s);
  }
}
