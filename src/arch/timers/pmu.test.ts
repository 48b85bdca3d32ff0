import { describe, expect, test } from 'vitest';
import { Core } from '../../a64/layout.ts';
import { mrs, msr, type SystemFields } from '../../a64/system-encoding.ts';
import { Vector } from '../exceptions/exceptions.ts';
import { Pstate } from '../state/control-bits.ts';
import { Count } from '../state/counts.ts';
import { SystemBench } from '../system/system-testing.ts';
import { Pmcr, PmuEvent } from './pmu.ts';

const PMCR_EL0: SystemFields = [3, 3, 9, 12, 0];
const PMCNTENSET_EL0: SystemFields = [3, 3, 9, 12, 1];
const PMCNTENCLR_EL0: SystemFields = [3, 3, 9, 12, 2];
const PMOVSCLR_EL0: SystemFields = [3, 3, 9, 12, 3];
const PMSWINC_EL0: SystemFields = [3, 3, 9, 12, 4];
const PMSELR_EL0: SystemFields = [3, 3, 9, 12, 5];
const PMCCNTR_EL0: SystemFields = [3, 3, 9, 13, 0];
const PMXEVTYPER_EL0: SystemFields = [3, 3, 9, 13, 1];
const PMXEVCNTR_EL0: SystemFields = [3, 3, 9, 13, 2];
const PMOVSSET_EL0: SystemFields = [3, 3, 9, 14, 3];
const PMINTENSET_EL1: SystemFields = [3, 0, 9, 14, 1];
const PMCCFILTR_EL0: SystemFields = [3, 3, 14, 15, 7];
const counter = (n: number): SystemFields => [3, 3, 14, 8, n];
const type = (n: number): SystemFields => [3, 3, 14, 12, n];
const MDCR_EL2: SystemFields = [3, 4, 1, 1, 1];

const cycleCounter = 1n << 31n;
const atEl2 = 1n << 27n;

class PmuBench extends SystemBench {
  constructor() {
    super();
    this.quantum(1_000_000);
  }
  write(fields: SystemFields, value: bigint): void {
    this.core().setX(1, value);
    this.run(msr(fields, 1));
  }
  read(fields: SystemFields): bigint {
    this.run(mrs(fields, 2));
    return this.core().x(2);
  }
  /** Enters a level without an exception's help, for filters. */
  enter(el: 0 | 1 | 2): void {
    this.unit.pmu.sync(this.core());
    this.level(el);
  }
}

describe('counting', () => {
  test('PMCCNTR_EL0 counts cycles and an event counter instructions', () => {
    const bench = new PmuBench();
    bench.level(1);
    bench.write(type(2), BigInt(PmuEvent.instRetired));
    bench.write(PMCNTENSET_EL0, cycleCounter | 4n);
    bench.write(PMCR_EL0, BigInt(Pmcr.E | Pmcr.LC));
    const cycles = bench.read(PMCCNTR_EL0);
    const instructions = bench.read(counter(2));
    bench.nops(100);
    // The reads themselves count: two instructions from one read of each to the next.
    expect(bench.read(PMCCNTR_EL0) - cycles).toBe(102n);
    expect(bench.read(counter(2)) - instructions).toBe(102n);
    bench.write(PMCNTENCLR_EL0, 4n);
    const still = bench.read(counter(2));
    bench.nops(100);
    expect(bench.read(counter(2))).toBe(still);
  });

  test('goes on over quanta, and stands still while the core waits', () => {
    const bench = new PmuBench();
    bench.level(1);
    bench.write(PMCNTENSET_EL0, cycleCounter);
    bench.write(PMCR_EL0, BigInt(Pmcr.E));
    const before = bench.read(PMCCNTR_EL0);
    bench.nops(50);
    bench.endQuantum();
    bench.wait(1_000_000);
    bench.quantum(100);
    expect(bench.read(PMCCNTR_EL0) - before).toBe(51n);
  });

  test('PMSELR_EL0 selects what PMXEVTYPER and PMXEVCNTR are', () => {
    const bench = new PmuBench();
    bench.write(PMSELR_EL0, 3n);
    bench.write(PMXEVTYPER_EL0, 0x8000_0008n);
    expect(bench.read(type(3))).toBe(0x8000_0008n);
    bench.write(PMXEVCNTR_EL0, 77n);
    expect(bench.read(counter(3))).toBe(77n);
    bench.write(PMSELR_EL0, 31n);
    bench.write(PMXEVTYPER_EL0, atEl2);
    expect(bench.read(PMCCFILTR_EL0)).toBe(atEl2);
  });

  // Filter bits P 31, U 30, NSK 29, NSU 28, NSH 27; which of EL0, EL1, EL2 are counted (D7.8).
  test.each([
    [0n, [true, true, false]],
    [1n << 31n, [true, false, false]],
    [1n << 30n, [false, true, false]],
    [(1n << 31n) | (1n << 29n), [true, true, false]],
    [1n << 28n, [false, true, false]],
    [(1n << 27n) | (1n << 31n) | (1n << 30n), [false, false, true]],
  ] as const)('filter %x', (filter, counted) => {
    const bench = new PmuBench();
    const core = bench.core();
    bench.write(PMCCFILTR_EL0, filter);
    bench.write(PMCNTENSET_EL0, cycleCounter);
    bench.write(PMCR_EL0, BigInt(Pmcr.E));
    for (const el of [0, 1, 2] as const) {
      bench.enter(el);
      const before = core.system('PMCCNTR_EL0');
      bench.nops(10);
      bench.enter(2);
      expect(core.system('PMCCNTR_EL0') - before).toBe(counted[el] ? 10n : 0n);
    }
  });

  test('exceptions taken and returned from, and software increments', () => {
    const bench = new PmuBench();
    bench.write(type(0), BigInt(PmuEvent.excTaken) | atEl2);
    bench.write(type(1), BigInt(PmuEvent.excReturn) | atEl2);
    bench.write(type(2), BigInt(PmuEvent.swIncr) | atEl2);
    bench.write(PMCNTENSET_EL0, 7n);
    bench.write(PMCR_EL0, 1n);
    bench.set({ SPSR_EL2: BigInt(Pstate.daif | 9) });
    bench.run(0xd400_0001); // SVC
    bench.run(0xd69f_03e0); // ERET
    bench.run(0xd400_0001);
    bench.write(PMSWINC_EL0, 6n);
    expect([0, 1, 2].map((n) => bench.read(counter(n)))).toEqual([2n, 1n, 1n]);
  });

  test('interrupts taken, by their kind', () => {
    const bench = new PmuBench();
    bench.write(type(0), BigInt(PmuEvent.excTaken) | atEl2);
    bench.write(type(1), BigInt(PmuEvent.excIrq) | atEl2);
    bench.write(type(2), BigInt(PmuEvent.excFiq) | atEl2);
    bench.write(PMCNTENSET_EL0, 7n);
    bench.write(PMCR_EL0, 1n);
    const { exceptions } = bench.unit;
    exceptions.enter(bench.core(), 2, Vector.irq, Count.irq);
    exceptions.enter(bench.core(), 2, Vector.irq, Count.irq);
    exceptions.enter(bench.core(), 2, Vector.fiq, Count.fiq);
    expect([0, 1, 2].map((n) => bench.read(counter(n)))).toEqual([3n, 2n, 1n]);
  });
});

describe('overflow', () => {
  const started = (bench: PmuBench): void => {
    bench.level(1);
    bench.write(type(0), BigInt(PmuEvent.instRetired));
    bench.write(type(1), BigInt(PmuEvent.chain));
    bench.write(counter(0), 0xffff_f000n);
    bench.write(PMCNTENSET_EL0, 3n);
    bench.write(PMINTENSET_EL1, 1n);
    bench.write(PMCR_EL0, 1n);
  };

  test('sets the flag, chains, and interrupts in time', () => {
    const bench = new PmuBench();
    started(bench);
    expect(bench.core().word(Core.quantum)).toBeLessThan(1_000_000);
    bench.nops(0x1000);
    bench.endQuantum();
    expect(bench.lines).toEqual(['pmu 1']);
    bench.quantum(1000);
    expect(bench.read(PMOVSSET_EL0)).toBe(1n);
    expect(bench.read(counter(1))).toBe(1n);
    bench.write(PMOVSCLR_EL0, 1n);
    expect(bench.lines).toEqual(['pmu 1', 'pmu 0']);
    expect(bench.read(PMOVSSET_EL0)).toBe(0n);
  });

  test('of the cycle counter is at bit 31, or at 63 with LC', () => {
    for (const [control, flag] of [
      [Pmcr.E, cycleCounter],
      [Pmcr.E | Pmcr.LC, 0n],
    ] as const) {
      const bench = new PmuBench();
      bench.level(1);
      bench.write(PMCNTENSET_EL0, cycleCounter);
      bench.write(PMCR_EL0, BigInt(control));
      bench.write(PMCCNTR_EL0, 0xffff_ffffn);
      bench.nops(10);
      expect(bench.read(PMOVSSET_EL0)).toBe(flag);
    }
  });
});

test('EL2 keeps the counters from HPMN up', () => {
  const bench = new PmuBench();
  bench.write(MDCR_EL2, 4n);
  bench.write(counter(5), 7n);
  bench.write(PMCNTENSET_EL0, 0x3fn);
  bench.level(1);
  expect(bench.read(PMCR_EL0)).toBe(0x4103_2000n);
  expect(bench.read(PMCNTENSET_EL0)).toBe(0xfn);
  expect(bench.read(counter(5))).toBe(0n);
  bench.write(counter(5), 9n);
  bench.write(PMCR_EL0, BigInt(Pmcr.P));
  bench.level(2);
  expect(bench.read(counter(5))).toBe(7n);
  expect(bench.read(PMCR_EL0)).toBe(0x4103_3000n);
  bench.write(PMCR_EL0, BigInt(Pmcr.P));
  expect(bench.read(counter(5))).toBe(0n);
});
