import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GICC, GICD, GicBench } from './gic-testing.ts';

const CTLR = GICC;
const BPR = GICC + 0x08;
const HPPIR = GICC + 0x18;
const ISENABLER = GICD + 0x100;
const ICENABLER = GICD + 0x180;
const ISPENDR = GICD + 0x200;
const ICPENDR = GICD + 0x280;
const IPRIORITYR = GICD + 0x400;
const ITARGETSR = GICD + 0x800;
const spurious = 1023;

/** The rules of IHI 0048B, 3.2 and 3.3 for SPIs, written down without any of the GIC's bookkeeping. */
class NaiveGic {
  readonly pending = new Set<number>();
  readonly inputs = new Set<number>();
  readonly enabled = new Set<number>();
  readonly priorities = new Map<number, number>();
  readonly targets = new Map<number, number>();
  /** Interrupts that each core has taken and not ended. */
  readonly running: { id: number; group: number }[][] = [[], [], [], []];
  binaryPoint = 3;

  #group(priority: number): number {
    const size = 2 ** (this.binaryPoint + 1);
    return Math.floor(priority / size) * size;
  }

  best(core: number): number {
    const active = this.running.flat().map(({ id }) => id);
    const above = Math.min(0x100, ...(this.running[core] ?? []).map(({ group }) => group));
    const priority = (id: number) => this.priorities.get(id) ?? 0;
    const [first] = [...new Set([...this.pending, ...this.inputs])]
      .filter((id) => this.enabled.has(id) && !active.includes(id) && ((this.targets.get(id) ?? 0) >> core) & 1)
      .sort((a, b) => priority(a) - priority(b) || a - b);
    return first === undefined || priority(first) >= 0xf0 || this.#group(priority(first)) >= above ? spurious : first;
  }

  acknowledge(core: number): number {
    const id = this.best(core);
    if (id === spurious) return id;
    this.pending.delete(id);
    this.running[core]?.push({ id, group: this.#group(this.priorities.get(id) ?? 0) });
    return id;
  }

  /** Software ends the interrupt that it took last. */
  end(core: number): number {
    return this.running[core]?.pop()?.id ?? spurious;
  }
}

test('four cores take interrupts in the order of a naive model', () => {
  const core = fc.nat(3);
  const ids = [32, 33, 63, 64, 100, 191];
  const id = fc.constantFrom(...ids);
  const step = fc.oneof(
    fc.record({ do: fc.constantFrom('enable' as const, 'disable' as const, 'pend' as const, 'unpend' as const), id }),
    fc.record({ do: fc.constant('prioritize' as const), id, priority: fc.nat(15).map((level) => level * 16) }),
    fc.record({ do: fc.constant('route' as const), id, targets: fc.nat(15) }),
    fc.record({ do: fc.constant('drive' as const), id, level: fc.boolean() }),
    fc.record({ do: fc.constantFrom('take' as const, 'end' as const), core }),
  );
  fc.assert(
    fc.property(
      fc.integer({ min: 3, max: 7 }),
      fc.array(step, { minLength: 50, maxLength: 300 }),
      (binaryPoint, steps) => {
        const bench = new GicBench();
        const naive = new NaiveGic();
        bench.write(GICD, 1);
        for (const core of [0, 1, 2, 3]) {
          bench.write(CTLR, 1, core);
          bench.write(BPR, binaryPoint, core);
        }
        naive.binaryPoint = binaryPoint;
        const setBit = (registers: number, id: number) =>
          bench.write(registers + 4 * (id >>> 5), (1 << (id & 31)) >>> 0);
        for (const id of ids) {
          setBit(ISENABLER, id);
          naive.enabled.add(id);
          bench.gic.write(ITARGETSR + id, 1, 0b11);
          naive.targets.set(id, 0b11);
        }
        for (const step of steps) {
          switch (step.do) {
            case 'enable':
              setBit(ISENABLER, step.id);
              naive.enabled.add(step.id);
              break;
            case 'disable':
              setBit(ICENABLER, step.id);
              naive.enabled.delete(step.id);
              break;
            case 'pend':
              setBit(ISPENDR, step.id);
              naive.pending.add(step.id);
              break;
            case 'unpend':
              setBit(ICPENDR, step.id);
              naive.pending.delete(step.id);
              break;
            case 'prioritize':
              bench.gic.write(IPRIORITYR + step.id, 1, step.priority);
              naive.priorities.set(step.id, step.priority);
              break;
            case 'route':
              bench.gic.write(ITARGETSR + step.id, 1, step.targets);
              naive.targets.set(step.id, step.targets);
              break;
            case 'drive':
              bench.gic.setSpi(step.id - 32, step.level);
              if (step.level) naive.inputs.add(step.id);
              else naive.inputs.delete(step.id);
              break;
            case 'take':
              expect(bench.acknowledge(step.core)).toBe(naive.acknowledge(step.core));
              break;
            case 'end':
              bench.end(naive.end(step.core), step.core);
              break;
          }
          for (const core of [0, 1, 2, 3]) expect(bench.lines.has(`${core} irq`)).toBe(naive.best(core) !== spurious);
        }
      },
    ),
  );
});

test('random accesses and inputs break nothing, and the saved state is complete', () => {
  const access = fc.record({
    core: fc.nat(3),
    // Whole blocks, and often the registers of single interrupts.
    offset: fc.oneof(fc.nat(0x6_ffff), fc.integer({ min: 0x100, max: 0xf2f })),
    size: fc.constantFrom<1 | 2 | 4>(1, 2, 4),
    value: fc.option(fc.nat(0xffff_ffff)),
  });
  const input = fc.record({ core: fc.nat(3), id: fc.integer({ min: 25, max: 191 }), level: fc.boolean() });
  fc.assert(
    fc.property(fc.array(fc.oneof(access, input), { maxLength: 500 }), (steps) => {
      const bench = new GicBench().start();
      for (const step of steps) {
        bench.core = step.core;
        if ('level' in step) {
          if (step.id < 32) bench.gic.setPpi(step.core, step.id, step.level);
          else bench.gic.setSpi(step.id - 32, step.level);
          continue;
        }
        const { size, value } = step;
        const at = step.offset & -size;
        if (value !== null) bench.gic.write(at, size, size === 4 ? value : value & (size === 1 ? 0xff : 0xffff));
        else {
          const read = bench.gic.read(at, size);
          expect(Number.isInteger(read) && read >= 0 && read < 2 ** (8 * size)).toBe(true);
        }
      }
      const state = bench.gic.saveState();
      const other = new GicBench(state);
      expect(other.gic.saveState()).toEqual(state);
      expect(other.lines).toEqual(bench.lines);
      for (let core = 0; core < 4; core++) expect(other.read(HPPIR, core)).toBe(bench.read(HPPIR, core));
    }),
  );
});
