import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { Connection, ControlView } from '../connection.ts';
import type { UserGuest } from '../guests.ts';
import { CardSlot } from './cardSlot.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout'] }));
afterEach(() => void vi.useRealTimers());

/** A card in a machine that the test plays. */
async function inserted() {
  const machine = { bytes: Uint8Array.of(1), reads: 0 };
  const kept: UserGuest[] = [];
  let tell: (view: ControlView) => void = () => {};
  const view = { status: null, epoch: 1, refusal: null, crash: null, opened: null, core: 0 };
  const connection = {
    view,
    ask: async () => 0,
    look: async (kind: string) => {
      if (kind !== 'card') return 0;
      machine.reads++;
      return { name: 'card', size: 2 ** 20, bytes: machine.bytes };
    },
    request: async (action: () => Promise<unknown>) => {
      await action();
      return true;
    },
    onChange: (listener: typeof tell) => {
      tell = listener;
      return () => {};
    },
  };
  // Only what the slot uses is played.
  const slot = new CardSlot(connection as unknown as Connection, async (card) => void kept.push(card));
  const file = new Blob([Uint8Array.of(1)]);
  await slot.insert({ origin: 'user', role: 'card', name: 'a.img', file, size: 2 ** 20 });
  /** The guest has flushed so often. */
  const flushed = (cardFlushes: number, epoch = 1) =>
    tell({ ...view, epoch, status: { cardFlushes } as ControlView['status'] });
  return { slot, machine, kept, flushed };
}

test('what the guest has written is kept by itself, at most once a second', async () => {
  const { machine, kept, flushed, slot } = await inserted();
  machine.bytes = Uint8Array.of(1, 2);
  for (const flushes of [1, 2, 3]) flushed(flushes);
  expect(machine.reads).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  await slot.read();
  expect(machine.reads).toBe(2);
  expect(kept.map(({ file }) => file.size)).toEqual([2]);
  // Nothing new, and a new machine that has written nothing.
  flushed(3);
  flushed(0, 2);
  await vi.advanceTimersByTimeAsync(60_000);
  await slot.read();
  expect(machine.reads).toBe(3);
});

test('a card that has left the slot is not read', async () => {
  const { machine, flushed, slot } = await inserted();
  flushed(1);
  await slot.eject();
  const { reads } = machine;
  await vi.advanceTimersByTimeAsync(60_000);
  await slot.read();
  expect([machine.reads, slot.store.getState().card]).toEqual([reads, null]);
});
