/**
 * What clients and servers say to each other, in UDP datagrams of our own: a byte that says which, and numbers in network
 * order. guests/xen/worker speaks it.
 */
import { word32 } from '../frame.ts';

/** The clients' port. Servers find it by broadcast, and are asked at the port from which they have joined. */
export const clientsPort = 7000;

export type Message =
  /** A server is there, and takes so many requests at a time. */
  | { readonly kind: 'join'; readonly slots: number }
  /** A server wants no more requests. */
  | { readonly kind: 'leave' }
  | { readonly kind: 'answer'; readonly id: number };

/** Asks all servers to join: they may have come before the clients. */
export const whoServes = (): Uint8Array => Uint8Array.of(letter('W'));

/** The port of servers that have not joined yet. */
export const serversPort = 7001;

const letter = (text: string): number => text.charCodeAt(0);
const maxSlots = 64;

/** Null if it is none. */
export function readMessage(data: Uint8Array): Message | null {
  switch (data[0]) {
    case letter('J'): {
      const slots = data[1] ?? 0;
      return slots > 0 && slots <= maxSlots ? { kind: 'join', slots } : null;
    }
    case letter('L'):
      return { kind: 'leave' };
    case letter('A'):
      return data.length >= 5 ? { kind: 'answer', id: word32(data, 1) } : null;
    default:
      return null;
  }
}

/** A request for work that takes a server so long, in microseconds of its CPU. */
export function requestOf(id: number, work: number): Uint8Array {
  const data = new Uint8Array(9);
  const view = new DataView(data.buffer);
  data[0] = letter('Q');
  view.setUint32(1, id);
  view.setUint32(5, work);
  return data;
}
