import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Heap, maxOrder, Owner } from './heap.ts';

describe('the heap', () => {
  test('gives aligned blocks that do not overlap, and is whole again when all are freed', () => {
    const base = 0x123;
    const frames = 5000;
    const action = fc.record({ order: fc.nat(6), free: fc.boolean(), which: fc.nat() });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 300 }), (actions) => {
        const scrubbed = new Set<number>();
        const heap = new Heap(base, frames, (mfn) => scrubbed.add(mfn));
        heap.add(base, frames);
        const blocks: { mfn: number; order: number }[] = [];
        const used = new Set<number>();
        for (const { order, free, which } of actions) {
          if (free && blocks.length > 0) {
            const [block] = blocks.splice(which % blocks.length, 1);
            if (!block) throw new Error('there is a block');
            heap.free(block.mfn, block.order);
            for (let i = 0; i < 2 ** block.order; i++) {
              used.delete(block.mfn + i);
              expect(scrubbed.has(block.mfn + i)).toBe(true);
              expect(heap.owner(block.mfn + i)).toBe(Owner.none);
            }
            continue;
          }
          const mfn = heap.allocate(order, 7);
          if (mfn === null) continue;
          expect(mfn % 2 ** order).toBe(0);
          blocks.push({ mfn, order });
          for (let i = 0; i < 2 ** order; i++) {
            expect(used.has(mfn + i)).toBe(false);
            used.add(mfn + i);
            expect(heap.owner(mfn + i)).toBe(7);
          }
        }
        expect(heap.freePages).toBe(frames - used.size);
        for (const { mfn, order } of blocks) heap.free(mfn, order);
        expect(heap.freePages).toBe(frames);
        // Everything has merged again into the largest aligned block.
        expect(heap.allocate(12, 1)).toBeNull();
        expect(heap.allocate(11, 1)).toBe(2048);
      }),
      { numRuns: 50 },
    );
  });

  test('does not reuse held frames until they are let go, even if their owner is destroyed', () => {
    const scrubbed: number[] = [];
    const heap = new Heap(0, 64, (mfn) => scrubbed.push(mfn));
    heap.add(0, 64);
    const block = heap.allocate(2, 5) ?? 0;
    const page = heap.allocate(0, 5) ?? 0;
    heap.hold(block + 1);
    heap.hold(block + 1);
    heap.hold(page);
    heap.free(block, 2);
    expect(heap.owner(block + 1)).toBe(Owner.formerDomain);
    expect(heap.freePages).toBe(64 - 2);
    expect(heap.freeAllOf(5)).toBe(1);
    expect(heap.freePages).toBe(64 - 2);
    expect(scrubbed).toEqual([block, block + 2, block + 3]);
    heap.letGo(block + 1);
    expect(heap.freePages).toBe(64 - 2);
    heap.letGo(block + 1);
    heap.letGo(page);
    expect(heap.freePages).toBe(64);
    // A frame that was let go before its owner freed it is an ordinary frame.
    const other = heap.allocate(0, 6) ?? 0;
    heap.hold(other);
    heap.letGo(other);
    heap.free(other, 0);
    expect(heap.freePages).toBe(64);
  });

  test('takes small blocks from the top, and returns null when it is empty', () => {
    const heap = new Heap(0, 2 ** maxOrder, () => {});
    heap.add(0, 2 ** maxOrder);
    expect(heap.allocate(0, 1)).toBe(2 ** maxOrder - 1);
    expect(heap.allocate(0, 1)).toBe(2 ** maxOrder - 2);
    expect(heap.allocate(9, 1)).toBe(2 ** maxOrder - 1024);
    expect(heap.allocate(maxOrder, 1)).toBeNull();
  });
});
