/** Where the headers of a frame are, as far as its sender can be believed. */
import { foldedChecksum, sumOf } from './checksum.ts';
import { EtherType, headerLength, vlanTagLength, word16 } from './frame.ts';

export const Protocol = { icmp: 1, tcp: 6, udp: 17, icmp6: 58 } as const;

/** A frame with TCP or UDP, whose headers are whole. */
export interface Layout {
  readonly isIpv6: boolean;
  readonly protocol: typeof Protocol.tcp | typeof Protocol.udp;
  /** Offset of the IP header. */
  readonly network: number;
  /** Offset of the TCP or UDP header. */
  readonly transport: number;
  /** Offset of the data of TCP or UDP. */
  readonly data: number;
  /** Where the IP packet ends; behind it there may be padding. */
  readonly end: number;
}

/** IPv6 extension headers that may stand before TCP and UDP (RFC 8200, 4.1): hop-by-hop, routing, destination. */
const extensionHeaders: ReadonlySet<number> = new Set([0, 43, 60]);
const minTcpHeader = 20;
const udpHeader = 8;

/** Offset of what follows the EtherType, and that EtherType, behind up to two VLAN tags. */
export function payloadOf(bytes: Uint8Array): { readonly type: number; readonly at: number } {
  let at = headerLength;
  let type = bytes.length < at ? 0 : word16(bytes, at - 2);
  for (let tags = 0; tags < 2 && (type === EtherType.vlan || type === EtherType.serviceVlan); tags++) {
    if (bytes.length < at + vlanTagLength) return { type: 0, at };
    at += vlanTagLength;
    type = word16(bytes, at - 2);
  }
  return { type, at };
}

/** Null if the frame is not a whole TCP or UDP packet, or is a fragment of one. */
export function layoutOf(bytes: Uint8Array): Layout | null {
  const { type, at: network } = payloadOf(bytes);
  const packet = type === EtherType.ipv4 ? ipv4(bytes, network) : type === EtherType.ipv6 ? ipv6(bytes, network) : null;
  if (!packet || packet.end > bytes.length) return null;
  const { protocol, transport, end } = packet;
  const isIpv6 = type === EtherType.ipv6;
  if (protocol === Protocol.udp) {
    const data = transport + udpHeader;
    return data > end ? null : { isIpv6, protocol, network, transport, data, end };
  }
  if (protocol !== Protocol.tcp || transport + minTcpHeader > end) return null;
  const length = ((bytes[transport + 12] as number) >> 4) * 4;
  const data = transport + length;
  return length < minTcpHeader || data > end ? null : { isIpv6, protocol, network, transport, data, end };
}

interface Packet {
  readonly protocol: number;
  readonly transport: number;
  readonly end: number;
}

function ipv4(bytes: Uint8Array, at: number): Packet | null {
  if (bytes.length < at + 20) return null;
  const first = bytes[at] as number;
  const length = (first & 0xf) * 4;
  const isFragment = (word16(bytes, at + 6) & 0x3fff) !== 0;
  if (first >> 4 !== 4 || length < 20 || isFragment) return null;
  return { protocol: bytes[at + 9] as number, transport: at + length, end: at + word16(bytes, at + 2) };
}

function ipv6(bytes: Uint8Array, at: number): Packet | null {
  if (bytes.length < at + 40 || (bytes[at] as number) >> 4 !== 6) return null;
  const end = at + 40 + word16(bytes, at + 4);
  let protocol = bytes[at + 6] as number;
  let transport = at + 40;
  while (extensionHeaders.has(protocol)) {
    if (transport + 8 > Math.min(end, bytes.length)) return null;
    protocol = bytes[transport] as number;
    transport += ((bytes[transport + 1] as number) + 1) * 8;
  }
  return { protocol, transport, end };
}

/** Checksum of TCP or UDP with its pseudo header (RFC 9293, 3.1; RFC 8200, 8.1), whatever its field holds. */
export function transportChecksum(bytes: Uint8Array, { isIpv6, protocol, network, transport, end }: Layout): number {
  const [from, to] = isIpv6 ? [network + 8, network + 40] : [network + 12, network + 20];
  const field = transport + checksumOffset(protocol);
  const pseudoHeader = sumOf(bytes, from, to, protocol + end - transport);
  const sum = foldedChecksum(sumOf(bytes, field + 2, end, sumOf(bytes, transport, field, pseudoHeader)));
  return sum === 0 && protocol === Protocol.udp ? 0xffff : sum;
}

/** Where the checksum is in the header. */
export const checksumOffset = (protocol: number): number => (protocol === Protocol.tcp ? 16 : 6);
