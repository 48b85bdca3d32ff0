/** The Transmission Control Protocol (RFC 9293): the host's connections. */
import { defined } from '../../../../base/assert.ts';
import type { Hasher } from '../../../../base/hasher.ts';
import { list, record, type Shape, whole } from '../../../../base/shape.ts';
import type { Ipv4 } from '../address.ts';
import { Connection, type ConnectionState, connectionState, type Service, type TcpHost } from './connection.ts';
import { Flag, type Segment, type SegmentHeader } from './segment.ts';
import { advanced } from './sequence.ts';

/** Connections at a time, and how many of them may be half open. */
const maxConnections = 512;
const maxHalfOpen = 128;
const firstEphemeralPort = 49152;

export interface TcpState {
  readonly opened: number;
  readonly connections: readonly ConnectionState[];
}

export const tcpState: Shape<TcpState> = record<TcpState>({ opened: whole(), connections: list(connectionState) });

export class Tcp {
  private readonly host: TcpHost;
  private readonly services = new Map<number, Service>();
  private readonly _connections = new Map<string, Connection>();
  private opened = 0;

  constructor(host: TcpHost) {
    this.host = host;
  }

  get connections(): readonly Connection[] {
    return [...this._connections.values()];
  }

  /** Answers connections to a port. */
  listen(port: number, service: Service): void {
    this.services.set(port, service);
  }

  /** Opens a connection; null if there are too many. */
  connect(remote: Ipv4, remotePort: number, service: Service): Connection | null {
    if (!this.hasRoom()) return null;
    let port = 0;
    do port = firstEphemeralPort + (this.opened++ % (0x1_0000 - firstEphemeralPort));
    while (this._connections.has(key(remote, remotePort, port)));
    const connection = this.add(remote, remotePort, port, service);
    connection.open();
    return connection;
  }

  receive(source: Ipv4, segment: Segment): void {
    const name = key(source, segment.sourcePort, segment.port);
    const { flags } = segment;
    const connection = this._connections.get(name);
    const isSyn = (flags & (Flag.syn | Flag.ack | Flag.rst)) === Flag.syn;
    // A new connection may have the numbers of one that is over (RFC 9293, 3.10.7.4, first check).
    if (connection && !(isSyn && connection.state === 'timeWait')) {
      connection.receive(segment);
      this.tidy(name, connection);
      return;
    }
    const service = this.services.get(segment.port);
    if (!service || !isSyn) {
      if (!(flags & Flag.rst)) this.refuse(source, segment);
      return;
    }
    if (connection) this._connections.delete(name);
    if (!this.hasRoom()) return;
    this.opened++;
    this.add(source, segment.sourcePort, segment.port, service).accept(segment);
  }

  /** Nobody answers at an address, or it cannot be reached. */
  unreachable(address: Ipv4): void {
    for (const [name, connection] of this._connections) {
      if (connection.remote !== address) continue;
      connection.unreachable();
      this.tidy(name, connection);
    }
  }

  tick(now: number): void {
    for (const [name, connection] of this._connections) {
      const { due } = connection;
      if (due !== null && now >= due) connection.tick(now);
      this.tidy(name, connection);
      if (connection.due !== null) this.host.alarm(connection.due);
    }
  }

  saveState(): TcpState {
    return { opened: this.opened, connections: this.connections.map((connection) => connection.saveState()) };
  }

  /** Continues from a saved state. All connections must be those that others have opened. Throws AssertionError. */
  loadState({ opened, connections }: TcpState): void {
    this.opened = opened;
    this._connections.clear();
    for (const saved of connections) {
      const service = defined(this.services.get(saved.port), `the service of port ${saved.port}`);
      const connection = Connection.of(this.host, service, saved);
      this._connections.set(key(saved.remote, saved.remotePort, saved.port), connection);
    }
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.opened, ...this.connections.map(({ fingerprint }) => fingerprint));
  }

  private tidy(name: string, connection: Connection): void {
    if (connection.state === 'closed') this._connections.delete(name);
  }

  /** Those that are over make room, and the oldest of too many that are half open. */
  private hasRoom(): boolean {
    const all = [...this._connections];
    const halfOpen = all.filter(([, { isHalfOpen }]) => isHalfOpen);
    const [oldest] = halfOpen.length >= maxHalfOpen ? halfOpen : [];
    if (oldest) this._connections.delete(oldest[0]);
    if (this._connections.size < maxConnections) return true;
    const over = all.find(([, { isOver }]) => isOver);
    if (over) this._connections.delete(over[0]);
    return over !== undefined;
  }

  private add(remote: Ipv4, remotePort: number, port: number, service: Service): Connection {
    // As RFC 9293, 3.4.1, has it: numbers that go up with time, and further by each connection.
    const initial = advanced(Math.floor((this.host.now() / this.host.hz) * 250_000), this.opened * 64_021);
    const connection = new Connection(this.host, { remote, remotePort, port, service }, initial);
    this._connections.set(key(remote, remotePort, port), connection);
    return connection;
  }

  /** Nobody is there for this segment (RFC 9293, 3.10.7.1). */
  private refuse(to: Ipv4, segment: Segment): void {
    const isAck = (segment.flags & Flag.ack) !== 0;
    const length = segment.data.length + (segment.flags & Flag.syn ? 1 : 0) + (segment.flags & Flag.fin ? 1 : 0);
    const answer: SegmentHeader = {
      sourcePort: segment.port,
      port: segment.sourcePort,
      sequence: isAck ? segment.acknowledgement : 0,
      acknowledgement: isAck ? 0 : advanced(segment.sequence, length),
      flags: Flag.rst | (isAck ? 0 : Flag.ack),
      window: 0,
      mss: null,
      scale: null,
      takesSack: false,
      times: null,
    };
    this.host.send(to, answer, 0, () => {});
  }
}

const key = (remote: Ipv4, remotePort: number, port: number): string => `${remote}/${remotePort}/${port}`;
