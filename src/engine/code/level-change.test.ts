import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Core, Status } from '../../a64/layout.ts';
import { updateDebug } from '../../arch/debug/debug.ts';
import { updatePending } from '../../arch/exceptions/interrupts.ts';
import { settlePc } from '../../arch/state/branch-address.ts';
import { Hcr, Mdcr, Mdscr, Pstate, Sctlr } from '../../arch/state/control-bits.ts';
import { ExitRequest } from '../../arch/state/exit-request.ts';
import { setPstate, updateChecks } from '../../arch/state/pstate.ts';
import { type SystemSlot, systemOffset } from '../../arch/state/slots.ts';
import { Events } from '../../base/events.ts';
import { cycles, physAddr } from '../../base/units.ts';
import { Cluster } from '../../cluster/cluster.ts';

const ram = physAddr(0x4000_0000);
const words = {
  svc: 0xd400_24e1,
  hvc: 0xd400_24e2,
  brk: 0xd424_68a0,
  eret: 0xd69f_03e0,
  undefined: 0x0000_0000,
  /** FMOV D0, D0, where it is trapped. */
  float: 0x1e60_4000,
  /** LDR X0, [SP], with an SP that is checked and not aligned. */
  stack: 0xf940_03e0,
  /** MRS X0 of CTR_EL0, CNTVCT_EL0, CNTPCT_EL0, CNTFRQ_EL0 and DAIF, MSR DAIFSet, DAIFClr and SPSel. */
  cacheType: 0xd53b_0020,
  virtualCount: 0xd53b_e040,
  physicalCount: 0xd53b_e020,
  frequency: 0xd53b_e000,
  masks: 0xd53b_4220,
  /** PMCCNTR_EL0, PMCR_EL0 and MDSCR_EL1. */
  cycleCount: 0xd53b_9d00,
  monitorControl: 0xd53b_9c00,
  debugControl: 0xd530_0240,
  setMasks: 0xd503_42df,
  clearMasks: 0xd503_42ff,
  selectSp: 0xd500_41bf,
} as const;

/** A core before one instruction, MMU off. */
interface State {
  readonly word: number;
  readonly pstate: number;
  readonly nzcv: number;
  readonly registers: Partial<Record<SystemSlot, bigint>>;
  readonly sp: bigint;
}

class Bench {
  readonly events = new Events();
  readonly cluster = new Cluster({
    cores: 1,
    ram: [{ base: ram, size: 0x1000 }],
    bus: { read: () => null, write: () => false },
    events: this.events,
    clockHz: 1_200_000_000,
    translate: false,
  });
  /** What TypeScript has done: instructions and interrupts. */
  readonly typeScript = (['execute', 'undefined', 'fpTrap', 'spAlignment'] as const).map((name) =>
    vi.spyOn(this.cluster.system, name),
  );
  readonly interrupts = vi.spyOn(this.cluster.system.exceptions, 'takePending');

  get core() {
    const [core] = this.cluster.cores;
    if (!core) throw new Error('there is a core');
    return core;
  }

  /** Sets a state; false if something else happens before the instruction. */
  set({ word, pstate, nzcv, registers, sp }: State): boolean {
    const { cluster, core } = this;
    cluster.reset(0, { pc: BigInt(ram), el: 2, x0: 0n });
    cluster.memory.u32[cluster.memory.host(ram) >>> 2] = word;
    core.setSystem('interruptLines', 0n);
    for (const [name, value] of Object.entries(registers)) core.setSystem(name as SystemSlot, value);
    setPstate(core, pstate);
    core.sp = sp;
    core.nzcv = nzcv;
    core.setWord(Core.exclusiveAddress, 0x1000);
    updateChecks(core);
    cluster.mmu.contextChanged(core);
    cluster.system.pmu.changed(core);
    updateDebug(core);
    updatePending(core);
    for (const spy of [...this.typeScript, this.interrupts]) spy.mockClear();
    return core.word(Core.exitRequest) === 0;
  }

  /** Whether TypeScript has executed an instruction since. */
  get left(): boolean {
    return this.typeScript.some((spy) => spy.mock.calls.length > 0);
  }

  /** Executes an instruction in TypeScript. */
  executes(word: number): void {
    const { core, cluster } = this;
    if (word === words.undefined) cluster.system.undefined(core);
    else if (word === words.float) cluster.system.fpTrap(core);
    else if (word === words.stack) cluster.system.spAlignment(core);
    else if (cluster.system.execute(core, word) === Status.next) core.pc += 4n;
    settlePc(core);
  }

  /** The architectural state, but for counters that time drives. */
  get outcome(): string[] {
    const { core } = this;
    const parts: [number, number][] = [
      [Core.sp, Core.flagKind],
      [Core.exitRequest, Core.accessKind],
      [Core.system, systemOffset('PMCR_EL0')],
      [systemOffset('PMEVCNTR0_EL0'), systemOffset('PMEVCNTR1_EL0')],
      [systemOffset('interruptLines'), systemOffset('pmuRetired')],
      [systemOffset('stepped'), systemOffset('stepped') + 8],
    ];
    const all = [`nzcv ${core.nzcv}`];
    for (const [start, end] of parts)
      for (let offset = start; offset < end; offset += 4)
        all.push(`${offset.toString(16)} ${core.word(offset).toString(16)}`);
    return all;
  }
}

const anyLine = (Pstate.F | Pstate.I | Pstate.A) * 0x1_0001;
const levels = { el0: 0, el1t: 4, el1h: 5, el2t: 8, el2h: 9 } as const;

describe('calls and exception returns', () => {
  const bench = new Bench();

  /** A bit that is mostly 0. */
  const rare = (bit: number): fc.Arbitrary<number> =>
    fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, fc.constant(bit));
  const bits = (...list: number[]): fc.Arbitrary<bigint> =>
    fc.tuple(...list.map(rare)).map((set) => BigInt(set.reduce((all, bit) => all | bit, 0) >>> 0));
  const address = fc.oneof(
    fc.bigInt(0n, 0xffff_ffff_ffffn),
    fc.bigInt(0xffff_0000_0000_0000n, 0xffff_ffff_ffff_ffffn),
    fc.bigInt(0n, 0xffff_ffff_ffff_ffffn),
  );
  const mode = fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...Object.values(levels)) }, fc.nat(31));
  const spsr = fc
    .tuple(mode, fc.nat(0xffff_ffff), rare(Pstate.IL), rare(Pstate.SS))
    .map(([m, any, il, ss]) => BigInt((m | (any & (Pstate.nzcv | Pstate.daif)) | il | ss) >>> 0));
  const state: fc.Arbitrary<State> = fc.record({
    word: fc.constantFrom(...Object.values(words)),
    pstate: fc.tuple(fc.constantFrom(...Object.values(levels)), fc.nat(15)).map(([m, masks]) => m | (masks << 6)),
    nzcv: fc.nat(15).map((n) => (n << 28) >>> 0),
    sp: address,
    registers: fc.record({
      SP_EL0: address,
      SP_EL1: address,
      SP_EL2: address,
      ELR_EL1: address,
      ELR_EL2: address,
      SPSR_EL1: spsr,
      SPSR_EL2: spsr,
      VBAR_EL1: address.map((a) => a & ~0x7ffn),
      VBAR_EL2: address.map((a) => a & ~0x7ffn),
      HCR_EL2: bits(Hcr.TID2, Hcr.TGE, Hcr.VF, Hcr.VI, Hcr.VSE, Hcr.IMO, Hcr.FMO, Hcr.AMO),
      MDCR_EL2: bits(Mdcr.TDE, Mdcr.TPM, Mdcr.TPMCR, Mdcr.TDA),
      PMUSERENR_EL0: bits(1),
      MDSCR_EL1: bits(Mdscr.SS, Mdscr.MDE, Mdscr.KDE),
      OSLSR_EL1: bits(2),
      PMCR_EL0: bits(1),
      PMCNTENSET_EL0: fc.constant(1n),
      // Exceptions taken, or returns.
      PMEVTYPER0_EL0: fc.constantFrom(9n, 10n),
      PMEVCNTR0_EL0: fc.constant(0n),
      SCTLR_EL1: bits(1 << 3, 1 << 4, Sctlr.UMA, Sctlr.UCT),
      CNTKCTL_EL1: bits(1, 2),
      CNTHCTL_EL2: bits(1),
      SCTLR_EL2: bits(1 << 3),
      CPACR_EL1: fc.nat(3).map((fpen) => BigInt(fpen << 20)),
      CPTR_EL2: bits(1 << 10),
      TCR_EL1: fc.constantFrom(0n, 1n << 37n, 3n << 37n),
      TCR_EL2: bits(1 << 20),
      interruptLines: bits(Pstate.I, Pstate.F, Pstate.A, Pstate.I << 16),
      el2Owner: bits(1),
    }),
  });

  test('do in generated code what they do in TypeScript', () => {
    let plain = 0;
    fc.assert(
      fc.property(state, (given) => {
        fc.pre(bench.set(given));
        fc.pre(given.word !== words.float || bench.core.word(Core.fpTrap) !== 0);
        fc.pre(given.word !== words.stack || (bench.core.word(Core.spCheck) !== 0 && (given.sp & 15n) !== 0n));
        bench.cluster.run(cycles(bench.events.now + 1));
        if (!bench.left) plain++;
        const generated = bench.outcome;
        bench.set(given);
        bench.executes(given.word);
        expect(generated).toEqual(bench.outcome);
      }),
      { numRuns: 4000, seed: 1, endOnFailure: true },
    );
    expect(plain).toBeGreaterThan(1000);
  });

  test('interrupts are taken in generated code as in TypeScript', () => {
    let plain = 0;
    fc.assert(
      fc.property(state, fc.bigInt(1n, 0xffff_ffffn), rare(Pstate.IL), (given, lines, il) => {
        const interrupted = {
          ...given,
          pstate: given.pstate | il,
          registers: { ...given.registers, interruptLines: lines & BigInt(anyLine) },
        };
        bench.set(interrupted);
        fc.pre(bench.core.word(Core.exitRequest) === ExitRequest.exception);
        bench.core.pc = given.registers.ELR_EL1 ?? 0n;
        settlePc(bench.core);
        const { pc } = bench.core;
        // Whatever it takes, it then fails to fetch from its vector.
        bench.cluster.run(cycles(bench.events.now + 1));
        if (bench.interrupts.mock.calls.length === 0) plain++;
        const generated = bench.outcome;
        bench.set(interrupted);
        bench.core.pc = pc;
        while ((bench.core.word(Core.exitRequest) & ExitRequest.exception) !== 0)
          bench.cluster.system.exceptions.takePending(bench.core);
        bench.cluster.run(cycles(bench.events.now + 1));
        expect(generated).toEqual(bench.outcome);
      }),
      { numRuns: 2000, seed: 1, endOnFailure: true },
    );
    expect(plain).toBeGreaterThan(200);
  });

  test.each([
    ['svc', levels.el0, 0n],
    ['svc', levels.el1t, 0n],
    ['svc', levels.el2h, 0n],
    ['hvc', levels.el1h, 0n],
    ['hvc', levels.el2h, 0n],
    ['eret', levels.el1h, 0x3c0n],
    ['eret', levels.el1h, 0x5n],
    ['eret', levels.el1h, 0xdn],
    ['brk', levels.el0, 0n],
    ['brk', levels.el2h, 0n],
    ['undefined', levels.el1h, 0n],
    ['float', levels.el1h, 0n],
    ['float', levels.el0, 0n],
    ['cacheType', levels.el0, 0n],
    ['virtualCount', levels.el0, 0n],
    ['setMasks', levels.el0, 0n],
    ['eret', levels.el2h, 0x3c9n],
  ] as const)('need no TypeScript: %s at M = %i', (name, pstate, saved) => {
    const registers = { SPSR_EL1: saved, SPSR_EL2: saved, ELR_EL1: BigInt(ram), ELR_EL2: BigInt(ram) };
    expect(bench.set({ word: words[name], pstate, nzcv: 0, sp: 0n, registers })).toBe(true);
    bench.cluster.run(cycles(bench.events.now + 1));
    expect(bench.left).toBe(false);
  });
});
