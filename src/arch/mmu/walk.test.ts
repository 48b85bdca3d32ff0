import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attributeByte,
  bigEndianReverse,
  Reference,
  type ReferenceAccess,
  type ReferenceRegisters,
} from '../../../rigs/reference/walk-reference.ts';
import type { SystemSlot } from '../state/slots.ts';
import { FaultType } from './faults.ts';
import { MmuBench } from './mmu-testing.ts';
import { Need, viewOf, type Walker } from './walk.ts';

const ramBase = 0x4000_0000;
const ramSize = 0x10_0000;

/** A small generator of random words, for filling memory: fast-check chooses its seed. */
const random = (seed: number) => {
  let state = seed | 1;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
};

/**
 * Fills RAM with descriptors, so that every page is a table of any level and stage. Most are valid and lead to RAM
 * again; a few have each of the flaws that the walk must notice.
 */
function fillWithDescriptors(bench: MmuBench, seed: number, bigEndian: boolean): void {
  const next = random(seed);
  const chance = (percent: number): boolean => next(100) < percent;
  const words = bench.memory.u32;
  let at = (bench.host(ramBase) >>> 0) / 4;
  const end = at + ramSize / 4;
  while (at < end) {
    const type = chance(6) ? 0 : chance(12) ? 1 : 3;
    const page = chance(3) ? next(1 << 20) : ramBase / 4096 + next(ramSize / 4096);
    // AttrIndx or MemAttr, AP or S2AP, SH, AF, nG.
    const low = type | (next(16) << 2) | (next(4) << 6) | (next(4) << 8) | (chance(95) ? 1 << 10 : 0) | (next(2) << 11);
    const flaw = chance(2) ? 1 << next(16) : 0;
    const attributes = (chance(20) ? 1 << 22 : 0) | (chance(20) ? 1 << 21 : 0) | (chance(20) ? 1 << 20 : 0);
    const table = chance(8) ? 1 << (27 + next(5)) : 0;
    words[at++] = low | (page << 12);
    words[at++] = flaw | attributes | table | (page >>> 20);
  }
  if (!bigEndian) return;
  for (let pa = ramBase; pa < ramBase + ramSize; pa += 8) bench.poke(pa, bigEndianReverse(bench.peek(pa)));
}

const worlds = [1, 2, 3, 4, 5].map((seed) => {
  const bench = new MmuBench(ramBase, ramSize);
  const bigEndian = seed === 5;
  fillWithDescriptors(bench, seed * 0x9e3779b1, bigEndian);
  return { bench, bigEndian };
});

/** SCTLR_ELx.EE, and the byte order of tables for each regime: mostly that of the world. */
const EE = 1n << 25n;

const flag = (percent: number) => fc.nat(99).map((n) => n < percent);
/** A field that is mostly sensible. */
const mostly = (usual: fc.Arbitrary<number>, width: number) =>
  fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: fc.nat(2 ** width - 1) });
const sizes = fc.integer({ min: 16, max: 39 });
const base = fc
  .nat(ramSize / 64 - 1)
  .chain((n) =>
    fc.oneof(
      { weight: 30, arbitrary: fc.constant(BigInt(ramBase + n * 64)) },
      { weight: 1, arbitrary: fc.bigInt(0n, (1n << 48n) - 1n) },
    ),
  );
const mair = fc.array(fc.constantFrom(0, 4, 8, 12, 0x44, 0xff, 0xee, 0xbb, 0xaa, 0x4f, 0xf4, 0x77, 0x33), {
  minLength: 8,
  maxLength: 8,
});

const registers: fc.Arbitrary<ReferenceRegisters> = fc
  .record({
    on1: flag(85),
    wxn1: flag(20),
    on2: flag(85),
    wxn2: flag(20),
    t0sz: mostly(sizes, 6),
    t1sz: mostly(sizes, 6),
    t0sz2: mostly(sizes, 6),
    tg0: fc.nat(3),
    tg1: fc.nat(3),
    tg2: fc.nat(3),
    epd0: flag(5),
    epd1: flag(5),
    tbi: fc.nat(7),
    ps: mostly(fc.constantFrom(0, 1, 2, 5), 3),
    vm: flag(60),
    dc: flag(8),
    tge: flag(5),
    ptw: flag(20),
    // Stage 2 must be consistent to get anywhere: level 1 with 40 to 31 bits, or level 2 with 34 to 25, 4 KiB; 64 KiB
    // likewise.
    stage2: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.record({ t0sz: fc.integer({ min: 24, max: 33 }), sl0: fc.constant(1), tg: fc.constant(0) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ t0sz: fc.integer({ min: 30, max: 39 }), sl0: fc.constant(0), tg: fc.constant(0) }),
      },
      {
        weight: 3,
        arbitrary: fc.record({ t0sz: fc.integer({ min: 18, max: 34 }), sl0: fc.constant(1), tg: fc.constant(1) }),
      },
      { weight: 1, arbitrary: fc.record({ t0sz: fc.nat(63), sl0: fc.nat(3), tg: fc.nat(3) }) },
    ),
    mair1: mair,
    mair2: mair,
    ttbr: fc.tuple(base, base, base, base),
  })
  .map((r) => {
    const bits = (set: boolean, n: number): bigint => (set ? 1n << BigInt(n) : 0n);
    const put = (value: number, n: number): bigint => BigInt(value) << BigInt(n);
    const mairOf = (list: readonly number[]) => list.reduce((sum, byte, i) => sum | put(byte, 8 * i), 0n);
    return {
      SCTLR_EL1: bits(r.on1, 0) | bits(r.wxn1, 19),
      SCTLR_EL2: bits(r.on2, 0) | bits(r.wxn2, 19),
      TCR_EL1:
        put(r.t0sz, 0) |
        bits(r.epd0, 7) |
        put(r.tg0, 14) |
        put(r.t1sz, 16) |
        bits(r.epd1, 23) |
        put(r.tg1, 30) |
        put(r.ps, 32) |
        put(r.tbi & 3, 37),
      TCR_EL2: put(r.t0sz2, 0) | put(r.tg2, 14) | put(r.ps, 16) | bits(r.tbi >= 4, 20),
      TTBR0_EL1: r.ttbr[0],
      TTBR1_EL1: r.ttbr[1],
      TTBR0_EL2: r.ttbr[2],
      MAIR_EL1: mairOf(r.mair1),
      MAIR_EL2: mairOf(r.mair2),
      HCR_EL2: bits(r.vm, 0) | bits(r.ptw, 2) | bits(r.dc, 12) | bits(r.tge, 27),
      VTTBR_EL2: r.ttbr[3],
      VTCR_EL2: put(r.stage2.t0sz, 0) | put(r.stage2.sl0, 6) | put(r.stage2.tg, 14) | put(r.ps, 16),
    };
  });

const access: fc.Arbitrary<ReferenceAccess> = fc
  .record({
    va: fc
      .record({
        low: fc.bigInt(0n, (1n << 48n) - 1n),
        width: fc.integer({ min: 20, max: 48 }),
        upper: flag(30),
        tag: fc.oneof({ weight: 4, arbitrary: fc.constant(0n) }, { weight: 1, arbitrary: fc.bigInt(0n, 255n) }),
      })
      .map(({ low, width, upper, tag }) => {
        const inside = low & ((1n << BigInt(width)) - 1n);
        return BigInt.asUintN(64, (upper ? ~inside : inside) ^ (tag << 56n));
      }),
    el: fc.constantFrom<0 | 1 | 2>(0, 1, 1, 2),
    type: fc.constantFrom<ReferenceAccess['type']>('normal', 'normal', 'unprivileged', 'fetch', 'maintenance'),
    write: fc.boolean(),
    wasAligned: flag(70),
    firstStageOnly: flag(10),
  })
  // Only AT asks for the first stage alone, and it is aligned.
  .map((a) => (a.firstStageOnly ? { ...a, wasAligned: true } : a));

const needOf = (a: ReferenceAccess): Need => {
  if (a.type === 'fetch') return Need.execute;
  if (a.type === 'maintenance') return Need.nothing;
  return a.write ? Need.write : Need.read;
};

/** The walker's answer, in the reference's words. */
function answer(walker: Walker, a: ReferenceAccess): unknown {
  const [low, high] = [Number(a.va & 0xffff_ffffn), Number(a.va >> 32n)];
  const view = viewOf(a.el === 1 && a.type === 'unprivileged' ? 0 : a.el);
  const done = a.firstStageOnly
    ? walker.translateStage1(low, high, view, needOf(a))
    : a.wasAligned || a.type === 'fetch'
      ? walker.translate(low, high, view, needOf(a))
      : walker.translateUnaligned(low, high, view, needOf(a));
  if (done) {
    return {
      pa: BigInt(walker.page) * 4096n + (a.va & 0xfffn),
      device: walker.device,
      attributes: walker.attributes,
      shareability: walker.shareability,
    };
  }
  const fault = Object.entries(FaultType).find(([, type]) => type === walker.faultType)?.[0];
  return {
    fault,
    level: walker.faultLevel,
    stage: walker.faultStage,
    s1ptw: walker.faultS1ptw,
    ipa: BigInt(walker.faultIpa),
  };
}

/** The same by the explanation, whose last descriptor must lead to the result. */
function explained(bench: MmuBench, a: ReferenceAccess): unknown {
  const view = viewOf(a.el === 1 && a.type === 'unprivileged' ? 0 : a.el);
  const { steps, result } = bench.mmu.inspector(bench.core()).explain(a.va, view, needOf(a));
  const last = steps.at(-1);
  if (!result.ok) {
    const { type, level, stage, s1ptw, ipa } = result.fault;
    const fault = Object.entries(FaultType).find(([, known]) => type === known)?.[0];
    // A translation fault is an invalid descriptor, or one that is none of a leaf; or no descriptor was read.
    if (last?.kind === 'invalid')
      expect({ fault, level, stage }).toEqual({ fault: 'translation', level: last.level, stage: last.stage });
    return { fault, level, stage, s1ptw, ipa: BigInt(ipa) };
  }
  const { pa, device, attributes, shareability } = result;
  if (last) expect(last.output).toBe(pa - (pa % 2 ** last.sizeLog2));
  return { pa: BigInt(pa), device, attributes, shareability };
}

describe('the walker', () => {
  it('agrees with the pseudocode of the Arm ARM', () => {
    const outcomes = new Map<string, number>();
    fc.assert(
      fc.property(
        fc.nat(worlds.length - 1),
        registers,
        fc.tuple(flag(3), flag(3)),
        fc.array(access, { minLength: 12, maxLength: 12 }),
        (n, plain, otherOrder, list) => {
          const { bench, bigEndian } = worlds[n] as (typeof worlds)[number];
          const order = otherOrder.map((other) => (other !== bigEndian ? EE : 0n));
          const r = {
            ...plain,
            SCTLR_EL1: plain.SCTLR_EL1 | (order[0] as bigint),
            SCTLR_EL2: plain.SCTLR_EL2 | (order[1] as bigint),
          };
          bench.set(r as Record<SystemSlot, bigint>);
          const walker = bench.mmu.cores[0]?.walker as Walker;
          walker.stage2.forget();
          const reference = new Reference(r, (pa) => {
            const at = Number(pa) - ramBase;
            return at >= 0 && at < ramSize ? bench.peek(Number(pa)) : undefined;
          });
          for (const a of list) {
            const expected = reference.translate(a);
            const wanted =
              'pa' in expected
                ? {
                    pa: expected.pa,
                    device: expected.attributes.device,
                    attributes: attributeByte(expected.attributes),
                    shareability: expected.attributes.shareability,
                  }
                : expected;
            const kind =
              'pa' in expected ? 'done' : `${expected.fault} ${expected.stage}${expected.s1ptw ? ' s1ptw' : ''}`;
            outcomes.set(kind, (outcomes.get(kind) ?? 0) + 1);
            expect(answer(walker, a)).toEqual(wanted);
            if (a.wasAligned && !a.firstStageOnly) expect(explained(bench, a)).toEqual(wanted);
          }
        },
      ),
      { numRuns: 2000, seed: 20 },
    );
    // Every kind of fault must have come up, or the tables were too dull to prove anything.
    const stages = ['1', '2', '2 s1ptw'];
    const kinds = ['translation', 'accessFlag', 'permission', 'addressSize', 'externalOnWalk'];
    const all = ['done', 'alignment 1', 'alignment 2', ...kinds.flatMap((k) => stages.map((s) => `${k} ${s}`))];
    expect([...outcomes.keys()].sort()).toEqual(all.sort());
  }, 60_000);
});
