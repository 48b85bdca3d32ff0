/**
 * Clients of a service on the network: a station that stands for many people, and for the balancer that gives their
 * requests to servers. Servers join and leave; a request goes to the one with the fewest, or waits.
 */
import type { Hasher } from '../../../base/hasher.ts';
import { RandomBytes } from '../../../base/random.ts';
import { type Cycles, cycles } from '../../../base/units.ts';
import { DeviceEvent } from '../../bus/device.ts';
import type { Bridge, Port } from '../bridge.ts';
import {
  broadcastMac,
  EtherType,
  type Frame,
  finished,
  headerLength,
  type MacAddress,
  macAt,
  putMac,
  word16,
} from '../frame.ts';
import { type Ipv4, limitedBroadcast } from '../host/address.ts';
import { Neighbours } from '../host/neighbours.ts';
import { newFrame, payloadAt, readPacket } from '../host/packet.ts';
import { datagram, readDatagram } from '../host/udp.ts';
import { Protocol } from '../layout.ts';
import { type DaySettings, demandAt, emptyHour, type Hour, hours } from './day.ts';
import { clientsPort, readMessage, requestOf, serversPort, whoServes } from './protocol.ts';

/** Locally administered; an address that DHCP does not give. */
const clientsMac: MacAddress = 0x0200_0a00_0002;
const clientsAddress: Ipv4 = 0x0a00_0002;

/** So many requests wait at most; who comes then is lost. */
const waitingMax = 500;
const serversMax = 64;
/** A server that has not answered for this long is given up, and what it was asked is lost. */
const patienceSeconds = 1;

interface Server {
  readonly mac: MacAddress;
  readonly address: Ipv4;
  readonly port: number;
  readonly slots: number;
  isLeaving: boolean;
  /** Requests that it has not answered: when each was made, and when it was sent to the server. */
  readonly open: Map<number, { readonly made: Cycles; readonly sent: Cycles }>;
}

/** What happens now. */
export interface ClientsNow {
  /** Requests per second that are made, by the day's curve. */
  readonly demand: number;
  readonly waiting: number;
  /** Servers that take requests. */
  readonly servers: number;
  /** Of their slots, how many are in use. */
  readonly busy: number;
  readonly slots: number;
  /** The hour of the day, from 0; null after its end. */
  readonly hour: number | null;
}

export class Clients {
  private readonly bridge: Bridge;
  private readonly port: Port;
  /** Answers who asks for the station's address. */
  private readonly neighbours: Neighbours;
  private readonly random: RandomBytes;
  private readonly alarm: DeviceEvent;
  private readonly servers: Server[] = [];
  /** When each request that waits was made. */
  private readonly waiting: Cycles[] = [];
  private settings: DaySettings | null = null;
  private start = cycles(0);
  private _hours: Hour[] = [];
  private counted = cycles(0);
  private hourLength = 1;
  private nextId = 0;

  /** Attaches the station to a bridge. A seed decides when requests are made. */
  constructor(bridge: Bridge, seed: number) {
    this.bridge = bridge;
    this.random = new RandomBytes(seed);
    this.port = bridge.attach('clients', (frame) => this.receive(frame));
    this.neighbours = new Neighbours({
      hz: bridge.clock.hz,
      mac: clientsMac,
      address: clientsAddress,
      now: () => bridge.clock.now,
      send: (frame) => this.port.send(frame),
      // It asks for nobody: servers have told their addresses.
      alarm: () => {},
      unreachable: () => {},
    });
    this.alarm = new DeviceEvent(bridge.clock, () => this.tick(), 'clients');
  }

  /** Begins a day. Requests of a day before that are still open are forgotten. */
  begin(settings: DaySettings): void {
    const { now } = this.bridge.clock;
    this.settings = settings;
    this.hourLength = settings.length / hours;
    this.start = now;
    this.counted = now;
    this._hours = Array.from({ length: hours }, emptyHour);
    this.waiting.length = 0;
    for (const { open } of this.servers) open.clear();
    this.send({ mac: broadcastMac, address: limitedBroadcast, port: serversPort }, whoServes());
    this.setAlarm();
  }

  /** Makes no more requests. */
  end(): void {
    this.alarm.set(null);
    this.settings = null;
  }

  get now(): ClientsNow {
    const working = this.servers.filter(({ isLeaving }) => !isLeaving);
    return {
      demand: this.demand,
      waiting: this.waiting.length,
      servers: working.length,
      busy: working.reduce((sum, { open }) => sum + open.size, 0),
      slots: working.reduce((sum, { slots }) => sum + slots, 0),
      hour: this.hour,
    };
  }

  /** What was counted in each hour of the last day; servers as a mean. */
  get hours(): readonly (Omit<Hour, 'serverTime'> & { readonly servers: number })[] {
    this.count();
    return this._hours.map(({ serverTime, ...hour }) => ({ ...hour, servers: serverTime / this.hourLength }));
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.random.state, this.start, this.nextId, this.waiting);
    for (const { mac, isLeaving, open } of this.servers)
      hasher.add(
        mac,
        isLeaving,
        [...open.keys()],
        [...open.values()].map(({ made }) => made),
      );
    for (const { asked, answered, lost } of this._hours) hasher.add(asked, answered, lost);
  }

  /** The part of the day that has passed; 1 after its end. */
  private get time(): number {
    if (!this.settings) return 1;
    return Math.min((this.bridge.clock.now - this.start) / this.settings.length, 1);
  }

  private get hour(): number | null {
    const time = this.time;
    return time < 1 ? Math.floor(time * hours) : null;
  }

  private get demand(): number {
    const time = this.time;
    return this.settings && time < 1 ? this.settings.peak * demandAt(this.settings.day, time) : 0;
  }

  /** The hour that is counted; null after the day's end. */
  private get counts(): Hour | null {
    const hour = this.hour;
    return hour === null ? null : (this._hours[hour] ?? null);
  }

  /** Adds the time that servers have been there since the last count. */
  private count(): void {
    const { now } = this.bridge.clock;
    const counts = this.counts;
    if (counts) counts.serverTime += this.servers.length * (now - this.counted);
    this.counted = now;
  }

  /** Sets the time of the next request: independent of those before (a Poisson process), at the demand of now. */
  private setAlarm(): void {
    const { clock } = this.bridge;
    if (this.time >= 1) {
      this.alarm.set(null);
      return;
    }
    const [a = 0, b = 0, c = 0] = this.random.bytes(3);
    const chance = (a * 65_536 + b * 256 + c + 1) / 16_777_217;
    // At no demand it looks again in a thousandth of a second.
    const demand = this.demand;
    const seconds = demand > 0 ? Math.min(-Math.log(chance) / demand, 0.01) : 0.001;
    this.alarm.set(cycles(Math.ceil(clock.now + seconds * clock.hz)));
  }

  private tick(): void {
    const { now } = this.bridge.clock;
    this.count();
    this.giveUp();
    const counts = this.counts;
    if (counts && this.demand > 0) {
      counts.asked++;
      if (this.waiting.length >= waitingMax) counts.lost++;
      else this.waiting.push(now);
      this.give();
    }
    this.setAlarm();
  }

  /** Gives waiting requests to servers, the oldest to the server with the fewest. */
  private give(): void {
    while (this.waiting.length > 0) {
      const free = this.servers.filter(({ isLeaving, open, slots }) => !isLeaving && open.size < slots);
      const server = free.reduce<Server | null>(
        (best, each) => (best && best.open.size <= each.open.size ? best : each),
        null,
      );
      const made = this.waiting[0];
      if (!server || made === undefined) return;
      this.waiting.shift();
      const id = this.nextId++;
      server.open.set(id, { made, sent: this.bridge.clock.now });
      this.send(server, requestOf(id, this.settings?.work ?? 0));
    }
  }

  private giveUp(): void {
    const { now, hz } = this.bridge.clock;
    const limit = now - patienceSeconds * hz;
    for (const server of [...this.servers]) {
      const [first] = server.open.values();
      if (!first || first.sent > limit) continue;
      const counts = this.counts;
      if (counts) counts.lost += server.open.size;
      this.servers.splice(this.servers.indexOf(server), 1);
    }
  }

  private receive({ bytes }: Frame): void {
    if (word16(bytes, headerLength - 2) === EtherType.arp) this.neighbours.receive(bytes);
    const packet = readPacket(bytes);
    if (!packet || packet.protocol !== Protocol.udp || packet.more || packet.offset > 0) return;
    const udp = readDatagram(packet.payload, packet.source, packet.destination, false);
    const message = udp?.port === clientsPort ? readMessage(udp.data) : null;
    if (!udp || !message) return;
    const mac = macAt(bytes, 6);
    const server = this.servers.find((each) => each.mac === mac);
    this.count();
    switch (message.kind) {
      case 'join':
        // One that is known already has been asked whether it is there.
        if (!server && this.servers.length < serversMax)
          this.servers.push({
            mac,
            address: packet.source,
            port: udp.sourcePort,
            slots: message.slots,
            isLeaving: false,
            open: new Map(),
          });
        break;
      case 'leave':
        if (server) server.isLeaving = true;
        break;
      case 'answer':
        this.answered(server, message.id);
    }
    if (server?.isLeaving && server.open.size === 0) this.servers.splice(this.servers.indexOf(server), 1);
    this.give();
  }

  private answered(server: Server | undefined, id: number): void {
    const request = server?.open.get(id);
    if (!server || !request) return;
    server.open.delete(id);
    const counts = this.counts;
    if (!counts) return;
    const { now, hz } = this.bridge.clock;
    counts.answered++;
    counts.times.push(((now - request.made) / hz) * 1e6);
  }

  private send({ mac, address, port }: Pick<Server, 'mac' | 'address' | 'port'>, data: Uint8Array): void {
    const bytes = datagram(clientsAddress, address, { sourcePort: clientsPort, port, data });
    const frame = newFrame(bytes.length, {
      source: clientsAddress,
      destination: address,
      protocol: Protocol.udp,
      identification: 0,
    });
    putMac(frame, 0, mac);
    putMac(frame, 6, clientsMac);
    frame.set(bytes, payloadAt);
    this.port.send(finished(frame));
  }
}
