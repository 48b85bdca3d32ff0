/** The User Datagram Protocol (RFC 768). */
import { foldedChecksum, sumOf } from '../checksum.ts';
import { putWord16, word16 } from '../frame.ts';
import { Protocol } from '../layout.ts';
import type { Ipv4 } from './address.ts';

export const udpHeader = 8;

export interface Datagram {
  readonly sourcePort: number;
  readonly port: number;
  readonly data: Uint8Array;
}

const addressSum = (address: Ipv4): number => (address >>> 16) + (address & 0xffff);

const sumWith = (source: Ipv4, destination: Ipv4, bytes: Uint8Array, length: number): number =>
  foldedChecksum(sumOf(bytes, 0, length, addressSum(source) + addressSum(destination) + Protocol.udp + length));

/** Null if it is not whole, or its checksum is wrong; a checksum that is still blank is not looked at. */
export function readDatagram(
  bytes: Uint8Array,
  source: Ipv4,
  destination: Ipv4,
  isChecksumBlank: boolean,
): Datagram | null {
  if (bytes.length < udpHeader) return null;
  const length = word16(bytes, 4);
  if (length < udpHeader || length > bytes.length) return null;
  const isChecked = !isChecksumBlank && word16(bytes, 6) !== 0;
  if (isChecked && sumWith(source, destination, bytes, length) !== 0) return null;
  return { sourcePort: word16(bytes, 0), port: word16(bytes, 2), data: bytes.subarray(udpHeader, length) };
}

export function datagram(source: Ipv4, destination: Ipv4, { sourcePort, port, data }: Datagram): Uint8Array {
  const bytes = new Uint8Array(udpHeader + data.length);
  putWord16(bytes, 0, sourcePort);
  putWord16(bytes, 2, port);
  putWord16(bytes, 4, bytes.length);
  bytes.set(data, udpHeader);
  putWord16(bytes, 6, sumWith(source, destination, bytes, bytes.length) || 0xffff);
  return bytes;
}
