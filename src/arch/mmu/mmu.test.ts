import { describe, expect, it } from 'vitest';
import { bigEndianReverse } from '../../../rigs/reference/walk-reference.ts';
import { AccessKind, CodeTlb, Core, codeTlbIndex, Status } from '../../a64/layout.ts';
import { FaultType } from './faults.ts';
import { MmuBench } from './mmu-testing.ts';

const { read, write, unprivileged, aligned, exclusive } = AccessKind;
const ram = 0x4000_0000;

/** T0SZ = T1SZ = 25 (39 bits), 4 KiB granules, IPS = 40 bits. */
const tcr = (25n << 16n) | (2n << 30n) | 25n | (2n << 32n);
/** Attribute 0 is Device-nGnRnE, 1 is Normal Write-Back. */
const mair = 0xff00n;

const af = 1n << 10n;
const normal = 1n << 2n;
const readOnly = 1n << 7n;
const user = 1n << 6n;

/** Maps pages of the first 2 MiB of the lower half at EL1: descriptors by page number. */
function pages(bench: MmuBench, entries: Record<number, bigint>): void {
  bench.poke(ram + 0x1000, BigInt(ram + 0x2000) | 3n);
  bench.poke(ram + 0x2000, BigInt(ram + 0x3000) | 3n);
  for (const [page, descriptor] of Object.entries(entries)) bench.poke(ram + 0x3000 + 8 * Number(page), descriptor);
  bench.set({ SCTLR_EL1: 1n, TCR_EL1: tcr, MAIR_EL1: mair, TTBR0_EL1: BigInt(ram + 0x1000) }, 1);
}

const page = (pa: number, bits = normal | af): bigint => BigInt(pa) | bits | 3n;

describe('with the MMU off', () => {
  it('maps addresses to themselves; data is Device memory', () => {
    const bench = new MmuBench();
    bench.set({}, 2);
    expect(bench.fill(0x4000_0010n, read, 8)).toBe(bench.host(0x4000_0010));
    expect(bench.fill(0x4000_0010n, write, 8)).toBe(bench.host(0x4000_0010));
    expect(bench.fill(0x4000_0011n, read, 8)).toBe(-1);
    expect(bench.access(0x4000_0011n, read, 8)).toBe(Status.jumped);
    expect(bench.dataAborts).toMatchObject([{ type: FaultType.alignment, va: 0x4000_0011n, stage: 1, write: false }]);
    expect(bench.fetch(0x4000_0040n)).toBe(0);
  });

  it('faults on addresses that are not physical ones', () => {
    const bench = new MmuBench();
    bench.set({}, 1);
    bench.access(1n << 40n, write, 4);
    expect(bench.dataAborts).toMatchObject([{ type: FaultType.addressSize, level: 0, write: true }]);
    expect(bench.fetch((1n << 40n) | 4n)).toBe(1);
    expect(bench.instructionAborts).toMatchObject([{ type: FaultType.addressSize, level: 0, va: (1n << 40n) | 4n }]);
  });

  it('gives an external abort where no device answers', () => {
    const bench = new MmuBench();
    bench.set({}, 2);
    expect(bench.access(0x1000n, read, 4)).toBe(Status.jumped);
    expect(bench.fetch(0x1000n)).toBe(1);
    expect(bench.dataAborts).toMatchObject([{ type: FaultType.external, va: 0x1000n }]);
    expect(bench.instructionAborts).toMatchObject([{ type: FaultType.external, va: 0x1000n }]);
  });
});

describe('stage 1 with 4 KiB pages', () => {
  it('translates, and remembers', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000) });
    expect(bench.fill(0x5678n, read, 8)).toBe(bench.host(ram + 0x10_0678));
    bench.poke(ram + 0x3000 + 8 * 5, 0n);
    expect(bench.fill(0x5ff8n, write, 8)).toBe(bench.host(ram + 0x10_0ff8));
    expect(bench.fill(0x5671n, read, 8)).toBe(bench.host(ram + 0x10_0671));
  });

  it('checks permissions by privilege', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000), 6: page(ram + 0x10_1000, normal | af | user | readOnly) });
    expect(bench.fill(0x5000n, read | unprivileged)).toBe(-1);
    expect(bench.fill(0x6000n, read | unprivileged)).toBe(bench.host(ram + 0x10_1000));
    expect(bench.fill(0x6000n, write)).toBe(-1);
    bench.access(0x6000n, write);
    expect(bench.dataAborts).toMatchObject([{ type: FaultType.permission, level: 3, write: true }]);
    bench.set({}, 0);
    expect(bench.fill(0x5000n, read)).toBe(-1);
    expect(bench.fill(0x6000n, read)).toBe(bench.host(ram + 0x10_1000));
  });

  it('fetches what may be executed', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram), 6: page(ram, normal | af | (1n << 53n)) });
    expect(bench.fetch(0x5ffcn)).toBe(0);
    expect(bench.fetch(0x5002n)).toBe(1);
    expect(bench.pcAlignmentFaults).toBe(1);
    expect(bench.fetch(0x6000n)).toBe(1);
    expect(bench.fetch(0x7000n)).toBe(1);
    expect(bench.instructionAborts).toMatchObject([
      { type: FaultType.permission, level: 3 },
      { type: FaultType.translation, level: 3 },
    ]);
  });
});

describe('the piece around an instruction that is mapped alike', () => {
  const pieceLog2 = (bench: MmuBench, pc: bigint): number => {
    expect(bench.fetch(pc)).toBe(0);
    const core = bench.core();
    const index = codeTlbIndex(core.word(Core.pc), core.word(Core.context));
    return core.word(Core.codeTlb + index * CodeTlb.entrySize + CodeTlb.sizeLog2);
  };
  const stage2 = { VTTBR_EL2: BigInt(ram + 0x4000), VTCR_EL2: 24n | (1n << 6n) | (2n << 16n), HCR_EL2: 1n };

  it('is a block if both stages map one', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram) });
    bench.poke(ram + 0x2008, BigInt(ram) | af | normal | 1n);
    expect(pieceLog2(bench, 0x20_0000n)).toBe(21);
    expect(pieceLog2(bench, 0x5000n)).toBe(12);
    // Stage 2: the first 2 MiB of RAM page by page, the second as a block.
    bench.poke(ram + 0x4000 + 8, BigInt(ram + 0x6000) | 3n);
    bench.poke(ram + 0x6000, BigInt(ram + 0x7000) | 3n);
    bench.poke(ram + 0x6008, BigInt(ram + 0x20_0000) | 0x4fdn);
    for (let n = 0; n < 512; n++) bench.poke(ram + 0x7000 + 8 * n, BigInt(ram + 4096 * n) | 0x4ffn);
    bench.set(stage2, 1);
    expect(pieceLog2(bench, 0x20_0000n)).toBe(12);
    bench.poke(ram + 0x2008, BigInt(ram + 0x20_0000) | af | normal | 1n);
    bench.mmu.flushAll();
    expect(pieceLog2(bench, 0x20_0000n)).toBe(21);
    // With stage 1 off, stage 2 decides.
    bench.set({ SCTLR_EL1: 0n }, 1);
    expect(pieceLog2(bench, BigInt(ram))).toBe(12);
    expect(pieceLog2(bench, BigInt(ram + 0x20_0000))).toBe(21);
  });

  it('is a page where not all of the block is RAM', () => {
    const bench = new MmuBench(ram, 0x30_0000);
    bench.set({}, 2);
    expect(pieceLog2(bench, BigInt(ram))).toBe(21);
    expect(pieceLog2(bench, BigInt(ram + 0x20_0000))).toBe(12);
  });
});

describe('a fault that was found once', () => {
  const failed = (bench: MmuBench): number => bench.core().word(Core.failed);
  const abort = (bench: MmuBench): number => bench.mmu.abort(bench.core().base);

  it('is taken without another walk', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000) });
    expect([bench.fill(0x6123n, write, 4), failed(bench)]).toEqual([-1, 1]);
    expect(abort(bench)).toBe(1);
    expect(bench.access(0x6123n, write, 4)).toBe(Status.jumped);
    const fault = { type: FaultType.translation, level: 3, stage: 1, va: 0x6123n, write: true };
    expect(bench.dataAborts).toMatchObject([fault, fault]);
    expect(failed(bench)).toBe(0);
  });

  it('is forgotten when the core has been interrupted, and a page that was mapped meanwhile is found', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000) });
    expect(bench.fill(0x6123n, read)).toBe(-1);
    bench.mmu.forgetFailure(bench.core());
    pages(bench, { 6: page(ram + 0x20_0000) });
    expect(bench.fill(0x6123n, read)).toBe(bench.host(ram + 0x20_0123));
  });

  it('is not that of another access', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000) });
    expect(bench.fill(0x6123n, read)).toBe(-1);
    expect(bench.fill(0x5123n, read)).toBe(bench.host(ram + 0x10_0123));
    expect(abort(bench)).toBe(0);
    expect([bench.dataAborts, failed(bench)]).toEqual([[], 0]);
  });

  it('is not kept for DC ZVA, which reports another address', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000) });
    expect(bench.fill(0x6100n, write, 16, { count: 4 })).toBe(-1);
    expect(failed(bench)).toBe(0);
  });
});

describe('the slow access', () => {
  const scratch = (bench: MmuBench, n = 0): bigint => bench.core().long(Core.scratch + 8 * n);

  it('crosses pages', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000), 6: page(ram + 0x20_0000) });
    bench.poke(ram + 0x10_0ff8, 0x8877665544332211n);
    bench.poke(ram + 0x20_0000, 0xffeeddccbbaa9900n);
    expect(bench.fill(0x5ffdn, read, 8)).toBe(-1);
    expect(bench.access(0x5ffdn, read, 8)).toBe(Status.next);
    expect(scratch(bench)).toBe(((0xddccbbaa99008877n << 8n) & 0xffff_ffff_ffff_ffffn) | 0x66n);
    bench.core().setLong(Core.scratch, 0x0807060504030201n);
    expect(bench.access(0x5ffcn, write, 8)).toBe(Status.next);
    expect(bench.peek(ram + 0x10_0ff8)).toBe(0x0403020144332211n);
    expect(bench.peek(ram + 0x20_0000)).toBe(0xffeeddcc08070605n);
  });

  it('reports the first byte of the page that faults, having written nothing', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000) });
    expect(bench.access(0x5ffcn, write, 8)).toBe(Status.jumped);
    expect(bench.dataAborts).toMatchObject([{ type: FaultType.translation, level: 3, va: 0x6000n, write: true }]);
    expect(bench.peek(ram + 0x10_0ff8)).toBe(0n);
  });

  it('reaches devices in words, the low one first', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(0xff00_0000, af), 6: page(0xff00_0000) });
    expect(bench.fill(0x5010n, read, 8)).toBe(-1);
    expect(bench.access(0x5010n, read, 8)).toBe(Status.next);
    expect(scratch(bench)).toBe(0x1414141410101010n);
    bench.core().setLong(Core.scratch, 0x1122334455667788n);
    bench.core().setLong(Core.scratch + 8, 0x99n);
    bench.access(0x5020n, write, 8, { count: 2 });
    bench.access(0x5031n, write, 1);
    bench.access(0x5032n, write, 2);
    bench.access(0x6032n, write, 4);
    expect(bench.bus).toEqual([
      'r4 ff000010',
      'r4 ff000014',
      'w4 ff000020 55667788',
      'w4 ff000024 11223344',
      'w4 ff000028 99',
      'w4 ff00002c 0',
      'w1 ff000031 88',
      'w2 ff000032 7788',
      'w1 ff000032 88',
      'w1 ff000033 77',
      'w1 ff000034 66',
      'w1 ff000035 55',
    ]);
    expect(bench.access(0x5032n, write, 4)).toBe(Status.jumped);
    expect(bench.dataAborts).toMatchObject([{ type: FaultType.alignment, va: 0x5032n, write: true }]);
  });

  it('checks alignment where it must', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000) });
    expect(bench.fill(0x5001n, read | aligned, 8)).toBe(-1);
    expect(bench.access(0x5001n, read | aligned, 8)).toBe(Status.jumped);
    bench.set({ SCTLR_EL1: 3n });
    expect(bench.fill(0x5001n, read, 2)).toBe(-1);
    expect(bench.fill(0x5008n, read, 8, { count: 2 })).toBe(bench.host(ram + 0x10_0008));
    expect(bench.access(0x5001n, read, 2)).toBe(Status.jumped);
    expect(bench.dataAborts).toMatchObject([{ type: FaultType.alignment }, { type: FaultType.alignment }]);
  });

  it('announces writes to pages with code', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000) });
    expect(bench.fill(0x5000n, write, 4)).not.toBe(-1);
    bench.code.add((ram + 0x10_0000) / 4096);
    bench.mmu.protectPage((ram + 0x10_0000) / 4096);
    expect(bench.fill(0x5000n, read, 4)).not.toBe(-1);
    expect(bench.fill(0x5004n, write, 4)).toBe(-1);
    bench.core().setLong(Core.scratch, 0xaabbccddn);
    expect(bench.access(0x5004n, write, 4)).toBe(Status.next);
    expect(bench.codeWrites).toEqual([{ page: (ram + 0x10_0000) / 4096, offset: 4, size: 4 }]);
    expect(bench.peek(ram + 0x10_0000)).toBe(0xaabbccdd00000000n);
    // The bench has code in the first half of such a page.
    expect(bench.fill(0x5800n, write, 4)).toBe(bench.host(ram + 0x10_0800));
    expect(bench.fill(0x5801n, write, 4)).toBe(bench.host(ram + 0x10_0801));
    expect(bench.fill(0x5004n, write, 4)).toBe(-1);
    bench.code.clear();
    expect(bench.fill(0x5004n, write, 4)).toBe(bench.host(ram + 0x10_0004));
  });

  it('stores exclusively only what the monitor marks', () => {
    const bench = new MmuBench();
    pages(bench, { 5: page(ram + 0x10_0000), 6: page(0xff00_0000) });
    bench.code.add((ram + 0x10_0000) / 4096);
    const kind = write | aligned | exclusive;
    bench.core().setLong(Core.scratch, 7n);
    bench.access(0x5008n, kind, 8);
    expect(bench.core().word(Core.scratch + 56)).toBe(1);
    bench.core().setWord(Core.exclusiveAddress, bench.host(ram + 0x10_0008));
    bench.core().setWord(Core.exclusiveSize, 8);
    bench.access(0x5008n, kind, 8);
    expect(bench.core().word(Core.scratch + 56)).toBe(0);
    expect(bench.peek(ram + 0x10_0008)).toBe(7n);
    // An open monitor marks nothing, not even the first bytes of a device.
    bench.core().setWord(Core.exclusiveAddress, 0);
    bench.access(0x6000n, kind, 8);
    expect(bench.core().word(Core.scratch + 56)).toBe(1);
    expect(bench.bus).toEqual([]);
  });
});

describe('the byte order of data', () => {
  const EE = 1n << 25n;
  const E0E = 1n << 24n;
  const bench = new MmuBench();
  pages(bench, { 5: page(ram + 0x10_0000, normal | af | user) });
  bench.poke(ram + 0x10_0008, 0x0102_0304_0506_0708n);
  // For the walks of a big-endian EL1: the same tables, in its order.
  bench.poke(ram + 0x4000, bigEndianReverse(BigInt(ram + 0x5000) | 3n));
  bench.poke(ram + 0x5000, bigEndianReverse(BigInt(ram + 0x6000) | 3n));
  bench.poke(ram + 0x6000 + 8 * 5, bigEndianReverse(page(ram + 0x10_0000, normal | af | user)));

  /** Loads by the way that generated code would go, and says whether that was the fast one. */
  const load = (kind: number): [fast: boolean, value: bigint] => {
    const host = bench.fill(0x5008n, kind, 8);
    if (host !== -1) return [true, bench.memory.u64[(host >>> 0) / 8] as bigint];
    expect(bench.access(0x5008n, kind, 8)).toBe(Status.next);
    return [false, bench.core().long(Core.scratch)];
  };
  const little = [true, 0x0102_0304_0506_0708n] as const;
  const big = [false, 0x0807_0605_0403_0201n] as const;

  it.each([
    [1, 0n, little, little],
    [0, 0n, little, little],
    [1, E0E, little, little],
    [0, E0E, big, big],
    [1, EE, big, big],
    [0, EE, little, little],
    [1, EE | E0E, big, big],
    [0, EE | E0E, big, big],
  ] as const)(
    'is at EL%i with %x in SCTLR_EL1 its own, for LDTR too, whatever was there before',
    (level, order, ...expected) => {
      const tables = (value: bigint): bigint => BigInt(ram + ((value & EE) !== 0n ? 0x4000 : 0x1000));
      // The TLB is full of what the other levels and orders have left there.
      for (const before of [0n, E0E, EE, EE | E0E, order]) {
        for (const l of [0, 1]) {
          bench.set({ SCTLR_EL1: 1n | before, TTBR0_EL1: tables(before) }, l);
          load(read);
          load(read | unprivileged);
        }
      }
      bench.set({}, level);
      expect([load(read), load(read | unprivileged)]).toEqual(expected);
      expect(bench.dataAborts).toEqual([]);
    },
  );
});
