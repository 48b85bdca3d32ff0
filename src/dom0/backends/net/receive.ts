/**
 * The guest's way in: puts frames into pages that the front end has offered on the receive ring (public/io/netif.h). A
 * frame takes as many of them as it needs; if it is to be segmented, an extra follows the first one.
 */
import type { Hasher } from '../../../base/hasher.ts';
import type { Frame } from '../../../soc/net/frame.ts';
import { pageSize } from '../../../xen/machine/machine.ts';
import type { Nanoseconds } from '../../../xen/time/time.ts';
import type { BackRing } from '../ring.ts';
import type { FrameHash } from './hash.ts';
import { ExtraType, extraMore, GsoType, RxFlag, rxEntrySize, Status } from './netif.ts';

/** Frames that wait for pages have at most this many bytes: those of half a ring of pages. */
const queueMax = 128 * pageSize;
/** A frame that has waited this long is dropped (xen-netback's parameter rx_drain_timeout_msecs). */
export const drainNanoseconds = 10e9;

interface Waiting {
  readonly frame: Frame;
  readonly hash: FrameHash | null;
  readonly since: Nanoseconds;
}

export interface ReceiveHost {
  now(): Nanoseconds;
  /** Copies bytes into a page that the domain grants; false if it does not. */
  copyTo(reference: number, offset: number, from: Uint8Array): boolean;
  /** A frame is in so many pages of the domain. */
  given(frame: Frame, pages: number): void;
}

export class Receiver {
  private readonly ring: BackRing;
  private readonly host: ReceiveHost;
  private readonly queue: Waiting[] = [];
  private queuedBytes = 0;
  /** Bytes left free before a frame's part in each page. */
  headroom = 0;
  /** Frames and slots that were filled, for the costs. */
  packets = 0;
  slots = 0;

  constructor(ring: BackRing, host: ReceiveHost) {
    this.ring = ring;
    this.host = host;
  }

  /** A frame for the domain. */
  put(frame: Frame, hash: FrameHash | null = null): void {
    this.dropOld();
    if (this.queuedBytes >= queueMax) return;
    this.queue.push({ frame, hash, since: this.host.now() });
    this.queuedBytes += frame.bytes.length;
  }

  /** Whether a frame waits, and there are pages for it. If there are none, the front end is asked to notify of more. */
  get hasWork(): boolean {
    const [next] = this.queue;
    if (!next) return false;
    const parts = Math.ceil(next.frame.bytes.length / (pageSize - this.headroom));
    if (this.ring.waiting >= parts + this.extrasFor(next).length) return true;
    this.ring.awaitMore();
    return false;
  }

  /** Gives the domain at most `budget` frames. Returns whether the front end is to be notified. */
  give(budget: number): boolean {
    this.dropOld();
    for (let given = 0; given < budget && this.hasWork; given++) {
      const next = this.queue.shift();
      if (!next) break;
      this.queuedBytes -= next.frame.bytes.length;
      this.fill(next);
    }
    return this.ring.push();
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.ring.state);
    for (const { frame, hash, since } of this.queue)
      hasher.add(since, frame.bytes, JSON.stringify([frame.offload, hash]));
  }

  private dropOld(): void {
    const oldest = this.host.now() - drainNanoseconds;
    for (let next = this.queue[0]; next && next.since < oldest; next = this.queue[0]) {
      this.queue.shift();
      this.queuedBytes -= next.frame.bytes.length;
    }
  }

  private fill(waiting: Waiting): void {
    const { bytes, offload } = waiting.frame;
    const before = this.slots;
    const { headroom } = this;
    this.packets++;
    const room = pageSize - headroom;
    for (let from = 0; from < bytes.length; from += room) {
      const to = Math.min(from + room, bytes.length);
      const request = viewOf(this.ring.take());
      const isGiven = this.host.copyTo(request.getUint32(4, true), headroom, bytes.subarray(from, to));
      const extras = from === 0 ? this.extrasFor(waiting) : [];
      const validated = from === 0 && offload?.isChecksumBlank ? RxFlag.checksumBlank | RxFlag.dataValidated : 0;
      const flags = validated | (extras.length > 0 ? RxFlag.extra : 0) | (to < bytes.length ? RxFlag.more : 0);
      const response = viewOf(new Uint8Array(rxEntrySize));
      response.setUint16(0, request.getUint16(0, true), true);
      response.setUint16(4, flags, true);
      response.setInt16(6, isGiven ? headroom + to - from : Status.error, true);
      this._put(response);
      this.slots++;
      for (const extra of extras) {
        this.ring.take();
        this._put(extra);
      }
    }
    this.host.given(waiting.frame, this.slots - before);
  }

  /** struct netif_extra_info for each thing that there is to say of a frame. */
  private extrasFor({ frame: { offload }, hash }: Waiting): DataView[] {
    const extras: DataView[] = [];
    const add = (type: number): DataView => {
      extras.at(-1)?.setUint8(1, extraMore);
      const extra = viewOf(new Uint8Array(rxEntrySize));
      extra.setUint8(0, type);
      extras.push(extra);
      return extra;
    };
    const segmentation = offload?.segmentation;
    if (segmentation) {
      const extra = add(ExtraType.gso);
      extra.setUint16(2, segmentation.size, true);
      extra.setUint8(4, segmentation.kind === 'tcp4' ? GsoType.tcp4 : GsoType.tcp6);
    }
    if (hash) {
      const extra = add(ExtraType.hash);
      extra.setUint8(2, hash.type);
      extra.setUint8(3, toeplitzAlgorithm);
      extra.setUint32(4, hash.value, true);
    }
    if (this.headroom > 0) add(ExtraType.xdp).setUint16(2, this.headroom, true);
    return extras;
  }

  private _put(response: DataView): void {
    this.ring.put(new Uint8Array(response.buffer));
  }
}

/** XEN_NETIF_CTRL_HASH_ALGORITHM_TOEPLITZ */
const toeplitzAlgorithm = 1;

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
