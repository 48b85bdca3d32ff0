import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Core } from '../../a64/layout.ts';
import { ipa } from '../../base/units.ts';
import { type Fault, FaultType } from '../mmu/faults.ts';
import { Hcr, Pstate } from '../state/control-bits.ts';
import { ExitRequest } from '../state/exit-request.ts';
import { spOffset } from '../state/pstate.ts';
import { SystemBench } from '../system/system-testing.ts';
import { type InterruptLine, pendSError, setLine } from './interrupts.ts';

const svc = (immediate: number): number => (0xd400_0001 | (immediate << 5)) >>> 0;
const hvc = (immediate: number): number => (0xd400_0002 | (immediate << 5)) >>> 0;
const smc = (immediate: number): number => (0xd400_0003 | (immediate << 5)) >>> 0;
const brk = (immediate: number): number => (0xd420_0000 | (immediate << 5)) >>> 0;
const eret = 0xd69f_03e0;
const tge = BigInt(Hcr.TGE);

const vbar = { VBAR_EL1: 0xffff_0000_1111_0000n, VBAR_EL2: 0x2222_0000n };

describe('synchronous exceptions', () => {
  // From level, HCR_EL2, instruction; to level, EC and ISS of ESR, return address. Arm ARM D1.12, D13.2.37.
  test.each([
    [0, 0n, svc(0), 1, 0x5600_0000n, 0x1004n],
    [0, tge, svc(3), 2, 0x5600_0003n, 0x1004n],
    [1, 0n, svc(0xffff), 1, 0x5600_ffffn, 0x1004n],
    [2, 0n, svc(1), 2, 0x5600_0001n, 0x1004n],
    [0, 0n, hvc(0), 1, 0x0200_0000n, 0x1000n],
    [1, 0n, hvc(0xea1), 2, 0x5a00_0ea1n, 0x1004n],
    [2, 0n, hvc(1), 2, 0x5a00_0001n, 0x1004n],
    [0, tge, smc(0), 2, 0x0200_0000n, 0x1000n],
    [1, BigInt(Hcr.TSC), smc(5), 2, 0x5e00_0005n, 0x1000n],
    [0, 0n, brk(0x800), 1, 0xf200_0800n, 0x1000n],
    [2, 0n, brk(1), 2, 0xf200_0001n, 0x1000n],
    // HLT, DCPS1, DRPS are UNDEFINED outside Debug state; ERET is at EL0.
    [1, 0n, 0xd440_0000, 1, 0x0200_0000n, 0x1000n],
    [1, 0n, 0xd4a0_0001, 1, 0x0200_0000n, 0x1000n],
    [1, 0n, 0xd6bf_03e0, 1, 0x0200_0000n, 0x1000n],
    [0, 0n, eret, 1, 0x0200_0000n, 0x1000n],
  ] as const)('from EL%i with HCR_EL2 = %x: %x goes to EL%i', (from, hcr, word, to, esr, elr) => {
    const bench = new SystemBench();
    bench.set({ HCR_EL2: hcr, ...vbar });
    bench.level(from);
    const core = bench.core();
    core.nzcv = 0x6000_0000;
    bench.run(word);
    const suffix = to === 1 ? 'EL1' : 'EL2';
    expect(core.el).toBe(to);
    expect(core.system(`ESR_${suffix}`)).toBe(esr);
    expect(core.system(`ELR_${suffix}`)).toBe(elr);
    expect(core.system(`SPSR_${suffix}`)).toBe(BigInt(0x6000_0000 | (from << 2) | (from === 0 ? 0 : 1)));
    expect(core.pc).toBe(vbar[`VBAR_${suffix}`] + (from === to ? 0x200n : 0x400n));
    expect(core.word(Core.pstate)).toBe(Pstate.daif | (to << 2) | 1);
  });

  test('SMC reaches the firmware with PC at the next instruction', () => {
    const bench = new SystemBench();
    bench.level(1);
    bench.run(smc(0));
    expect(bench.firmwareCalls).toEqual([0]);
    expect(bench.core().pc).toBe(0x1004n);
    expect(bench.core().el).toBe(1);
  });

  test('HVC reaches the firmware if the core was started at EL1', () => {
    const bench = new SystemBench();
    bench.unit.reset(bench.core(), 1, 0x1000n);
    bench.run(hvc(0));
    expect(bench.firmwareCalls).toEqual([0]);
  });

  test('the stack pointer in use selects the vectors', () => {
    const bench = new SystemBench();
    bench.set(vbar);
    bench.level(1, 0);
    bench.run(svc(0));
    expect(bench.core().pc).toBe(vbar.VBAR_EL1);
  });

  test('a return address carries into its high half', () => {
    const bench = new SystemBench();
    bench.level(1);
    bench.core().pc = 0x7_ffff_fffcn;
    bench.run(svc(0));
    expect(bench.core().system('ELR_EL1')).toBe(0x8_0000_0000n);
  });

  test('each level has its stack pointer', () => {
    const bench = new SystemBench();
    const core = bench.core();
    bench.set({ SP_EL1: 0x111n, SPSR_EL2: 0x3c0n, ELR_EL2: 0n });
    bench.level(2);
    core.sp = 0x222n;
    bench.run(eret);
    expect([core.el, core.sp]).toEqual([0, 0n]);
    core.sp = 0x100n;
    bench.run(svc(0));
    expect([core.el, core.sp]).toEqual([1, 0x111n]);
    core.sp = 0x113n;
    bench.run(hvc(0));
    expect([core.el, core.sp]).toEqual([2, 0x222n]);
    expect([0, 1, 2].map((n) => core.long(spOffset(core, n as 0 | 1 | 2)))).toEqual([0x100n, 0x113n, 0x222n]);
    bench.run(0xd500_40bf); // MSR SPSel, #0
    expect(core.sp).toBe(0x100n);
  });
});

const fault = (fields: Partial<Fault>): Fault => ({
  type: FaultType.translation,
  level: 3,
  stage: 1,
  s1ptw: false,
  ipa: ipa(0),
  low: 0x1234_5678,
  high: 0xffff_8000,
  write: false,
  maintenance: false,
  ...fields,
});

describe('aborts', () => {
  // LDRB w3, [x0]; STR x5, [x0]; LDRSW x7, [x0, x1]; LDRSB w9, [x0]; LDR w1, [x0], #4; LDP; LDAR w2; LDXR; STR q0.
  test.each([
    [0x3940_0003, 0x0103_0000],
    [0xf900_0005, 0x01c5_8000],
    [0xb8a1_6807, 0x01a7_8000],
    [0x39c0_0009, 0x0129_0000],
    [0xb840_4401, 0],
    [0xa940_0400, 0],
    [0x88df_fc02, 0x0182_4000],
    [0x885f_7c02, 0],
    [0x3d80_0000, 0],
    // LDR x1, literal; LDRSW x1, literal; LDTRH w4; STURB wzr.
    [0x5800_0001, 0x01c1_8000],
    [0x9800_0001, 0x01a1_8000],
    [0x7840_0804, 0x0144_0000],
    [0x3800_001f, 0x011f_0000],
  ])('%x faults at stage 2 with ISS %x', (word, iss) => {
    const bench = new SystemBench();
    bench.level(1);
    bench.instruction = word;
    bench.unit.exceptions.dataAbort(bench.core(), fault({ stage: 2, ipa: ipa(0xab_cdef_0678) }));
    expect(bench.core().systemLow('ESR_EL2')).toBe((0x9200_0007 | iss) >>> 0);
    expect(bench.core().system('HPFAR_EL2')).toBe(0xab_cdef_0n << 4n);
    expect(bench.core().system('FAR_EL2')).toBe(0xffff_8000_1234_5678n);
  });

  test.each([
    [0, 0n, fault({}), 1, 0x9200_0007],
    [1, 0n, fault({ write: true, type: FaultType.permission }), 1, 0x9600_004f],
    [2, 0n, fault({ type: FaultType.alignment, level: 0 }), 2, 0x9600_0021],
    [0, tge, fault({ type: FaultType.external, level: 0 }), 2, 0x9200_0010],
    [1, 0n, fault({ stage: 2, s1ptw: true, level: 1 }), 2, 0x9200_0085],
    [1, 0n, fault({ maintenance: true, write: true }), 1, 0x9600_0147],
  ] as const)('data abort %#', (from, hcr, what, to, esr) => {
    const bench = new SystemBench();
    bench.set({ HCR_EL2: hcr });
    bench.level(from);
    bench.instruction = 0xf940_0000;
    bench.unit.exceptions.dataAbort(bench.core(), what);
    expect(bench.core().el).toBe(to);
    expect(bench.core().systemLow(to === 1 ? 'ESR_EL1' : 'ESR_EL2')).toBe(esr);
  });

  test('instruction aborts', () => {
    const bench = new SystemBench();
    bench.level(1);
    bench.unit.exceptions.instructionAbort(bench.core(), fault({ type: FaultType.accessFlag, level: 2 }));
    expect(bench.core().systemLow('ESR_EL1')).toBe(0x8600_000a);
    bench.level(0);
    bench.unit.exceptions.instructionAbort(bench.core(), fault({ stage: 2, level: 0 }));
    expect(bench.core().systemLow('ESR_EL2')).toBe(0x8200_0004);
  });

  test('PC and SP alignment', () => {
    const bench = new SystemBench();
    bench.level(0);
    bench.core().pc = 0x1002n;
    bench.unit.exceptions.pcAlignment(bench.core());
    expect(bench.core().systemLow('ESR_EL1')).toBe(0x8a00_0000);
    expect(bench.core().system('FAR_EL1')).toBe(0x1002n);
    bench.unit.spAlignment(bench.core());
    expect(bench.core().systemLow('ESR_EL1')).toBe(0x9a00_0000);
  });
});

describe('FP traps', () => {
  const fpen = (n: bigint): bigint => n << 20n;
  // Level, CPACR_EL1, CPTR_EL2, HCR_EL2; level that takes the trap (0: none) and EC.
  test.each([
    [0, fpen(0n), 0n, 0n, 1, 7],
    [0, fpen(1n), 0n, 0n, 1, 7],
    [1, fpen(1n), 0n, 0n, 0, 0],
    [1, fpen(2n), 0n, 0n, 1, 7],
    [0, fpen(3n), 0n, 0n, 0, 0],
    [0, fpen(3n), 0x400n, 0n, 2, 7],
    [1, fpen(0n), 0x400n, 0n, 1, 7],
    [2, fpen(0n), 0n, 0n, 0, 0],
    [2, fpen(3n), 0x400n, 0n, 2, 7],
    [0, fpen(0n), 0n, tge, 2, 0],
  ] as const)('EL%i CPACR %x CPTR %x HCR %x', (el, cpacr, cptr, hcr, to, ec) => {
    const bench = new SystemBench();
    bench.set({ SPSR_EL2: BigInt((el << 2) | (el === 0 ? 0 : 1)), CPACR_EL1: cpacr, CPTR_EL2: cptr, HCR_EL2: hcr });
    bench.run(eret);
    const core = bench.core();
    expect(core.word(Core.fpTrap) !== 0).toBe(to !== 0);
    if (to === 0) return;
    bench.unit.fpTrap(core);
    expect(core.el).toBe(to);
    const esr = core.systemLow(to === 1 ? 'ESR_EL1' : 'ESR_EL2');
    expect(esr).toBe(((ec << 26) | (1 << 25) | (ec === 7 ? 0x1e0_0000 : 0)) >>> 0);
  });
});

describe('exception return', () => {
  const back = (from: 1 | 2, spsr: number, hcr = 0n) => {
    const bench = new SystemBench();
    bench.level(from);
    bench.set({
      HCR_EL2: hcr,
      ELR_EL1: 0x5000n,
      ELR_EL2: 0x5000n,
      SPSR_EL1: BigInt(spsr >>> 0),
      SPSR_EL2: BigInt(spsr >>> 0),
    });
    bench.core().setWord(Core.exclusiveAddress, 64);
    bench.run(eret);
    return bench;
  };

  test.each([
    [2, 0x0],
    [2, 0x4],
    [2, 0x5],
    [2, 0x8],
    [2, 0x9],
    [1, 0x0],
    [1, 0x4],
    [1, 0x5],
  ] as const)('from EL%i to mode %x', (from, mode) => {
    const core = back(from, 0x9000_0280 | mode).core();
    expect(core.pc).toBe(0x5000n);
    expect(core.word(Core.pstate)).toBe(0x280 | mode);
    expect(core.nzcv).toBe(0x9000_0000);
    expect(core.word(Core.exclusiveAddress)).toBe(0);
    expect(core.system('eventRegister')).toBe(1n);
  });

  // Reserved modes, EL3, AArch32, a higher level, EL1 under TGE.
  test.each([
    [2, 0x1, 0n],
    [2, 0x2, 0n],
    [2, 0x6, 0n],
    [2, 0xc, 0n],
    [2, 0xd, 0n],
    [2, 0x10, 0n],
    [2, 0x1f, 0n],
    [1, 0x8, 0n],
    [1, 0x9, 0n],
    [2, 0x5, tge],
  ] as const)('from EL%i to mode %x with HCR_EL2 %x is illegal', (from, mode, hcr) => {
    const bench = back(from, 0x6000_0040 | mode, hcr);
    const core = bench.core();
    expect(core.el).toBe(from);
    expect(core.pc).toBe(0x5000n);
    expect(core.nzcv).toBe(0x6000_0000);
    expect(core.word(Core.pstate)).toBe(Pstate.IL | 0x40 | (from << 2) | 1);
    expect(core.word(Core.exitRequest) & ExitRequest.exception).not.toBe(0);
    expect(bench.unit.exceptions.takePending(core)).toBe(true);
    const suffix = from === 1 ? 'EL1' : 'EL2';
    expect(core.systemLow(`ESR_${suffix}`)).toBe(0x3a00_0000);
    expect(core.system(`SPSR_${suffix}`) & BigInt(Pstate.IL)).not.toBe(0n);
    expect(core.word(Core.pstate) & Pstate.IL).toBe(0);
    expect(core.word(Core.exitRequest) & ExitRequest.exception).toBe(0);
  });

  test('a tagged return address loses its tag where TBI says so', () => {
    const bench = new SystemBench();
    bench.set({ SPSR_EL2: 0x3c0n, ELR_EL2: 0x5a00_0000_0000_1000n, TCR_EL1: 1n << 37n });
    bench.run(eret);
    expect(bench.core().pc).toBe(0x1000n);
  });
});

describe('interrupts', () => {
  const lines: InterruptLine[] = ['irq', 'fiq', 'virq', 'vfiq'];
  const route = { irq: Hcr.IMO, fiq: Hcr.FMO, virq: Hcr.IMO, vfiq: Hcr.FMO } as const;
  const mask = { irq: Pstate.I, fiq: Pstate.F, virq: Pstate.I, vfiq: Pstate.F } as const;
  const vector = { irq: 0x80n, fiq: 0x100n, virq: 0x80n, vfiq: 0x100n } as const;

  /** D1.13.1 tables "Physical interrupt target and masking" and "Virtual interrupt masking", written out naively. */
  const expected = (line: InterruptLine, el: number, hcr: number, masked: boolean): 0 | 1 | 2 => {
    const tgeSet = (hcr & Hcr.TGE) !== 0;
    const routed = (hcr & route[line]) !== 0;
    if (line.startsWith('v')) return routed && !tgeSet && el < 2 && !masked ? 1 : 0;
    const target = tgeSet || routed ? 2 : 1;
    if (target < el) return 0;
    if (target > el && !(target === 1 && el === 0)) return 2;
    return masked ? 0 : target;
  };

  test('are routed and masked as the Arm ARM says', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...lines),
        fc.constantFrom(0, 1, 2),
        fc.subarray([Hcr.IMO, Hcr.FMO, Hcr.AMO, Hcr.TGE]),
        fc.boolean(),
        (line, el, bits, masked) => {
          const bench = new SystemBench();
          const core = bench.core();
          const hcr = bits.reduce<number>((sum, bit) => sum | bit, 0);
          bench.set({ HCR_EL2: BigInt(hcr) });
          bench.level(el as 0 | 1 | 2);
          if (masked) core.setWord(Core.pstate, core.word(Core.pstate) | mask[line]);
          setLine(core, line, true);
          const to = expected(line, el, hcr, masked);
          expect(core.word(Core.exitRequest) & ExitRequest.exception).toBe(to === 0 ? 0 : ExitRequest.exception);
          expect(bench.unit.exceptions.takePending(core)).toBe(to !== 0);
          expect(core.el).toBe(to === 0 ? el : to);
          if (to !== 0) expect(core.pc).toBe((to === el ? 0x200n : 0x400n) + vector[line]);
        },
      ),
    );
  });

  test('HCR_EL2.VI, VF and VSE are virtual interrupts', () => {
    for (const [bit, enable, offset] of [
      [Hcr.VI, Hcr.IMO, 0x480n],
      [Hcr.VF, Hcr.FMO, 0x500n],
      [Hcr.VSE, Hcr.AMO, 0x580n],
    ] as const) {
      const bench = new SystemBench();
      bench.set({ HCR_EL2: BigInt(bit | enable) });
      bench.level(0);
      expect(bench.unit.exceptions.takePending(bench.core())).toBe(true);
      expect([bench.core().el, bench.core().pc]).toEqual([1, offset]);
      expect(bench.core().systemLow('HCR_EL2')).toBe(bit === Hcr.VSE ? enable : bit | enable);
    }
  });

  test('SError comes before the others, once, to EL2 if AMO is set', () => {
    const bench = new SystemBench();
    const core = bench.core();
    bench.set({ HCR_EL2: BigInt(Hcr.AMO) });
    bench.level(1);
    setLine(core, 'irq', true);
    pendSError(core);
    bench.unit.exceptions.takePending(core);
    expect([core.el, core.pc]).toEqual([2, 0x580n]);
    expect(core.systemLow('ESR_EL2')).toBe(0xbe00_0000);
    bench.level(1);
    bench.unit.exceptions.takePending(core);
    expect([core.el, core.pc]).toEqual([1, 0x280n]);
  });

  test('wait while masked and are taken when MSR DAIFClr unmasks them', () => {
    const bench = new SystemBench();
    const core = bench.core();
    bench.level(1);
    bench.run(0xd503_42df); // MSR DAIFSet, #2
    setLine(core, 'irq', true);
    expect(core.word(Core.exitRequest)).toBe(0);
    bench.run(0xd503_42ff); // MSR DAIFClr, #2
    expect(core.word(Core.exitRequest)).toBe(ExitRequest.exception);
    bench.unit.exceptions.takePending(core);
    expect(core.system('ELR_EL1')).toBe(0x1008n);
    expect(core.word(Core.exitRequest)).toBe(0);
  });
});
