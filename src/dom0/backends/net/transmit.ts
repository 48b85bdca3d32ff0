/**
 * The guest's way out: takes packets from the transmit ring (public/io/netif.h), with the checks and words of Linux's
 * xen-netback. A packet is a chain of requests, each with a piece of a granted page; extras follow the first one.
 */
import type { Hasher } from '../../../base/hasher.ts';
import { type Frame, headerLength, type Offload } from '../../../soc/net/frame.ts';
import { pageSize } from '../../../xen/machine/machine.ts';
import type { BackRing } from '../ring.ts';
import type { Credit } from './credit.ts';
import {
  ExtraType,
  extraMore,
  extraTypes,
  GsoType,
  Status,
  slotsFatal,
  slotsMax,
  TxFlag,
  txEntrySize,
} from './netif.ts';

/** One transmit request: struct netif_tx_request. */
interface Request {
  readonly reference: number;
  readonly offset: number;
  readonly flags: number;
  readonly id: number;
  readonly size: number;
}

/** struct netif_extra_info; what it says depends on its type. */
interface Extra {
  readonly type: number;
  readonly content: readonly number[];
}

/** Where packets come from, and what becomes of them. */
export interface TransmitHost {
  /** Copies bytes out of a page that the domain grants; false if it does not. */
  copyFrom(reference: number, offset: number, into: Uint8Array): boolean;
  /** The domain sends a frame, which was in so many pages. */
  send(frame: Frame, pages: number): void;
  /** Adds a group's address to the filter, or takes it out; false if there is no room. */
  filter(change: 'add' | 'remove', address: readonly number[]): boolean;
}

/** The front end breaks the protocol, so that its device cannot go on. */
class Malicious extends Error {}

/** A packet is refused; the device goes on. */
class Refused extends Error {}

export class Transmitter {
  private readonly ring: BackRing;
  private readonly credit: Credit;
  private readonly host: TransmitHost;
  /** What the front end has done to be cut off; null as long as it behaves. */
  malice: string | null = null;
  /** Packets and slots that were taken, for the costs. */
  packets = 0;
  slots = 0;

  constructor(ring: BackRing, credit: Credit, host: TransmitHost) {
    this.ring = ring;
    this.credit = credit;
    this.host = host;
  }

  /** Whether there is a request that could be taken now. */
  get hasWork(): boolean {
    return this.malice === null && !this.credit.isExhausted && this.ring.waiting > 0;
  }

  /** Takes at most `budget` packets. Returns whether the front end is to be notified. */
  take(budget: number): boolean {
    try {
      for (let taken = 0; taken < budget && this.takePacket(); taken++);
    } catch (error) {
      if (!(error instanceof Malicious)) throw error;
      this.malice = error.message;
    }
    return this.ring.push();
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.ring.state, this.malice ?? '');
  }

  /** Takes one packet, or what is refused in its place. False: there is none, or no credit for it. */
  private takePacket(): boolean {
    const ring = this.ring;
    const { waiting } = ring;
    if (waiting > ring.size) {
      const { produced, taken } = ring.indices;
      throw new Malicious(`Impossible number of requests. req_prod ${produced}, req_cons ${taken}, size ${ring.size}`);
    }
    if (waiting === 0 || !this.credit.spend(requestOf(ring.peek()).size)) return false;
    const first = requestOf(ring.take());
    this.packets++;
    const extras = first.flags & TxFlag.extra ? this.takeExtras(waiting - 1) : [];
    const chain = [first];
    let status: number = Status.okay;
    try {
      const filter = extras.find(({ type }) => type in filterChanges);
      if (filter) {
        if (!this.host.filter(filterChanges[filter.type] ?? 'add', filter.content)) status = Status.error;
      } else {
        this.gather(chain, waiting - 1 - extras.length);
        const frame = this.frame(chain, extras);
        if (frame) this.host.send(frame, chain.length);
        else status = Status.error;
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      status = Status.error;
    }
    this.slots += chain.length;
    // The places of extras get an answer that says nothing.
    this.answer(first.id, status);
    for (const _ of extras) this.answer(0, Status.null);
    for (const { id } of chain.slice(1)) this.answer(id, status);
    return true;
  }

  private takeExtras(waiting: number): Extra[] {
    const extras: Extra[] = [];
    for (;;) {
      if (extras.length >= waiting) throw new Malicious('Missing extra info');
      const [type = 0, flags = 0, ...content] = this.ring.take();
      if (type === 0 || type >= extraTypes) throw new Malicious(`Invalid extra type: ${type}`);
      extras.push({ type, content: content.slice(0, 6) });
      if (!(flags & extraMore)) return extras;
    }
  }

  /** Adds the requests that follow the first of a chain. */
  private gather(chain: Request[], waiting: number): void {
    const [first] = chain as [Request];
    let refusal: Refused | null = null;
    let remaining = first.size;
    let slots = 0;
    for (let last = first; last.flags & TxFlag.more; slots++) {
      if (slots >= waiting) throw new Malicious(`Asked for ${slots} slots but exceeds this limit`);
      if (slots >= slotsFatal) throw new Malicious(`Malicious frontend using ${slots} slots, threshold ${slotsFatal}`);
      if (slots >= slotsMax)
        refusal ??= new Refused(`Too many slots (${slots}) exceeding limit (${slotsMax}), dropping packet`);
      last = requestOf(this.ring.take());
      chain.push(last);
      // The size of a packet of 64 KiB or more does not fit into its first request.
      if (last.size > remaining)
        refusal ??= new Refused(`Invalid tx request, slot size ${last.size} > remaining size ${remaining}`);
      remaining -= last.size;
      if (last.offset + last.size > pageSize)
        throw new Malicious(`Cross page boundary, txp->offset: ${last.offset}, size: ${last.size}`);
    }
    if (refusal) throw refusal;
    if (first.size < headerLength) throw new Refused(`Bad packet size: ${first.size}`);
    // The first request has the size of the whole packet.
    if (first.offset + remaining > pageSize)
      throw new Malicious(`Cross page boundary, txreq.offset: ${first.offset}, size: ${remaining}`);
  }

  /** The packet of a chain; null if a grant is not there. */
  private frame(chain: readonly Request[], extras: readonly Extra[]): Frame | null {
    const [first, ...rest] = chain as [Request, ...Request[]];
    const segmentation = segmentationOf(extras.find(({ type }) => type === ExtraType.gso));
    const bytes = new Uint8Array(first.size);
    const head = first.size - rest.reduce((sum, { size }) => sum + size, 0);
    let at = 0;
    for (const { reference, offset, size } of [{ ...first, size: head }, ...rest]) {
      if (size > 0 && !this.host.copyFrom(reference, offset, bytes.subarray(at, at + size))) return null;
      at += size;
    }
    const isChecksumBlank = segmentation !== null || (first.flags & TxFlag.checksumBlank) !== 0;
    return { bytes, offload: isChecksumBlank ? { isChecksumBlank, segmentation } : null };
  }

  private answer(id: number, status: number): void {
    const response = new Uint8Array(4);
    const view = new DataView(response.buffer);
    view.setUint16(0, id, true);
    view.setInt16(2, status, true);
    this.ring.put(response);
  }
}

const requestOf = (bytes: Uint8Array): Request => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, txEntrySize);
  return {
    reference: view.getUint32(0, true),
    offset: view.getUint16(4, true),
    flags: view.getUint16(6, true),
    id: view.getUint16(8, true),
    size: view.getUint16(10, true),
  };
};

const filterChanges: Readonly<Record<number, 'add' | 'remove'>> = {
  [ExtraType.addMulticast]: 'add',
  [ExtraType.removeMulticast]: 'remove',
};

const segmentationOf = (gso: Extra | undefined): Offload['segmentation'] => {
  if (!gso) return null;
  const [low = 0, high = 0, type] = gso.content;
  const size = low | (high << 8);
  if (type !== GsoType.tcp4 && type !== GsoType.tcp6) throw new Malicious(`Bad GSO type ${type}.`);
  if (size === 0) throw new Malicious('GSO size must not be zero.');
  return { kind: type === GsoType.tcp4 ? 'tcp4' : 'tcp6', size };
};
