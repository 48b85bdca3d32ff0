import { describe, expect, it } from 'vitest';
import { AccessKind, Core, Status } from '../../a64/layout.ts';
import type { AtName } from './address-translate.ts';
import { FaultType } from './faults.ts';
import { MmuBench } from './mmu-testing.ts';
import type { TlbiName } from './tlb/tlb-maintenance.ts';

const ram = 0x4000_0000;
const pageBits = 0x707n;
const device = 0xff00_0000;

/**
 * EL1 sees, by stage 1: page 5 Normal read/write, 6 read-only, 7 a device, 8 an IPA that stage 2 does not map, 9 RAM as
 * Device memory. Stage 2, once on, maps all RAM and the device; the table of the second 2 MiB lies where it maps
 * nothing.
 */
function machine(cores = 1): MmuBench {
  const bench = new MmuBench(ram, 0x40_0000, cores);
  bench.poke(ram + 0x1000, BigInt(ram + 0x2000) | 3n);
  bench.poke(ram + 0x2000, BigInt(ram + 0x3000) | 3n);
  bench.poke(ram + 0x2008, 0x8000_0000n | 3n);
  bench.poke(ram + 0x3000 + 8 * 5, BigInt(ram + 0x10_0000) | pageBits);
  bench.poke(ram + 0x3000 + 8 * 6, BigInt(ram + 0x10_1000) | pageBits | (1n << 7n) | (1n << 6n));
  bench.poke(ram + 0x3000 + 8 * 7, BigInt(device) | 0x403n);
  bench.poke(ram + 0x3000 + 8 * 8, 0x8000_0000n | pageBits);
  bench.poke(ram + 0x3000 + 8 * 9, BigInt(ram + 0x10_0000) | 0x403n);
  bench.poke(ram + 0x4000 + 8, BigInt(ram) | 0x7fdn);
  bench.poke(ram + 0x4000 + 24, 0xc000_0000n | 0x7fdn);
  const registers = {
    SCTLR_EL1: 1n,
    TCR_EL1: 25n | (25n << 16n) | (2n << 30n) | (2n << 32n),
    MAIR_EL1: 0xff00n,
    TTBR0_EL1: BigInt(ram + 0x1000),
    VTTBR_EL2: BigInt(ram + 0x4000),
    VTCR_EL2: 24n | (1n << 6n) | (2n << 16n),
  };
  for (let core = 0; core < cores; core++) bench.set(registers, 1, core);
  return bench;
}

describe('AT', () => {
  const at = (bench: MmuBench, va: bigint, operation: AtName) => {
    bench.core().setLong(Core.accessAddress, va);
    return bench.mmu.translateAddress(bench.core(), operation);
  };
  const par = (bench: MmuBench): bigint => bench.core().system('PAR_EL1');
  /** F, FST, and RES1 bit 11; PTW and S where asked. */
  const failed = (status: number, flags = 0n): bigint => 0x801n | BigInt(status << 1) | flags;
  const s = 1n << 9n;
  const ptw = 1n << 8n;

  it('gives address, attributes and shareability', () => {
    const bench = machine();
    expect(at(bench, 0x5123n, 'S1E1R')).toBe(Status.next);
    expect(par(bench)).toBe((0xffn << 56n) | BigInt(ram + 0x10_0000) | 0xb80n);
    at(bench, 0x7000n, 'S1E1W');
    expect(par(bench)).toBe(BigInt(device) | 0xb00n);
    bench.set({}, 2);
    at(bench, 0x1234_5678n, 'S1E2R');
    expect(par(bench)).toBe(0x1234_5000n | 0xb00n);
  });

  it('gives the fault status', () => {
    const bench = machine();
    at(bench, 0x4000n, 'S1E1R');
    expect(par(bench)).toBe(failed(0b000111));
    at(bench, 0x6000n, 'S1E1W');
    expect(par(bench)).toBe(failed(0b001111));
    at(bench, 0x6000n, 'S1E0R');
    expect(par(bench) & 1n).toBe(0n);
    at(bench, 0x6000n, 'S1E0W');
    expect(par(bench)).toBe(failed(0b001111));
    at(bench, 1n << 40n, 'S1E1R');
    expect(par(bench)).toBe(failed(0b000100));
    expect(bench.dataAborts).toEqual([]);
  });

  it('does both stages or the first alone', () => {
    const bench = machine();
    bench.set({ HCR_EL2: 1n }, 2);
    at(bench, 0x8000n, 'S1E1R');
    expect(par(bench) & 0xffff_ffff_f001n).toBe(0x8000_0000n);
    at(bench, 0x8000n, 'S12E1R');
    expect(par(bench)).toBe(failed(0b000101, s));
    at(bench, 0x5000n, 'S12E1R');
    expect(par(bench)).toBe((0xffn << 56n) | BigInt(ram + 0x10_0000) | 0xb80n);
    at(bench, 0x5000n, 'S12E0W');
    expect(par(bench)).toBe(failed(0b001111));
    at(bench, 0x20_0000n, 'S12E1R');
    expect(par(bench)).toBe(failed(0b000101, s | ptw));
    expect(bench.dataAborts).toEqual([]);
  });

  it('takes an exception to EL2 for a stage 2 fault on the walk of EL1', () => {
    const bench = machine();
    bench.set({ HCR_EL2: 1n }, 1);
    expect(at(bench, 0x20_5000n, 'S1E1R')).toBe(Status.jumped);
    expect(bench.dataAborts).toEqual([
      {
        type: FaultType.translation,
        level: 1,
        stage: 2,
        s1ptw: true,
        ipa: 0x8000_0028,
        va: 0x20_5000n,
        write: true,
        maintenance: true,
      },
    ]);
  });

  it('takes an exception for an external abort on the walk', () => {
    const bench = machine();
    expect(at(bench, 0x20_5000n, 'S1E1R')).toBe(Status.jumped);
    expect(bench.dataAborts).toMatchObject([{ type: FaultType.externalOnWalk, level: 3, stage: 1, maintenance: true }]);
  });
});

describe('TLBI of EL1 that is not broadcast', () => {
  /** Whether the other core sees a new descriptor after VAE1 by the first, which both had read before. */
  const reachesOther = (level: number, hcr: bigint, operation: TlbiName): boolean => {
    const bench = machine(2);
    for (const core of [0, 1]) {
      bench.set({ HCR_EL2: hcr }, 1, core);
      expect(bench.fill(0x5000n, AccessKind.read, 8, { index: core })).toBe(bench.host(ram + 0x10_0000));
    }
    bench.poke(ram + 0x3000 + 8 * 5, BigInt(ram + 0x10_1000) | pageBits);
    bench.set({}, level);
    bench.mmu.invalidate(bench.core(), operation, 5, 0);
    return bench.fill(0x5000n, AccessKind.read, 8, { index: 1 }) !== bench.host(ram + 0x10_0000);
  };
  const FB = 1n << 9n;

  it.each([
    [1, 0n, 'VAE1', false],
    [1, FB, 'VAE1', true],
    [1, FB, 'VMALLE1', true],
    [1, FB, 'ASIDE1', true],
    // HCR_EL2.FB is about EL1 alone.
    [2, FB, 'VAE1', false],
    [2, FB, 'ALLE1', false],
  ] as const)('at EL%i with HCR_EL2 %x reaches other cores only under FB', (level, hcr, operation, reaches) => {
    expect(reachesOther(level, hcr, operation)).toBe(reaches);
  });
});

describe('DC ZVA', () => {
  const zero = (bench: MmuBench, va: bigint) => {
    bench.core().setLong(Core.accessAddress, va);
    return bench.mmu.zero(bench.core());
  };

  it('clears the 64 bytes about an address, with code in them or not', () => {
    for (const code of [false, true]) {
      const bench = machine();
      if (code) bench.code.add((ram + 0x10_0000) / 4096);
      for (let i = 0; i < 24; i++) bench.poke(ram + 0x10_0000 + 8 * i, ~0n);
      expect(zero(bench, 0x5059n)).toBe(Status.next);
      const words = Array.from({ length: 24 }, (_, i) => bench.peek(ram + 0x10_0000 + 8 * i) === 0n);
      expect(words).toEqual(words.map((_, i) => i >= 8 && i < 16));
      expect(bench.codeWrites.length > 0).toBe(code);
    }
  });

  it('faults with the address in the register, and on Device memory', () => {
    const bench = machine();
    expect(zero(bench, 0x6059n)).toBe(Status.jumped);
    expect(zero(bench, 0x9059n)).toBe(Status.jumped);
    // Again, now that the TLB knows the page.
    expect(bench.fill(0x9040n, AccessKind.write, 8)).not.toBe(-1);
    expect(zero(bench, 0x9059n)).toBe(Status.jumped);
    expect(zero(bench, 0x7040n)).toBe(Status.jumped);
    expect(bench.dataAborts).toMatchObject([
      { type: FaultType.permission, level: 3, va: 0x6059n, write: true },
      { type: FaultType.alignment, va: 0x9059n, write: true },
      { type: FaultType.alignment, va: 0x9059n, write: true },
      { type: FaultType.alignment, va: 0x7040n, write: true },
    ]);
    expect(bench.bus).toEqual([]);
  });
});

describe('cache maintenance by address', () => {
  const maintain = (bench: MmuBench, va: bigint, discards = false) => {
    bench.core().setLong(Core.accessAddress, va);
    return bench.mmu.maintain(bench.core(), discards);
  };

  it('needs a translation at EL1, reading at EL0, writing for DC IVAC', () => {
    const bench = machine();
    expect(maintain(bench, 0x6000n)).toBe(Status.next);
    expect(maintain(bench, 0x4000n)).toBe(Status.jumped);
    expect(maintain(bench, 0x6000n, true)).toBe(Status.jumped);
    bench.set({}, 0);
    expect(maintain(bench, 0x6000n)).toBe(Status.next);
    expect(maintain(bench, 0x5000n)).toBe(Status.jumped);
    expect(bench.dataAborts).toMatchObject([
      { type: FaultType.translation, va: 0x4000n, write: true, maintenance: true },
      { type: FaultType.permission, va: 0x6000n, write: true, maintenance: true },
      { type: FaultType.permission, va: 0x5000n, write: true, maintenance: true },
    ]);
  });
});

describe('watchpoints', () => {
  it('are seen on every access to their page, and only where they match', () => {
    const bench = machine();
    expect(bench.fill(0x5010n, AccessKind.write, 4)).not.toBe(-1);
    // Bytes 4-7 of the doubleword at 0x5010, stores from EL1 (PAC = 1, LSC = 2); MDSCR_EL1.MDE and KDE.
    bench.set({ DBGWVR0_EL1: 0x5010n, DBGWCR0_EL1: 1n | (1n << 1n) | (2n << 3n) | (0xf0n << 5n) });
    bench.set({ MDSCR_EL1: (1n << 15n) | (1n << 13n) });
    bench.mmu.watchpointsChanged(bench.core());
    expect(bench.fill(0x5010n, AccessKind.write, 4)).toBe(-1);
    expect(bench.access(0x5010n, AccessKind.write, 4)).toBe(Status.next);
    expect(bench.access(0x5014n, AccessKind.read, 4)).toBe(Status.next);
    expect(bench.watchpoints).toEqual([]);
    expect(bench.access(0x5014n, AccessKind.write, 4)).toBe(Status.jumped);
    expect(bench.access(0x5010n, AccessKind.write, 8)).toBe(Status.jumped);
    expect(bench.watchpoints).toEqual([0x5014n, 0x5010n]);
    expect(bench.fill(0x6010n, AccessKind.read, 4)).not.toBe(-1);
  });
});

describe('instructionAt', () => {
  it('reads the word at pc, or says that it cannot', () => {
    const bench = machine();
    bench.poke(ram + 0x10_0010, 0x1122334455667788n);
    bench.core().pc = 0x5014n;
    expect(bench.mmu.instructionAt(bench.core())).toBe(0x11223344);
    bench.core().pc = 0x4000n;
    expect(bench.mmu.instructionAt(bench.core())).toBe(null);
  });
});
