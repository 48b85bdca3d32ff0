import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GICD, GICH, GICV, GicBench } from './gic-testing.ts';

const HCR = GICH;
const VMCR = GICH + 0x08;
const MISR = GICH + 0x10;
const EISR = GICH + 0x20;
const ELRSR = GICH + 0x30;
const APR = GICH + 0xf0;
const LR = (n: number) => GICH + 0x100 + 4 * n;
const CTLR = GICV;
const PMR = GICV + 0x04;
const BPR = GICV + 0x08;
const IAR = GICV + 0x0c;
const EOIR = GICV + 0x10;
const RPR = GICV + 0x14;
const HPPIR = GICV + 0x18;
const ABPR = GICV + 0x1c;
const AIAR = GICV + 0x20;
const AEOIR = GICV + 0x24;
const AHPPIR = GICV + 0x28;
const DIR = GICV + 0x1_0000;

/** GICH_HCR. */
const En = 1;
const UIE = 2;
const LRENPIE = 4;
const NPIE = 8;
const allReasons = 0xfe;
/** GICV_CTLR. */
const EnableGrp0 = 1;
const EnableGrp1 = 2;
const AckCtl = 4;
const FIQEn = 8;
const CBPR = 16;
const EOImode = 1 << 9;

const spurious = 1023;
const maintenance = 25;

interface List {
  readonly id: number;
  /** 0 to 0xf8. */
  readonly priority?: number;
  readonly group1?: boolean;
  readonly pending?: boolean;
  readonly active?: boolean;
  /** Physical ID of a hardware interrupt. */
  readonly hardware?: number;
  readonly sender?: number;
  readonly eoi?: boolean;
}

const list = ({ id, priority = 0, group1, pending = true, active, hardware, sender = 0, eoi }: List): number =>
  (id |
    (hardware === undefined ? (sender << 10) | (eoi ? 1 << 19 : 0) : (1 << 31) | (hardware << 10)) |
    ((priority >>> 3) << 23) |
    (pending ? 1 << 28 : 0) |
    (active ? 1 << 29 : 0) |
    (group1 ? 1 << 30 : 0)) >>>
  0;

/** A GIC with these list registers, the virtual interface on, and the guest's settings. */
const benchWith = (lists: readonly List[], control = EnableGrp0 | EnableGrp1 | AckCtl): GicBench => {
  const bench = new GicBench().start();
  bench.write(HCR, En);
  for (const [i, each] of lists.entries()) bench.write(LR(i), list(each));
  bench.write(CTLR, control);
  bench.write(PMR, 0xf8);
  return bench;
};
const states = (bench: GicBench): number[] => [0, 1, 2, 3].map((i) => (bench.read(LR(i)) >>> 28) & 3);

describe('virtual CPU interface', () => {
  test('starts off, with the smallest binary points', () => {
    const { gic } = new GicBench();
    const values = [HCR, VMCR, MISR, EISR, ELRSR, APR, CTLR, PMR, BPR, ABPR, RPR].map((offset) => gic.read(offset, 4));
    expect(values).toEqual([0, 0x004c_0000, 0, 0, 0xf, 0, 0, 0, 2, 3, 0xff]);
  });

  test('the guest’s controls are those that GICH_VMCR shows', () => {
    const bench = new GicBench();
    bench.write(CTLR, 0xffff_ffff);
    bench.write(PMR, 0xa7);
    bench.write(BPR, 5);
    bench.write(ABPR, 1);
    expect(bench.read(CTLR)).toBe(0x21f);
    expect(bench.read(VMCR)).toBe(((0x14 << 27) | (5 << 21) | (3 << 18) | 0x21f) >>> 0);
    bench.write(VMCR, (0x1f << 27) | (0 << 21) | (7 << 18) | 2);
    expect([CTLR, PMR, BPR, ABPR].map((offset) => bench.read(offset))).toEqual([2, 0xf8, 2, 7]);
  });

  test('an interrupt is taken, runs and ends', () => {
    const bench = benchWith([{ id: 40, priority: 0x88 }]);
    expect(bench.lines).toEqual(new Set(['0 virq']));
    expect(bench.read(HPPIR)).toBe(40);
    expect(bench.read(IAR)).toBe(40);
    expect([bench.lines.size, ...states(bench), bench.read(RPR), bench.read(APR)]).toEqual([
      0,
      2,
      0,
      0,
      0,
      0x88,
      1 << 17,
    ]);
    expect([bench.read(IAR), bench.read(HPPIR)]).toEqual([spurious, spurious]);
    bench.write(EOIR, 40);
    expect([...states(bench), bench.read(RPR), bench.read(APR), bench.read(ELRSR)]).toEqual([0, 0, 0, 0, 0xff, 0, 0xf]);
  });

  test('all 32 levels preempt; of equal ones the lowest list register goes first', () => {
    const bench = benchWith([
      { id: 40, priority: 0x90 },
      { id: 41, priority: 0x88 },
      { id: 39, priority: 0x88 },
    ]);
    expect([bench.read(IAR), bench.lines.size, bench.read(IAR)]).toEqual([41, 0, spurious]);
    bench.write(LR(3), list({ id: 60, priority: 0x80 }));
    expect([bench.read(IAR), bench.read(RPR)]).toEqual([60, 0x80]);
    bench.write(EOIR, 60);
    bench.write(EOIR, 41);
    expect([bench.read(IAR), bench.read(RPR)]).toEqual([39, 0x88]);
  });

  test('the mask counts', () => {
    const bench = benchWith([{ id: 40, priority: 0x88 }]);
    bench.write(PMR, 0x88);
    expect([bench.lines.size, bench.read(IAR), bench.read(HPPIR)]).toEqual([0, spurious, 40]);
    bench.write(PMR, 0x90);
    expect(bench.lines).toEqual(new Set(['0 virq']));
  });

  test('GICH_HCR.En turns it off', () => {
    const bench = benchWith([{ id: 40 }]);
    bench.write(HCR, 0);
    expect([bench.lines.size, bench.read(IAR), bench.read(HPPIR)]).toEqual([0, spurious, spurious]);
  });

  test('each core has its own; GICH can also be reached for all cores', () => {
    const bench = benchWith([{ id: 40 }]);
    bench.core = 1;
    expect([bench.read(HCR), bench.read(LR(0)), bench.read(IAR)]).toEqual([0, 0, spurious]);
    expect(bench.read(GICH + 0x1_0000 + 0x100)).toBe(list({ id: 40 }));
    bench.write(GICH + 0x1_0000 + 0x200 * 2, En);
    expect([0, 1, 2].map((core) => bench.read(HCR, core))).toEqual([1, 0, 1]);
  });
});

describe('groups', () => {
  test('Group 0 can be FIQs', () => {
    const bench = benchWith([{ id: 40 }], EnableGrp0 | EnableGrp1 | FIQEn);
    expect(bench.lines).toEqual(new Set(['0 vfiq']));
    bench.write(LR(0), list({ id: 40, group1: true }));
    expect(bench.lines).toEqual(new Set(['0 virq']));
  });

  test('without AckCtl, Group 1 has its own registers', () => {
    const bench = benchWith([{ id: 40, group1: true }], EnableGrp0 | EnableGrp1);
    expect([HPPIR, IAR, AHPPIR].map((offset) => bench.read(offset))).toEqual([1022, 1022, 40]);
    expect([bench.read(AIAR), bench.read(RPR)]).toEqual([40, 0]);
    bench.write(AEOIR, 40);
    expect([...states(bench), bench.read(RPR)]).toEqual([0, 0, 0, 0, 0xff]);
    bench.write(LR(0), list({ id: 40 }));
    expect([AHPPIR, AIAR, IAR].map((offset) => bench.read(offset))).toEqual([spurious, spurious, 40]);
  });

  test('with AckCtl, GICV_IAR takes both', () => {
    const bench = benchWith([{ id: 40, group1: true }]);
    expect(bench.read(IAR)).toBe(40);
  });

  test('a disabled group is not signalled', () => {
    const bench = benchWith([{ id: 40, group1: true }], EnableGrp0 | AckCtl);
    expect([bench.lines.size, bench.read(IAR), bench.read(HPPIR)]).toEqual([0, spurious, spurious]);
  });

  test('GICV_ABPR counts for Group 1 unless CBPR says otherwise', () => {
    const running = (control: number): number => {
      const bench = benchWith([{ id: 40, group1: true, priority: 0xb8 }], control);
      bench.write(BPR, 6);
      bench.write(ABPR, 5);
      bench.read(IAR);
      return bench.read(RPR);
    };
    expect(running(EnableGrp1 | AckCtl)).toBe(0xa0); // bits 7-5
    expect(running(EnableGrp1 | AckCtl | CBPR)).toBe(0x80); // bit 7
  });
});

describe('ends', () => {
  test('an interrupt that became pending again stays so', () => {
    const bench = benchWith([{ id: 40, active: true }]);
    bench.write(APR, 1);
    bench.write(EOIR, 40);
    expect(states(bench)[0]).toBe(1);
  });

  test('with EOImode, GICV_DIR deactivates', () => {
    const bench = benchWith([{ id: 40 }], EnableGrp0 | EOImode);
    bench.read(IAR);
    bench.write(EOIR, 40);
    expect([states(bench)[0], bench.read(RPR)]).toEqual([2, 0xff]);
    bench.write(DIR, 40);
    expect(states(bench)[0]).toBe(0);
    bench.write(DIR, 40); // no longer in a list register
    expect(bench.read(HCR) >>> 27).toBe(1);
  });

  test('the end of an interrupt in no list register is counted, if it dropped a priority', () => {
    const bench = benchWith([]);
    bench.write(EOIR, 40);
    expect(bench.read(HCR)).toBe(En);
    for (let i = 1; i <= 33; i++) {
      bench.write(APR, 1);
      bench.write(EOIR, 40);
      expect(bench.read(HCR)).toBe(((i << 27) | En) >>> 0);
    }
    bench.write(APR, 1);
    bench.write(EOIR, spurious);
    expect(bench.read(APR)).toBe(1);
  });

  test('an SGI is identified by its sender too', () => {
    const bench = benchWith(
      [
        { id: 3, sender: 2 },
        { id: 3, sender: 1 },
      ],
      EnableGrp0 | EOImode,
    );
    expect(bench.read(IAR)).toBe((2 << 10) | 3);
    bench.write(EOIR, (2 << 10) | 3);
    expect(bench.read(IAR)).toBe((1 << 10) | 3);
    bench.write(EOIR, (1 << 10) | 3);
    bench.write(DIR, (1 << 10) | 3);
    expect(states(bench)).toEqual([2, 0, 0, 0]);
  });

  test('a hardware interrupt is deactivated in the distributor', () => {
    const bench = benchWith([]);
    bench.enable(70, 0x80);
    bench.gic.setSpi(38, true);
    expect(bench.acknowledge()).toBe(70);
    bench.gic.setSpi(38, false);
    bench.write(LR(2), list({ id: 33, hardware: 70, group1: true }));
    expect(bench.read(IAR)).toBe(33);
    expect(bench.isActive(70)).toBe(true);
    bench.write(EOIR, 33);
    expect([bench.isActive(70), ...states(bench)]).toEqual([false, 0, 0, 0, 0]);
    expect(bench.read(ELRSR)).toBe(0xf);
  });

  test('a hardware PPI belongs to the guest’s core', () => {
    const bench = new GicBench().start();
    for (const core of [0, 1]) bench.write(GICD + 0x300, 1 << 27, core);
    bench.core = 1;
    bench.write(HCR, En);
    bench.write(LR(0), list({ id: 27, hardware: 27, pending: false, active: true }));
    bench.write(EOIR, 27);
    expect([0, 1].map((core) => bench.read(GICD + 0x300, core))).toEqual([1 << 27, 0]);
  });
});

describe('maintenance', () => {
  const reasons = (bench: GicBench, hcr: number): number => {
    bench.write(HCR, hcr | En);
    expect(bench.isPending(maintenance)).toBe(bench.read(MISR) !== 0);
    return bench.read(MISR);
  };

  test('an end for which EOI maintenance is requested', () => {
    const bench = benchWith([{ id: 40, eoi: true }, { id: 41 }]);
    bench.write(GICD + 0x100, 1 << maintenance);
    expect([bench.read(MISR), bench.read(EISR), bench.read(ELRSR)]).toEqual([0, 0, 0b1100]);
    bench.read(IAR);
    bench.write(EOIR, 40);
    expect([bench.read(MISR), bench.read(EISR), bench.read(ELRSR)]).toEqual([1, 1, 0b1100]);
    expect(bench.lines).toEqual(new Set(['0 virq', '0 irq']));
    expect(bench.acknowledge()).toBe(maintenance);
    bench.write(LR(0), 0);
    bench.end(maintenance);
    expect([bench.read(MISR), ...bench.lines]).toEqual([0, '0 virq']);
  });

  test('underflow: one list register in use, or none', () => {
    const bench = benchWith([{ id: 40 }, { id: 41, pending: false, active: true }]);
    expect(reasons(bench, UIE)).toBe(0);
    bench.write(LR(1), 0);
    expect(reasons(bench, UIE)).toBe(UIE);
    expect(reasons(bench, 0)).toBe(0);
  });

  test('list register entry not present', () => {
    const bench = benchWith([]);
    expect(reasons(bench, LRENPIE)).toBe(0);
    expect(reasons(bench, LRENPIE | (1 << 27))).toBe(LRENPIE);
  });

  test('none pending', () => {
    const bench = benchWith([{ id: 40 }]);
    expect(reasons(bench, NPIE)).toBe(0);
    bench.read(IAR);
    expect(reasons(bench, NPIE)).toBe(NPIE);
  });

  test('groups enabled and disabled', () => {
    const bench = benchWith([], EnableGrp1);
    expect(reasons(bench, 0xf0)).toBe(0x60);
    bench.write(CTLR, EnableGrp0);
    expect(reasons(bench, 0xf0)).toBe(0x90);
  });

  test('nothing while the interface is off', () => {
    const bench = benchWith([]);
    bench.write(HCR, allReasons);
    expect([bench.isPending(maintenance), bench.read(MISR)]).toEqual([false, UIE | NPIE | 0x50]);
  });
});

test('list registers keep the bits that they have', () => {
  const bench = new GicBench();
  bench.write(LR(0), 0x7fff_ffff);
  bench.write(LR(3), 0xffff_ffff);
  expect([0, 3].map((i) => bench.read(LR(i)))).toEqual([0x7f88_1fff, 0xff8f_ffff]);
  expect(bench.read(LR(4))).toBe(0);
  expect(bench.logged).toEqual(['gich: read at offset 0x110: no such register']);
});

test('the guest takes all waiting interrupts in the order of their priorities', () => {
  const lists = fc.uniqueArray(
    fc.record({ id: fc.integer({ min: 16, max: 1019 }), priority: fc.nat(30).map((n) => 8 * n), group1: fc.boolean() }),
    { maxLength: 4, selector: ({ id }) => id },
  );
  fc.assert(
    fc.property(lists, fc.boolean(), (lists, nest) => {
      const bench = benchWith(lists);
      const order = lists
        .map((each, i) => ({ ...each, i }))
        .sort((a, b) => a.priority - b.priority || a.i - b.i)
        .map(({ id }) => id);
      for (const [i, id] of order.entries()) {
        expect(bench.read(IAR)).toBe(id);
        // The others have no higher priority, so none preempts.
        if (nest) expect(bench.read(IAR)).toBe(spurious);
        bench.write(EOIR, id);
        expect(bench.lines.has('0 virq')).toBe(i + 1 < order.length);
      }
      expect([bench.read(IAR), bench.read(ELRSR), bench.read(APR)]).toEqual([spurious, 0xf, 0]);
    }),
  );
});
