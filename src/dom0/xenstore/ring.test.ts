import fc from 'fast-check';
import { expect, test } from 'vitest';
import { silentProbe } from '../../base/probe/probe.ts';
import { RingConnection } from './ring.ts';
import { XenStore } from './store.ts';
import {
  decodeMessage,
  encodeMessage,
  headerSize,
  type Message,
  MessageType,
  payloadLength,
  terminated,
} from './wire.ts';

/** The guest's side of a ring. */
class Guest {
  readonly page = new Uint8Array(4096);
  readonly #view = new DataView(this.page.buffer);
  readonly store = new XenStore();
  readonly ring = new RingConnection(
    { store: this.store, probe: silentProbe, isIntroduced: () => false },
    1,
    this.page,
    () => {},
  );
  #received: number[] = [];

  constructor() {
    const dom0 = this.store.connect(0);
    this.store.mkdir(dom0, '/local/domain/1');
    this.store.setPermissions(dom0, '/local/domain/1', [{ domid: 1, access: 'n' }]);
  }

  word(offset: number, value?: number): number {
    if (value !== undefined) this.#view.setUint32(offset, value, true);
    return this.#view.getUint32(offset, true);
  }

  /** Sends bytes in pieces, as the ring has room, and takes what comes back. */
  exchange(bytes: Uint8Array, piece: number): Message[] {
    let sent = 0;
    const messages: Message[] = [];
    for (let idle = 0; idle < 3; ) {
      const producer = this.word(2052);
      const room = 1024 - ((producer - this.word(2048)) >>> 0);
      const count = Math.min(piece, room, bytes.length - sent);
      for (let i = 0; i < count; i++) this.page[(producer + i) % 1024] = bytes[sent + i] as number;
      this.word(2052, producer + count);
      sent += count;
      this.ring.service();
      const got = this.#take();
      idle = count === 0 && got === 0 ? idle + 1 : 0;
      while (this.#received.length >= headerSize) {
        const length = headerSize + payloadLength(Uint8Array.from(this.#received));
        if (this.#received.length < length) break;
        messages.push(decodeMessage(Uint8Array.from(this.#received.splice(0, length))));
      }
    }
    return messages;
  }

  #take(): number {
    const consumer = this.word(2056);
    const count = (this.word(2060) - consumer) >>> 0;
    for (let i = 0; i < count; i++) this.#received.push(this.page[1024 + ((consumer + i) % 1024)] as number);
    this.word(2056, consumer + count);
    return count;
  }
}

const request = (type: number, payload: string, requestId = 1): Uint8Array =>
  encodeMessage({ type, requestId, transaction: 0, payload });

test('requests and replies larger than the ring pass in pieces', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1024 }), fc.integer({ min: 0, max: 2000 }), (piece, size) => {
      const guest = new Guest();
      const text = 'v'.repeat(size);
      expect(guest.exchange(request(MessageType.write, `k\0${text}`), piece)).toMatchObject([{ payload: 'OK\0' }]);
      const [reply] = guest.exchange(request(MessageType.read, terminated('k'), 9), piece);
      expect(reply).toEqual({ type: MessageType.read, requestId: 9, transaction: 0, payload: text });
    }),
    { numRuns: 30 },
  );
});

test('watch events are sent without a request', () => {
  const guest = new Guest();
  guest.exchange(request(MessageType.watch, terminated('control/shutdown', 't')), 100);
  guest.store.write(guest.store.connect(0), '/local/domain/1/control/shutdown', 'reboot');
  expect(guest.exchange(new Uint8Array(0), 1)).toMatchObject([
    { type: MessageType.watchEvent, payload: terminated('control/shutdown', 't') },
  ]);
});

test.each([
  ['indices that lie', 2, (guest: Guest) => guest.word(2052, 5000)],
  ['a message too long', 3, (guest: Guest) => guest.exchange(new Uint8Array(16).fill(255), 16)],
])('%s end the connection with a reason', (_, reason, act) => {
  const guest = new Guest();
  act(guest);
  guest.ring.service();
  expect(guest.word(2072)).toBe(reason);
  expect(guest.ring.service()).toBe(0);
});

test('the queue for a guest that never reads is bounded', () => {
  const guest = new Guest();
  const dom0 = guest.store.connect(0);
  guest.exchange(request(MessageType.watch, terminated('data', 't')), 100);
  for (let i = 0; i < 5000; i++) guest.store.write(dom0, '/local/domain/1/data', String(i));
  expect(guest.exchange(new Uint8Array(0), 1).length).toBeLessThan(1100);
});
