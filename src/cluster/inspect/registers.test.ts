import { expect, test } from 'vitest';
import { Core } from '../../a64/layout.ts';
import { SystemBench } from '../../arch/system/system-testing.ts';
import { decodePstate, pstateOf, stackPointers, systemRegisters, vectorRegisters } from './registers.ts';

test('PSTATE in its fields', () => {
  expect(decodePstate(0x6000_03c9)).toEqual({
    n: false,
    z: true,
    c: true,
    v: false,
    d: true,
    a: true,
    i: true,
    f: true,
    ss: false,
    il: false,
    el: 2,
    sp: 2,
  });
  expect(decodePstate(0x9030_0084)).toEqual({
    n: true,
    z: false,
    c: false,
    v: true,
    d: false,
    a: false,
    i: true,
    f: false,
    ss: true,
    il: true,
    el: 1,
    sp: 0,
  });
});

test('stack pointers, whichever is in use', () => {
  const bench = new SystemBench();
  bench.set({ SP_EL0: 0x10n, SP_EL1: 0x11n });
  const core = bench.core();
  core.sp = 0x12n;
  expect(stackPointers(core)).toEqual([0x10n, 0x11n, 0x12n]);
  bench.level(1);
  core.sp = 0x21n;
  expect(stackPointers(core)).toEqual([0x10n, 0x21n, 0x12n]);
  bench.level(1, 0);
  core.sp = 0x20n;
  expect(stackPointers(core)).toEqual([0x20n, 0x21n, 0x12n]);
  const values = new Map(systemRegisters(core, bench.unit.registers).map(({ name, value }) => [name, value]));
  expect(values.get('SP_EL0')).toBe(0x20n);
  expect(values.get('SP_EL1')).toBe(0x21n);
});

test('PSTATE has the flags; V registers have 128 bits', () => {
  const core = new SystemBench().core();
  core.nzcv = 0x5000_0000;
  expect(pstateOf(core)).toBe(0x5000_03c9);
  core.setLong(Core.v + 16 * 31, 1n);
  core.setLong(Core.v + 16 * 31 + 8, 2n);
  expect(vectorRegisters(core)).toHaveLength(32);
  expect(vectorRegisters(core)[31]).toBe((2n << 64n) | 1n);
});

test('system registers by name, as the current level reads them', () => {
  const bench = new SystemBench();
  bench.set({ VPIDR_EL2: 0x1234n, TTBR0_EL1: 0xabcd_0000_0000_1000n, OSLSR_EL1: 8n });
  const read = () =>
    new Map(systemRegisters(bench.core(), bench.unit.registers).map((register) => [register.name, register]));
  const atEl2 = read();
  expect(atEl2.get('TTBR0_EL1')).toEqual({ name: 'TTBR0_EL1', level: 1, value: 0xabcd_0000_0000_1000n });
  expect(atEl2.get('CurrentEL')).toEqual({ name: 'CurrentEL', level: 1, value: 8n });
  expect(atEl2.get('HCR_EL2')).toMatchObject({ level: 2, value: 0x8000_0000n });
  expect(atEl2.get('CNTFRQ_EL0')).toMatchObject({ level: 0, value: 100_000_000n });
  expect(atEl2.get('MIDR_EL1')?.value).toBe(0x410f_d034n);
  // Nothing to be read.
  expect(atEl2.has('OSLAR_EL1')).toBe(false);
  expect(atEl2.has('PMSWINC_EL0')).toBe(false);
  bench.level(1);
  expect(read().get('MIDR_EL1')?.value).toBe(0x1234n);
});

test('reading running counters shows their values and leaves no trace', () => {
  const bench = new SystemBench();
  const core = bench.core();
  bench.level(1);
  bench.quantum(1000);
  // PMCCNTR_EL0 counts; its overflow would interrupt.
  bench.set({ PMCR_EL0: 0x41n, PMCNTENSET_EL0: 1n << 31n, PMINTENSET_EL1: 1n << 31n });
  bench.unit.pmu.changed(core);
  bench.nops(100);
  const state = () => core.memory.u8.slice(core.base + Core.system, core.base + Core.tlb);
  const before = state();
  const counts = (): bigint | undefined =>
    systemRegisters(core, bench.unit.registers).find(({ name }) => name === 'PMCCNTR_EL0')?.value;
  expect(counts()).toBe(100n);
  expect(counts()).toBe(100n);
  expect(state()).toEqual(before);
  expect(bench.lines).toEqual([]);
});
