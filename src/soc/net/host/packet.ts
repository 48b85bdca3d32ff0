/** IPv4 packets (RFC 791) in Ethernet frames. */
import { checksum } from '../checksum.ts';
import { EtherType, headerLength, putWord16, putWord32, word16, word32 } from '../frame.ts';
import type { Ipv4 } from './address.ts';

export interface Packet {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly protocol: number;
  readonly ttl: number;
  readonly identification: number;
  /** Where the payload belongs in its datagram, and whether more of it comes. */
  readonly offset: number;
  readonly more: boolean;
  readonly payload: Uint8Array;
  /** Header and payload. */
  readonly bytes: Uint8Array;
}

const plainHeader = 20;
/** Where the payload of a packet of ours is in its frame. */
export const payloadAt = headerLength + plainHeader;
const timeToLive = 64;
const moreFragments = 0x2000;
const dontFragment = 0x4000;

/** Null if it is not a whole packet with a correct checksum. */
export function readPacket(frame: Uint8Array): Packet | null {
  const at = headerLength;
  if (frame.length < at + plainHeader || word16(frame, at - 2) !== EtherType.ipv4) return null;
  const header = ((frame[at] as number) & 0xf) * 4;
  const length = word16(frame, at + 2);
  if ((frame[at] as number) >> 4 !== 4 || header < plainHeader || length < header || at + length > frame.length)
    return null;
  if (checksum(frame, at, at + header) !== 0) return null;
  const fragment = word16(frame, at + 6);
  return {
    source: word32(frame, at + 12),
    destination: word32(frame, at + 16),
    protocol: frame[at + 9] as number,
    ttl: frame[at + 8] as number,
    identification: word16(frame, at + 4),
    offset: (fragment & 0x1fff) * 8,
    more: (fragment & moreFragments) !== 0,
    payload: frame.subarray(at + header, at + length),
    bytes: frame.subarray(at, at + length),
  };
}

/** What the header of a packet of ours says. */
export interface Header {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly protocol: number;
  readonly identification: number;
  readonly fragment?: { readonly offset: number; readonly more: boolean };
}

/** A frame for a packet with so many bytes of payload, which is to be put at `payloadAt`. The MAC addresses are open. */
export function newFrame(length: number, header: Header): Uint8Array {
  const frame = new Uint8Array(payloadAt + length);
  const { fragment } = header;
  putWord16(frame, headerLength - 2, EtherType.ipv4);
  frame[headerLength] = 0x45;
  putWord16(frame, headerLength + 2, plainHeader + length);
  putWord16(frame, headerLength + 4, header.identification);
  const flags = fragment ? (fragment.more ? moreFragments : 0) | (fragment.offset >> 3) : dontFragment;
  putWord16(frame, headerLength + 6, flags);
  frame[headerLength + 8] = timeToLive;
  frame[headerLength + 9] = header.protocol;
  putWord32(frame, headerLength + 12, header.source);
  putWord32(frame, headerLength + 16, header.destination);
  putWord16(frame, headerLength + 10, checksum(frame, headerLength, payloadAt));
  return frame;
}
