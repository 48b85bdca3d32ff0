import fc from 'fast-check';
import { expect, test } from 'vitest';
import { physAddr } from '../../base/units.ts';
import { type HeldPages, Memory } from './memory.ts';

const pages = 8;
const base = physAddr(0x1000_0000);

type Action =
  | { readonly kind: 'write'; readonly page: number; readonly value: number }
  | { readonly kind: 'hold' | 'take' };

test('pages are held as they were at each moment, and those are named that have been written since they were asked for', () => {
  const actions = fc.array(
    fc.oneof<fc.Arbitrary<Action>[]>(
      fc.record({
        kind: fc.constant('write' as const),
        page: fc.nat(pages - 1),
        value: fc.nat(2),
      }),
      fc.record({ kind: fc.constantFrom('hold' as const, 'take' as const) }),
    ),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(actions, (all) => {
      const memory = new Memory(1, [{ base, size: pages * 4096 }]);
      const first = memory.host(base) / 4096;
      const contents = (): number[] =>
        Array.from({ length: pages }, (_, i) => memory.view(base, pages * 4096)[i * 4096] ?? 0);
      // Pages that can be written without `touch`, as a TLB entry lets a core.
      const open = new Set<number>();
      const moments: number[][] = [];
      const held: HeldPages[] = [];
      let taken = contents();
      for (const action of all) {
        if (action.kind === 'write') {
          const { page, value } = action;
          if (!open.has(page)) memory.touch(first + page);
          open.add(page);
          memory.view(base, pages * 4096)[page * 4096] = value;
        } else if (action.kind === 'hold') {
          open.clear();
          const changed = memory.holdPages();
          if (moments.length > 0) held.push(changed);
          moments.push(contents());
        } else {
          const written = memory.takeWritten();
          const now = contents();
          for (let i = 0; i < pages; i++) if (now[i] !== taken[i]) expect(written[first + i]).toBe(1);
          taken = now;
        }
      }
      if (moments.length === 0) return;
      held.push(memory.holdPages());
      for (const changes of held.toReversed()) {
        for (const [page, was] of changes) memory.exchange(page, was);
        expect(contents()).toEqual(moments.pop());
      }
    }),
  );
});
