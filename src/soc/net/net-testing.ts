/** Frames for tests, and a bridge with stations that keep what they get. */
import { testClock } from '../bus/device-testing.ts';
import { Bridge, type Station } from './bridge.ts';
import { checksum } from './checksum.ts';
import { type Frame, type MacAddress, putMac, putWord16, putWord32 } from './frame.ts';
import { layoutOf, Protocol, transportChecksum } from './layout.ts';

export function testBridge() {
  const { clock, pass } = testClock();
  const bridge = new Bridge(clock, 'xenbr0');
  return {
    bridge,
    pass,
    station: (name: string, options: Partial<Station> = {}) => {
      const got: Frame[] = [];
      return { got, port: bridge.attach(name, { ...options, receive: (frame) => got.push(frame) }) };
    },
  };
}

/** An Ethernet frame with a payload of an EtherType. */
export function ethernet(to: MacAddress, from: MacAddress, type: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(14 + payload.length);
  putMac(bytes, 0, to);
  putMac(bytes, 6, from);
  putWord16(bytes, 12, type);
  bytes.set(payload, 14);
  return bytes;
}

/** A TCP segment in IPv4 or IPv6 from 10.0.0.1 or such to 10.0.0.2, with correct checksums. */
export function tcpFrame(data: Uint8Array, isIpv6 = false, flags = 0x18): Uint8Array {
  const ip = isIpv6 ? 40 : 20;
  const packet = new Uint8Array(ip + 20 + data.length);
  if (isIpv6) {
    packet[0] = 0x60;
    putWord16(packet, 4, 20 + data.length);
    packet[6] = Protocol.tcp;
    packet[7] = 64;
    packet[8] = packet[24] = 0xfd;
    packet[23] = 1;
    packet[39] = 2;
  } else {
    packet[0] = 0x45;
    putWord16(packet, 2, packet.length);
    putWord16(packet, 4, 0xffff);
    packet[8] = 64;
    packet[9] = Protocol.tcp;
    putWord32(packet, 12, 0x0a00_0001);
    putWord32(packet, 16, 0x0a00_0002);
    putWord16(packet, 10, checksum(packet, 0, 20));
  }
  putWord16(packet, ip, 1234);
  putWord16(packet, ip + 2, 80);
  putWord32(packet, ip + 4, 0xffff_ff00);
  packet[ip + 12] = 0x50;
  packet[ip + 13] = flags;
  packet.set(data, ip + 20);
  const bytes = ethernet(2, 1, isIpv6 ? 0x86dd : 0x0800, packet);
  const layout = layoutOf(bytes);
  if (layout) putWord16(bytes, layout.transport + 16, transportChecksum(bytes, layout));
  return bytes;
}
