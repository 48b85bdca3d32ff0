/**
 * A guest's connection to xenstored: the ring page shared with it (public/io/xs_wire.h, docs/misc/xenstore-ring.txt).
 */
import type { Hasher } from '../../base/hasher.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { packVcpu } from '../../base/probe/probe.ts';
import { answer, type XenstoreServer } from './server.ts';
import type { Connection } from './store.ts';
import {
  decodeMessage,
  encodeMessage,
  headerSize,
  MessageType,
  payloadLength,
  payloadMax,
  terminated,
} from './wire.ts';

const ringSize = 1024;

/** Offsets in struct xenstore_domain_interface. */
const Interface = {
  request: 0,
  response: 1024,
  requestConsumer: 2048,
  requestProducer: 2052,
  responseConsumer: 2056,
  responseProducer: 2060,
  serverFeatures: 2064,
  connection: 2068,
  error: 2072,
} as const;

/** XENSTORE_ERROR_*. */
const RingError = { ringIndex: 2, protocol: 3 } as const;
/** XENSTORE_SERVER_FEATURE_ERROR: the page has an error field. */
const featureError = 2;
/**
 * At most this many replies wait for room in the ring before requests are no longer read: xenstored's default quota.
 */
const outstandingMax = 20;
/** At most this many events and replies are kept for a guest that does not read; later ones are lost. */
const waitingMax = 1024;

export class RingConnection {
  private readonly server: XenstoreServer;
  private readonly domid: number;
  private readonly page: DataView;
  private readonly bytes: Uint8Array;
  private readonly signal: () => void;
  readonly connection: Connection;
  /** The bytes received of an incomplete request. */
  private partial: number[] = [];
  private readonly waiting: Uint8Array[] = [];
  /** How many bytes of the first waiting message have been sent. */
  private sent = 0;
  private broken = false;

  /** `page`: the ring page of domain `domid`. `signal` notifies the guest by its event channel. */
  constructor(server: XenstoreServer, domid: number, page: Uint8Array, signal: () => void) {
    this.server = server;
    this.domid = domid;
    this.bytes = page;
    this.page = new DataView(page.buffer, page.byteOffset, page.byteLength);
    this.signal = signal;
    this.connection = server.store.connect(domid, (path, token) => this.event(path, token));
    this.set(Interface.serverFeatures, featureError);
  }

  /** The guest has notified its channel: serves requests while the ring has room. Returns how many it served. */
  service(): number {
    if (this.broken) return 0;
    let served = 0;
    this.send();
    while (this.waiting.length < outstandingMax && this.receive()) {
      const length = this.length();
      if (length === null) continue;
      if (length > payloadMax) {
        this.break(RingError.protocol);
        return served;
      }
      if (this.partial.length < headerSize + length) continue;
      const message = decodeMessage(Uint8Array.from(this.partial));
      this.partial = [];
      served++;
      const reply = answer(this.server, this.connection, message);
      const { probe } = this.server;
      const outcome = reply.payload.length | (reply.type << 16);
      probe.emitFor(packVcpu(this.domid, 0), ProbeKind.xenstoreRequest, message.type, outcome);
      this.queue(encodeMessage(reply));
    }
    return served;
  }

  /** Whether there are bytes that `service` would take. */
  get canServe(): boolean {
    const isEmpty = this.get(Interface.requestProducer) === this.get(Interface.requestConsumer);
    return !this.broken && this.waiting.length < outstandingMax && !isEmpty;
  }

  close(): void {
    this.server.store.disconnect(this.connection);
    this.broken = true;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(Uint8Array.from(this.partial), this.waiting, this.sent, this.broken);
  }

  /** The payload size of the incomplete request; null until its header is complete. */
  private length(): number | null {
    return this.partial.length < headerSize ? null : payloadLength(Uint8Array.from(this.partial.slice(0, headerSize)));
  }

  /** Takes the bytes that the request still lacks. Returns false if the ring is empty. */
  private receive(): boolean {
    const consumer = this.get(Interface.requestConsumer);
    const available = (this.get(Interface.requestProducer) - consumer) >>> 0;
    if (available > ringSize) {
      this.break(RingError.ringIndex);
      return false;
    }
    if (available === 0) return false;
    const length = this.length();
    const wanted = (length === null ? headerSize : headerSize + Math.min(length, payloadMax)) - this.partial.length;
    const count = Math.min(wanted, available);
    for (let i = 0; i < count; i++) {
      this.partial.push(this.bytes[Interface.request + ((consumer + i) % ringSize)] as number);
    }
    this.set(Interface.requestConsumer, consumer + count);
    this.signal();
    return true;
  }

  private event(path: string, token: string): void {
    const payload = terminated(path, token);
    if (payload.length > payloadMax || this.broken) return;
    this.server.probe.emitFor(packVcpu(this.domid, 0), ProbeKind.xenstoreWatch, payload.length);
    this.queue(encodeMessage({ type: MessageType.watchEvent, requestId: 0, transaction: 0, payload }));
  }

  private queue(message: Uint8Array): void {
    // A guest that never reads must not fill Dom0's memory.
    if (this.waiting.length >= waitingMax) return;
    this.waiting.push(message);
    this.send();
  }

  private send(): void {
    for (let message = this.waiting[0]; message; message = this.waiting[0]) {
      const producer = this.get(Interface.responseProducer);
      const used = (producer - this.get(Interface.responseConsumer)) >>> 0;
      if (used > ringSize) {
        this.break(RingError.ringIndex);
        return;
      }
      const count = Math.min(message.length - this.sent, ringSize - used);
      if (count === 0) return;
      for (let i = 0; i < count; i++) {
        this.bytes[Interface.response + ((producer + i) % ringSize)] = message[this.sent + i] as number;
      }
      this.set(Interface.responseProducer, producer + count);
      this.sent += count;
      this.signal();
      if (this.sent < message.length) return;
      this.waiting.shift();
      this.sent = 0;
    }
  }

  /** The guest has broken the protocol: writes the reason to the page and stops serving it. */
  private break(error: number): void {
    this.set(Interface.error, error);
    this.close();
  }

  private get(offset: number): number {
    return this.page.getUint32(offset, true);
  }

  private set(offset: number, value: number): void {
    this.page.setUint32(offset, value, true);
  }
}
