/** Segments of TCP (RFC 9293, 3.1 and 3.2; window scale and time stamps: RFC 7323, 2 and 3; SACK: RFC 2018, 2). */
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
  /** Whether selective acknowledgements may be sent to this side. */
  readonly takesSack: boolean;
  readonly times: Times | null;
  readonly data: Uint8Array;
}

/** Time stamps: the sender's clock, and the last one of the other side's. */
export interface Times {
  readonly value: number;
  readonly echo: number;
}

export const plainHeader = 20;
/** What time stamps add to each segment. */
export const timesLength = 12;
const maxScale = 14;
/** Kinds of options (RFC 9293, 3.1; RFC 7323; RFC 2018). */
const Option = { end: 0, nothing: 1, mss: 2, scale: 3, sack: 4, times: 8 } as const;

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

type Options = Pick<Segment, 'mss' | 'scale' | 'takesSack' | 'times'>;

function readOptions(bytes: Uint8Array, end: number): Options {
  let options: Options = { mss: null, scale: null, takesSack: false, times: null };
  for (let at = plainHeader; at < end; ) {
    const kind = bytes[at] as number;
    if (kind === Option.end) break;
    if (kind === Option.nothing) {
      at++;
      continue;
    }
    const length = bytes[at + 1] ?? 0;
    if (length < 2 || at + length > end) break;
    if (kind === Option.mss && length === 4) options = { ...options, mss: word16(bytes, at + 2) };
    if (kind === Option.scale && length === 3)
      options = { ...options, scale: Math.min(bytes[at + 2] as number, maxScale) };
    if (kind === Option.sack && length === 2) options = { ...options, takesSack: true };
    if (kind === Option.times && length === 10)
      options = { ...options, times: { value: word32(bytes, at + 2), echo: word32(bytes, at + 6) } };
    at += length;
  }
  return options;
}

/** What a connection says in a segment of its own, before its data. */
export type SegmentHeader = Omit<Segment, 'data'>;

export const headerLengthOf = (segment: SegmentHeader): number => plainHeader + optionsOf(segment).length;

/** In the order in which Linux has them, which fills them up to words. */
function optionsOf({ mss, scale, takesSack, times }: SegmentHeader): number[] {
  const words = (value: number): number[] => [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff);
  const { nothing } = Option;
  const stamps = times ? [Option.times, 10, ...words(times.value), ...words(times.echo)] : [];
  const sack = takesSack ? [Option.sack, 2] : [];
  const fill = sack.length + stamps.length === 12 ? [] : [nothing, nothing];
  return [
    ...(mss === null ? [] : [Option.mss, 4, mss >> 8, mss & 0xff]),
    ...(sack.length + stamps.length > 0 ? [...fill, ...sack, ...stamps] : []),
    ...(scale === null ? [] : [nothing, Option.scale, 3, scale]),
  ];
}

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
  bytes.set(optionsOf(segment), at + plainHeader);
}
