import { expect, test, vi } from 'vitest';
import { mrs, msr, wfi } from '../../a64/system-encoding.ts';
import { Hcr, Sctlr } from '../../arch/state/control-bits.ts';
import { setPstate } from '../../arch/state/pstate.ts';
import { Events } from '../../base/events.ts';
import { cycles, physAddr } from '../../base/units.ts';
import { Cluster } from '../../cluster/cluster.ts';

const ram = 0x4000_0000;
const vectors = { 1: ram + 0x1000, 2: ram + 0x1800 } as const;
/** Tables of stage 1 for 39 bits: levels 1 to 3. Another level 1, in which nothing is mapped. Stage 2, from level 1. */
const tables = ram + 0x4000;
const otherTables = ram + 0x7000;
const stage2 = ram + 0x8000;
/** The page that the guest accesses, and its descriptors. */
const page = ram + 0x1_0000;
const descriptorOf = (va: number): number => tables + 0x2000 + ((va >>> 12) & 511) * 8;
const mapped = 0x703n;
const readOnly = 0x783n;
const ELR = (level: number) => [3, level === 2 ? 4 : 0, 4, 0, 1] as const;
const ESR = (level: number) => [3, level === 2 ? 4 : 0, 5, 2, 0] as const;

const add = (d: number, n: number, immediate: number): number => (0x9100_0000 | (immediate << 10) | (n << 5) | d) >>> 0;
const back = (words: number): number => (0x1400_0000 | (-words & 0x3ff_ffff)) >>> 0;
const eret = 0xd69f_03e0;
/** LDR X3, STR X3, LDTR W3 and LDRH W3 at [X2]. */
const load = 0xf940_0043;
const store = 0xf900_0043;
const unprivileged = 0xb840_0843;
const half = 0x7940_0043;
const breakpoint = 0xd420_0000;
/** BLR X2, and MOV X9, X30. */
const branch = 0xd63f_0040;
const moveLr = 0xaa1e_03e9;
/** ADD X2, X2, #4096. */
const nextPage = 0x9140_0442;

/** A guest at EL1 that executes some words for ever; handlers skip what faults, and count. */
class Guest {
  readonly events = new Events();
  readonly cluster: Cluster;
  readonly typeScript;

  constructor(
    words: readonly number[],
    translate: boolean,
    readonly usesStage2: boolean,
  ) {
    this.cluster = new Cluster({
      cores: 1,
      ram: [{ base: physAddr(ram), size: 0x20_0000 }],
      bus: { read: () => null, write: () => false, isSilent: () => true },
      events: this.events,
      clockHz: 1_200_000_000,
      translate,
      translation: { hotThreshold: 4, batchSize: 1 },
    });
    const { exceptions } = this.cluster.system;
    this.typeScript = (
      ['dataAbort', 'instructionAbort', 'pcAlignment', 'systemTrap', 'monitorCallTrap', 'wfxTrap', 'undefined'] as const
    ).map((name) => vi.spyOn(exceptions, name));
    this.words(ram, [...words, back(words.length)]);
    // Behind a branch, LR says where to go on.
    const skip = words.includes(branch) ? moveLr : add(9, 9, 4);
    for (const [level, group] of [
      [1, 0x200],
      [1, 0x400],
      [2, 0x400],
    ] as const)
      this.words(vectors[level] + group, [
        add(6, 6, 1),
        mrs(ESR(level), 7),
        mrs(ELR(level), 9),
        skip,
        msr(ELR(level), 9),
        eret,
      ]);
    this.poke(tables + 8, BigInt(tables + 0x1000) | 3n);
    this.poke(tables + 0x1000, BigInt(tables + 0x2000) | 3n);
    for (let at = ram; at < ram + 0x1_0000; at += 0x1000) this.poke(descriptorOf(at), BigInt(at) | mapped);
    this.poke(stage2 + 8, BigInt(ram) | 0x7fdn);
    this.cluster.reset(0, { pc: BigInt(ram), el: 2, x0: 0n });
    const { core } = this;
    const registers = {
      VBAR_EL1: BigInt(vectors[1]),
      VBAR_EL2: BigInt(vectors[2]),
      TTBR0_EL1: BigInt(tables),
      TCR_EL1: 25n | (1n << 23n) | (2n << 32n),
      MAIR_EL1: 0xffn,
      VTTBR_EL2: BigInt(stage2),
      VTCR_EL2: 25n | (1n << 6n) | (2n << 16n),
    };
    for (const [name, value] of Object.entries(registers)) core.setSystem(name as keyof typeof registers, value);
    if (usesStage2) this.hypervisorControl(0);
    setPstate(core, 0x3c5);
    this.control(1n);
    core.setX(2, BigInt(page));
  }

  get core() {
    const [core] = this.cluster.cores;
    if (!core) throw new Error('there is a core');
    return core;
  }

  words(address: number, words: readonly number[]): void {
    const bytes = new Uint8Array(Uint32Array.from(words).buffer);
    this.cluster.ramView(physAddr(address), bytes.length).set(bytes);
  }

  /** Writes RAM as another master does. */
  poke(address: number, value: bigint): void {
    this.cluster.memory.u64[this.cluster.memory.host(physAddr(address)) / 8] = value;
    this.cluster.ramChanges(physAddr(address), 8);
  }

  /** Sets SCTLR_EL1. */
  control(bits: bigint): void {
    this.core.setSystem('SCTLR_EL1', 0x30d0_0800n | bits);
    this.cluster.system.stateChanged(this.core);
  }

  /** Sets bits of HCR_EL2, besides what stage 2 needs. */
  hypervisorControl(bits: number): void {
    this.core.setSystem('HCR_EL2', BigInt((bits | Hcr.RW | (this.usesStage2 ? Hcr.VM : 0)) >>> 0));
    this.cluster.system.stateChanged(this.core);
  }

  tlbi(name: 'VMALLE1' | 'ALLE1'): void {
    this.cluster.mmu.invalidate(this.core, name, 0, 0);
  }

  run(): void {
    this.cluster.run(cycles(this.events.now + 3000));
  }
}

type Change = (guest: Guest) => void;
const nothing: Change = () => {};
const map: Change = (guest) => guest.poke(descriptorOf(page), BigInt(page) | mapped);
const unmap: Change = (guest) => {
  guest.poke(descriptorOf(page), 0n);
  guest.tlbi('VMALLE1');
};
const protect: Change = (guest) => {
  guest.poke(descriptorOf(page), BigInt(page) | readOnly);
  guest.tlbi('VMALLE1');
};
const root =
  (address: number): Change =>
  (guest) => {
    guest.core.setSystem('TTBR0_EL1', BigInt(address));
    guest.cluster.mmu.contextChanged(guest.core);
  };
const leaf =
  (value: bigint): Change =>
  (guest) =>
    guest.poke(tables + 0x1000, value);
const aim =
  (address: number): Change =>
  (guest) =>
    guest.core.setX(2, BigInt(address));
const ipa =
  (value: bigint): Change =>
  (guest) => {
    guest.poke(stage2 + 8, value);
    guest.tlbi('ALLE1');
  };
const trap =
  (bits: number): Change =>
  (guest) =>
    guest.hypervisorControl(bits);
/** ID_AA64PFR0_EL1, CCSIDR_EL1, REVIDR_EL1 and ACTLR_EL1: each has a bit of its own. */
const trapped = [mrs([3, 0, 0, 4, 0], 3), mrs([3, 1, 0, 0, 0], 4), mrs([3, 0, 0, 0, 6], 5), msr([3, 0, 1, 0, 1], 30)];
/** Stage 1 maps the page to where nothing answers, or to the page of RAM again. */
const nowhere = 0x8000_0000;
const silence: Change = (guest) => {
  guest.poke(descriptorOf(page), BigInt(nowhere) | mapped);
  guest.tlbi('VMALLE1');
};
/** LDP X3, X4 and STXR W5, X3, STLR X3 and LDXR X3 at [X2]. */
const pair = 0xa940_1043;
const storeExclusive = 0xc805_7c43;
const storeRelease = 0xc89f_fc43;
const loadExclusive = 0xc85f_7c43;
/** TTBR0_EL1, ESR_EL1 (plain but for its trap), VBAR_EL2 (UNDEFINED at EL1), TLBI VMALLE1, SYS that nobody knows. */
const systemWords = [
  mrs([3, 0, 2, 0, 0], 3),
  msr([3, 0, 5, 1, 0], 31),
  mrs([3, 0, 5, 2, 0], 3),
  msr([3, 0, 5, 2, 0], 7),
  mrs([3, 4, 12, 0, 0], 3),
  msr([1, 0, 8, 7, 0], 31),
  mrs([3, 5, 1, 0, 0], 3),
  msr([1, 5, 1, 0, 0], 3),
];
/** CTR_EL0, CNTVCT_EL0, DAIFSet, DAIFClr and WFI. */
const userWords = [mrs([3, 3, 0, 0, 1], 3), mrs([3, 3, 14, 0, 2], 31), 0xd503_42df, 0xd503_42ff, wfi];
const enable =
  (slot: 'SCTLR_EL1' | 'CNTKCTL_EL1', bits: number): Change =>
  (guest) =>
    guest.core.setSystem(slot, (guest.core.system(slot) & 0x1005n) | BigInt(bits));
/** SMC #7, HLT #0 and HVC #3, which EL0 cannot execute. */
const calls = [0xd400_00e3, 0xd440_0000, 0xd400_0062];
const throughTables = BigInt(tables + 0x2000) | 3n;

test.each<[string, { words: number[]; steps: Change[]; stage2?: boolean }]>([
  ['a page that is mapped meanwhile', { words: [load], steps: [nothing, map, unmap, nothing, map] }],
  [
    'stores to a page that is read-only for a while',
    { words: [store], steps: [protect, nothing, unmap, map, protect] },
  ],
  ['loads and stores of one page', { words: [load, store, half], steps: [protect, nothing, map, unmap, nothing] }],
  ['unprivileged loads', { words: [load, unprivileged], steps: [map, nothing, unmap, nothing] }],
  ['a table that goes and comes', { words: [load], steps: [nothing, root(otherTables), root(tables), map] }],
  [
    'a vector in a page that comes and goes',
    {
      words: [breakpoint, load],
      steps: [
        nothing,
        (guest) => {
          guest.poke(descriptorOf(ram + 0x1000), 0n);
          guest.tlbi('VMALLE1');
        },
        nothing,
        (guest) => guest.poke(descriptorOf(ram + 0x1000), BigInt(ram + 0x1000) | mapped),
        nothing,
      ],
    },
  ],
  ['a table above that changes', { words: [load], steps: [nothing, leaf(throughTables), map, unmap, nothing] }],
  [
    'accesses that are not aligned, checked for a while',
    {
      words: [load, store, half],
      steps: [
        map,
        aim(page + 1),
        (guest) => guest.control(3n),
        nothing,
        aim(page + 0xffd),
        (guest) => guest.control(1n),
      ],
    },
  ],
  [
    'another page each time, of those that lead to the same descriptors',
    { words: [load, nextPage], steps: [nothing, aim(page), map, nothing, aim(page), unmap, aim(0x8000_0000), nothing] },
  ],
  [
    'a read-only block',
    {
      words: [store, nextPage],
      steps: [
        nothing,
        leaf(BigInt(ram) | (readOnly & ~2n)),
        aim(ram + 0x1_0000),
        nothing,
        (guest) => guest.tlbi('VMALLE1'),
        leaf(throughTables),
        (guest) => guest.tlbi('VMALLE1'),
      ],
    },
  ],
  ['several pages in turn', { words: [load], steps: [nothing, aim(page + 0x1000), nothing, aim(page), map, nothing] }],
  [
    'stage 2',
    {
      words: [load, half, store],
      stage2: true,
      steps: [map, aim(page + 8), ipa(0n), nothing, ipa(BigInt(ram) | 0x7fdn), ipa(BigInt(ram) | 0x77dn), nothing],
    },
  ],
  [
    'registers that are trapped for a while',
    {
      words: trapped,
      steps: [Hcr.TID3, Hcr.TID2 | Hcr.TACR, 0, Hcr.TID1 | Hcr.TID2 | Hcr.TID3 | Hcr.TACR].map(trap),
    },
  ],
  [
    'registers that are trapped or UNDEFINED, at EL1 and EL0',
    {
      words: systemWords,
      steps: [
        nothing,
        ...[Hcr.TVM, Hcr.TRVM, Hcr.TTLB, 0, Hcr.TVM | Hcr.TRVM | Hcr.TTLB | Hcr.TIDCP].map(trap),
        (guest) => setPstate(guest.core, 0x3c0),
        nothing,
        trap(0),
      ],
    },
  ],
  [
    'registers, masks and waits that are trapped from EL0',
    {
      words: userWords,
      steps: [
        nothing,
        (guest) => setPstate(guest.core, 0x3c0),
        nothing,
        enable('SCTLR_EL1', Sctlr.UCT | Sctlr.UMA | Sctlr.nTWI),
        enable('CNTKCTL_EL1', 0x303),
        enable('SCTLR_EL1', 0),
        enable('CNTKCTL_EL1', 0),
        trap(Hcr.TWI | Hcr.TID2),
        nothing,
      ],
    },
  ],
  [
    'calls that are trapped or UNDEFINED, at EL1 and EL0',
    {
      words: calls,
      steps: [trap(Hcr.TSC), nothing, trap(0), (guest) => setPstate(guest.core, 0x3c0), nothing, trap(Hcr.TSC)],
    },
  ],
  [
    'a page where nothing answers, for a while',
    {
      words: [load, store, pair, storeExclusive, storeRelease, loadExclusive, half],
      steps: [silence, nothing, aim(page + 4), aim(page + 3), map, nothing, unmap, silence, aim(page), nothing],
    },
  ],
  [
    'stage 2 to where nothing answers',
    {
      words: [load, store],
      stage2: true,
      steps: [map, ipa(BigInt(nowhere) | 0x7fdn), nothing, ipa(BigInt(ram) | 0x7fdn)],
    },
  ],
  [
    'an address that is no instruction, and one where there is none to fetch',
    {
      words: [branch],
      steps: [aim(page + 2), nothing, silence, aim(page), nothing, aim(page + 6), unmap, nothing],
    },
  ],
])('exceptions are the same in generated code: %s', (_, { words, steps, stage2: usesStage2 = false }) => {
  const translated = new Guest(words, true, usesStage2);
  const interpreted = new Guest(words, false, usesStage2);
  // Enough for the guest to be translated.
  for (const step of [nothing, nothing, ...steps]) {
    for (const guest of [translated, interpreted]) {
      step(guest);
      guest.run();
    }
    expect(translated.core.pc).toBe(interpreted.core.pc);
    expect(translated.cluster.hash()).toBe(interpreted.cluster.hash());
    expect(translated.cluster.counts()).toEqual(interpreted.cluster.counts());
  }
});

test.each<[string, { words: number[]; aim?: number; control?: bigint; stage2?: boolean; prepare?: Change }]>([
  ['of translation', { words: [load] }],
  ['of translation of another page', { words: [load, nextPage], aim: 0x80_0000_0000 - 2 ** 38 }],
  ['of permission', { words: [store], prepare: protect }],
  ['of alignment', { words: [load], aim: page + 1, control: 3n, prepare: map }],
  ['of stage 2', { words: [load], stage2: true, aim: ram + 0x1000, prepare: ipa(0n) }],
  [
    'of the fetch from the vector',
    { words: [breakpoint], prepare: (guest) => guest.core.setSystem('VBAR_EL1', BigInt(page)) },
  ],
  ['external', { words: [load], prepare: silence }],
  ['external, by a store', { words: [store], prepare: silence }],
  ['external, of a fetch', { words: [branch], prepare: silence }],
  ['of an address that is no instruction', { words: [branch], aim: page + 2 }],
  ['of registers that are UNDEFINED', { words: systemWords.slice(4) }],
  ['of virtual memory', { words: systemWords.slice(0, 4), prepare: trap(Hcr.TVM | Hcr.TRVM) }],
  ['of trapped calls', { words: calls.slice(0, 2), prepare: trap(Hcr.TSC) }],
  ['of a trapped wait', { words: [wfi], prepare: trap(Hcr.TWI) }],
  ['of a trapped register', { words: trapped, prepare: trap(Hcr.TID1 | Hcr.TID2 | Hcr.TID3 | Hcr.TACR) }],
])('an exception that comes again needs no TypeScript: %s', (_, { words, prepare, ...given }) => {
  const guest = new Guest(words, true, given.stage2 ?? false);
  if (given.control !== undefined) guest.control(given.control);
  if (given.aim !== undefined) guest.core.setX(2, BigInt(given.aim));
  prepare?.(guest);
  for (let i = 0; i < 3; i++) guest.run();
  for (const spy of guest.typeScript) spy.mockClear();
  const { exceptions: before } = guest.cluster.counts();
  guest.run();
  for (const spy of guest.typeScript) expect(spy).not.toHaveBeenCalled();
  expect(guest.cluster.counts().exceptions).not.toEqual(before);
});
