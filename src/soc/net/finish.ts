/** Finishes frames for stations that do not take them as the sender left them: fills checksums and cuts segments. */
import { defined } from '../../base/assert.ts';
import { checksum } from './checksum.ts';
import { type Abilities, type Frame, finished, putWord16, putWord32, word16, word32 } from './frame.ts';
import { checksumOffset, type Layout, layoutOf, Protocol, transportChecksum } from './layout.ts';

const tcpFlags = 13;
const Flag = { fin: 1, psh: 8, cwr: 0x80 } as const;

/** A frame is cut into this many segments at most: Linux's have 48 bytes of data at least. */
const maxSegments = 1400;

/**
 * Whether what the sender has asked for can be done to this frame: a checksum needs TCP or UDP, and segments need TCP
 * of the right kind.
 */
export function canFinish({ bytes, offload }: Frame): boolean {
  if (!offload || (!offload.isChecksumBlank && !offload.segmentation)) return true;
  const layout = layoutOf(bytes);
  if (!layout || !offload.segmentation) return layout !== null;
  const { kind, size } = offload.segmentation;
  const { protocol, isIpv6, data, end } = layout;
  return protocol === Protocol.tcp && isIpv6 === (kind === 'tcp6') && size > 0 && (end - data) / size <= maxSegments;
}

/** What a station with these abilities gets in place of a frame that can be finished. */
export function finish(frame: Frame, abilities: Abilities): readonly Frame[] {
  const { bytes, offload } = frame;
  if (!offload) return [frame];
  const { segmentation, isChecksumBlank } = offload;
  if (segmentation)
    return abilities.checksum && abilities[segmentation.kind] ? [frame] : segments(bytes, segmentation.size);
  if (isChecksumBlank) return abilities.checksum ? [frame] : [finished(withChecksum(bytes) ?? bytes)];
  return [finished(bytes)];
}

/** A copy whose TCP or UDP checksum is filled in; null if it has neither. */
export function withChecksum(bytes: Uint8Array): Uint8Array | null {
  const layout = layoutOf(bytes);
  if (!layout) return null;
  const copy = bytes.slice();
  fillChecksum(copy, layout);
  return copy;
}

function fillChecksum(bytes: Uint8Array, layout: Layout): void {
  putWord16(bytes, layout.transport + checksumOffset(layout.protocol), transportChecksum(bytes, layout));
}

function segments(bytes: Uint8Array, size: number): readonly Frame[] {
  const layout = defined(layoutOf(bytes), 'TCP in a frame to be cut');
  const { network, transport, data, end } = layout;
  const cut: Frame[] = [];
  const sequence = word32(bytes, transport + 4);
  const identification = word16(bytes, network + 4);
  const flags = bytes[transport + tcpFlags] as number;
  for (let from = data, index = 0; from < end || index === 0; from += size, index++) {
    const to = Math.min(from + size, end);
    const segment = new Uint8Array(data + to - from);
    segment.set(bytes.subarray(0, data));
    segment.set(bytes.subarray(from, to), data);
    if (layout.isIpv6) putWord16(segment, network + 4, segment.length - network - 40);
    else {
      putWord16(segment, network + 2, segment.length - network);
      putWord16(segment, network + 4, (identification + index) & 0xffff);
      putWord16(segment, network + 10, 0);
      putWord16(segment, network + 10, checksum(segment, network, network + (((bytes[network] as number) & 0xf) << 2)));
    }
    putWord32(segment, transport + 4, (sequence + from - data) >>> 0);
    // The last segment alone ends something, and the first alone answers a notice of congestion (RFC 3168, 6.1.2).
    const dropped = (to < end ? Flag.fin | Flag.psh : 0) | (index > 0 ? Flag.cwr : 0);
    segment[transport + tcpFlags] = flags & ~dropped;
    fillChecksum(segment, { ...layout, end: segment.length });
    cut.push(finished(segment));
  }
  return cut;
}
