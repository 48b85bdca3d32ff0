/**
 * A learning bridge (IEEE 802.1Q, 8.7 and 8.8) as Linux has it without spanning tree: it remembers behind which port an
 * address was seen, and sends to all ports what is for a group or for an unknown address. Stations attach to its ports.
 */
import { assert, defined } from '../../base/assert.ts';
import type { Hasher } from '../../base/hasher.ts';
import { list, record, type Shape, text, whole } from '../../base/shape.ts';
import { type Cycles, cycles } from '../../base/units.ts';
import { type DeviceClock, DeviceEvent } from '../bus/device.ts';
import { canFinish, finish } from './finish.ts';
import {
  type Abilities,
  defaultMtu,
  type Frame,
  frameShape,
  headerLength,
  isGroup,
  type MacAddress,
  macAt,
  maxFrameLength,
  noAbilities,
  vlanTagLength,
} from './frame.ts';

/** What a port needs of its station. All but `receive` have a default. */
export interface Station {
  /** A frame arrives. What it cannot use, the station drops. */
  receive(frame: Frame): void;
  /** What it takes unfinished; asked for each frame. Default: nothing. */
  readonly abilities?: () => Abilities;
  /** Speed of the link to the station. Default: 10 Gbit/s. */
  readonly bitsPerSecond?: number;
  /** The longest packet that it takes in a frame, in bytes. Default: 1500. */
  readonly mtu?: number;
  /**
   * Frames that follow one another arrive together, those of so many seconds at most. A frame with none behind it does
   * not wait. Default: each arrives by itself.
   */
  readonly coalescingSeconds?: number;
}

/** As Linux counts for the port's interface (`ip -s link`): received is what the station sent. */
export interface PortCounters {
  receivedFrames: number;
  receivedBytes: number;
  /** Frames that cannot be forwarded: too short, too long, or with an impossible offload. */
  receivedErrors: number;
  receivedGroups: number;
  sentFrames: number;
  sentBytes: number;
  /** Frames for which the queue to the station had no room. */
  sentDropped: number;
}

/** Frames under way to a station, and what its port has counted. */
export interface PortState {
  readonly name: string;
  readonly free: number;
  readonly arrived: number;
  readonly queue: readonly { readonly due: number; readonly frame: Frame }[];
  readonly counters: Readonly<PortCounters>;
}

export interface BridgeState {
  readonly name: string;
  readonly ports: readonly PortState[];
  /** In the order in which they were last seen. */
  readonly addresses: readonly { readonly mac: MacAddress; readonly port: string; readonly seen: number }[];
}

export const bridgeState: Shape<BridgeState> = record<BridgeState>({
  name: text,
  ports: list(
    record<PortState>({
      name: text,
      free: whole(),
      arrived: whole(),
      queue: list(record({ due: whole(), frame: frameShape })),
      counters: record<PortCounters>({
        receivedFrames: whole(),
        receivedBytes: whole(),
        receivedErrors: whole(),
        receivedGroups: whole(),
        sentFrames: whole(),
        sentBytes: whole(),
        sentDropped: whole(),
      }),
    }),
  ),
  addresses: list(record({ mac: whole(), port: text, seen: whole() })),
});

/** The first frame for a station is on its way for this long: about what Linux's bridge and a wake-up take. */
const latencySeconds = 10e-6;
const defaultBitsPerSecond = 10e9;
/** An address that is not seen for this long is forgotten (802.1Q, table 8-6). */
const ageingSeconds = 300;
/** Frames that wait for one station at most, as Linux's queue of an interface has it, and their bytes. */
const queueLength = 1000;
const queueBytes = 4 * 2 ** 20;
/** Addresses that a bridge remembers at most; the one that was not seen for longest makes room. */
const maxAddresses = 1024;
/** Addresses that no bridge forwards to (802.1Q, table 8-1), except for the first, that of the spanning tree. */
const firstReserved = 0x0180_c200_0001;
const lastReserved = 0x0180_c200_000f;

export type NetClock = Pick<DeviceClock, 'hz' | 'now' | 'at' | 'owner'>;

/** Sees each frame that passes a port, on its way from the station or to it. */
export type Tap = (frame: Frame, direction: 'received' | 'sent') => void;
/** Who listens, by the name of the port. */
export type Taps = ReadonlyMap<string, Iterable<Tap>>;

/** What the bridges of a network share. */
interface Common {
  readonly taps: Taps;
  nextIndex(): number;
}

export class Bridge {
  readonly name: string;
  readonly clock: NetClock;
  /** Number among all interfaces. */
  readonly index: number;
  private readonly _ports = new Map<string, Port>();
  /** Ports by the addresses behind them, in the order in which these were last seen. */
  private readonly _addresses = new Map<MacAddress, { readonly port: Port; readonly seen: Cycles }>();

  private readonly taps: Taps;
  private readonly nextIndex: () => number;

  constructor(clock: NetClock, name: string, { taps, nextIndex }: Common = { taps: new Map(), nextIndex: () => 0 }) {
    this.clock = clock;
    this.name = name;
    this.taps = taps;
    this.nextIndex = nextIndex;
    this.index = nextIndex();
  }

  /** In the order in which they were attached. */
  get ports(): readonly Port[] {
    return [...this._ports.values()];
  }

  port(name: string): Port | null {
    return this._ports.get(name) ?? null;
  }

  /** Connects a station. The name must be free. */
  attach(name: string, station: Station | Station['receive']): Port {
    assert(!this._ports.has(name), `${this.name} has no port ${name} yet`);
    const port = new Port(this, name, typeof station === 'function' ? { receive: station } : station, {
      clock: this.clock,
      index: name === this.name ? this.index : this.nextIndex(),
      forward: (frame) => this.forward(port, frame),
      show: (frame, direction) => {
        for (const tap of this.taps.get(name) ?? []) tap(frame, direction);
      },
      detach: () => {
        this._ports.delete(name);
        for (const [mac, known] of this._addresses) if (known.port === port) this._addresses.delete(mac);
      },
    });
    this._ports.set(name, port);
    return port;
  }

  /** The addresses that it knows, those seen last at the end. Times are in cycles. */
  addresses(): readonly { readonly mac: MacAddress; readonly port: Port; readonly age: Cycles }[] {
    const { now } = this.clock;
    return [...this._addresses]
      .filter(([, { seen }]) => !this.isOld(seen))
      .map(([mac, { port, seen }]) => ({ mac, port, age: cycles(Math.max(0, now - seen)) }));
  }

  /** Adds the frames under way and what it has learned. Counters do not decide anything. */
  fingerprint(hasher: Hasher): void {
    for (const [name, port] of this._ports) {
      hasher.add(name);
      port.fingerprint(hasher);
    }
    for (const [mac, { port, seen }] of this._addresses) hasher.add(mac, port.name, seen);
  }

  saveState(): BridgeState {
    return {
      name: this.name,
      ports: this.ports.map((port) => port.saveState()),
      addresses: [...this._addresses].map(([mac, { port, seen }]) => ({ mac, port: port.name, seen })),
    };
  }

  /** Continues from a saved state; the same stations must be attached. Throws AssertionError. */
  loadState({ ports, addresses }: BridgeState): void {
    assert(ports.length === this._ports.size, `${this.name} has ${ports.length} ports`);
    for (const state of ports) defined(this._ports.get(state.name), state.name).loadState(state);
    this._addresses.clear();
    for (const { mac, port, seen } of addresses)
      this._addresses.set(mac, { port: defined(this._ports.get(port), port), seen: cycles(seen) });
  }

  private forward(from: Port, frame: Frame): void {
    const { bytes } = frame;
    const destination = macAt(bytes, 0);
    this.learn(macAt(bytes, 6), from);
    if (destination >= firstReserved && destination <= lastReserved) return;
    const known = isGroup(destination) ? undefined : this._addresses.get(destination);
    if (known && !this.isOld(known.seen)) {
      if (known.port !== from) known.port.deliver(frame);
      return;
    }
    for (const port of this._ports.values()) if (port !== from) port.deliver(frame);
  }

  private learn(source: MacAddress, port: Port): void {
    if (isGroup(source) || source === 0) return;
    this._addresses.delete(source);
    this._addresses.set(source, { port, seen: this.clock.now });
    if (this._addresses.size <= maxAddresses) return;
    for (const oldest of this._addresses.keys()) {
      this._addresses.delete(oldest);
      break;
    }
  }

  private isOld(seen: Cycles): boolean {
    return this.clock.now - seen > ageingSeconds * this.clock.hz;
  }
}

/** What a port needs of its bridge. */
interface Wiring {
  readonly clock: NetClock;
  readonly index: number;
  forward(frame: Frame): void;
  show: Tap;
  detach(): void;
}

/** Where a station is attached to a bridge. */
export class Port {
  readonly bridge: Bridge;
  readonly name: string;
  readonly counters: PortCounters = {
    receivedFrames: 0,
    receivedBytes: 0,
    receivedErrors: 0,
    receivedGroups: 0,
    sentFrames: 0,
    sentBytes: 0,
    sentDropped: 0,
  };
  private readonly station: Station;
  private readonly wiring: Wiring;
  /** Frames on their way to the station, and when each arrives. */
  private readonly queue: { readonly due: Cycles; readonly frame: Frame }[] = [];
  /** Bytes of these frames. */
  private waiting = 0;
  /** When the link to the station is free again. */
  private free = cycles(0);
  /** When frames have arrived last. */
  private arrived = cycles(0);
  private readonly arrival: DeviceEvent;
  private _isAttached = true;

  constructor(bridge: Bridge, name: string, station: Station, wiring: Wiring) {
    this.bridge = bridge;
    this.name = name;
    this.station = station;
    this.wiring = wiring;
    this.arrival = new DeviceEvent(wiring.clock, () => this.arrive(), `${bridge.name}/${name}`);
  }

  /** Number among all interfaces; that of the bridge's own name has the bridge's. */
  get index(): number {
    return this.wiring.index;
  }

  get mtu(): number {
    return this.station.mtu ?? defaultMtu;
  }

  get isAttached(): boolean {
    return this._isAttached;
  }

  /** The station sends a frame. */
  send(frame: Frame): void {
    if (!this._isAttached) return;
    const { counters } = this;
    const { bytes } = frame;
    this.wiring.show(frame, 'received');
    if (bytes.length < headerLength || isTooLong(frame, this.mtu) || !canFinish(frame)) {
      counters.receivedErrors++;
      return;
    }
    counters.receivedFrames++;
    counters.receivedBytes += bytes.length;
    if (isGroup(macAt(bytes, 0))) counters.receivedGroups++;
    this.wiring.forward(frame);
  }

  /** The station goes: what is on its way to it is lost, and it sends no more. */
  detach(): void {
    if (!this._isAttached) return;
    this._isAttached = false;
    this.queue.length = 0;
    this.waiting = 0;
    this.arrival.set(null);
    this.wiring.detach();
  }

  /** The bridge sends a frame to the station, which gets it finished as far as it needs. */
  deliver(frame: Frame): void {
    const { clock } = this.wiring;
    const bitsPerSecond = this.station.bitsPerSecond ?? defaultBitsPerSecond;
    for (const part of finish(frame, this.station.abilities?.() ?? noAbilities)) {
      const { length } = part.bytes;
      if (this.queue.length >= queueLength || this.waiting + length > queueBytes || isTooLong(part, this.mtu)) {
        this.counters.sentDropped++;
        continue;
      }
      this.waiting += length;
      const start = Math.max(this.free, clock.now);
      this.free = cycles(start + Math.ceil((length * 8 * clock.hz) / bitsPerSecond));
      this.queue.push({ due: cycles(this.free + Math.round(latencySeconds * clock.hz)), frame: part });
    }
    this.arrival.set(this.nextArrival);
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.free);
    if (this.coalescing > 0) hasher.add(this.arrived);
    for (const { due, frame } of this.queue) hasher.add(due, frame.bytes, JSON.stringify(frame.offload));
  }

  saveState(): PortState {
    return {
      name: this.name,
      free: this.free,
      arrived: this.arrived,
      queue: [...this.queue],
      counters: { ...this.counters },
    };
  }

  loadState({ free, arrived, queue, counters }: PortState): void {
    this.free = cycles(free);
    this.arrived = cycles(arrived);
    this.queue.length = 0;
    for (const { due, frame } of queue) this.queue.push({ due: cycles(due), frame });
    this.waiting = queue.reduce((sum, { frame }) => sum + frame.bytes.length, 0);
    Object.assign(this.counters, counters);
    this.arrival.set(this.nextArrival);
  }

  /** Cycles of frames that arrive together. */
  private get coalescing(): number {
    return Math.round((this.station.coalescingSeconds ?? 0) * this.wiring.clock.hz);
  }

  private get nextArrival(): Cycles | null {
    const [first, last] = [this.queue[0], this.queue.at(-1)];
    if (!first || !last) return null;
    return cycles(Math.max(first.due, Math.min(this.arrived + this.coalescing, last.due)));
  }

  private arrive(): void {
    const { counters } = this;
    const { now } = this.wiring.clock;
    const due = this.queue.findIndex((each) => each.due > now);
    const frames = this.queue.splice(0, due < 0 ? this.queue.length : due);
    this.arrived = now;
    this.arrival.set(this.nextArrival);
    for (const { frame } of frames) {
      if (!this._isAttached) return;
      const { length } = frame.bytes;
      this.waiting -= length;
      counters.sentFrames++;
      counters.sentBytes += length;
      this.wiring.show(frame, 'sent');
      this.station.receive(frame);
    }
  }
}

/** Linux leaves room for one VLAN tag above the MTU. */
const isTooLong = ({ bytes, offload }: Frame, mtu: number): boolean =>
  bytes.length > (offload?.segmentation ? maxFrameLength : headerLength + vlanTagLength + mtu);
