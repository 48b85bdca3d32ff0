/**
 * Captured frames as a file that tcpdump and Wireshark read: pcap with nanoseconds (pcap-savefile(5), LINKTYPE_ETHERNET).
 * Its times are virtual, from the machine's power-on.
 */
import { withChecksum } from './finish.ts';
import type { Frame } from './frame.ts';

const magic = 0xa1b2_3c4d;
const snapLength = 262_144;
const ethernet = 1;

/** The beginning of every file. */
export function pcapHeader(): Uint8Array {
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, magic, true);
  header.setUint16(4, 2, true);
  header.setUint16(6, 4, true);
  header.setUint32(16, snapLength, true);
  header.setUint32(20, ethernet, true);
  return new Uint8Array(header.buffer);
}

/**
 * A frame at a time in cycles. A blank checksum is filled in, because readers would call it wrong; a long segment stays
 * whole, as it crossed the port.
 */
export function pcapRecord({ bytes, offload }: Frame, now: number, hz: number): Uint8Array {
  const shown = offload?.isChecksumBlank ? (withChecksum(bytes) ?? bytes) : bytes;
  const record = new Uint8Array(16 + shown.length);
  const header = new DataView(record.buffer);
  const seconds = Math.floor(now / hz);
  header.setUint32(0, seconds, true);
  header.setUint32(4, Number((BigInt(now - seconds * hz) * 1_000_000_000n) / BigInt(hz)), true);
  header.setUint32(8, shown.length, true);
  header.setUint32(12, shown.length, true);
  record.set(shown, 16);
  return record;
}
