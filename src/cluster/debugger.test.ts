import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Core } from '../a64/layout.ts';
import { mrs, msr } from '../a64/system-encoding.ts';
import type { CoreState } from '../arch/state/core.ts';
import { Events } from '../base/events.ts';
import { cycles, physAddr } from '../base/units.ts';
import { Cluster } from './cluster.ts';
import type { DebugStop, StopPoint } from './debugger.ts';

const ram = 0x4000_0000;
/** In the same page as the loop and in another one, which lies in the same 2 MiB. */
const near = ram + 0x100;
const far = ram + 0x3000;
const vectors = ram + 0x1000;
const data = ram + 0x10_0000;

const add = (d: number, n: number, immediate: number): number => (0x9100_0000 | (immediate << 10) | (n << 5) | d) >>> 0;
const branch = (from: number, to: number, link = false): number =>
  ((link ? 0x9400_0000 : 0x1400_0000) | (((to - from) >> 2) & 0x3ff_ffff)) >>> 0;
/** STR and LDR Xt, [x2]. */
const store = (t: number): number => 0xf900_0040 | t;
const load = (t: number): number => 0xf940_0040 | t;
const ret = 0xd65f_03c0;
const eret = 0xd69f_03e0;
const nop = 0xd503_201f;

interface DebuggedCores {
  readonly cluster: Cluster;
  readonly events: Events;
  core(index: number): CoreState;
  /** Runs for so many cycles, or to the next stop. */
  run(time: number): DebugStop | undefined;
}

/** Cores at EL1 that count in x0, call two functions that count in x1 and x4, and store x0 at `data`, forever. */
function machine(translate: boolean, cores = 1): DebuggedCores {
  const events = new Events();
  const cluster: Cluster = new Cluster({
    cores,
    ram: [{ base: physAddr(ram), size: 0x40_0000 }],
    bus: { read: () => null, write: () => false },
    events,
    clockHz: 1_200_000_000,
    translate,
    translation: { hotThreshold: 64, batchSize: 1 },
    timerLine: (index, _, level) => cluster.setLine(index, 'irq', level),
  });
  const place = (address: number, words: readonly number[]): void => {
    const bytes = new Uint8Array(Uint32Array.from(words).buffer);
    cluster.ramView(physAddr(address), bytes.length).set(bytes);
  };
  place(ram, [
    add(0, 0, 1),
    branch(ram + 4, near, true),
    store(0),
    branch(ram + 12, far, true),
    load(5),
    branch(ram + 20, ram),
  ]);
  place(near, [add(1, 1, 3), ret]);
  place(far, [add(4, 4, 1), nop, ret]);
  // Interrupts set the virtual timer x3 ticks further and count in x6.
  place(vectors + 0x280, [add(6, 6, 1), msr([3, 3, 14, 3, 0], 3), mrs([3, 3, 14, 0, 2], 7), eret]);
  const core = (index: number): CoreState => cluster.cores[index] as CoreState;
  for (let i = 0; i < cores; i++) {
    cluster.reset(i, { pc: BigInt(ram), el: 1, x0: 0n });
    core(i).setX(2, BigInt(data + 0x1000 * i));
  }
  let until = 0;
  return {
    cluster,
    events,
    core,
    run(time) {
      if (!cluster.debugger.stop) until = events.now + time;
      return cluster.run(cycles(until)).reason === 'debugger' ? cluster.debugger.stop : undefined;
    },
  };
}

/** Unmasks interrupts by the virtual timer, every `ticks` of the counter. */
function interrupted({ cluster, core }: DebuggedCores, ticks: bigint): void {
  for (const { index } of cluster.cores) {
    const state = core(index);
    state.setX(3, ticks + BigInt(index));
    state.setWord(Core.pstate, 0b101);
    state.setSystem('VBAR_EL1', BigInt(vectors));
    state.setSystem('CNTV_CVAL_EL0', ticks);
    state.setSystem('CNTV_CTL_EL0', 1n);
    cluster.system.timers.updateAll(state);
  }
}

const breakpoint = (address: number, el: 0 | 1 | 2 | null = null, id = 1): StopPoint => ({
  kind: 'breakpoint',
  id,
  address: BigInt(address),
  el,
});
const watchpoint = (address: number, length: number, access: 'read' | 'write' | 'any', id = 1): StopPoint => ({
  kind: 'watchpoint',
  id,
  address: BigInt(address),
  length,
  access,
});

describe.each([
  ['interpreted', false],
  ['translated', true],
] as const)('%s code', (_, translate) => {
  /** A machine whose loop is hot already. */
  const hot = (cores = 1): DebuggedCores => {
    const m = machine(translate, cores);
    m.run(200_000);
    expect(m.cluster.stats().translations.regions > 0).toBe(translate);
    return m;
  };

  test.each([
    ['in the page of the loop', near],
    ['in another page', far],
    ['at the head of the loop', ram],
  ])('stops before an instruction %s, each time', (_, address) => {
    const m = hot();
    m.cluster.debugger.setPoints([breakpoint(address, null, 7)]);
    const core = m.core(0);
    for (let i = 0; i < 5; i++) {
      const rounds = core.x(0);
      const stop = m.run(100_000);
      expect(stop).toEqual({ kind: 'breakpoint', core: 0, pc: BigInt(address), id: 7 });
      expect(core.pc).toBe(BigInt(address));
      if (i > 0) expect(core.x(0)).toBe(rounds + 1n);
      // Nothing of the instruction itself has happened.
      expect(core.x(1)).toBe(3n * (address === near ? core.x(0) - 1n : core.x(0)));
      expect(core.x(4)).toBe(address === ram ? core.x(0) : core.x(0) - 1n);
    }
    m.cluster.debugger.setPoints([]);
    expect(m.run(1000)).toBeUndefined();
  });

  test('a stop point may be confined to one virtual machine', () => {
    const cores = machine(translate, 2);
    for (const vmid of [0, 1]) cores.core(vmid).setSystem('VTTBR_EL2', BigInt(vmid + 1) << 48n);
    cores.cluster.debugger.setPoints([{ ...breakpoint(near), vmid: 2 }]);
    expect(cores.run(50_000)).toMatchObject({ kind: 'breakpoint', core: 1 });
    cores.cluster.debugger.setPoints([{ ...watchpoint(data, 0x2000, 'write'), vmid: 1 }]);
    expect(cores.run(50_000)).toMatchObject({ kind: 'watchpoint', core: 0 });
    cores.cluster.debugger.setPoints([{ ...breakpoint(near), vmid: 3 }]);
    cores.cluster.run(cycles(100_000));
    expect(cores.run(50_000)).toBeUndefined();
  });

  test('a breakpoint of another exception level does not stop', () => {
    const m = hot();
    m.cluster.debugger.setPoints([breakpoint(near, 2)]);
    expect(m.run(10_000)).toBeUndefined();
    m.cluster.debugger.setPoints([breakpoint(near, 1)]);
    expect(m.run(10_000)).toBeDefined();
  });

  test('a breakpoint at the current pc stops the core there once', () => {
    const m = hot();
    m.cluster.debugger.setPoints([breakpoint(Number(m.core(0).pc))]);
    const { instructions } = m.cluster.stats();
    expect(m.run(100_000)).toBeDefined();
    expect(m.cluster.stats().instructions).toBe(instructions);
    expect(m.run(100_000)).toBeDefined();
    expect(m.cluster.stats().instructions).toBe(instructions + 11);
  });

  test('stops after a store to a watched range', () => {
    const m = hot();
    m.cluster.debugger.setPoints([watchpoint(data + 6, 1, 'write', 3)]);
    const core = m.core(0);
    for (let i = 0; i < 3; i++) {
      const stop = m.run(100_000);
      expect(stop).toEqual({
        kind: 'watchpoint',
        core: 0,
        pc: BigInt(ram + 12),
        id: 3,
        address: BigInt(data),
        size: 8,
        write: true,
      });
      const stored = new DataView(m.cluster.memory.u8.buffer, m.cluster.ramView(physAddr(data), 8).byteOffset);
      expect(stored.getBigUint64(0, true)).toBe(core.x(0));
      expect(core.x(4)).toBe(core.x(0) - 1n);
    }
  });

  test('stops after a load from a watched range, or after any access', () => {
    const m = hot();
    m.cluster.debugger.setPoints([watchpoint(data, 8, 'read')]);
    expect(m.run(100_000)).toMatchObject({ pc: BigInt(ram + 20), write: false });
    m.cluster.debugger.setPoints([watchpoint(data - 4096, 4097, 'any')]);
    expect(m.run(100_000)).toMatchObject({ pc: BigInt(ram + 12), write: true });
    expect(m.run(100_000)).toMatchObject({ pc: BigInt(ram + 20), write: false });
    m.cluster.debugger.setPoints([watchpoint(data + 8, 4096, 'any'), watchpoint(data - 8, 8, 'any')]);
    expect(m.run(10_000)).toBeUndefined();
  });

  test('a watchpoint and a breakpoint behind the access both stop', () => {
    const m = hot();
    m.cluster.debugger.setPoints([watchpoint(data, 8, 'write', 1), breakpoint(ram + 12, null, 2)]);
    for (let i = 0; i < 3; i++) {
      expect(m.run(100_000)).toMatchObject({ id: 1, pc: BigInt(ram + 12) });
      expect(m.run(100_000)).toMatchObject({ id: 2, pc: BigInt(ram + 12) });
    }
  });

  test('stops any core', () => {
    const m = hot(2);
    m.cluster.debugger.setPoints([watchpoint(data + 0x1000, 8, 'write', 1), breakpoint(far, null, 2)]);
    const seen = new Set<string>();
    for (let i = 0; i < 20_000; i++) {
      const stop = m.run(100_000);
      if (stop) seen.add(`${stop.kind} ${stop.core}`);
    }
    expect([...seen].sort()).toEqual(['breakpoint 0', 'breakpoint 1', 'watchpoint 1']);
  });

  test('steps one core by instructions', () => {
    const m = hot(2);
    const core = m.core(1);
    let pc = core.pc;
    const visited: bigint[] = [];
    for (let i = 0; i < 12; i++) {
      m.cluster.debugger.stepBy(core, 1);
      expect(m.run(1_000_000)).toEqual({ kind: 'step', core: 1, pc: core.pc });
      expect(core.pc).not.toBe(pc);
      pc = core.pc;
      visited.push(pc);
    }
    expect(visited[11]).toBe(visited[0]);
    const before = m.cluster.stats().cores[1]?.instructions ?? 0;
    m.cluster.debugger.stepBy(core, 54_321);
    expect(m.run(1_000_000)).toMatchObject({ kind: 'step', core: 1 });
    expect(m.cluster.stats().cores[1]?.instructions).toBe(before + 54_321);
  });

  test('steps to an address, unless something else stops first', () => {
    const m = hot();
    const { debugger: debug } = m.cluster;
    const core = m.core(0);
    const destination = { address: BigInt(far), el: 1, sp: core.sp };
    debug.stepTo(core, destination);
    expect(m.run(100_000)).toEqual({ kind: 'step', core: 0, pc: BigInt(far) });
    debug.stepTo(core, destination);
    debug.setPoints([breakpoint(near)]);
    expect(m.run(100_000)).toMatchObject({ kind: 'breakpoint' });
    debug.setPoints([]);
    expect(m.run(10_000)).toBeUndefined();
    debug.stepTo(core, { ...destination, sp: core.sp + 16n });
    expect(m.run(10_000)).toBeUndefined();
    debug.stepTo(core, { ...destination, el: 0 });
    expect(m.run(10_000)).toBeUndefined();
    debug.cancelStep();
  });

  test('the guest cannot tell a run with stops from one without', () => {
    const end = 400_000;
    const finish = (m: DebuggedCores): string => {
      while (m.cluster.run(cycles(end)).reason !== 'time');
      return `${m.cluster.hash()} ${m.cluster.stats().instructions}`;
    };
    const fresh = (cores: number): DebuggedCores => {
      const m = machine(translate, cores);
      interrupted(m, 400n);
      return m;
    };
    const undisturbed = new Map([1, 3].map((cores) => [cores, finish(fresh(cores))]));
    const points = fc.array(
      fc.oneof(
        fc
          .record({ at: fc.constantFrom(ram, ram + 8, near, near + 4, far, far + 4, vectors + 0x284) })
          .map(({ at }) => breakpoint(at)),
        fc
          .record({ core: fc.nat(2), length: fc.nat(8192), access: fc.constantFrom('read', 'write', 'any') })
          .map(({ core, length, access }) => watchpoint(data + 0x1000 * core, length + 1, access)),
      ),
      { maxLength: 3 },
    );
    const action = fc.record({ points, continues: fc.nat(30), core: fc.nat(2), step: fc.nat(3000), to: fc.boolean() });
    fc.assert(
      fc.property(fc.constantFrom(1, 3), fc.array(action, { maxLength: 6 }), (cores, actions) => {
        const m = fresh(cores);
        const { debugger: debug } = m.cluster;
        for (const { points, continues, core, step, to } of actions) {
          debug.setPoints(points);
          for (let i = 0; i < continues; i++) m.cluster.run(cycles(end));
          const stepped = m.core(core % cores);
          if (to) debug.stepTo(stepped, { address: BigInt(far), el: 1, sp: 0n });
          else debug.stepBy(stepped, step + 1);
          m.cluster.run(cycles(end));
        }
        debug.cancelStep();
        debug.setPoints([]);
        expect(finish(m)).toBe(undisturbed.get(cores));
      }),
      { numRuns: 20 },
    );
  });
});

/** A core that starts at EL1 with this code in its RAM, by address. */
function bare(code: Readonly<Record<number, readonly number[]>>, translate: boolean): DebuggedCores {
  const m = machine(translate);
  for (const [address, words] of Object.entries(code))
    m.cluster.ramView(physAddr(Number(address)), 4 * words.length).set(new Uint8Array(Uint32Array.from(words).buffer));
  return m;
}

/** Maps RAM as Normal memory for EL1, where it is. */
function mapped(m: DebuggedCores): DebuggedCores {
  const core = m.core(0);
  const table = ram + 0x20_0000;
  const block = BigInt(ram) | 0x701n;
  m.cluster.ramView(physAddr(table + 8), 8).set(new Uint8Array(BigUint64Array.of(block).buffer));
  core.setSystem('TTBR0_EL1', BigInt(table));
  core.setSystem('MAIR_EL1', 0xffn);
  core.setSystem('TCR_EL1', 25n | (1n << 23n) | (2n << 32n));
  core.setSystem('SCTLR_EL1', core.system('SCTLR_EL1') | 5n);
  m.cluster.mmu.of(core).flushAll();
  return m;
}

describe.each([false, true])('translated: %s', (translate) => {
  test('levels that share a page are told apart', () => {
    const user = ram + 0x100;
    const handler = ram + 0xc00;
    const svc = 0xd400_0001;
    const m = bare(
      { [ram]: [eret], [user]: [add(0, 0, 1), svc, branch(8, 0)], [handler]: [add(1, 1, 1), eret] },
      translate,
    );
    const core = m.core(0);
    core.setSystem('VBAR_EL1', BigInt(ram + 0x800));
    core.setSystem('ELR_EL1', BigInt(user));
    core.setSystem('SPSR_EL1', 0n);
    m.run(100_000);
    m.cluster.debugger.setPoints([breakpoint(user, 1, 1), breakpoint(user + 8, 0, 2), breakpoint(handler, null, 3)]);
    const first = m.run(100_000);
    const ids = Array.from({ length: 5 }, () => {
      const stop = m.run(100_000);
      return stop && 'id' in stop ? [stop.id, core.el] : [];
    });
    expect(first).toBeDefined();
    const [a, b] = [
      [2, 0],
      [3, 1],
    ];
    expect(ids).toEqual(ids[0]?.[0] === 2 ? [a, b, a, b, a] : [b, a, b, a, b]);
  });

  test('a guest that steps itself is not disturbed', () => {
    const user = ram + 0x100;
    const handler = vectors + 0x400;
    const elr = [3, 0, 4, 0, 0] as const;
    const run = (points: readonly StopPoint[]): string => {
      const stepper = [add(19, 19, 1), mrs(elr, 1), 0xb26b_0021, msr(elr, 1), eret];
      const m = bare({ [ram]: [eret], [user]: [add(0, 0, 1), branch(4, 0)], [handler]: stepper }, translate);
      const core = m.core(0);
      core.setSystem('VBAR_EL1', BigInt(vectors));
      core.setSystem('ELR_EL1', BigInt(user));
      core.setSystem('SPSR_EL1', 1n << 21n);
      core.setSystem('OSLSR_EL1', 8n);
      core.setSystem('MDSCR_EL1', 1n);
      m.cluster.debugger.setPoints(points);
      let stops = 0;
      while (m.cluster.run(cycles(60_001)).reason === 'debugger') stops++;
      // 10,000 steps, of which each second one is of the addition.
      expect(stops).toBe([0, 5_000, 15_000][points.length]);
      expect(core.x(19)).toBe(10_000n);
      return m.cluster.hash();
    };
    expect(run([breakpoint(user, 0)])).toBe(run([]));
    expect(run([breakpoint(user + 4), breakpoint(handler + 4)])).toBe(run([]));
  });

  test.each([
    // The watched byte is the first of the second page of the data.
    ['DC ZVA', [0xd50b_7422], 0x1000, 64, true],
    ['a pair across pages', [0xa900_0041], 0xff8, 16, true],
    ['a load of a pair across pages', [0xa940_0440], 0xff8, 16, false],
    ['a store-exclusive that succeeds', [0xc85f_7c41, 0xc803_7c41], 0x1000, 8, true],
    ['an unaligned load', [0xf940_0041], 0xffd, 8, false],
  ] as const)('%s is an access to each of its bytes', (_, code, offset, size, write) => {
    const m = mapped(bare({ [ram]: [...code, branch(4 * code.length, 0)] }, translate));
    const core = m.core(0);
    core.setX(2, BigInt(data + offset));
    m.run(50_000);
    const access = write ? 'write' : 'read';
    m.cluster.debugger.setPoints([watchpoint(data + 0x1000, 1, access)]);
    for (let i = 0; i < 2; i++)
      expect(m.run(50_000)).toMatchObject({ kind: 'watchpoint', pc: BigInt(ram + 4 * code.length), size, write });
    m.cluster.debugger.setPoints([
      watchpoint(data + offset + size, 1, access),
      watchpoint(data + offset - 1, 1, access),
    ]);
    expect(m.run(5_000)).toBeUndefined();
  });

  test('a store-exclusive that fails is not an access', () => {
    const m = mapped(bare({ [ram]: [0xc803_7c41, branch(4, 0)] }, translate));
    m.cluster.debugger.setPoints([watchpoint(data, 8, 'any')]);
    expect(m.run(5_000)).toBeUndefined();
    expect(m.core(0).x(3)).toBe(1n);
  });
});

test('interpreter and translator stop in the same states', () => {
  const history = (translate: boolean): string[] => {
    const m = machine(translate, 2);
    interrupted(m, 300n);
    m.run(100_000);
    m.cluster.debugger.setPoints([breakpoint(far), breakpoint(vectors + 0x284), watchpoint(data + 0x1000, 8, 'read')]);
    return Array.from({ length: 3000 }, (_, i) => {
      const { kind, core, pc } = m.run(1_000_000) ?? {};
      return `${kind} ${core} ${pc} ${i % 500 === 0 ? m.cluster.hash() : ''}`;
    });
  };
  expect(history(true)).toEqual(history(false));
});

test('the current time is that of the stopped core', () => {
  const m = machine(true);
  m.cluster.debugger.stepBy(m.core(0), 123);
  m.run(100_000);
  expect(m.cluster.now).toBe(123);
  expect(m.events.now).toBe(0);
});
