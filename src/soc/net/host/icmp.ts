/** The Internet Control Message Protocol (RFC 792): echo, and notes that something cannot be reached. */
import { checksum } from '../checksum.ts';
import { putWord16, putWord32, word16 } from '../frame.ts';

export const IcmpType = { echoReply: 0, unreachable: 3, echo: 8, timeExceeded: 11 } as const;
/** What cannot be reached. */
export const Unreachable = { network: 0, host: 1, port: 3 } as const;

export const icmpHeader = 8;
/** How much of a packet's payload a note about it repeats. */
const quoted = 8;

/** Null if it is too short, or its checksum is wrong. */
export function readIcmp(bytes: Uint8Array): { type: number; code: number; id: number; sequence: number } | null {
  if (bytes.length < icmpHeader || checksum(bytes, 0, bytes.length) !== 0) return null;
  return {
    type: bytes[0] as number,
    code: bytes[1] as number,
    id: word16(bytes, 4),
    sequence: word16(bytes, 6),
  };
}

export function echo(type: number, id: number, sequence: number, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(icmpHeader + data.length);
  bytes[0] = type;
  putWord16(bytes, 4, id);
  putWord16(bytes, 6, sequence);
  bytes.set(data, icmpHeader);
  putWord16(bytes, 2, checksum(bytes, 0, bytes.length));
  return bytes;
}

/** Says that a packet, whose bytes from its IP header on are given, has not reached what it was for. */
export function unreachable(code: number, packet: Uint8Array): Uint8Array {
  const header = ((packet[0] as number) & 0xf) * 4;
  const quote = packet.subarray(0, header + quoted);
  const bytes = new Uint8Array(icmpHeader + quote.length);
  bytes[0] = IcmpType.unreachable;
  bytes[1] = code;
  putWord32(bytes, 4, 0);
  bytes.set(quote, icmpHeader);
  putWord16(bytes, 2, checksum(bytes, 0, bytes.length));
  return bytes;
}
