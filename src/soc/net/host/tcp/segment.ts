/** Segments of TCP (RFC 9293, 3.1 and 3.2; window scale: RFC 7323, 2). */
import { foldedChecksum, sumOf } from '../../checksum.ts';
import { putWord16, putWord32, word16, word32 } from '../../frame.ts';
import { Protocol } from '../../layout.ts';
import type { Ipv4 } from '../address.ts';

export const Flag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 0x10 } as const;

export interface Segment {
  readonly sourcePort: number;
  readonly port: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  readonly flags: number;
  /** As it is in the header, not scaled. */
  readonly window: number;
  /** Null where the option is not there. */
  readonly mss: number | null;
  readonly scale: number | null;
  readonly data: Uint8Array;
}

export const plainHeader = 20;
/** With our options of a SYN: greatest segment, and window scale with a byte that does nothing. */
export const synHeader = plainHeader + 8;
const maxScale = 14;

const addressSum = (address: Ipv4): number => (address >>> 16) + (address & 0xffff);
const pseudoHeader = (source: Ipv4, destination: Ipv4, length: number): number =>
  addressSum(source) + addressSum(destination) + Protocol.tcp + length;

/** Null if it is not whole, or its checksum is wrong; a checksum that is still blank is not looked at. */
export function readSegment(
  bytes: Uint8Array,
  source: Ipv4,
  destination: Ipv4,
  isChecksumBlank: boolean,
): Segment | null {
  if (bytes.length < plainHeader) return null;
  const header = ((bytes[12] as number) >> 4) * 4;
  if (header < plainHeader || header > bytes.length) return null;
  if (
    !isChecksumBlank &&
    foldedChecksum(sumOf(bytes, 0, bytes.length, pseudoHeader(source, destination, bytes.length)))
  )
    return null;
  return {
    sourcePort: word16(bytes, 0),
    port: word16(bytes, 2),
    sequence: word32(bytes, 4),
    acknowledgement: word32(bytes, 8),
    flags: bytes[13] as number,
    window: word16(bytes, 14),
    ...readOptions(bytes, header),
    data: bytes.subarray(header),
  };
}

function readOptions(bytes: Uint8Array, end: number): { mss: number | null; scale: number | null } {
  let mss: number | null = null;
  let scale: number | null = null;
  for (let at = plainHeader; at < end; ) {
    const kind = bytes[at] as number;
    if (kind === 0) break;
    if (kind === 1) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > end) break;
    if (kind === 2 && length === 4) mss = word16(bytes, at + 2);
    if (kind === 3 && length === 3) scale = Math.min(bytes[at + 2] as number, maxScale);
    at += length;
  }
  return { mss, scale };
}

/** What a connection says in a segment of its own, before its data. */
export type SegmentHeader = Omit<Segment, 'data'>;

export const headerLengthOf = ({ mss }: SegmentHeader): number => (mss === null ? plainHeader : synHeader);

/**
 * Writes the header of a segment that is `length` long with its data. The checksum is left blank: its field gets the sum
 * of the pseudo header, as Linux wants it.
 */
export function writeHeader(
  bytes: Uint8Array,
  at: number,
  segment: SegmentHeader,
  addresses: { readonly source: Ipv4; readonly destination: Ipv4 },
  length: number,
): void {
  putWord16(bytes, at, segment.sourcePort);
  putWord16(bytes, at + 2, segment.port);
  putWord32(bytes, at + 4, segment.sequence);
  putWord32(bytes, at + 8, segment.acknowledgement);
  bytes[at + 12] = (headerLengthOf(segment) / 4) << 4;
  bytes[at + 13] = segment.flags;
  putWord16(bytes, at + 14, segment.window);
  putWord16(bytes, at + 16, ~foldedChecksum(pseudoHeader(addresses.source, addresses.destination, length)) & 0xffff);
  if (segment.mss === null) return;
  const options = [2, 4, segment.mss >> 8, segment.mss & 0xff];
  bytes.set([...options, ...(segment.scale === null ? [1, 1, 1, 1] : [1, 3, 3, segment.scale])], at + plainHeader);
}
