/** Puts fragmented datagrams together again (RFC 791, 3.2; RFC 8900). Whoever sends nonsense gets nothing. */
import type { Hasher } from '../../../base/hasher.ts';
import { bytes, list, nullable, pair, record, type Shape, text, whole } from '../../../base/shape.ts';
import type { Packet } from './packet.ts';

interface Datagram {
  readonly first: number;
  parts: readonly { readonly from: number; readonly bytes: Uint8Array }[];
  /** Length of the whole; null until the last fragment is there. */
  length: number | null;
}

export type ReassemblyState = readonly (readonly [key: string, Readonly<Datagram>])[];

export const reassemblyState: Shape<ReassemblyState> = list(
  pair(
    text,
    record<Readonly<Datagram>>({
      first: whole(),
      parts: list(record({ from: whole(), bytes })),
      length: nullable(whole()),
    }),
  ),
);

/** So many datagrams at a time; the oldest makes room. */
const maxDatagrams = 8;
const maxParts = 128;
const maxLength = 65515;
/** A datagram is given up after this time. */
const timeoutSeconds = 30;

export class Reassembly {
  private readonly hz: number;
  private readonly datagrams = new Map<string, Datagram>();

  constructor(hz: number) {
    this.hz = hz;
  }

  /** The payload of the datagram that this fragment completes, or null. */
  add({ source, protocol, identification, offset, more, payload }: Packet, now: number): Uint8Array | null {
    const key = `${source}/${protocol}/${identification}`;
    let datagram = this.datagrams.get(key);
    if (!datagram || now - datagram.first > timeoutSeconds * this.hz) {
      datagram = { first: now, parts: [], length: null };
      this.datagrams.delete(key);
      this.datagrams.set(key, datagram);
      for (const oldest of this.datagrams.keys()) {
        if (this.datagrams.size <= maxDatagrams) break;
        this.datagrams.delete(oldest);
      }
    }
    const { parts } = datagram;
    const end = offset + payload.length;
    const isOdd = end > maxLength || payload.length === 0 || (more && payload.length % 8 !== 0);
    const overlaps = parts.some(({ from, bytes }) => offset < from + bytes.length && from < end);
    if (isOdd || overlaps || parts.length >= maxParts) {
      this.datagrams.delete(key);
      return null;
    }
    if (!more) datagram.length = end;
    datagram.parts = [...parts, { from: offset, bytes: payload }];
    const got = datagram.parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (datagram.length === null || got < datagram.length) return null;
    this.datagrams.delete(key);
    if (datagram.parts.some(({ from, bytes }) => from + bytes.length > got)) return null;
    const whole = new Uint8Array(got);
    for (const { from, bytes } of datagram.parts) whole.set(bytes, from);
    return whole;
  }

  saveState(): ReassemblyState {
    return [...this.datagrams].map(([key, datagram]) => [key, { ...datagram }]);
  }

  loadState(state: ReassemblyState): void {
    this.datagrams.clear();
    for (const [key, datagram] of state) this.datagrams.set(key, { ...datagram });
  }

  fingerprint(hasher: Hasher): void {
    for (const [key, { first, parts, length }] of this.datagrams) {
      hasher.add(key, first, length);
      for (const { from, bytes } of parts) hasher.add(from, bytes);
    }
  }
}
