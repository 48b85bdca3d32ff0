import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Core } from '../../a64/layout.ts';
import {
  mrs,
  msr,
  type SystemFields,
  sys as sysOf,
  systemEncoding,
  systemOperation,
} from '../../a64/system-encoding.ts';

import { isWaiting, pollWait, setLine, yieldMonitor } from '../exceptions/interrupts.ts';
import { never } from '../registers/system-register.ts';
import { Cptr, Hcr, Mdcr, Pstate, Sctlr } from '../state/control-bits.ts';
import { ExitRequest } from '../state/exit-request.ts';
import { type SystemSlot, systemOffset } from '../state/slots.ts';
import { SystemBench } from './system-testing.ts';

const sys = (name: string, rt = 0): number => sysOf(systemOperation(name), rt);
const wfe = 0xd503_205f;
const wfi = 0xd503_207f;
const sev = 0xd503_209f;
const sevl = 0xd503_20bf;

/** How an instruction at 0x1000 ended: `ok`, or the level and ESR of the exception. */
const outcome = (bench: SystemBench, from: number): string => {
  const core = bench.core();
  if (core.pc === 0x1004n && core.el === from) return 'ok';
  return `EL${core.el} ${core.systemLow(core.el === 1 ? 'ESR_EL1' : 'ESR_EL2').toString(16)}`;
};

/** Executes one instruction at a level under given registers. */
const attempt = (
  word: number,
  el: 0 | 1 | 2,
  registers: Partial<Record<SystemSlot, bigint>> = {},
): { bench: SystemBench; outcome: string } => {
  const bench = new SystemBench();
  bench.set(registers);
  bench.level(el);
  bench.run(word);
  return { bench, outcome: outcome(bench, el) };
};

const trap = (to: 1 | 2, word: number): string => {
  const [op0, op1, crn, crm, op2] = [
    (word >>> 19) & 3,
    (word >>> 16) & 7,
    (word >>> 12) & 15,
    (word >>> 8) & 15,
    (word >>> 5) & 7,
  ];
  const iss =
    (op0 << 20) | (op2 << 17) | (op1 << 14) | (crn << 10) | ((word & 31) << 5) | (crm << 1) | ((word >>> 21) & 1);
  return `EL${to} ${(0x6200_0000 | iss).toString(16)}`;
};
const undefinedAt = (to: 1 | 2): string => `EL${to} 2000000`;

describe('identification', () => {
  test.each([
    ['MIDR_EL1', [3, 0, 0, 0, 0], 0x410f_d034n],
    ['MPIDR_EL1', [3, 0, 0, 0, 5], 0x8000_0001n],
    ['CTR_EL0', [3, 3, 0, 0, 1], 0x8444_8004n],
    ['DCZID_EL0', [3, 3, 0, 0, 7], 4n],
    ['CLIDR_EL1', [3, 1, 0, 0, 1], 0x0a20_0023n],
    ['ID_AA64PFR0_EL1', [3, 0, 0, 4, 0], 0x1111n],
    ['ID_AA64DFR0_EL1', [3, 0, 0, 5, 0], 0x1030_5106n],
    ['ID_AA64ISAR0_EL1', [3, 0, 0, 6, 0], 0x0001_1120n],
    ['ID_AA64MMFR0_EL1', [3, 0, 0, 7, 0], 0x1122n],
    ['ID_PFR0_EL1', [3, 0, 0, 1, 0], 0n],
    ['reserved', [3, 0, 0, 7, 5], 0n],
  ] as const)('%s', (_, fields, value) => {
    const bench = new SystemBench(2);
    bench.level(1, 1, 1);
    bench.core(1).setX(5, 99n);
    bench.run(mrs(fields, 5), 1);
    expect(bench.core(1).x(5)).toBe(value);
  });

  test('EL1 sees VPIDR and VMPIDR', () => {
    const { bench } = attempt(mrs([3, 0, 0, 0, 0], 1), 1, { VPIDR_EL2: 0x1234n });
    expect(bench.core().x(1)).toBe(0x1234n);
    bench.level(2);
    bench.run(mrs([3, 0, 0, 0, 0], 1));
    expect(bench.core().x(1)).toBe(0x410f_d034n);
  });

  test('CSSELR_EL1 selects the cache of CCSIDR_EL1', () => {
    for (const [select, value] of [
      [0n, 0x700f_e01an],
      [1n, 0x201f_e00an],
      [2n, 0x707f_e07an],
    ] as const) {
      const { bench } = attempt(mrs([3, 1, 0, 0, 0], 1), 1, { CSSELR_EL1: select });
      expect(bench.core().x(1)).toBe(value);
    }
  });
});

describe('accesses to registers', () => {
  const SCTLR_EL1: SystemFields = [3, 0, 1, 0, 0];
  const HCR_EL2: SystemFields = [3, 4, 1, 1, 0];
  const TPIDR_EL0: SystemFields = [3, 3, 13, 0, 2];
  const TPIDRRO_EL0: SystemFields = [3, 3, 13, 0, 3];
  const DAIF: SystemFields = [3, 3, 4, 2, 1];
  const vm: SystemFields[] = [
    SCTLR_EL1,
    [3, 0, 2, 0, 0],
    [3, 0, 2, 0, 1],
    [3, 0, 2, 0, 2],
    [3, 0, 5, 2, 0],
    [3, 0, 6, 0, 0],
    [3, 0, 5, 1, 0],
    [3, 0, 5, 1, 1],
    [3, 0, 10, 2, 0],
    [3, 0, 10, 3, 0],
    [3, 0, 13, 0, 1],
  ];
  const hcr = (bits: number): Partial<Record<SystemSlot, bigint>> => ({ HCR_EL2: BigInt(bits) });

  test('below their level are UNDEFINED', () => {
    expect(attempt(mrs(SCTLR_EL1), 0).outcome).toBe(undefinedAt(1));
    expect(attempt(mrs(SCTLR_EL1), 0, hcr(Hcr.TGE)).outcome).toBe(undefinedAt(2));
    expect(attempt(mrs(HCR_EL2), 1).outcome).toBe(undefinedAt(1));
    expect(attempt(msr(TPIDRRO_EL0), 0).outcome).toBe(undefinedAt(1));
    expect(attempt(mrs(TPIDRRO_EL0), 0).outcome).toBe('ok');
    expect(attempt(msr(TPIDR_EL0), 0).outcome).toBe('ok');
    // SP_EL0 while it is the stack pointer; SP_EL1 at EL1; SP_EL2; EL3's.
    expect(attempt(mrs([3, 4, 4, 1, 0]), 1).outcome).toBe(undefinedAt(1));
    expect(attempt(mrs([3, 6, 4, 1, 0]), 2).outcome).toBe(undefinedAt(2));
    expect(attempt(mrs([3, 6, 1, 1, 0]), 2).outcome).toBe(undefinedAt(2));
    const bench = new SystemBench();
    bench.level(1, 0);
    bench.run(mrs([3, 0, 4, 1, 0]));
    expect(outcome(bench, 1)).toBe(undefinedAt(1));
  });

  test.each(vm)('TVM and TRVM trap %i %i %i %i %i', (...fields) => {
    for (const [word, bit] of [
      [msr(fields, 7), Hcr.TVM],
      [mrs(fields, 7), Hcr.TRVM],
    ] as const) {
      expect(attempt(word, 1, hcr(bit)).outcome).toBe(trap(2, word));
      expect(attempt(word, 1, hcr((Hcr.TVM | Hcr.TRVM) & ~bit)).outcome).toBe('ok');
      expect(attempt(word, 2, hcr(bit)).outcome).toBe('ok');
    }
  });

  const el0 = (bits: number) => ({ SCTLR_EL1: BigInt(bits) });
  // Instruction, level, registers; outcome: a trap to that level, or ok (0).
  test.each([
    [mrs([3, 1, 0, 0, 7], 3), 1, hcr(Hcr.TID1), 2],
    [mrs([3, 0, 0, 0, 6], 3), 1, hcr(Hcr.TID1), 2],
    [mrs([3, 0, 0, 0, 0], 3), 1, hcr(Hcr.TID1), 0],
    [mrs([3, 1, 0, 0, 0], 3), 1, hcr(Hcr.TID2), 2],
    [msr([3, 2, 0, 0, 0], 3), 1, hcr(Hcr.TID2), 2],
    [mrs([3, 3, 0, 0, 1], 3), 0, { ...hcr(Hcr.TID2), ...el0(Sctlr.UCT) }, 2],
    [mrs([3, 3, 0, 0, 1], 3), 0, { ...hcr(Hcr.TID2), ...el0(0) }, 1],
    [mrs([3, 3, 0, 0, 1], 3), 0, { ...hcr(Hcr.TGE), ...el0(0) }, 2],
    [mrs([3, 0, 0, 6, 0], 3), 1, hcr(Hcr.TID3), 2],
    [mrs([3, 0, 0, 3, 7], 3), 1, hcr(Hcr.TID3), 2],
    [mrs([3, 0, 0, 6, 0], 3), 2, hcr(Hcr.TID3), 0],
    [msr([3, 0, 1, 0, 1], 3), 1, hcr(Hcr.TACR), 2],
    [mrs([3, 0, 1, 0, 2], 3), 1, { CPTR_EL2: BigInt(Cptr.TCPAC >>> 0) }, 2],
    [mrs([3, 0, 1, 0, 2], 3), 2, { CPTR_EL2: BigInt(Cptr.TCPAC >>> 0) }, 0],
    [msr([3, 1, 15, 2, 1], 3), 1, hcr(Hcr.TIDCP), 2],
    [mrs([3, 1, 11, 0, 2], 3), 1, hcr(Hcr.TIDCP), 2],
    [mrs([3, 1, 11, 0, 2], 3), 2, hcr(Hcr.TIDCP), 0],
    [msr([3, 1, 15, 2, 1], 3), 1, {}, 2],
    [msr([3, 1, 15, 2, 1], 3), 1, { ACTLR_EL2: 2n }, 0],
    [mrs(DAIF, 3), 0, el0(0), 1],
    [mrs(DAIF, 3), 0, el0(Sctlr.UMA), 0],
    [0xd503_41df, 0, el0(0), 1],
    [0xd503_41df, 0, el0(Sctlr.UMA), 0],
    [sys('TLBI VMALLE1'), 1, hcr(Hcr.TTLB), 2],
    [sys('TLBI VAE1IS', 4), 1, hcr(Hcr.TTLB), 2],
    [sys('TLBI VMALLE1'), 2, hcr(Hcr.TTLB), 0],
    [sys('DC ISW', 1), 1, hcr(Hcr.TSW), 2],
    [sys('DC IVAC', 1), 1, hcr(Hcr.TPC), 2],
    [sys('DC CIVAC', 1), 1, hcr(Hcr.TPC), 2],
    [sys('DC CIVAC', 1), 0, { ...hcr(Hcr.TPC), ...el0(Sctlr.UCI) }, 2],
    [sys('DC CIVAC', 1), 0, { ...hcr(Hcr.TPC), ...el0(0) }, 1],
    [sys('DC CVAU', 1), 1, hcr(Hcr.TPU), 2],
    [sys('IC IVAU', 1), 1, hcr(Hcr.TPU), 2],
    [sys('IC IALLUIS', 31), 1, hcr(Hcr.TPU), 2],
    [sys('DC ZVA', 1), 0, el0(0), 1],
    [sys('DC ZVA', 1), 0, el0(Sctlr.DZE), 0],
    [sys('DC ZVA', 1), 1, hcr(Hcr.TDZ), 2],
    [mrs([2, 0, 0, 2, 2], 3), 1, { MDCR_EL2: BigInt(Mdcr.TDA) }, 2],
    [mrs([2, 0, 0, 2, 2], 3), 1, { MDCR_EL2: BigInt(Mdcr.TDE) }, 2],
    [msr([2, 0, 1, 0, 4], 3), 1, { MDCR_EL2: BigInt(Mdcr.TDOSA) }, 2],
    [mrs([2, 0, 1, 0, 0], 3), 1, { MDCR_EL2: BigInt(Mdcr.TDRA) }, 2],
    [mrs([3, 3, 9, 12, 0], 3), 1, { MDCR_EL2: BigInt(Mdcr.TPMCR) }, 2],
    [mrs([3, 3, 9, 13, 0], 3), 1, { MDCR_EL2: BigInt(Mdcr.TPM) }, 2],
    [mrs([3, 3, 9, 13, 0], 3), 0, {}, 1],
    [mrs([3, 3, 9, 13, 0], 3), 0, { PMUSERENR_EL0: 4n }, 0],
    [msr([3, 3, 9, 13, 0], 3), 0, { PMUSERENR_EL0: 4n }, 1],
  ] as const)('%x at EL%i %#', (word, el, registers, to) => {
    expect(attempt(word, el, registers).outcome).toBe(to === 0 ? 'ok' : trap(to, word));
  });

  test('FPCR and FPSR trap as FP', () => {
    const { bench } = attempt(mrs([3, 3, 4, 4, 0]), 1, { SPSR_EL2: 5n, ELR_EL2: 0x1000n });
    bench.level(2);
    bench.run(0xd69f_03e0);
    bench.run(msr([3, 3, 4, 4, 1]));
    expect(bench.core().systemLow('ESR_EL1')).toBe(0x1fe0_0000);
  });

  test('reserved bits keep their values', () => {
    const bench = new SystemBench();
    const all = (1n << 64n) - 1n;
    for (const [fields, ones, zeros] of [
      [SCTLR_EL1, 0x37dd_dbbfn, 0x30d0_0800n],
      [HCR_EL2, 0x3_dfff_ffffn, 0x8000_0000n],
      [[3, 4, 1, 1, 2], 0x8000_37ffn, 0x33ffn],
      [[3, 0, 12, 0, 0], 0xffff_ffff_ffff_f800n, 0n],
      [[3, 0, 5, 2, 0], 0xffff_ffffn, 0n],
      [[3, 4, 2, 1, 2], 0x8007_ffffn, 0x8000_0000n],
      [[3, 3, 4, 2, 0], 0xf000_0000n, 0n],
    ] as const) {
      for (const [value, expected] of [
        [all, ones],
        [0n, zeros],
      ] as const) {
        bench.core().setX(1, value);
        bench.run(msr(fields, 1));
        bench.run(mrs(fields, 2));
        expect(bench.core().x(2)).toBe(expected);
      }
    }
  });

  test('does the world switch of a hypervisor find AArch32’s registers, as on a Cortex-A53?', () => {
    const bench = new SystemBench();
    for (const [fields, ones, zeros] of [
      [[3, 4, 3, 0, 0], 0xffff_ffffn, 0n],
      [[3, 4, 5, 0, 1], 0x163fn, 0n],
      [[3, 4, 5, 3, 0], 0x4000_0700n, 0x700n],
      [[2, 4, 0, 7, 0], 0xde00_00den, 0n],
      ...[0, 1, 2, 3].map((bank) => [[3, 4, 4, 3, bank], 0xffff_ffffn, 0n] as const),
    ] as const) {
      for (const [value, expected] of [
        [(1n << 64n) - 1n, ones],
        [0n, zeros],
      ] as const) {
        bench.core().setX(1, value);
        bench.run(msr(fields, 1));
        bench.run(mrs(fields, 2));
        expect(bench.core().x(2)).toBe(expected);
      }
      bench.level(1);
      bench.run(mrs(fields));
      expect(bench.core().systemLow('ESR_EL1')).toBe(0x200_0000);
      bench.level(2);
    }
  });

  test('does FPSR keep the flags of AArch32’s FPSCR?', () => {
    const bench = new SystemBench();
    bench.core().setX(1, (1n << 64n) - 1n);
    bench.run(msr([3, 3, 4, 4, 1], 1));
    bench.run(mrs([3, 3, 4, 4, 1], 2));
    expect(bench.core().x(2)).toBe(0xf800_009fn);
  });

  test('XZR is not written', () => {
    const { bench, outcome } = attempt(mrs([3, 0, 0, 0, 0], 31), 1);
    expect(outcome).toBe('ok');
    expect(bench.core().x(31)).toBe(0n);
  });

  test('unknown ones are UNDEFINED and told once', () => {
    const { bench, outcome } = attempt(mrs([3, 3, 15, 2, 3]), 1);
    expect(outcome).toBe(undefinedAt(1));
    bench.run(msr([3, 3, 15, 2, 3]));
    bench.run(msr([1, 0, 7, 8, 7]));
    expect(bench.unknown).toEqual(['S3_3_C15_C2_3', 'S1_0_C7_C8_7']);
  });

  test('PSTATE is written by MSR', () => {
    const bench = new SystemBench();
    bench.level(1);
    const core = bench.core();
    core.setX(1, 0xffff_ffffn);
    bench.run(msr(DAIF, 1));
    expect(core.word(Core.pstate)).toBe(Pstate.daif | 5);
    bench.run(0xd503_45ff); // MSR DAIFClr, #5
    bench.run(mrs(DAIF, 2));
    expect(core.x(2)).toBe(BigInt(Pstate.I | Pstate.D));
    bench.run(mrs([3, 0, 4, 2, 2], 2));
    expect(core.x(2)).toBe(4n);
    core.setX(1, 0n);
    bench.run(msr([3, 0, 4, 2, 0], 1));
    bench.run(mrs([3, 0, 4, 2, 0], 2));
    expect(core.x(2)).toBe(0n);
    expect(core.word(Core.pstate) & Pstate.mode).toBe(4);
  });
});

describe('SYS', () => {
  test.each([
    ['DC ZVA, x1', sys('DC ZVA', 1), 'zero 1234'],
    ['DC IVAC, x1', sys('DC IVAC', 1), 'discard 1234'],
    ['DC CIVAC, x1', sys('DC CIVAC', 1), 'maintain 1234'],
    ['IC IVAU, x1', sys('IC IVAU', 1), 'maintain 1234'],
    ['AT S12E1W, x1', sys('AT S12E1W', 1), 'at S12E1W 1234'],
    ['AT S1E0R, x1', sys('AT S1E0R', 1), 'at S1E0R 1234'],
    ['TLBI VALE2IS, x1', sys('TLBI VALE2IS', 1), 'tlbi VALE2IS 0'],
    ['TLBI IPAS2E1, x1', sys('TLBI IPAS2E1', 1), 'tlbi IPAS2E1 0'],
  ])('%s', (_, word, call) => {
    const bench = new SystemBench();
    bench.core().setX(1, 0x1234n);
    bench.run(word);
    expect(bench.mmuCalls.filter((c) => !c.startsWith('watchpoints'))).toEqual([call]);
  });

  test('EL2 operations are UNDEFINED at EL1, EL1 operations at EL0', () => {
    expect(attempt(sys('TLBI ALLE2IS', 31), 1).outcome).toBe(undefinedAt(1));
    expect(attempt(sys('AT S1E2R'), 1).outcome).toBe(undefinedAt(1));
    expect(attempt(sys('TLBI VMALLE1', 31), 0).outcome).toBe(undefinedAt(1));
    expect(attempt(sys('DC IVAC'), 0).outcome).toBe(undefinedAt(1));
  });
});

describe('hints and barriers', () => {
  test.each([
    ['NOP', 0xd503_201f, true],
    ['YIELD', 0xd503_203f, true],
    ['unallocated hint', 0xd503_2fff, true],
    ['DSB SY', 0xd503_3f9f, true],
    ['DMB ISH', 0xd503_3bbf, true],
    ['ISB', 0xd503_3fdf, true],
    ['CLREX', 0xd503_3f5f, true],
    ['SB, not in ARMv8.0', 0xd503_30ff, false],
    ['CFINV, not in ARMv8.0', 0xd500_401f, false],
    ['MSR PAN, not in ARMv8.0', 0xd500_409f, false],
    ['MSR UAO, not in ARMv8.0', 0xd500_407f, false],
    ['hint with Rt', 0xd503_2000, false],
    ['SYSL', 0xd52b_7420, false],
  ] as const)('%s', (_, word, works) => {
    expect(attempt(word, 1).outcome).toBe(works ? 'ok' : undefinedAt(1));
  });

  test('CLREX opens the exclusive monitor', () => {
    const bench = new SystemBench();
    bench.core().setWord(Core.exclusiveAddress, 64);
    bench.run(0xd503_3f5f);
    expect(bench.core().word(Core.exclusiveAddress)).toBe(0);
  });
});

describe('WFI and WFE', () => {
  const waits = (bench: SystemBench, index = 0): boolean =>
    isWaiting(bench.core(index)) && (bench.core(index).word(Core.exitRequest) & ExitRequest.wait) !== 0;

  test('WFI waits for an interrupt even if it is masked', () => {
    const { bench } = attempt(wfi, 1);
    bench.core().setWord(Core.pstate, bench.core().word(Core.pstate) | Pstate.I);
    expect(waits(bench)).toBe(true);
    expect(bench.core().pc).toBe(0x1004n);
    setLine(bench.core(), 'irq', true);
    expect(waits(bench)).toBe(false);
    expect(bench.core().word(Core.exitRequest)).toBe(0);
    bench.run(wfi);
    expect(waits(bench)).toBe(false);
  });

  test('WFI of a guest ends for a virtual interrupt', () => {
    const bench = new SystemBench();
    bench.set({ HCR_EL2: BigInt(Hcr.IMO) });
    bench.level(1);
    bench.run(wfi);
    expect(waits(bench)).toBe(true);
    setLine(bench.core(), 'virq', true);
    expect(waits(bench)).toBe(false);
  });

  test('WFE waits for an event, or for an interrupt that is not masked', () => {
    const bench = new SystemBench(2);
    bench.level(1);
    bench.core().setWord(Core.pstate, bench.core().word(Core.pstate) | Pstate.I);
    bench.run(sevl);
    bench.run(wfe);
    expect(waits(bench)).toBe(false);
    bench.run(wfe);
    expect(waits(bench)).toBe(true);
    setLine(bench.core(), 'irq', true);
    expect(waits(bench)).toBe(true);
    bench.run(sev, 1);
    expect(waits(bench)).toBe(false);
    setLine(bench.core(), 'irq', false);
    bench.run(0xd503_42ff); // MSR DAIFClr, #2
    bench.run(wfe);
    setLine(bench.core(), 'irq', true);
    expect(waits(bench)).toBe(false);
  });

  test('WFE ends when the location that the monitor marks is written', () => {
    const bench = new SystemBench();
    const core = bench.core();
    const host = core.memory.pages * 65536 - 4096;
    core.setWord(Core.exclusiveAddress, host + 4);
    bench.run(wfe);
    expect(pollWait(core)).toBe(true);
    core.memory.u8[host + 5] = 1;
    expect(pollWait(core)).toBe(false);
  });

  test('a core whose turn ends loses its monitor and gets an event', () => {
    const bench = new SystemBench();
    const core = bench.core();
    core.setWord(Core.exclusiveAddress, 0x1000);
    yieldMonitor(core);
    bench.run(wfe);
    expect(waits(bench)).toBe(false);
    bench.run(wfe);
    expect(waits(bench)).toBe(true);
  });

  // Level, SCTLR_EL1, HCR_EL2; level of the trap.
  test.each([
    [0, 0, 0, 1],
    [0, 0, Hcr.TGE, 2],
    [0, Sctlr.nTWI | Sctlr.nTWE, Hcr.TWI | Hcr.TWE, 2],
    [1, 0, Hcr.TWI | Hcr.TWE, 2],
    [1, 0, 0, 0],
    [2, 0, Hcr.TWI | Hcr.TWE, 0],
  ] as const)('are trapped at EL%i with SCTLR_EL1 %x, HCR_EL2 %x', (el, sctlr, hcr, to) => {
    for (const [word, ti] of [
      [wfi, 0],
      [wfe, 1],
    ] as const) {
      const { bench, outcome } = attempt(word, el, { SCTLR_EL1: BigInt(sctlr), HCR_EL2: BigInt(hcr) });
      expect(outcome).toBe(to === 0 ? 'ok' : `EL${to} ${(0x07e0_0000 | ti).toString(16)}`);
      expect(waits(bench)).toBe(to === 0);
      // With its wake-up event there, it would not wait, and is not trapped.
      const ready = new SystemBench();
      ready.set({ SCTLR_EL1: BigInt(sctlr), HCR_EL2: BigInt(hcr) });
      ready.level(el);
      ready.core().setSystem('eventRegister', 1n);
      setLine(ready.core(), 'irq', true);
      ready.run(word);
      expect(ready.core().el).toBe(el);
    }
  });
});

describe('inline accesses', () => {
  const access = (fields: SystemFields, write: boolean) =>
    new SystemBench().unit.plainAccess(systemEncoding(fields), write);

  test('are those of registers with plain storage', () => {
    expect(access([3, 3, 13, 0, 2], true)).toEqual({
      offset: systemOffset('TPIDR_EL0'),
      level: 0,
      width: 64,
      condition: undefined,
      bits: undefined,
      unobserved: false,
    });
    // EL0 needs SCTLR_EL1.UMA for DAIF, and an interrupt may wait for it to change.
    expect(access([3, 3, 4, 2, 1], true)).toMatchObject({
      offset: Core.pstate,
      level: 1,
      bits: 0x3c0,
      unobserved: true,
    });
    expect(access([3, 3, 4, 4, 1], false)?.condition).toEqual({ offset: Core.fpTrap, mask: -1, value: 0 });
    expect(access([3, 3, 13, 0, 3], true)?.level).toBe(1);
    expect(access([3, 0, 4, 0, 0], true)?.width).toBe(32);
    expect(access([3, 0, 4, 1, 0], false)?.condition).toEqual({ offset: Core.pstate, mask: 1, value: 1 });
    expect(access([3, 0, 5, 2, 0], false)?.condition).toEqual({
      offset: systemOffset('HCR_EL2'),
      mask: Hcr.TRVM,
      value: 0,
    });
    // SCTLR_EL1 has an effect; MIDR_EL1 depends on the level; CNTVCT_EL0 on time; VBAR_EL1 has RES0 bits.
    expect(access([3, 0, 1, 0, 0], true)).toBeUndefined();
    expect(access([3, 0, 0, 0, 0], false)).toBeUndefined();
    expect(access([3, 3, 14, 0, 2], false)).toBeUndefined();
    expect(access([3, 0, 12, 0, 0], true)).toBeUndefined();
    expect(access([3, 0, 12, 0, 0], false)).toBeDefined();
  });

  test('do the same as executing the instruction', () => {
    const bench = new SystemBench();
    const core = bench.core();
    for (const register of bench.unit.registers) {
      for (const write of [false, true]) {
        const plain = bench.unit.plainAccess(register.encoding, write);
        if (!plain) continue;
        bench.unit.reset(core, 2, 0x1000n);
        bench.set({ CPACR_EL1: 3n << 20n });
        for (let el = plain.level as 0 | 1 | 2; el <= 2; el++) {
          bench.level(el);
          if (plain.bits === undefined) core.setLong(plain.offset, write ? 0n : 0x1234_5678_9abc_def0n);
          const before = core.word(plain.offset);
          core.setX(1, 0xfedc_ba98_7654_3210n);
          bench.run((write ? 0xd500_0001 : 0xd520_0001) | (register.encoding << 5));
          expect([register.name, el, core.el, core.pc]).toEqual([register.name, el, el, 0x1004n]);
          if (plain.bits !== undefined) {
            if (write) expect(core.word(plain.offset)).toBe((before & ~plain.bits) | (0x7654_3210 & plain.bits));
            else expect(core.x(1)).toBe(BigInt(before & plain.bits));
            continue;
          }
          const stored = plain.width === 64 ? 0xfedc_ba98_7654_3210n : 0x7654_3210n;
          expect(write ? core.long(plain.offset) : core.x(1)).toBe(write ? stored : 0x1234_5678_9abc_def0n);
        }
      }
    }
  });
});

test('no system instruction breaks the simulator, whatever the state', () => {
  const bench = new SystemBench();
  const core = bench.core();
  const writable = bench.unit.registers.filter((register) => register.writeLevel !== never);
  const word = fc.oneof(
    fc.integer({ min: 0, max: 0x3f_ffff }).map((low) => (0xd500_0000 | low) >>> 0),
    fc.integer({ min: 0, max: 0xff_ffff }).map((low) => (0xd400_0000 | low) >>> 0),
    fc.constantFrom(...writable).map((register) => (0xd500_0000 | (register.encoding << 5) | 1) >>> 0),
    fc.constantFrom(...bench.unit.registers).map((register) => (0xd520_0000 | (register.encoding << 5) | 2) >>> 0),
    fc.constant(0xd69f_03e0),
  );
  fc.assert(
    fc.property(
      fc.array(fc.tuple(word, fc.bigInt({ min: 0n, max: (1n << 64n) - 1n })), { maxLength: 50 }),
      (program) => {
        bench.unit.reset(core, 2, 0x1000n);
        for (const [instruction, value] of program) {
          core.setX(1, value);
          bench.quantum(100);
          bench.run(instruction);
          bench.endQuantum();
          bench.unit.exceptions.takePending(core);
          const pstate = core.word(Core.pstate);
          expect((pstate & Pstate.mode) >>> Pstate.elShift).toBe(core.el);
          expect([0, 4, 5, 8, 9]).toContain(pstate & Pstate.mode);
          expect(core.x(31)).toBe(0n);
          expect(core.systemLow('HCR_EL2') & Hcr.RW).not.toBe(0);
        }
      },
    ),
    { numRuns: 500 },
  );
});
