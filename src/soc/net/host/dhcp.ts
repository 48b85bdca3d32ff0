/**
 * A server of the Dynamic Host Configuration Protocol (RFC 2131, options of RFC 2132) for one network. A station gets
 * the same address whenever it asks.
 */
import type { Hasher } from '../../../base/hasher.ts';
import { list, pair, record, type Shape, text, whole } from '../../../base/shape.ts';
import { isGroup, type MacAddress, macAt, putMac, putWord16, putWord32, word16, word32 } from '../frame.ts';
import { anyAddress, broadcastOf, type Interface, type Ipv4, isOnLink, limitedBroadcast, netmask } from './address.ts';

export const dhcpServerPort = 67;
export const dhcpClientPort = 68;

export interface Lease {
  readonly mac: MacAddress;
  readonly address: Ipv4;
  /** What the station calls itself, in small letters; empty if it does not say. */
  hostname: string;
  /** When it ends, in cycles. */
  until: number;
}

export interface DhcpState {
  readonly leases: readonly Readonly<Lease>[];
  /** Until when an address must not be given. */
  readonly declined: readonly (readonly [address: Ipv4, until: number])[];
}

export const dhcpState: Shape<DhcpState> = record<DhcpState>({
  leases: list(record<Lease>({ mac: whole(), address: whole(), hostname: text, until: whole() })),
  declined: list(pair(whole(), whole())),
});

/** Addresses are given from this one in the network on, in the order in which stations ask. */
const firstHost = 11;
const lastHost = 250;
const leaseSeconds = 12 * 3600;
/** An address that somebody else uses is not given for this long. */
const declinedSeconds = 600;

const Message = { discover: 1, offer: 2, request: 3, decline: 4, ack: 5, nak: 6, release: 7, inform: 8 } as const;

const Option = {
  pad: 0,
  netmask: 1,
  router: 3,
  nameServer: 6,
  hostname: 12,
  domain: 15,
  broadcast: 28,
  requestedAddress: 50,
  leaseTime: 51,
  messageType: 53,
  server: 54,
  renewalTime: 58,
  rebindingTime: 59,
  end: 255,
} as const;

/** Offsets in a message (RFC 2131, figure 1). */
const at = { op: 0, htype: 1, hlen: 2, xid: 4, flags: 10, ciaddr: 12, yiaddr: 16, siaddr: 20, giaddr: 24 } as const;
const chaddr = 28;
const cookieAt = 236;
const cookie = 0x6382_5363;
const optionsAt = cookieAt + 4;
/** A client takes at least so much (RFC 1542, 2.1). */
const messageLength = 300;

/** An answer, and where it goes. */
export interface DhcpAnswer {
  readonly message: Uint8Array;
  readonly mac: MacAddress;
  readonly address: Ipv4;
}

export class DhcpServer {
  private readonly own: Interface;
  private readonly domain: string;
  private readonly hz: number;
  private readonly _leases = new Map<MacAddress, Lease>();
  /** Until when an address must not be given. */
  private readonly declined = new Map<Ipv4, number>();

  /** @param domain the name of the network, which is the end of its stations' names */
  constructor(own: Interface, domain: string, hz: number) {
    this.own = own;
    this.domain = domain;
    this.hz = hz;
  }

  /** Those that are remembered, with those that have run out. */
  get leases(): readonly Lease[] {
    return [...this._leases.values()];
  }

  /** Takes over leases of a server before. */
  restore(leases: readonly Lease[]): void {
    for (const lease of leases) this._leases.set(lease.mac, { ...lease });
  }

  answer(request: Uint8Array, now: number): DhcpAnswer | null {
    if (request.length < optionsAt || request[at.op] !== 1 || request[at.htype] !== 1 || request[at.hlen] !== 6)
      return null;
    if (word32(request, cookieAt) !== cookie || word32(request, at.giaddr) !== 0) return null;
    const mac = macAt(request, chaddr);
    if (isGroup(mac) || mac === 0) return null;
    const options = readOptions(request);
    const wanted = addressIn(options, Option.requestedAddress);
    const server = addressIn(options, Option.server);
    if (server !== null && server !== this.own.address) return null; // it has chosen another server
    const client = word32(request, at.ciaddr);
    switch (options.get(Option.messageType)?.[0]) {
      case Message.discover: {
        const lease = this.lease(mac, wanted, now);
        return lease && this.reply(request, Message.offer, lease.address);
      }
      case Message.request: {
        const asked = wanted ?? client;
        const lease = this.lease(mac, asked, now);
        if (!lease || lease.address !== asked) return this.reply(request, Message.nak, anyAddress);
        lease.until = now + leaseSeconds * this.hz;
        lease.hostname = hostnameIn(options) || lease.hostname;
        return this.reply(request, Message.ack, lease.address);
      }
      case Message.decline:
        if (wanted !== null && this._leases.get(mac)?.address === wanted) {
          this._leases.delete(mac);
          this.declined.set(wanted, now + declinedSeconds * this.hz);
        }
        return null;
      case Message.release: {
        const lease = this._leases.get(mac);
        if (lease?.address === client) lease.until = now;
        return null;
      }
      case Message.inform:
        return isOnLink(this.own, client) ? this.reply(request, Message.ack, anyAddress) : null;
      default:
        return null;
    }
  }

  saveState(): DhcpState {
    return { leases: this.leases.map((lease) => ({ ...lease })), declined: [...this.declined] };
  }

  loadState({ leases, declined }: DhcpState): void {
    this._leases.clear();
    this.restore(leases);
    this.declined.clear();
    for (const [address, until] of declined) this.declined.set(address, until);
  }

  fingerprint(hasher: Hasher): void {
    for (const { mac, address, hostname, until } of this._leases.values()) hasher.add(mac, address, hostname, until);
    for (const [address, until] of this.declined) hasher.add(address, until);
  }

  /** The lease of a station: its former address, the one it wants, or the next; null if all are taken. */
  private lease(mac: MacAddress, wanted: Ipv4 | null, now: number): Lease | null {
    const known = this._leases.get(mac);
    if (known) return known;
    const taken = new Map([...this._leases.values()].map((lease) => [lease.address, lease]));
    for (const [address, until] of this.declined) if (until <= now) this.declined.delete(address);
    const network = (this.own.address & netmask(this.own.prefix)) >>> 0;
    const all = Array.from({ length: lastHost - firstHost + 1 }, (_, i) => network + firstHost + i).filter(
      (address) => address !== this.own.address && !this.declined.has(address),
    );
    const isFree = (address: Ipv4): boolean => !taken.has(address);
    let address = wanted !== null && all.includes(wanted) && isFree(wanted) ? wanted : all.find(isFree);
    if (address === undefined) {
      // The address whose lease ended first is given again.
      const [ended] = [...taken.values()].filter(({ until }) => until <= now).sort((a, b) => a.until - b.until);
      if (!ended) return null;
      this._leases.delete(ended.mac);
      address = ended.address;
    }
    // An offer is kept for a minute, and becomes a lease when the station takes it.
    const lease = { mac, address, hostname: '', until: now + 60 * this.hz };
    this._leases.set(mac, lease);
    return lease;
  }

  private reply(request: Uint8Array, type: number, address: Ipv4): DhcpAnswer {
    const own = this.own;
    const mac = macAt(request, chaddr);
    const client = word32(request, at.ciaddr);
    const message = new Uint8Array(messageLength);
    message[at.op] = 2;
    message[at.htype] = 1;
    message[at.hlen] = 6;
    message.set(request.subarray(at.xid, at.xid + 4), at.xid);
    putWord16(message, at.flags, word16(request, at.flags));
    if (type === Message.ack) putWord32(message, at.ciaddr, client);
    putWord32(message, at.yiaddr, address);
    putMac(message, chaddr, mac);
    putWord32(message, cookieAt, cookie);
    let end = optionsAt;
    const option = (code: number, bytes: ArrayLike<number>): void => {
      message[end] = code;
      message[end + 1] = bytes.length;
      message.set(bytes, end + 2);
      end += 2 + bytes.length;
    };
    option(Option.messageType, [type]);
    option(Option.server, wordBytes(own.address));
    if (type !== Message.nak) {
      if (address !== anyAddress) {
        option(Option.leaseTime, wordBytes(leaseSeconds));
        option(Option.renewalTime, wordBytes(leaseSeconds / 2));
        option(Option.rebindingTime, wordBytes((leaseSeconds / 8) * 7));
      }
      option(Option.netmask, wordBytes(netmask(own.prefix)));
      option(Option.broadcast, wordBytes(broadcastOf(own)));
      option(Option.router, wordBytes(own.address));
      option(Option.nameServer, wordBytes(own.address));
      option(Option.domain, new TextEncoder().encode(this.domain));
    }
    message[end] = Option.end;
    // RFC 2131, 4.1: to its address if it has one, else to the offered one, or to all where it cannot take that yet.
    const isBroadcast = type === Message.nak || (word16(request, at.flags) & 0x8000) !== 0;
    if (client !== anyAddress && type !== Message.nak) return { message, mac, address: client };
    return { message, mac, address: isBroadcast ? limitedBroadcast : address };
  }
}

/** The options by their codes; of one that comes twice the last. */
function readOptions(message: Uint8Array): Map<number, Uint8Array> {
  const options = new Map<number, Uint8Array>();
  for (let i = optionsAt; i < message.length; ) {
    const code = message[i] as number;
    if (code === Option.end) break;
    if (code === Option.pad) {
      i++;
      continue;
    }
    const length = message[i + 1] ?? 0;
    if (i + 2 + length > message.length) break;
    options.set(code, message.subarray(i + 2, i + 2 + length));
    i += 2 + length;
  }
  return options;
}

function addressIn(options: ReadonlyMap<number, Uint8Array>, code: number): Ipv4 | null {
  const value = options.get(code);
  return value?.length === 4 ? word32(value, 0) : null;
}

/** The first part of the name; empty if it is none that the name server could answer for (RFC 1123, 2.1). */
function hostnameIn(options: ReadonlyMap<number, Uint8Array>): string {
  const bytes = options.get(Option.hostname) ?? new Uint8Array();
  const text = String.fromCharCode(...bytes)
    .replace(/\0+$/, '')
    .toLowerCase();
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.exec(text.split('.')[0] ?? '')?.[0] ?? '';
}

function wordBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  putWord32(bytes, 0, value);
  return bytes;
}
