import { expect, test } from 'vitest';
import { constant, type Held, HeldObjects } from './held-objects.ts';

class Counter {
  private count = 0;
  readonly increment = (): number => ++this.count;
}

const memory = new ArrayBuffer(65536);
const holder = (outside: object = {}) => new HeldObjects((object) => object === outside, memory);

test('objects are put back as they were, and stay the same objects', () => {
  const inner = { value: 1 };
  const counter = new Counter();
  const numbers = new Float64Array(5000).fill(1.5);
  const odd = Uint8Array.of(1, 2, 3);
  const holes: number[] = [1];
  holes[3] = 4;
  const root: Record<string, unknown> = {
    inner,
    counter,
    numbers,
    odd,
    holes,
    map: new Map<unknown, unknown>([
      ['b', inner],
      ['a', new Set([1, 2])],
    ]),
    sum: {
      get now() {
        return inner.value + odd[0]!;
      },
    },
  };
  root.self = root;
  const objects = holder();
  const held = objects.hold([root]);
  const { increment } = counter;
  for (let round = 0; round < 2; round++) {
    inner.value = 7;
    increment();
    numbers[4999] = 9;
    odd.fill(9);
    holes.length = 0;
    const { map } = root as { map: Map<unknown, unknown> };
    (map.get('a') as Set<number> | undefined)?.clear();
    map.clear();
    map.set('c', 3);
    root.map = new Map();
    root.more = 1;
    held.restore();
    expect(root.inner).toBe(inner);
    expect(root.map).toBe(map);
    expect([...map.keys()]).toEqual(['b', 'a']);
    expect(map.get('a')).toEqual(new Set([1, 2]));
    expect(inner.value).toBe(1);
    expect(increment()).toBe(1);
    held.restore();
    expect(numbers.every((number) => number === 1.5)).toBe(true);
    expect([...odd]).toEqual([1, 2, 3]);
    expect(2 in holes).toBe(false);
    expect(holes).toHaveLength(4);
    expect('more' in root).toBe(false);
    expect(root.sum).toEqual({ now: 2 });
  }
});

test('moments share what has not changed, and each is put back as itself', () => {
  const numbers = new Uint32Array(100_000);
  const root = { numbers, list: [{ n: 0 }] };
  const objects = holder();
  const moments: Held[] = [];
  for (let n = 0; n < 3; n++) {
    root.list[0]!.n = n;
    numbers[50_000] = n;
    moments.push(objects.hold([root]));
  }
  expect(moments[0]!.bytes).toBeGreaterThan(400_000);
  expect(moments[1]!.bytes).toBeLessThan(10_000);
  for (const n of [1, 0, 2, 1]) {
    moments[n]!.restore();
    expect([root.list[0]!.n, numbers[50_000]]).toEqual([n, n]);
    // A moment that is held there is the same.
    objects.hold([root]).restore();
    expect(root.list[0]!.n).toBe(n);
  }
});

test('what is outside, constant, or a function is not looked into; who knows better holds itself', () => {
  const outside = { n: 1 };
  const bytes = constant(Uint8Array.of(1));
  let own = 5;
  const holdable = {
    n: 1,
    heldState: (): Held => {
      const was = own;
      return {
        restore: () => {
          own = was;
        },
        bytes: 8,
      };
    },
  };
  const view = new Uint8Array(memory, 4096, 10);
  const root = { outside, bytes, holdable, view, run: () => own };
  const held = holder(outside).hold([root]);
  outside.n = 2;
  bytes[0] = 2;
  own = 6;
  holdable.n = 2;
  view[0] = 3;
  held.restore();
  expect([outside.n, bytes[0], own, holdable.n, view[0]]).toEqual([2, 2, 5, 2, 3]);
  expect(held.views).toEqual([view]);
});
