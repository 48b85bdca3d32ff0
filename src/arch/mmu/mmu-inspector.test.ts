import { describe, expect, it } from 'vitest';
import type { TranslationStep } from './explain.ts';
import { FaultType } from './faults.ts';
import { MmuBench } from './mmu-testing.ts';
import { Need } from './walk.ts';

const ram = 0x4000_0000;

/**
 * A guest of two stages: VA 0x5000 is IPA 0x8000_0000, which is ram + 0x10_0000; its tables' IPAs are their addresses.
 */
function guest(): MmuBench {
  const bench = new MmuBench(ram);
  bench.poke(ram + 0x1000, BigInt(ram + 0x2000) | 3n | (1n << 59n) | (2n << 61n));
  bench.poke(ram + 0x2000, BigInt(ram + 0x3000) | 3n);
  bench.poke(ram + 0x3000 + 8 * 5, 0x8000_0000n | 0x747n | (1n << 53n));
  bench.poke(ram + 0x3000 + 8 * 6, 0x9000_0000n | 0x747n);
  bench.poke(ram + 0x4000 + 8, BigInt(ram) | 0x4fdn);
  bench.poke(ram + 0x4000 + 16, BigInt(ram + 0x6000) | 3n);
  bench.poke(ram + 0x6000, BigInt(ram + 0x7000) | 3n);
  bench.poke(ram + 0x7000, BigInt(ram + 0x10_0000) | 0x7ffn);
  bench.poke(ram + 0x10_0008, 0x1122334455667788n);
  bench.set(
    {
      SCTLR_EL1: 1n,
      TCR_EL1: 25n | (25n << 16n) | (2n << 30n) | (2n << 32n),
      MAIR_EL1: 0xff00n,
      TTBR0_EL1: BigInt(ram + 0x1000),
      HCR_EL2: 1n,
      VTTBR_EL2: BigInt(ram + 0x4000),
      VTCR_EL2: 24n | (1n << 6n) | (2n << 16n),
    },
    1,
  );
  return bench;
}

/** The fields of a descriptor that are not zero, as NAME or NAME=VALUE. */
const setFields = (step: TranslationStep | undefined): string[] =>
  (step?.fields ?? [])
    .filter(({ value }) => value !== 0n)
    .map(({ name, width, value }) => {
      if (width === 1) return name;
      return `${name}=${name === 'address' ? '0x' : ''}${value.toString(name === 'address' ? 16 : 10)}`;
    });

describe('the inspector', () => {
  it('shows each descriptor of both stages in the order of reading', () => {
    const bench = guest();
    const inspector = bench.mmu.inspector(bench.core());
    const { steps, result } = inspector.explain(0x5008n);
    expect(
      steps.map((s) => `${s.forTable ? 'table ' : ''}${s.stage}.${s.level} ${s.address.toString(16)} ${s.kind}`),
    ).toEqual([
      'table 2.1 40004008 block',
      '1.1 40001000 table',
      'table 2.1 40004008 block',
      '1.2 40002000 table',
      'table 2.1 40004008 block',
      '1.3 40003028 page',
      '2.1 40004010 table',
      '2.2 40006000 table',
      '2.3 40007000 page',
    ]);
    expect(steps[1]).toMatchObject({
      isIpa: true,
      output: ram + 0x2000,
      sizeLog2: 30,
    });
    expect(setFields(steps[1])).toEqual(['valid', 'type', 'address=0x40002', 'PXNTable', 'APTable=2']);
    expect(steps[5]).toMatchObject({
      output: 0x8000_0000,
      descriptor: 0x8000_0000n | 0x747n | (1n << 53n),
    });
    expect(setFields(steps[5])).toEqual([
      'valid',
      'type',
      'AttrIndx=1',
      'AP=1',
      'SH=3',
      'AF',
      'address=0x80000',
      'PXN',
    ]);
    expect(steps[8]).toMatchObject({
      isIpa: false,
      output: ram + 0x10_0000,
    });
    expect(setFields(steps[8])).toEqual([
      'valid',
      'type',
      'MemAttr=15',
      'S2AP=3',
      'SH=3',
      'AF',
      `address=0x${((ram + 0x10_0000) >> 12).toString(16)}`,
    ]);
    for (const { fields } of steps) {
      let bit = 0;
      for (const { low, width } of fields) {
        expect(low).toBe(bit);
        bit += width;
      }
      expect(bit).toBe(64);
    }
    expect(result).toEqual({
      ok: true,
      pa: ram + 0x10_0008,
      readable: true,
      writable: false,
      executable: false,
      device: false,
      attributes: 0xff,
      shareability: 3,
    });
  });

  it('shows why a translation fails', () => {
    const bench = guest();
    const inspector = bench.mmu.inspector(bench.core());
    expect(inspector.explain(0x6000n).result).toMatchObject({
      ok: false,
      fault: { type: FaultType.translation, level: 2, stage: 2, ipa: 0x9000_0000, low: 0x6000, high: 0 },
      target: 2,
      syndrome: 0x9200_0006,
    });
    expect(inspector.explain(0x5000n, inspector.present, Need.write).result).toMatchObject({
      ok: false,
      fault: { type: FaultType.permission, level: 3, stage: 1, write: true },
      target: 1,
      syndrome: 0x9600_004f,
    });
  });

  it('reads memory by virtual, intermediate and physical address, up to the first gap', () => {
    const bench = guest();
    const inspector = bench.mmu.inspector(bench.core());
    const bytes = [0x88, 0x77, 0x66, 0x55];
    expect([...inspector.readVirtual(0x5008n, 4)]).toEqual(bytes);
    expect([...inspector.readIpa(0x8000_0008, 4)]).toEqual(bytes);
    expect([...inspector.readPhysical(ram + 0x10_0008, 4)]).toEqual(bytes);
    expect(inspector.readVirtual(0x5ff0n, 32)).toHaveLength(16);
    expect(inspector.readVirtual(0x4ff0n, 32)).toHaveLength(0);
    expect(inspector.readIpa(0x8000_0ff0, 32)).toHaveLength(16);
    expect(inspector.readPhysical(ram + 0x40_0000 - 8, 32)).toHaveLength(8);
    expect(inspector.readPhysical(ram + 0xff0, 32)).toHaveLength(32);
  });

  it('changes nothing', () => {
    const bench = guest();
    const core = bench.core();
    const before = bench.memory.u8.slice(core.base, core.base + 0x10000);
    const inspector = bench.mmu.inspector(core);
    inspector.explain(0x5000n);
    inspector.explain(0x6000n);
    inspector.readVirtual(0x5000n, 64);
    inspector.readIpa(0x8000_0000, 64);
    expect(bench.memory.u8.slice(core.base, core.base + 0x10000)).toEqual(before);
    // The core's own walk must not use a cache that inspecting has filled.
    bench.poke(ram + 0x7000, BigInt(ram + 0x20_0000) | 0x7ffn);
    expect(bench.fill(0x5000n, 0)).toBe(bench.host(ram + 0x20_0000));
  });
});
