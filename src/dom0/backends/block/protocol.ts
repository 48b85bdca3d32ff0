/** The block interface: what lies in a ring (Xen's public/io/blkif.h). */

export const Operation = { read: 0, write: 1, writeBarrier: 2, flush: 3, discard: 5, indirect: 6 } as const;

/** BLKIF_RSP_* */
export const Status = { okay: 0, error: -1, notSupported: -2 } as const;

/** BLKIF_MAX_SEGMENTS_PER_REQUEST, and how many segments an indirect request may have here, as in Linux. */
export const maxSegments = 11;
export const maxIndirectSegments = 256;
/** Segments in a page, of 8 bytes. */
const segmentsInPage = 512;
/** Sectors of a page: a segment lies in one. */
export const sectorsInPage = 8;

/** How a guest's compiler lays out 64-bit fields, by the name in its node `protocol`. */
export interface Layout {
  /** Bytes of a ring's entry. */
  readonly entrySize: number;
  /** The offset of the request's id; the other fields follow it in both. */
  readonly id: number;
  readonly responseSize: number;
}

/** Fields are aligned to 8 bytes on Arm and in 64-bit x86, and to 4 in 32-bit x86. */
const aligned: Layout = { entrySize: 112, id: 8, responseSize: 16 };
const packed: Layout = { entrySize: 108, id: 4, responseSize: 12 };

/** By the name that a front end gives. The number is Linux's, for its message. */
export const protocols: ReadonlyMap<string, { readonly number: number; readonly layout: Layout }> = new Map([
  ['arm-abi', { number: 1, layout: aligned }],
  ['x86_32-abi', { number: 2, layout: packed }],
  ['x86_64-abi', { number: 3, layout: aligned }],
]);

/** A page and the sectors of it, from 0 to 7, both of which count. */
export interface Segment {
  readonly reference: number;
  readonly first: number;
  readonly last: number;
}

/** A request of a ring. What a field says is not judged here. */
export interface Request {
  readonly operation: number;
  /** As the guest gave it: it comes back in the response. */
  readonly id: bigint;
  readonly sector: bigint;
  readonly segments: readonly Segment[];
  /** The number of segments, which may be more than a request can hold. */
  readonly segmentCount: number;
  /** Of an indirect request: the operation, and the pages that hold its segments. */
  readonly indirect: { readonly operation: number; readonly pages: readonly number[] } | null;
  /** Of a discard: the number of sectors. */
  readonly discarded: bigint;
}

export const readRequest = (bytes: Uint8Array, { id }: Layout): Request => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const operation = view.getUint8(0);
  const common = { operation, id: view.getBigUint64(id, true), sector: view.getBigUint64(id + 8, true) };
  const nothing = { segments: [], segmentCount: 0, indirect: null, discarded: 0n };
  if (operation === Operation.discard) return { ...common, ...nothing, discarded: view.getBigUint64(id + 16, true) };
  if (operation === Operation.indirect) {
    const segmentCount = view.getUint16(2, true);
    const count = Math.min(Math.ceil(segmentCount / segmentsInPage), 8);
    const pages = Array.from({ length: count }, (_, i) => view.getUint32(id + 20 + 4 * i, true));
    return { ...common, ...nothing, segmentCount, indirect: { operation: view.getUint8(1), pages } };
  }
  const segmentCount = view.getUint8(1);
  const segments = readSegments(bytes.subarray(id + 16), Math.min(segmentCount, maxSegments));
  return { ...common, ...nothing, segments, segmentCount };
};

/** The segments that lie one after the other: struct blkif_request_segment. */
export const readSegments = (bytes: Uint8Array, count: number): Segment[] => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: count }, (_, i) => ({
    reference: view.getUint32(8 * i, true),
    first: view.getUint8(8 * i + 4),
    last: view.getUint8(8 * i + 5),
  }));
};

export const writeResponse = (
  { id, operation, indirect }: Pick<Request, 'id' | 'operation' | 'indirect'>,
  status: number,
  { responseSize }: Layout,
): Uint8Array => {
  const bytes = new Uint8Array(responseSize);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, id, true);
  // Linux's front end gives a disk up whose response has another operation than what was asked for.
  view.setUint8(8, indirect?.operation ?? operation);
  view.setInt16(10, status, true);
  return bytes;
};
