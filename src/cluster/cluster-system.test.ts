import { beforeEach, describe, expect, test } from 'vitest';
import { mrs, msr, type SystemFields } from '../a64/system-encoding.ts';
import { Mdscr, Pstate } from '../arch/state/control-bits.ts';
import type { CoreState } from '../arch/state/core.ts';
import { Events } from '../base/events.ts';
import { cycles, physAddr } from '../base/units.ts';
import { Cluster } from './cluster.ts';

/** Self-hosted debug, timers and waits with guest code running. */

const ram = 0x4000_0000;
const user = ram + 0x100;
const vectors = ram + 0x1000;

const SPSR_EL1: SystemFields = [3, 0, 4, 0, 0];
const ELR_EL1: SystemFields = [3, 0, 4, 0, 1];
const CNTV_TVAL_EL0: SystemFields = [3, 3, 14, 3, 0];
const add1 = (n: number): number => (0x9100_0400 | (n << 5) | n) >>> 0;
const branch = (instructions: number): number => (0x1400_0000 | (instructions & 0x3ff_ffff)) >>> 0;
const eret = 0xd69f_03e0;
const nop = 0xd503_201f;
const wfi = 0xd503_207f;
/** ORR x1, x1, #PSTATE.SS; ADD x1, x1, #4; STR x0, [x2]. */
const orrSs = 0xb26b_0021;
const next = 0x9100_1021;
const store = 0xf900_0040;

let events: Events;
let cluster: Cluster;
let core: CoreState;
beforeEach(() => {
  events = new Events();
  cluster = new Cluster({
    cores: 1,
    ram: [{ base: physAddr(ram), size: 0x1_0000 }],
    bus: { read: () => null, write: () => false },
    events,
    clockHz: 1_200_000_000,
    timerLine: (index, _, level) => cluster.setLine(index, 'irq', level),
  });
  core = cluster.cores[0] as CoreState;
});

const place = (address: number, words: readonly number[]): void =>
  words.forEach((word, i) => {
    cluster.ramView(physAddr(address + 4 * i), 4).set([word, word >>> 8, word >>> 16, word >>> 24]);
  });

/** Starts at EL1 with an ERET to `spsr` at the user's code; `handler` is behind the vector for exceptions from EL0. */
const start = (code: readonly number[], handler: readonly number[], spsr = 0): void => {
  place(ram, [eret]);
  place(user, code);
  place(vectors + 0x400, handler);
  cluster.reset(0, { pc: BigInt(ram), el: 1, x0: 0n });
  core.setSystem('VBAR_EL1', BigInt(vectors));
  core.setSystem('ELR_EL1', BigInt(user));
  core.setSystem('SPSR_EL1', BigInt(spsr));
  core.setSystem('OSLSR_EL1', 8n);
};
const skipping = [add1(19), mrs(ELR_EL1, 1), next, msr(ELR_EL1, 1), eret];

describe('self-hosted debug', () => {
  test('steps each instruction of EL0', () => {
    const stepping = [add1(19), mrs(SPSR_EL1, 1), orrSs, msr(SPSR_EL1, 1), eret];
    start([add1(0), branch(-1)], stepping, Pstate.SS);
    core.setSystem('MDSCR_EL1', BigInt(Mdscr.SS));
    cluster.run(cycles(60_001));
    // A step is one instruction of EL0 and five of the handler.
    expect(core.x(19)).toBe(10_000n);
    expect(core.x(0)).toBe(5_000n);
  });

  test('breaks at an address', () => {
    start([add1(0), nop, branch(-2)], skipping);
    core.setSystem('MDSCR_EL1', BigInt(Mdscr.MDE));
    core.setSystem('DBGBVR0_EL1', BigInt(user + 4));
    core.setSystem('DBGBCR0_EL1', 0x1e5n);
    cluster.run(cycles(7_001));
    expect(core.x(19)).toBe(1_000n);
    expect(core.x(0)).toBe(1_000n);
  });

  test('watches an address', () => {
    start([add1(0), store, branch(-2)], skipping);
    core.setX(2, BigInt(ram + 0x800));
    core.setSystem('MDSCR_EL1', BigInt(Mdscr.MDE));
    core.setSystem('DBGWVR0_EL1', BigInt(ram + 0x800));
    core.setSystem('DBGWCR0_EL1', 0x1ff5n);
    cluster.run(cycles(8_001));
    expect(core.x(19)).toBe(1_000n);
    expect(cluster.ramView(physAddr(ram + 0x800), 8)).toEqual(new Uint8Array(8));
  });
});

describe('a branch takes the tag off its target at once (TCR_EL1.TBI0)', () => {
  const tagged = 0x5a00_0000_0000_0000n + BigInt(user + 8);
  const tbi0 = 1n << 37n;
  const br = (n: number): number => 0xd61f_0000 | (n << 5);

  test.each([
    ['kept without TBI', 0n, tagged],
    ['gone with TBI', tbi0, BigInt(user + 8)],
  ])('as an interrupt right behind it sees: %s', (_, tcr, expected) => {
    start([br(1), nop, nop, branch(-1)], []);
    place(vectors + 0x480, [branch(0)]);
    core.setX(1, tagged);
    core.setSystem('TCR_EL1', tcr);
    events.at(cycles(2), () => cluster.setLine(0, 'irq', true));
    cluster.run(cycles(3));
    expect(core.system('ELR_EL1')).toBe(expected);
  });

  test('as a step of it sees', () => {
    start([br(1), nop, nop, branch(-1)], [branch(0)], Pstate.SS);
    core.setX(1, tagged);
    core.setSystem('TCR_EL1', tbi0);
    core.setSystem('MDSCR_EL1', BigInt(Mdscr.SS));
    cluster.run(cycles(3));
    expect(core.system('ELR_EL1')).toBe(BigInt(user + 8));
  });

  test('as the debugger sees', () => {
    start([br(1), nop, nop, branch(-1)], []);
    core.setX(1, tagged);
    core.setSystem('TCR_EL1', tbi0);
    cluster.debugger.stepBy(core, 2);
    expect(cluster.run(cycles(100)).reason).toBe('debugger');
    expect(core.pc).toBe(BigInt(user + 8));
    expect(cluster.debugger.stop).toMatchObject({ kind: 'step', pc: BigInt(user + 8) });
  });

  test('as an instruction with a breakpoint sees', () => {
    start([br(1), nop, add1(0), branch(-1)], []);
    core.setX(1, tagged);
    core.setSystem('TCR_EL1', tbi0);
    cluster.debugger.setPoints([{ kind: 'breakpoint', id: 1, address: BigInt(user + 8), el: null }]);
    expect(cluster.run(cycles(100)).reason).toBe('debugger');
    expect(core.x(0)).toBe(0n);
    expect(core.pc).toBe(BigInt(user + 8));
  });
});

test('a timer interrupt ends WFI at the cycle where it is due', () => {
  // EL0 waits; each interrupt sets the timer 1000 ticks further, counts, and reads CNTVCT_EL0.
  start([wfi, branch(-1)], []);
  place(vectors + 0x480, [add1(19), msr(CNTV_TVAL_EL0, 3), mrs([3, 3, 14, 0, 2], 20), eret]);
  core.setX(3, 1000n);
  core.setSystem('SCTLR_EL1', core.system('SCTLR_EL1') | (1n << 16n));
  core.setSystem('CNTV_CVAL_EL0', 1000n);
  core.setSystem('CNTV_CTL_EL0', 1n);
  cluster.system.timers.updateAll(core);
  cluster.run(cycles(12_000 * 100));
  expect(core.x(19)).toBe(99n);
  // Every interrupt is taken within one tick, and the handler's instructions put off the next by less than one.
  expect(core.x(20)).toBe(99_000n);
  expect(cluster.stats().instructions).toBeLessThan(1000);
});
