/** A line about a frame, as tcpdump prints it: enough to see who talks to whom about what. */
import { EtherType, macAt, macText, word16, word32 } from '../../soc/net/frame.ts';
import { ipText } from '../../soc/net/host/address.ts';
import { readPacket } from '../../soc/net/host/packet.ts';
import { Protocol, payloadOf } from '../../soc/net/layout.ts';

export function packetText(bytes: Uint8Array): string {
  if (bytes.length < 14) return `[|ether], length ${bytes.length}`;
  const { type, at } = payloadOf(bytes);
  const length = bytes.length - at;
  if (type === EtherType.arp && length >= 28) return arpText(bytes, at);
  if (type === EtherType.ipv4) return ipText4(bytes, at) ?? `IP bad-hlen or length, length ${length}`;
  if (type === EtherType.ipv6) return `IP6, length ${length}`;
  return `${macText(macAt(bytes, 6))} > ${macText(macAt(bytes, 0))}, ethertype 0x${type.toString(16).padStart(4, '0')}, length ${bytes.length}`;
}

function arpText(bytes: Uint8Array, at: number): string {
  const [operation, sender, target] = [word16(bytes, at + 6), word32(bytes, at + 14), word32(bytes, at + 24)];
  const length = bytes.length - at;
  if (operation === 1) return `ARP, Request who-has ${ipText(target)} tell ${ipText(sender)}, length ${length}`;
  return `ARP, Reply ${ipText(sender)} is-at ${macText(macAt(bytes, at + 8))}, length ${length}`;
}

function ipText4(bytes: Uint8Array, at: number): string | null {
  const packet = readPacket(at === 14 ? bytes : bytes.subarray(at - 14));
  if (!packet) return null;
  const { payload, protocol, offset } = packet;
  const [from, to] = [ipText(packet.source), ipText(packet.destination)];
  if (offset > 0) return `IP ${from} > ${to}: ip-proto-${protocol}, length ${payload.length}`;
  if (protocol === Protocol.icmp && payload.length >= 8)
    return `IP ${from} > ${to}: ICMP ${icmpText(payload)}, length ${payload.length}`;
  if (protocol === Protocol.udp && payload.length >= 8) {
    const ports = `IP ${from}.${word16(payload, 0)} > ${to}.${word16(payload, 2)}`;
    return `${ports}: UDP, length ${payload.length - 8}`;
  }
  if (protocol === Protocol.tcp && payload.length >= 20) return tcpText(from, to, payload);
  return `IP ${from} > ${to}: ip-proto-${protocol}, length ${payload.length}`;
}

function icmpText(message: Uint8Array): string {
  const [type, code] = [message[0], message[1]];
  const echo = `id ${word16(message, 4)}, seq ${word16(message, 6)}`;
  if (type === 8) return `echo request, ${echo}`;
  if (type === 0) return `echo reply, ${echo}`;
  if (type === 3)
    return ['net', 'host', 'protocol', 'port'].map((what) => `${what} unreachable`)[code ?? 4] ?? 'unreachable';
  return `type-#${type}`;
}

function tcpText(from: string, to: string, segment: Uint8Array): string {
  const set = segment[13] as number;
  const letters = [
    [2, 'S'],
    [1, 'F'],
    [4, 'R'],
    [8, 'P'],
    [0x10, '.'],
  ] as const;
  const flags = letters.map(([bit, letter]) => (set & bit ? letter : '')).join('') || 'none';
  const header = ((segment[12] as number) >> 4) * 4;
  const length = Math.max(0, segment.length - header);
  const sequence = word32(segment, 4);
  const range = length > 0 ? `${sequence}:${(sequence + length) >>> 0}` : `${sequence}`;
  const acknowledgement = set & 0x10 ? `, ack ${word32(segment, 8)}` : '';
  const about = `seq ${range}${acknowledgement}, win ${word16(segment, 14)}, length ${length}`;
  return `IP ${from}.${word16(segment, 0)} > ${to}.${word16(segment, 2)}: Flags [${flags}], ${about}`;
}
