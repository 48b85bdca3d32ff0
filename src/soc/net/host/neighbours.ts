/** Who has which address: the Address Resolution Protocol (RFC 826). */
import type { Hasher } from '../../../base/hasher.ts';
import { list, nullable, pair, record, type Shape, whole } from '../../../base/shape.ts';
import {
  broadcastMac,
  EtherType,
  type Frame,
  finished,
  frameShape,
  headerLength,
  isGroup,
  type MacAddress,
  macAt,
  putMac,
  putWord16,
  putWord32,
  word16,
  word32,
} from '../frame.ts';
import type { Ipv4 } from './address.ts';

interface Neighbour {
  /** Null while it is asked for. */
  mac: MacAddress | null;
  /** When it must be asked for again. */
  until: number;
  /** Requests that have had no answer. */
  asked: number;
  /** Frames for it that wait for its address. */
  waiting: readonly Frame[];
}

/** Who is known, the one heard of longest ago first. */
export type NeighboursState = readonly (readonly [address: Ipv4, Readonly<Neighbour>])[];

export const neighboursState: Shape<NeighboursState> = list(
  pair(
    whole(),
    record<Readonly<Neighbour>>({ mac: nullable(whole()), until: whole(), asked: whole(), waiting: list(frameShape) }),
  ),
);

const request = 1;
const reply = 2;
const length = 28;
const maxNeighbours = 512;
const maxWaiting = 100;
/** Linux asks three times, a second apart, and trusts an answer for a minute. */
const maxRequests = 3;
const retrySeconds = 1;
const validSeconds = 60;

/** What it needs of the host. */
export interface NeighbourHost {
  readonly hz: number;
  readonly mac: MacAddress;
  readonly address: Ipv4;
  now(): number;
  send(frame: Frame): void;
  /** `tick` is to be called at this time. */
  alarm(time: number): void;
  /** Nobody has answered; these frames were for the address. */
  unreachable(address: Ipv4, frames: readonly Frame[]): void;
}

export class Neighbours {
  private readonly host: NeighbourHost;
  private readonly known = new Map<Ipv4, Neighbour>();

  constructor(host: NeighbourHost) {
    this.host = host;
  }

  /** Sends a frame to a station on the link, as soon as its MAC address is known. */
  send(frame: Frame, to: Ipv4): void {
    const now = this.host.now();
    const known = this.known.get(to);
    if (known && known.mac !== null && (now < known.until || known.asked < maxRequests)) {
      this.sendTo(known.mac, frame);
      if (now < known.until) return;
      // The answer is old: it is still used while the station is asked again.
      known.until = now + retrySeconds * this.host.hz;
      known.asked++;
      this.ask(to, known.mac);
      return;
    }
    if (known && known.mac === null) {
      if (known.waiting.length < maxWaiting) known.waiting = [...known.waiting, frame];
      return;
    }
    this.add(to, { mac: null, until: now + retrySeconds * this.host.hz, asked: 1, waiting: [frame] });
    this.host.alarm(now + retrySeconds * this.host.hz);
    this.ask(to, broadcastMac);
  }

  /** The addresses that have answered. */
  list(): readonly { readonly address: Ipv4; readonly mac: MacAddress }[] {
    return [...this.known].flatMap(([address, { mac }]) => (mac === null ? [] : [{ address, mac }]));
  }

  receive(frame: Uint8Array): void {
    const at = headerLength;
    const isArp =
      frame.length >= at + length &&
      word16(frame, at) === 1 && // Ethernet
      word16(frame, at + 2) === EtherType.ipv4 &&
      word16(frame, at + 4) === 0x0604;
    if (!isArp) return;
    const operation = word16(frame, at + 6);
    const sender = macAt(frame, at + 8);
    const senderAddress = word32(frame, at + 14);
    const isForUs = word32(frame, at + 24) === this.host.address;
    if (isGroup(sender) || senderAddress === this.host.address) return;
    const known = this.known.get(senderAddress);
    if (senderAddress !== 0 && (known || isForUs)) this.learn(senderAddress, sender);
    if (operation === request && isForUs) this._send(reply, sender, senderAddress, sender);
  }

  /** Asks again whom nobody knows, or gives up. */
  tick(now: number): void {
    for (const [address, neighbour] of this.known) {
      if (neighbour.mac !== null) continue;
      if (now >= neighbour.until) {
        if (neighbour.asked >= maxRequests) {
          this.known.delete(address);
          this.host.unreachable(address, neighbour.waiting);
          continue;
        }
        neighbour.asked++;
        neighbour.until = now + retrySeconds * this.host.hz;
        this.ask(address, broadcastMac);
      }
      this.host.alarm(neighbour.until);
    }
  }

  saveState(): NeighboursState {
    return [...this.known].map(([address, neighbour]) => [address, { ...neighbour }]);
  }

  loadState(state: NeighboursState): void {
    this.known.clear();
    for (const [address, neighbour] of state) this.known.set(address, { ...neighbour });
  }

  fingerprint(hasher: Hasher): void {
    for (const [address, { mac, until, asked, waiting }] of this.known) {
      hasher.add(address, mac, until, asked);
      for (const { bytes } of waiting) hasher.add(bytes);
    }
  }

  private learn(address: Ipv4, mac: MacAddress): void {
    const waiting = this.known.get(address)?.waiting ?? [];
    this.add(address, { mac, until: this.host.now() + validSeconds * this.host.hz, asked: 0, waiting: [] });
    for (const frame of waiting) this.sendTo(mac, frame);
  }

  /** The one heard of longest ago makes room. */
  private add(address: Ipv4, neighbour: Neighbour): void {
    this.known.delete(address);
    this.known.set(address, neighbour);
    for (const oldest of this.known.keys()) {
      if (this.known.size <= maxNeighbours) break;
      this.known.delete(oldest);
    }
  }

  private sendTo(mac: MacAddress, frame: Frame): void {
    putMac(frame.bytes, 0, mac);
    putMac(frame.bytes, 6, this.host.mac);
    this.host.send(frame);
  }

  private ask(address: Ipv4, to: MacAddress): void {
    this._send(request, to, address, 0);
  }

  private _send(operation: number, to: MacAddress, targetAddress: Ipv4, target: MacAddress): void {
    const frame = new Uint8Array(headerLength + length);
    putWord16(frame, headerLength - 2, EtherType.arp);
    putWord16(frame, headerLength, 1);
    putWord16(frame, headerLength + 2, EtherType.ipv4);
    putWord16(frame, headerLength + 4, 0x0604);
    putWord16(frame, headerLength + 6, operation);
    putMac(frame, headerLength + 8, this.host.mac);
    putWord32(frame, headerLength + 14, this.host.address);
    putMac(frame, headerLength + 18, target);
    putWord32(frame, headerLength + 24, targetAddress);
    this.sendTo(to, finished(frame));
  }
}
