import { describe, expect, test } from 'vitest';
import { GICC, GICD, GICH, GICV, GicBench } from './gic-testing.ts';

const CTLR = GICC;
const PMR = GICC + 0x04;
const BPR = GICC + 0x08;
const RPR = GICC + 0x14;
const HPPIR = GICC + 0x18;
const APR = GICC + 0xd0;
const DIR = GICC + 0x1_0000;
const ISENABLER = GICD + 0x100;
const ICENABLER = GICD + 0x180;
const ISPENDR = GICD + 0x200;
const ICPENDR = GICD + 0x280;
const ISACTIVER = GICD + 0x300;
const ICACTIVER = GICD + 0x380;
const IPRIORITYR = GICD + 0x400;
const ITARGETSR = GICD + 0x800;
const ICFGR = GICD + 0xc00;
const SGIR = GICD + 0xf00;
const spurious = 1023;

describe('identification', () => {
  test('says GIC-400 r0p1 with four interfaces and 192 interrupts', () => {
    const { gic } = new GicBench();
    const read = (offset: number) => gic.read(offset, 4);
    expect([GICD + 4, GICD + 8, GICC + 0xfc, GICV + 0xfc, GICH + 4].map(read)).toEqual([
      0xfc65, 0x0200143b, 0x0202143b, 0x0202143b, 0x90000003,
    ]);
    const ids = Array.from({ length: 12 }, (_, i) => read(GICD + 0xfd0 + 4 * i));
    expect(ids).toEqual([4, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1]);
  });

  test.each([1, 2, 3, 4])('how many interfaces does GICD_TYPER count on a chip with %i cores?', (cores) => {
    const bench = new GicBench(undefined, cores);
    const all = (1 << cores) - 1;
    expect((bench.read(GICD + 4) >>> 5) & 7).toBe(cores - 1);
    bench.write(ITARGETSR + 32, 0xffff_ffff);
    // IHI 0048B, 4.3.12: with one core the register is RAZ/WI, and every interrupt is its own.
    expect(bench.read(ITARGETSR + 32)).toBe(cores === 1 ? 0 : (all * 0x0101_0101) >>> 0);
    expect(bench.read(ITARGETSR)).toBe(cores === 1 ? 0 : 0x0101_0101);
    bench.start();
    bench.enable(32, 0x80, 1);
    bench.pend(32);
    expect(bench.acknowledge(0)).toBe(32);
    bench.end(32);
    bench.write(SGIR, 0x00ff_0005);
    bench.write(GICD + 0xf20, 0xff); // GICD_SPENDSGIR: SGI 0 of this core, from all
    expect(bench.read(GICD + 0xf20)).toBe(all);
  });

  test('each page repeats sixteen times in 64 KiB, as drivers probe it', () => {
    const { gic } = new GicBench();
    for (let alias = 0; alias < 16; alias++) {
      expect(gic.read(GICC + 0xfc + 0x1000 * alias, 4)).toBe(0x0202143b);
      expect(gic.read(GICV + 0xfc + 0x1000 * alias, 4)).toBe(0x0202143b);
      expect(gic.read(GICH + 4 + 0x1000 * alias, 4)).toBe(0x90000003);
      expect(gic.read(GICD + 4 + 0x1000 * alias, 4)).toBe(0xfc65);
    }
  });

  test('unknown, Secure and unused registers read as zero; unknown ones are reported once, by block', () => {
    const { gic, logged } = new GicBench();
    for (const offset of [
      GICD + 0x80,
      GICC + 0x1c,
      GICC + 0x20,
      GICC + 0x24,
      GICC + 0x28,
      GICC + 0xd4,
      GICC + 0xe0,
      GICV + 0xdc,
    ]) {
      gic.write(offset, 4, 0xffff_ffff);
      expect(gic.read(offset, 4)).toBe(0);
    }
    expect(logged).toEqual([]);
    for (const offset of [GICD + 0x40, GICC + 0x40, GICV + 0x40, GICH + 0x40]) expect(gic.read(offset, 4)).toBe(0);
    expect(logged).toEqual(
      ['gicd', 'gicc', 'gicv', 'gich'].map((block) => `${block}: read at offset 0x40: no such register`),
    );
  });
});

describe('distributor', () => {
  test('SGIs are always enabled; PPIs are those of a GIC-400, banked; there are 160 SPIs', () => {
    const bench = new GicBench();
    bench.write(ISENABLER, 0xffff_ffff, 0);
    expect(bench.read(ISENABLER, 0)).toBe(0xfe00_ffff);
    expect(bench.read(ISENABLER, 1)).toBe(0xffff);
    bench.write(ICENABLER, 0xffff_ffff, 0);
    expect(bench.read(ICENABLER)).toBe(0xffff);
    bench.write(ISENABLER + 20, 0xffff_ffff);
    bench.write(ISENABLER + 24, 0xffff_ffff);
    expect([20, 24].map((offset) => bench.read(ISENABLER + offset))).toEqual([0xffff_ffff, 0]);
  });

  test('priorities and targets are bytes; priorities have 16 levels', () => {
    const { gic } = new GicBench();
    gic.write(IPRIORITYR + 32, 4, 0xffa7_1350);
    expect(gic.read(IPRIORITYR + 32, 4)).toBe(0xf0a0_1050);
    gic.write(IPRIORITYR + 33, 1, 0xc0);
    gic.write(IPRIORITYR + 34, 2, 0x2030);
    expect([0, 1, 2, 3].map((i) => gic.read(IPRIORITYR + 32 + i, 1))).toEqual([0x50, 0xc0, 0x30, 0x20]);
    gic.write(ITARGETSR + 40, 4, 0xff08_0402);
    expect(gic.read(ITARGETSR + 40, 4)).toBe(0x0f08_0402);
    gic.write(IPRIORITYR + 16, 1, 0x40); // a PPI that a GIC-400 does not have
    gic.write(IPRIORITYR + 192, 1, 0x40);
    expect([16, 192].map((id) => gic.read(IPRIORITYR + id, 1))).toEqual([0, 0]);
  });

  test('private interrupts target the reading core, whatever is written', () => {
    const bench = new GicBench();
    bench.write(ITARGETSR, 0x0f0f_0f0f, 2);
    expect(bench.read(ITARGETSR, 2)).toBe(0x0404_0404);
    expect(bench.read(ITARGETSR + 28, 1)).toBe(0x0202_0202);
  });

  test('ICFGR has edges for SGIs, levels for PPIs, and a writable bit 1 for SPIs', () => {
    const bench = new GicBench();
    for (let i = 0; i < 4; i++) bench.write(ICFGR + 4 * i, 0x8000_0002);
    expect([0, 1, 2, 3].map((i) => bench.read(ICFGR + 4 * i))).toEqual([
      0xaaaa_aaaa, 0x5554_0000, 0xd555_5557, 0xd555_5557,
    ]);
    bench.write(ICFGR + 8, 0);
    expect(bench.read(ICFGR + 8)).toBe(0x5555_5555);
  });

  test('the inputs show in PPISR and SPISR', () => {
    const { gic } = new GicBench();
    gic.setPpi(0, 27, true);
    gic.setSpi(33, true);
    expect([0, 4, 8].map((offset) => gic.read(GICD + 0xd00 + offset, 4))).toEqual([1 << 11, 0, 2]);
  });

  test('nothing is forwarded while GICD_CTLR is 0', () => {
    const bench = new GicBench().start();
    bench.enable(40, 0x80);
    bench.pend(40);
    expect([...bench.lines]).toEqual(['0 irq']);
    bench.write(GICD, 0);
    expect([...bench.lines, bench.acknowledge(), bench.read(HPPIR)]).toEqual([spurious, spurious]);
    expect(bench.isPending(40)).toBe(true);
  });
});

describe('states', () => {
  test('a level stays pending until its input falls, and comes again only after deactivation', () => {
    const bench = new GicBench().start();
    bench.enable(53, 0x80);
    bench.gic.setSpi(21, true);
    expect([...bench.lines]).toEqual(['0 irq']);
    bench.write(ICPENDR + 4, 1 << 21); // does not touch the input
    expect(bench.acknowledge()).toBe(53);
    expect([bench.lines.size, bench.isActive(53), bench.isPending(53)]).toEqual([0, true, true]);
    expect(bench.acknowledge()).toBe(spurious);
    bench.end(53);
    expect([...bench.lines, bench.isActive(53)]).toEqual(['0 irq', false]);
    bench.gic.setSpi(21, false);
    expect([bench.lines.size, bench.isPending(53)]).toEqual([0, false]);
  });

  test('an edge is remembered, once', () => {
    const bench = new GicBench().start();
    bench.enable(60, 0x80);
    bench.write(ICFGR + 12, 2 << 24);
    bench.gic.setSpi(28, true);
    bench.gic.setSpi(28, false);
    expect(bench.acknowledge()).toBe(60);
    bench.gic.setSpi(28, true); // while active: pending again
    bench.end(60);
    expect(bench.acknowledge()).toBe(60);
    bench.end(60);
    expect(bench.acknowledge()).toBe(spurious);
    bench.gic.setSpi(28, false);
    bench.gic.setSpi(28, true);
    bench.write(ICPENDR + 4, 1 << 28);
    expect(bench.acknowledge()).toBe(spurious);
  });

  test('ISPENDR makes a level pending until it is acknowledged or ICPENDR clears it', () => {
    const bench = new GicBench().start();
    bench.enable(53, 0x80);
    bench.pend(53);
    bench.write(ICPENDR + 4, 1 << 21);
    expect(bench.acknowledge()).toBe(spurious);
    bench.pend(53);
    expect([bench.acknowledge(), bench.isPending(53)]).toEqual([53, false]);
  });

  test('ISACTIVER and ICACTIVER set and clear the active state', () => {
    const bench = new GicBench().start();
    bench.enable(53, 0x80);
    bench.write(ISACTIVER + 4, 1 << 21);
    bench.pend(53);
    expect([bench.isActive(53), bench.lines.size]).toEqual([true, 0]);
    bench.write(ICACTIVER + 4, 1 << 21);
    expect([...bench.lines]).toEqual(['0 irq']);
  });

  test('an SPI for two cores goes to the first that takes it', () => {
    const bench = new GicBench().start();
    bench.enable(70, 0x80, 0b11);
    bench.pend(70);
    expect([...bench.lines].sort()).toEqual(['0 irq', '1 irq']);
    expect([bench.acknowledge(1), bench.acknowledge(0)]).toEqual([70, spurious]);
    expect(bench.lines.size).toBe(0);
  });

  test('a PPI belongs to its own core', () => {
    const bench = new GicBench().start();
    bench.write(ISENABLER, 1 << 27, 1);
    bench.gic.setPpi(1, 27, true);
    expect([...bench.lines]).toEqual(['1 irq']);
    expect([bench.acknowledge(0), bench.acknowledge(1)]).toEqual([spurious, 27]);
  });
});

describe('software generated interrupts', () => {
  test('come with their sender, the lowest first, and once from each', () => {
    const bench = new GicBench().start();
    for (const core of [2, 1, 1]) bench.write(SGIR, (1 << 16) | 5, core);
    expect(bench.gic.read(GICD + 0xf25, 1)).toBe(0); // core 1 has none
    bench.core = 0;
    expect(bench.gic.read(GICD + 0xf25, 1)).toBe(0b110);
    expect(bench.read(HPPIR)).toBe((1 << 10) | 5);
    expect(bench.acknowledge()).toBe((1 << 10) | 5);
    expect([bench.isActive(5), bench.isPending(5), bench.lines.size]).toEqual([true, true, 0]);
    bench.end((1 << 10) | 5);
    expect(bench.acknowledge()).toBe((2 << 10) | 5);
    bench.end((2 << 10) | 5);
    expect(bench.acknowledge()).toBe(spurious);
  });

  test('go to a list, to all others, to oneself, or nowhere', () => {
    const reached = (value: number) => {
      const bench = new GicBench();
      bench.write(SGIR, value, 1);
      return [0, 1, 2, 3].filter((core) => bench.read(ISPENDR, core) === 1 << 3);
    };
    expect(reached(0x00_0d_0003)).toEqual([0, 2, 3]);
    expect(reached(0x01_00_0003)).toEqual([0, 2, 3]);
    expect(reached(0x02_0f_0003)).toEqual([1]);
    expect(reached(0x03_0f_0003)).toEqual([]);
  });

  test('SPENDSGIR and CPENDSGIR set and clear senders; ISPENDR and ICPENDR do not', () => {
    const bench = new GicBench().start();
    bench.gic.write(GICD + 0xf22, 1, 0xff);
    bench.gic.write(GICD + 0xf12, 1, 0b0111);
    bench.write(ISPENDR, 0xffff);
    bench.write(ICPENDR, 0xffff);
    expect([bench.read(ISPENDR), bench.read(GICD + 0xf10), bench.read(GICD + 0xf20)]).toEqual([4, 0x8_0000, 0x8_0000]);
    expect(bench.acknowledge()).toBe((3 << 10) | 2);
  });
});

describe('priorities', () => {
  test('the mask lets through what is above it', () => {
    const bench = new GicBench().start();
    bench.enable(40, 0x80);
    bench.pend(40);
    bench.write(PMR, 0x8f);
    expect([bench.read(PMR), bench.lines.size, bench.acknowledge(), bench.read(HPPIR)]).toEqual([
      0x80,
      0,
      spurious,
      40,
    ]);
    bench.write(PMR, 0x90);
    expect(bench.acknowledge()).toBe(40);
  });

  test('a new priority of a waiting interrupt counts at once, also for an SGI', () => {
    const bench = new GicBench().start();
    for (const sgi of [1, 2]) bench.write(SGIR, (1 << 16) | sgi);
    bench.gic.write(IPRIORITYR + 1, 1, 0x40);
    expect(bench.acknowledge()).toBe(2);
    bench.end(2);
    bench.gic.write(IPRIORITYR + 1, 1, 0xf0);
    expect(bench.lines.size).toBe(0);
  });

  test('a higher priority preempts; an end restores the priority that ran before', () => {
    const bench = new GicBench().start();
    bench.enable(40, 0xa0);
    bench.enable(41, 0x40);
    bench.enable(42, 0xa0);
    expect(bench.read(RPR)).toBe(0xff);
    bench.pend(40);
    expect([bench.acknowledge(), bench.read(RPR), bench.read(APR)]).toEqual([40, 0xa0, 1 << 10]);
    bench.pend(42);
    expect([bench.lines.size, bench.acknowledge()]).toEqual([0, spurious]);
    bench.pend(41);
    expect([bench.acknowledge(), bench.read(RPR), bench.read(APR)]).toEqual([41, 0x40, (1 << 10) | (1 << 4)]);
    bench.end(41);
    expect([bench.read(RPR), bench.lines.size]).toEqual([0xa0, 0]);
    bench.end(40);
    expect([bench.acknowledge(), bench.read(RPR)]).toEqual([42, 0xa0]);
    bench.end(42);
    expect([bench.read(RPR), bench.read(APR)]).toEqual([0xff, 0]);
  });

  test('GICC_BPR says how much of a priority preempts; all 16 levels at least', () => {
    const bench = new GicBench().start();
    bench.enable(40, 0xb0);
    bench.enable(41, 0x90);
    bench.enable(42, 0x70);
    bench.write(BPR, 0);
    expect(bench.read(BPR)).toBe(3);
    bench.write(BPR, 6); // bit 7 alone
    bench.pend(40);
    expect([bench.acknowledge(), bench.read(RPR)]).toEqual([40, 0x80]);
    bench.pend(41);
    expect(bench.acknowledge()).toBe(spurious);
    bench.pend(42);
    expect([bench.acknowledge(), bench.read(RPR)]).toEqual([42, 0]);
    bench.end(42);
    bench.end(40);
    bench.write(BPR, 7); // none
    bench.pend(40);
    expect([bench.acknowledge(), bench.acknowledge(), bench.read(RPR)]).toEqual([41, spurious, 0]);
  });

  test('with EOImodeNS the end only drops the priority, and DIR deactivates', () => {
    const bench = new GicBench().start();
    bench.write(CTLR, 0x201);
    bench.enable(40, 0x80);
    bench.enable(41, 0x80);
    bench.pend(40);
    bench.pend(41);
    expect(bench.acknowledge()).toBe(40);
    bench.end(40);
    expect([bench.isActive(40), bench.read(RPR)]).toEqual([true, 0xff]);
    bench.pend(40); // active: it has to wait
    expect(bench.acknowledge()).toBe(41);
    bench.end(41);
    bench.write(DIR, 40);
    expect(bench.acknowledge()).toBe(40);
  });

  test('without EOImodeNS, DIR does nothing; ends of nothing do nothing', () => {
    const bench = new GicBench().start();
    bench.enable(40, 0x80);
    bench.pend(40);
    bench.acknowledge();
    bench.write(DIR, 40);
    bench.end(spurious);
    expect([bench.isActive(40), bench.read(RPR)]).toEqual([true, 0x80]);
    bench.end(40);
    bench.write(ISACTIVER + 4, 1 << 8);
    bench.end(40); // no priority is active
    expect(bench.isActive(40)).toBe(true);
  });

  test('GICC_CTLR holds the bits of the Non-secure view', () => {
    const bench = new GicBench();
    expect([bench.read(CTLR), bench.read(PMR)]).toEqual([0x60, 0xf0]);
    bench.write(CTLR, 0xffff_ffff);
    expect(bench.read(CTLR)).toBe(0x261);
  });
});

test('another GIC continues from the saved state', () => {
  const bench = new GicBench().start();
  bench.enable(40, 0xa0);
  bench.enable(41, 0x40, 2);
  bench.pend(40);
  bench.acknowledge();
  bench.pend(41);
  bench.write(SGIR, (1 << 16) | 7, 3);
  bench.write(GICH + 0x100, 0x5000_0020, 1);
  const state = bench.gic.saveState();
  expect(structuredClone(state)).toEqual(state);
  const other = new GicBench(state);
  expect(other.gic.saveState()).toEqual(state);
  expect(other.lines).toEqual(bench.lines);
  expect(other.acknowledge(1)).toBe(41);
  other.gic.reset();
  expect(other.gic.saveState()).toEqual(new GicBench().gic.saveState());
  expect(other.lines.size).toBe(0);
});
