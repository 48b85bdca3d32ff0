import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { defined } from '../../base/assert.ts';
import { Errno } from '../public/errno.ts';
import { XenBench } from '../xen-testing.ts';
import { P2m, P2mType } from './p2m.ts';

const bench = new XenBench({ dramMiB: 16 });
const { machine, heap } = bench.xen;

/** Ranges of pages: some are 1 GiB blocks, some 2 MiB blocks, others neither. */
const place = (order: number, most: number) => fc.nat(most).map((n) => n * 2 ** order);
const run = (gfn: fc.Arbitrary<number>, mfn: fc.Arbitrary<number>, ...counts: number[]) =>
  fc.record({
    gfn,
    mfn,
    count: fc.constantFrom(...counts),
    type: fc.constantFrom(P2mType.ramRw, P2mType.ramRo, P2mType.grantMapRw, P2mType.mmioDirectDevice),
    unmap: fc.boolean(),
  });
const action = fc.oneof(
  run(place(18, 3), place(18, 3), 2 ** 18),
  run(place(9, 7), place(9, 7), 512, 1024),
  run(fc.nat(2048), fc.nat(2048), 1, 2, 100, 513),
);

describe('stage 2', () => {
  test('the walker of the core finds the mappings, and all tables are freed in the end', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
        const free = heap.freePages;
        const p2m = defined(P2m.create({ machine, heap }, 1, false), 'tables');
        /** The operations, last first. */
        const done: typeof actions = [];
        for (const step of actions) {
          const status = step.unmap
            ? p2m.unmap(step.gfn, step.count)
            : p2m.map(step.gfn, step.count, step.mfn, step.type);
          expect(status).toBe(0);
          done.unshift(step);
        }
        const expected = (gfn: number) => {
          const step = done.find((each) => gfn >= each.gfn && gfn < each.gfn + each.count);
          return step && !step.unmap ? { mfn: step.mfn + gfn - step.gfn, type: step.type } : null;
        };
        const edges = actions.flatMap(({ gfn, count }) => [gfn - 1, gfn, gfn + 1, gfn + count - 1, gfn + count]);
        for (const gfn of [...edges, ...[0, 511, 512, 2 ** 18 - 1, 2 ** 18, 2 ** 19]].filter((each) => each >= 0)) {
          const found = p2m.lookUp(gfn);
          expect(found && { mfn: found.mfn, type: found.type }).toEqual(expected(gfn));
        }
        p2m.forEach((gfn, mapping) => {
          expect(mapping).toMatchObject({ ...expected(gfn) });
          expect(expected(gfn + 2 ** mapping.order - 1)?.mfn).toBe(mapping.mfn + 2 ** mapping.order - 1);
        });
        p2m.teardown();
        expect(heap.freePages).toBe(free);
      }),
      { numRuns: 60 },
    );
  });

  test('uses blocks of 2 MiB and 1 GiB if both addresses are aligned', () => {
    const p2m = defined(P2m.create({ machine, heap }, 1, false), 'tables');
    p2m.map(0x4_0000, 2 ** 18, 0x8_0000, P2mType.ramRw);
    p2m.map(512, 512, 1024, P2mType.ramRw);
    p2m.map(1024, 512, 1025, P2mType.ramRw);
    expect([p2m.lookUp(0x4_0001), p2m.lookUp(513), p2m.lookUp(1025)]).toEqual([
      { mfn: 0x8_0001, type: P2mType.ramRw, order: 18 },
      { mfn: 1025, type: P2mType.ramRw, order: 9 },
      { mfn: 1026, type: P2mType.ramRw, order: 0 },
    ]);
    // A hole in the middle leaves the rest mapped, in smaller blocks.
    p2m.unmap(0x4_0201, 1);
    expect([p2m.lookUp(0x4_0200), p2m.lookUp(0x4_0201), p2m.lookUp(0x4_0400)]).toEqual([
      { mfn: 0x8_0200, type: P2mType.ramRw, order: 0 },
      null,
      { mfn: 0x8_0400, type: P2mType.ramRw, order: 9 },
    ]);
    p2m.teardown();
  });

  test('tables come from the pool; when it is empty, mapping is -ENOMEM', () => {
    const free = heap.freePages;
    const p2m = defined(P2m.create({ machine, heap }, 1, true), 'tables');
    expect(p2m.map(0, 1, 5, P2mType.ramRw)).toBe(-Errno.ENOMEM);
    expect(p2m.setPool(2)).toBe(0);
    expect(p2m.map(0, 1, 5, P2mType.ramRw)).toBe(0);
    expect(p2m.map(512, 1, 6, P2mType.ramRw)).toBe(-Errno.ENOMEM);
    // Tables that are in use cannot be taken out of the pool.
    expect(p2m.setPool(1)).toBe(-Errno.ENOMEM);
    expect(p2m.setPool(3)).toBe(0);
    expect(p2m.map(512, 1, 6, P2mType.ramRw)).toBe(0);
    expect(p2m.poolPages).toBe(3);
    p2m.teardown();
    expect(heap.freePages).toBe(free);
  });
});
