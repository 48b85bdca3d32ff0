import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Session } from '../../session/session.ts';
import { unknownHash } from '../../session/snapshot/snapshot.ts';
import { MortalFile, mortalFiles } from '../disks/mortal-files.ts';
import { KeptMachine } from './kept-machine.ts';

const about = { stamp: 'this version', about: 'a page' };

function session(): Session {
  let wall = 0;
  return new Session(() => wall++);
}

function booted(name: string): Session {
  const bytes = new Uint8Array(readFileSync(new URL(`../../../guests/build/${name}`, import.meta.url)));
  const one = session();
  one.boot({ kernel: { name, bytes }, machine: { cpus: 2, memoryMiB: 64, el: 2 } });
  return one;
}

function slices(one: Session, count: number): void {
  one.run();
  for (let i = 0; i < count; i++) one.advance(0);
  one.pause();
}

/** Keeps the present moment, unless the page is killed, or the machine is off. */
function keep(kept: KeptMachine, one: Session): void {
  const moment = one.moment();
  if (!moment) return;
  kept.take(moment, about);
  while (kept.isWriting) kept.write();
}

/** What the next page finds. */
function found(files: ReturnType<typeof mortalFiles>) {
  const kept = new KeptMachine(files);
  const head = kept.head();
  if (!head) return null;
  const read = kept.read(head);
  if (!read.ok) throw new Error(read.error);
  expect(read.value.hash).toBe(unknownHash);
  const one = session();
  const restored = one.restore(read.value);
  if (!restored.ok) throw new Error(restored.error);
  kept.adopt(read.value, head);
  return { kept, one, head };
}

test('whenever the page is killed, the machine is there as it was when it was last kept, and goes on', () => {
  const guest = fc.constantFrom('uart.img', 'timers.img', 'primes.img', 'gic.img');
  const steps = fc.array(fc.record({ count: fc.integer({ min: 1, max: 40 }), keys: fc.string({ maxLength: 8 }) }), {
    minLength: 1,
    maxLength: 2,
  });
  fc.assert(
    fc.property(guest, steps, fc.nat(30), (name, all, lives) => {
      MortalFile.lives = Number.POSITIVE_INFINITY;
      const files = mortalFiles();
      let one = booted(name);
      let kept = new KeptMachine(files);
      for (const { count, keys } of all) {
        slices(one, count);
        one.input('serial', new TextEncoder().encode(keys));
        if (one.state === 'ended') return;
        keep(kept, one);
        const next = found(files);
        expect(next?.one.stateHash()).toBe(one.stateHash());
        expect(next?.one.console('serial', 0, 1e6)).toEqual(one.console('serial', 0, 1e6));
        // The next page goes on with it.
        if (next) ({ one, kept } = next);
      }
      const before = one.stateHash();
      slices(one, 10);
      if (one.state === 'ended') return;
      MortalFile.lives = lives;
      keep(kept, one);
      const isWhole = MortalFile.lives >= 0;
      MortalFile.lives = Number.POSITIVE_INFINITY;
      expect(found(files)?.one.stateHash()).toBe(isWhole ? one.stateHash() : before);
    }),
    { numRuns: 6 },
  );
});

test('another machine takes the place of the one that was kept, and none is kept after that', () => {
  MortalFile.lives = Number.POSITIVE_INFINITY;
  const files = mortalFiles();
  const kept = new KeptMachine(files);
  expect(kept.head()).toBeNull();
  const one = booted('hello.img');
  slices(one, 5);
  keep(kept, one);
  const other = booted('timers.img');
  slices(other, 5);
  keep(kept, other);
  expect(found(files)?.one.stateHash()).toBe(other.stateHash());
  kept.clear();
  expect(found(files)).toBeNull();
});
