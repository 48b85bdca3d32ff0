import { expect, test } from 'vitest';
import type { CardImage } from './api/card.ts';
import { Session } from './session.ts';

const spin = Uint8Array.of(0, 0, 0, 0x14);

/** A machine that does nothing. */
function makeSession() {
  const kernel = new Uint8Array(64 + spin.length);
  const view = new DataView(kernel.buffer);
  view.setUint32(0, 0x1400_0010, true);
  view.setBigUint64(16, 256n, true);
  kernel.set([0x41, 0x52, 0x4d, 0x64], 56);
  kernel.set(spin, 64);
  let now = 0;
  const session = new Session(() => now++);
  const machine = { cpus: 1, memoryMiB: 16, el: 2 } as const;
  const booted = session.boot({ kernel: { name: 'spin', bytes: kernel }, machine });
  if (!booted.ok) throw new Error(booted.error);
  return session;
}

const card: CardImage = { name: 'a.img', size: 2 ** 20, bytes: new Uint8Array(70_000).fill(7), isReadOnly: false };
const insert = (image: CardImage) => ({ kind: 'insertCard', card: image }) as const;

test('a card goes in and comes out, and can be read', () => {
  const session = makeSession();
  expect(session.card()).toEqual({ ok: false, error: 'There is no card in the SD slot.' });
  expect(session.enter({ kind: 'ejectCard' })).toEqual({ ok: false, error: 'There is no card in the SD slot.' });
  expect(session.enter(insert(card)).ok).toBe(true);
  expect(session.enter(insert(card))).toEqual({
    ok: false,
    error: 'There is a card in the SD slot: eject it first.',
  });
  const read = session.card();
  if (!read.ok) throw new Error(read.error);
  // Whole chunks of 64 KiB, as far as there is anything.
  expect([read.value.size, read.value.bytes.length]).toEqual([2 ** 20, 131_072]);
  expect(read.value.bytes.subarray(0, 70_000)).toEqual(card.bytes);
  expect(session.enter({ kind: 'ejectCard' }).ok).toBe(true);
});

test.each([
  [{ ...card, size: 2 ** 20 + 512 }, 'a.img has 1049088 bytes: a card has a multiple of 512 KiB, up to 1 GiB.'],
  [{ ...card, size: 0 }, 'a.img has 0 bytes: a card has a multiple of 512 KiB, up to 1 GiB.'],
  [{ ...card, size: 2 ** 31 }, 'a.img has 2147483648 bytes: a card has a multiple of 512 KiB, up to 1 GiB.'],
  [{ ...card, bytes: new Uint8Array(2 ** 20 + 1) }, 'a.img has contents of 1048577 bytes for 1048576.'],
])('a card that does not exist does not go in (%#)', (image, error) => {
  expect(makeSession().enter(insert(image))).toEqual({ ok: false, error });
});

test('the card stays through a power-on, is in the fingerprint and is played again', () => {
  const session = makeSession();
  const empty = session.stateHash();
  session.enter(insert(card));
  const inserted = session.stateHash();
  expect(inserted).not.toBe(empty);
  session.reset();
  expect(session.stateHash()).toBe(inserted);
  session.run();
  for (let i = 0; i < 3; i++) session.advance(0);
  session.pause();
  const journal = session.journal();
  if (!journal.ok) throw new Error(journal.error);
  const again = makeSession();
  again.replay(journal.value);
  again.run();
  while (again.state === 'running') again.advance(0);
  expect(again.stateHash()).toBe(session.stateHash());
});
