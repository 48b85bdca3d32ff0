/** Two hosts with TCP, and a wire between them that may lose, delay and repeat segments. */
import { cycles } from '../../../../base/units.ts';
import { clockHz, testClock } from '../../../bus/device-testing.ts';
import { ByteList } from '../http/body.ts';
import type { Closed, Connection, Service, TcpHost } from './connection.ts';
import { headerLengthOf, readSegment, type Segment, timesLength, writeHeader } from './segment.ts';
import { Tcp } from './tcp.ts';

/** What the wire does with a segment: the times in microseconds after which it arrives; none if it is lost. */
export type Wire = (segment: Segment, from: 'a' | 'b') => readonly number[];

const addresses = { a: 0x0a00_0001, b: 0x0a00_0002 } as const;

export function tcpPair(wire: Wire = () => [20], mss = 1460) {
  const { clock, pass } = testClock();
  const seen: { from: 'a' | 'b'; segment: Segment }[] = [];
  const make = (own: 'a' | 'b', other: () => Tcp): Tcp => {
    const host: TcpHost = {
      hz: clockHz,
      mss,
      longest: mss - timesLength,
      address: addresses[own],
      now: () => clock.now,
      alarm: (time) => void clock.at(cycles(time), () => tcp.tick(clock.now)),
      send: (to, header, length, fill) => {
        const start = headerLengthOf(header);
        const bytes = new Uint8Array(start + length);
        writeHeader(bytes, 0, header, { source: addresses[own], destination: to }, bytes.length);
        fill(bytes, start);
        const segment = readSegment(bytes, addresses[own], to, true);
        if (!segment) throw new RangeError('a segment that cannot be read');
        seen.push({ from: own, segment });
        for (const delay of wire(segment, own))
          clock.at(cycles(clock.now + Math.round(delay * 1200)), () => other().receive(addresses[own], segment));
      },
    };
    const tcp = new Tcp(host);
    return tcp;
  };
  const a: Tcp = make('a', () => b);
  const b: Tcp = make('b', () => a);
  return { a, b, addresses, clock, seen, pass: (seconds: number) => pass(Math.round(seconds * clockHz)) };
}

/** A service that keeps what it gets, and sends what it is given as fast as it can. */
export class Recorder implements Service {
  readonly #got = new ByteList();
  readonly log: string[] = [];
  connection: Connection | null = null;
  #toSend: Uint8Array;
  #closes: boolean;

  constructor(toSend = new Uint8Array(), closes = true) {
    this.#toSend = toSend;
    this.#closes = closes;
  }

  get got(): Uint8Array {
    return this.#got.view;
  }

  opened(connection: Connection): void {
    this.connection = connection;
    this.log.push('opened');
    this.writable(connection);
  }

  received(_: Connection, bytes: Uint8Array): void {
    this.#got.add(bytes);
  }

  ended(_: Connection): void {
    this.log.push('ended');
  }

  writable(connection: Connection): void {
    while (this.#toSend.length > 0 && connection.queued < 30_000) {
      connection.send(this.#toSend.slice(0, 10_000));
      this.#toSend = this.#toSend.subarray(10_000);
    }
    if (this.#closes && this.#toSend.length === 0) connection.close();
  }

  closed(_: Connection, why: Closed): void {
    this.log.push(why);
  }
}
