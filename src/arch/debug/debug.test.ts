import { describe, expect, test } from 'vitest';
import { Core } from '../../a64/layout.ts';
import { mrs, msr } from '../../a64/system-encoding.ts';
import { Mdcr, Mdscr, Pstate } from '../state/control-bits.ts';
import { ExitRequest } from '../state/exit-request.ts';
import type { SystemSlot } from '../state/slots.ts';
import { SystemBench } from '../system/system-testing.ts';
import { breakpointMatches, updateDebug, watchesPage, watchpointMatches } from './debug.ts';

const nop = 0xd503_201f;
const svc = 0xd400_0001;
const eret = 0xd69f_03e0;

/** A core at a level with the OS lock open, and debug registers set. */
const debugging = (el: 0 | 1 | 2, registers: Partial<Record<SystemSlot, bigint>>): SystemBench => {
  const bench = new SystemBench();
  bench.set({ OSLSR_EL1: 8n, ...registers });
  bench.level(el);
  updateDebug(bench.core());
  return bench;
};

/** What the run loop does while ExitRequest.debug is set. */
const step = (bench: SystemBench, word: number): boolean => {
  const core = bench.core();
  expect(core.word(Core.exitRequest) & ExitRequest.debug).not.toBe(0);
  bench.instruction = word;
  if (bench.unit.beforeInstruction(core)) return true;
  bench.run(word);
  bench.unit.afterInstruction(core);
  return false;
};

describe('software step', () => {
  /** EL1 lets EL0 make one step. */
  const entered = (): SystemBench => {
    const bench = debugging(1, { MDSCR_EL1: BigInt(Mdscr.SS), SPSR_EL1: BigInt(Pstate.SS), ELR_EL1: 0x2000n });
    bench.run(eret);
    expect(bench.core().el).toBe(0);
    return bench;
  };

  test('executes one instruction and then takes the exception', () => {
    const bench = entered();
    expect(bench.core().word(Core.pstate) & Pstate.SS).not.toBe(0);
    expect(step(bench, nop)).toBe(false);
    expect(step(bench, nop)).toBe(true);
    const core = bench.core();
    expect(core.el).toBe(1);
    expect(core.systemLow('ESR_EL1')).toBe(0xcb00_0022);
    expect(core.system('ELR_EL1')).toBe(0x2004n);
    expect(core.systemLow('SPSR_EL1') & Pstate.SS).toBe(0);
    // EL1 itself is not stepped: PSTATE.D is set.
    expect(core.word(Core.exitRequest) & ExitRequest.debug).toBe(0);
  });

  test('says that a load-exclusive was stepped', () => {
    const bench = entered();
    const core = bench.core();
    bench.instruction = 0xc85f_7c01; // LDXR x1, [x0]
    expect(bench.unit.beforeInstruction(core)).toBe(false);
    core.pc += 4n;
    bench.unit.afterInstruction(core);
    expect(bench.unit.beforeInstruction(core)).toBe(true);
    expect(core.systemLow('ESR_EL1')).toBe(0xcb00_0062);
  });

  test('of SVC takes its exception, and the step exception after the return', () => {
    const bench = entered();
    expect(step(bench, svc)).toBe(false);
    const core = bench.core();
    expect(core.systemLow('ESR_EL1') >>> 26).toBe(0x15);
    expect(core.systemLow('SPSR_EL1') & Pstate.SS).toBe(0);
    bench.run(eret);
    expect(step(bench, nop)).toBe(true);
    // No instruction was stepped since the return: ISV = 0.
    expect(core.systemLow('ESR_EL1')).toBe(0xca00_0022);
    expect(core.system('ELR_EL1')).toBe(0x2004n);
  });

  test('of an instruction that faults steps it again after the handler', () => {
    const bench = entered();
    const core = bench.core();
    expect(bench.unit.beforeInstruction(core)).toBe(false);
    bench.unit.undefined(core);
    bench.unit.afterInstruction(core);
    expect(core.systemLow('SPSR_EL1') & Pstate.SS).not.toBe(0);
  });

  test('is off while the OS lock is set, and goes to EL2 with TDE', () => {
    const locked = debugging(1, {
      MDSCR_EL1: BigInt(Mdscr.SS),
      SPSR_EL1: BigInt(Pstate.SS),
      OSLSR_EL1: 0xan,
    });
    locked.run(eret);
    expect(locked.core().word(Core.exitRequest)).toBe(0);
    const bench = debugging(2, {
      MDSCR_EL1: BigInt(Mdscr.SS),
      MDCR_EL2: BigInt(Mdcr.TDE),
      SPSR_EL2: BigInt(Pstate.SS | Pstate.D | 5),
      ELR_EL2: 0x2000n,
    });
    bench.run(eret);
    expect(step(bench, nop)).toBe(false);
    expect(step(bench, nop)).toBe(true);
    expect(bench.core().el).toBe(2);
    expect(bench.core().systemLow('ESR_EL2')).toBe(0xcb00_0022);
  });
});

describe('breakpoints', () => {
  const enabled = 1n;
  const user = 2n << 1n;
  const kernel = 1n << 1n;
  const hyp = 1n << 13n;
  const at = (el: 0 | 1 | 2, control: bigint, mdscr = Mdscr.MDE | Mdscr.KDE, registers = {}): boolean => {
    const bench = debugging(el, {
      MDSCR_EL1: BigInt(mdscr),
      DBGBVR2_EL1: 0x1000n,
      DBGBCR2_EL1: control,
      ...registers,
    });
    return breakpointMatches(bench.core());
  };

  test.each([
    [0, enabled | user, true],
    [0, user, false],
    [0, enabled | kernel, false],
    [1, enabled | kernel, true],
    [1, enabled | user, false],
    [2, enabled | kernel | user, false],
    [0, enabled | user | (2n << 14n), false],
    // An unlinked breakpoint of a type that n cannot have.
    [0, enabled | user | (2n << 20n), false],
  ] as const)('at EL%i with DBGBCR %x: %s', (el, control, match) => {
    expect(at(el, control)).toBe(match);
  });

  test('at EL1 need KDE, and MDE anywhere', () => {
    expect(at(1, enabled | kernel, Mdscr.MDE)).toBe(false);
    expect(at(0, enabled | user, Mdscr.KDE)).toBe(false);
  });

  test('at EL2 need TDE', () => {
    expect(at(2, enabled | hyp)).toBe(false);
    expect(at(2, enabled | hyp, undefined, { MDCR_EL2: BigInt(Mdcr.TDE) })).toBe(true);
  });

  test('may be linked to a context', () => {
    const linked = enabled | user | (1n << 20n) | (5n << 16n);
    const context = { DBGBCR5_EL1: enabled | (3n << 20n), DBGBVR5_EL1: 42n };
    expect(at(0, linked, undefined, { ...context, CONTEXTIDR_EL1: 42n })).toBe(true);
    expect(at(0, linked, undefined, { ...context, CONTEXTIDR_EL1: 41n })).toBe(false);
    const guest = { DBGBCR5_EL1: enabled | (9n << 20n), DBGBVR5_EL1: 7n << 32n };
    expect(at(0, linked, undefined, { ...guest, VTTBR_EL2: 7n << 48n })).toBe(true);
    expect(at(0, linked, undefined, { ...guest, VTTBR_EL2: 6n << 48n })).toBe(false);
  });

  test('take their exception before the instruction', () => {
    const bench = debugging(0, {
      MDSCR_EL1: BigInt(Mdscr.MDE),
      DBGBVR0_EL1: 0x1004n,
      DBGBCR0_EL1: enabled | user,
    });
    expect(step(bench, nop)).toBe(false);
    expect(step(bench, nop)).toBe(true);
    expect(bench.core().systemLow('ESR_EL1')).toBe(0xc200_0022);
    expect(bench.core().system('ELR_EL1')).toBe(0x1004n);
  });
});

describe('watchpoints', () => {
  const load = 1 << 3;
  const store = 1 << 4;
  const bas = (bytes: number): number => bytes << 5;
  const watching = (control: number, value: bigint): SystemBench =>
    debugging(0, {
      MDSCR_EL1: BigInt(Mdscr.MDE),
      DBGWVR1_EL1: value,
      DBGWCR1_EL1: BigInt((control | 1 | (2 << 1)) >>> 0),
    });

  // Control, value, access address, size, write; whether it matches.
  test.each([
    [load | bas(0xff), 0x8000n, 0x8000n, 1, false, true],
    [load | bas(0xff), 0x8000n, 0x8007n, 1, false, true],
    [load | bas(0xff), 0x8000n, 0x8008n, 1, false, false],
    [load | bas(0xff), 0x8000n, 0x7ff9n, 8, false, true],
    [load | bas(0xff), 0x8000n, 0x8000n, 1, true, false],
    [store | bas(0x04), 0x8000n, 0x8002n, 1, true, true],
    [store | bas(0x04), 0x8000n, 0x8003n, 4, true, false],
    [store | bas(0x0f), 0x8004n, 0x8006n, 2, true, true],
    [store | bas(0x0f), 0x8004n, 0x8003n, 1, true, false],
    [store | bas(0xff) | (12 << 24), 0x8000n, 0x8fffn, 1, true, true],
    [store | bas(0xff) | (12 << 24), 0x8000n, 0x9000n, 1, true, false],
  ] as const)('%x at %x: %x of %i bytes', (control, value, va, size, write, match) => {
    expect(watchpointMatches(watching(control, value).core(), { va, size, write, unprivileged: false })).toBe(match);
  });

  test('tell which pages they watch', () => {
    const core = watching(load | bas(0xff), 0xffff_8000_0000_1008n).core();
    expect(watchesPage(core, 0xffff_8000_0000_1ff0n)).toBe(true);
    expect(watchesPage(core, 0xffff_8000_0000_2000n)).toBe(false);
    const range = watching(load | bas(0xff) | (16 << 24), 0x1_0000n).core();
    expect(watchesPage(range, 0x1_f000n)).toBe(true);
    expect(watchesPage(range, 0x2_0000n)).toBe(false);
  });

  test('take their exception with the address in FAR', () => {
    const bench = watching(store | bas(0xff), 0x8000n);
    bench.unit.exceptions.watchpoint(bench.core(), 0x8001n, true, false);
    expect(bench.core().systemLow('ESR_EL1')).toBe(0xd200_0062);
    expect(bench.core().system('FAR_EL1')).toBe(0x8001n);
  });
});

test('the OS lock is set by reset and by OSLAR_EL1', () => {
  const bench = new SystemBench();
  const oslsr = (): bigint => {
    bench.run(mrs([2, 0, 1, 1, 4], 2));
    return bench.core().x(2);
  };
  expect(oslsr()).toBe(0xan);
  bench.run(msr([2, 0, 1, 0, 4], 31));
  expect(oslsr()).toBe(8n);
  bench.core().setX(1, 1n);
  bench.run(msr([2, 0, 1, 0, 4], 1));
  expect(oslsr()).toBe(0xan);
});
