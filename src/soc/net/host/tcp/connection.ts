/** A TCP connection and its states (RFC 9293, 3.3.2 and 3.10). */
import type { Hashable } from '../../../../base/hasher.ts';
import { flag, nullable, number, oneOf, record, type Shape, whole } from '../../../../base/shape.ts';
import type { Ipv4 } from '../address.ts';
import { Receiver, type ReceiverState, receiverState } from './receiver.ts';
import { Flag, type Segment, type SegmentHeader, timesLength } from './segment.ts';
import { type Piece, Sender, type SenderState, senderState } from './sender.ts';
import { advanced, ahead } from './sequence.ts';

/** Why a connection is gone. */
export type Closed = 'done' | 'reset' | 'timeout' | 'refused' | 'unreachable';

/** Who uses a connection. */
export interface Service {
  /** Both sides can send. */
  opened?(connection: Connection): void;
  /** Bytes have arrived, in order. They may be part of a frame: what is kept must be copied. */
  received(connection: Connection, bytes: Uint8Array): void;
  /** The peer sends no more. */
  ended(connection: Connection): void;
  /** The peer has acknowledged data: there may be room for more. */
  writable?(connection: Connection): void;
  /** A connection on which no data moves for so long is broken off. Default: never. */
  readonly idleSeconds?: number;
  /** It is gone; nothing can be sent. */
  closed(connection: Connection, why: Closed): void;
}

const states = [
  'synSent',
  'synReceived',
  'established',
  'finWait1',
  'finWait2',
  'closeWait',
  'closing',
  'lastAck',
  'timeWait',
  'closed',
] as const;
export type State = (typeof states)[number];

/** A connection as plain data, without its service. */
export interface ConnectionState {
  readonly remote: Ipv4;
  readonly remotePort: number;
  readonly port: number;
  readonly state: State;
  readonly initial: number;
  readonly sender: SenderState;
  readonly receiver: ReceiverState | null;
  readonly peerScale: number | null;
  readonly peerTakesSack: boolean;
  readonly recent: number | null;
  readonly acknowledged: number;
  readonly mss: number;
  readonly windowFrom: { readonly sequence: number; readonly acknowledgement: number };
  readonly unacknowledged: number;
  readonly mustAcknowledge: boolean;
  readonly retryAt: number | null;
  readonly acknowledgeAt: number | null;
  readonly endAt: number | null;
  readonly active: number;
}

export const connectionState: Shape<ConnectionState> = record<ConnectionState>({
  remote: whole(),
  remotePort: whole(),
  port: whole(),
  state: oneOf(...states),
  initial: whole(),
  sender: senderState,
  receiver: nullable(receiverState),
  peerScale: nullable(whole()),
  peerTakesSack: flag,
  recent: nullable(whole()),
  acknowledged: whole(),
  mss: whole(1),
  windowFrom: record({ sequence: whole(), acknowledgement: whole() }),
  unacknowledged: whole(),
  mustAcknowledge: flag,
  retryAt: nullable(number),
  acknowledgeAt: nullable(number),
  endAt: nullable(number),
  active: number,
});

/** What a connection needs of the host. */
export interface TcpHost {
  readonly hz: number;
  readonly mss: number;
  /** Bytes of data that a segment may have before the link cuts it. */
  readonly longest: number;
  readonly address: Ipv4;
  now(): number;
  /** Sends a segment, whose data `fill` copies into the frame. */
  send(to: Ipv4, segment: SegmentHeader, length: number, fill: (frame: Uint8Array, at: number) => void): void;
  /** `tick` is to be called at this time. */
  alarm(time: number): void;
}

/** What it takes of the peer's data at a time, and the scale by which it says so. */
const receiveWindow = 256 * 1024;
const receiveScale = 3;
/** Assumed of a peer that does not say (RFC 9293, 3.7.1); what is less is not believed. */
const defaultMss = 536;
const leastMss = 88;
const maxRetries = 8;
const maxSynRetries = 4;
const delayedAckSeconds = 0.04;
/** Nothing lives for long on a virtual network, so twice its lifetime is short. */
const timeWaitSeconds = 5;
/** For so long the peer may be silent after this side has closed. */
const finWaitSeconds = 120;

export class Connection {
  readonly remote: Ipv4;
  readonly remotePort: number;
  readonly port: number;
  readonly service: Service;
  state: State;
  private readonly host: TcpHost;
  private readonly initial: number;
  private sender: Sender;
  private receiver: Receiver | null = null;
  private peerScale: number | null = null;
  /** Whether the peer's SYN allows selective acknowledgements. None are made here, where nothing is lost on the way. */
  private peerTakesSack = false;
  /** The peer's time stamp to be echoed; null if its SYN had none. And what was acknowledged last. */
  private recent: number | null = null;
  private acknowledged = 0;
  private mss: number;
  /** The segment from which the window was taken last: its numbers. */
  private windowFrom = { sequence: 0, acknowledgement: 0 };
  /** Bytes that have arrived and are not acknowledged. */
  private unacknowledged = 0;
  private mustAcknowledge = false;
  /** Times at which something is to be done; null where there is nothing. */
  private retryAt: number | null = null;
  private acknowledgeAt: number | null = null;
  private endAt: number | null = null;
  /** When data has moved last. */
  private active: number;
  /** Whether a segment of its is being worked on: what is to be sent goes out afterwards. */
  private isBusy = false;

  constructor(host: TcpHost, at: Pick<Connection, 'remote' | 'remotePort' | 'port' | 'service'>, initial: number) {
    this.host = host;
    this.remote = at.remote;
    this.remotePort = at.remotePort;
    this.port = at.port;
    this.service = at.service;
    this.initial = initial;
    this.mss = defaultMss;
    this.sender = new Sender(advanced(initial, 1), this.mss, host);
    this.state = 'synSent';
    this.active = host.now();
  }

  /** Bytes that wait to be sent or acknowledged. */
  get queued(): number {
    return this.sender.queued;
  }

  /** Whether only the peer's last segments are still waited for. */
  get isOver(): boolean {
    return this.state === 'timeWait' || this.state === 'closed';
  }

  get isHalfOpen(): boolean {
    return this.state === 'synReceived';
  }

  /** Opens it from this side. */
  open(): void {
    this.sendSyn();
  }

  /** Opens it by the peer's SYN. */
  accept(syn: Segment): void {
    this.state = 'synReceived';
    this.agree(syn);
    this.sendSyn();
  }

  /** Sends bytes, which must not change any more. */
  send(bytes: Uint8Array): void {
    this.sender.add(bytes);
    this.output();
  }

  /** Sends no more; what the peer sends is still taken. */
  close(): void {
    if (this.state === 'established') this.state = 'finWait1';
    else if (this.state === 'closeWait') this.state = 'lastAck';
    else {
      if (this.state === 'synSent' || this.state === 'synReceived') this.abort();
      return;
    }
    this.sender.end();
    this.output();
  }

  /** Breaks it off. */
  abort(): void {
    if (this.state === 'closed') return;
    if (this.state !== 'synSent' && this.state !== 'timeWait') this.transmit(Flag.rst | Flag.ack, this.sender.next);
    this.end('reset');
  }

  /** Nobody answers at the peer's address, or it cannot be reached. */
  unreachable(): void {
    if (this.state === 'synSent' || this.state === 'synReceived') this.end('unreachable');
  }

  receive(segment: Segment): void {
    if (this.state === 'closed') return;
    this.isBusy = true;
    if (this.state === 'synSent') this.receiveInSynSent(segment);
    else this._receive(segment);
    this.isBusy = false;
    this.output();
  }

  /** Does what is due. */
  tick(now: number): void {
    if (this.state === 'closed') return;
    if (this.idleAt !== null && now >= this.idleAt) {
      this.transmit(Flag.rst | Flag.ack, this.sender.next);
      this.end('timeout');
      return;
    }
    if (this.endAt !== null && now >= this.endAt) {
      // In FIN-WAIT-2 the other side has never closed.
      this.end(this.state === 'finWait2' ? 'timeout' : 'done');
      return;
    }
    if (this.acknowledgeAt !== null && now >= this.acknowledgeAt) this.mustAcknowledge = true;
    if (this.retryAt !== null && now >= this.retryAt) this.retry();
    this.output();
  }

  /** When it must be looked at next; null if only a segment can change anything. */
  get due(): number | null {
    const times = [this.retryAt, this.acknowledgeAt, this.endAt, this.idleAt].filter((time) => time !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** When the service's patience ends. */
  private get idleAt(): number | null {
    const { idleSeconds } = this.service;
    return idleSeconds === undefined || this.isOver ? null : this.active + idleSeconds * this.host.hz;
  }

  saveState(): ConnectionState {
    return {
      remote: this.remote,
      remotePort: this.remotePort,
      port: this.port,
      state: this.state,
      initial: this.initial,
      sender: this.sender.saveState(),
      receiver: this.receiver?.saveState() ?? null,
      peerScale: this.peerScale,
      peerTakesSack: this.peerTakesSack,
      recent: this.recent,
      acknowledged: this.acknowledged,
      mss: this.mss,
      windowFrom: { ...this.windowFrom },
      unacknowledged: this.unacknowledged,
      mustAcknowledge: this.mustAcknowledge,
      retryAt: this.retryAt,
      acknowledgeAt: this.acknowledgeAt,
      endAt: this.endAt,
      active: this.active,
    };
  }

  /** A connection that goes on from a saved state. */
  static of(host: TcpHost, service: Service, saved: ConnectionState): Connection {
    const { remote, remotePort, port, initial, receiver } = saved;
    const connection = new Connection(host, { remote, remotePort, port, service }, initial);
    connection.state = saved.state;
    connection.sender = new Sender(saved.sender.oldest, saved.sender.mss, host);
    connection.sender.loadState(saved.sender);
    connection.receiver = receiver && Receiver.of(receiver);
    connection.peerScale = saved.peerScale;
    connection.peerTakesSack = saved.peerTakesSack;
    connection.recent = saved.recent;
    connection.acknowledged = saved.acknowledged;
    connection.mss = saved.mss;
    connection.windowFrom = { ...saved.windowFrom };
    connection.unacknowledged = saved.unacknowledged;
    connection.mustAcknowledge = saved.mustAcknowledge;
    connection.retryAt = saved.retryAt;
    connection.acknowledgeAt = saved.acknowledgeAt;
    connection.endAt = saved.endAt;
    connection.active = saved.active;
    return connection;
  }

  get fingerprint(): Hashable {
    return [
      [this.remote, this.remotePort, this.port, this.state, this.initial, this.peerScale, this.mss],
      [this.peerTakesSack, this.recent, this.acknowledged],
      [this.windowFrom.sequence, this.windowFrom.acknowledgement, this.unacknowledged, this.mustAcknowledge],
      [this.retryAt, this.acknowledgeAt, this.endAt, this.active],
      this.sender.state,
      this.receiver?.state ?? null,
    ];
  }

  private receiveInSynSent(segment: Segment): void {
    const { flags, acknowledgement } = segment;
    const isAcknowledged = (flags & Flag.ack) !== 0 && acknowledgement === advanced(this.initial, 1);
    if (flags & Flag.ack && !isAcknowledged) return;
    if (flags & Flag.rst) {
      if (isAcknowledged) this.end('refused');
      return;
    }
    if (!(flags & Flag.syn)) return;
    this.agree(segment);
    if (!isAcknowledged) {
      // Both sides open at the same time (RFC 9293, 3.5).
      this.state = 'synReceived';
      this.sendSyn();
      return;
    }
    this.establish(segment);
    this.mustAcknowledge = true;
  }

  private _receive(segment: Segment): void {
    const { flags, sequence, data } = segment;
    const receiver = this.receiver as Receiver;
    const length = data.length + (flags & Flag.syn ? 1 : 0) + (flags & Flag.fin ? 1 : 0);
    this.takeTimes(segment);
    if (!receiver.accepts(sequence, length)) {
      if (this.state === 'synReceived' && flags & Flag.syn) this.sendSyn();
      else if (!(flags & Flag.rst)) this.mustAcknowledge = true;
      return;
    }
    if (flags & Flag.rst) {
      // Only the exact number is believed; another is asked about (RFC 9293, 3.10.7.4, second check).
      if (sequence === receiver.next) this.end(this.state === 'timeWait' ? 'done' : 'reset');
      else this.mustAcknowledge = true;
      return;
    }
    if (flags & Flag.syn) {
      this.mustAcknowledge = true;
      return;
    }
    if (!(flags & Flag.ack)) return;
    if (this.state === 'synReceived') {
      if (segment.acknowledgement !== advanced(this.initial, 1)) {
        this.transmit(Flag.rst, segment.acknowledgement);
        return;
      }
      this.establish(segment);
    }
    if (!this.takeAcknowledgement(segment) || this.isOver) {
      if (this.state === 'timeWait' && flags & Flag.fin) this.mustAcknowledge = true;
      return;
    }
    this.takeData(receiver, segment);
  }

  /** Remembers the time stamp of the segment that the next acknowledgement is for (RFC 7323, 4.3). */
  private takeTimes({ sequence, times }: Segment): void {
    if (times === null || this.recent === null) return;
    if (ahead(times.value, this.recent) >= 0 && ahead(sequence, this.acknowledged) <= 0) this.recent = times.value;
  }

  /** Whether the segment may be used further. */
  private takeAcknowledgement({ sequence, acknowledgement, data, flags, window }: Segment): boolean {
    const sender = this.sender;
    if (ahead(acknowledgement, sender.unsent) > 0) {
      this.mustAcknowledge = true;
      return false;
    }
    const progress = ahead(acknowledgement, sender.oldest);
    if (progress < 0) return true; // old, but its data may be new
    const scaled = window * 2 ** (this.peerScale ?? 0);
    if (progress > 0) {
      this.active = this.host.now();
      if (sender.acknowledge(acknowledgement, this.host.now())) this.transmitPiece(sender.again());
      this.retryAt = null;
    } else if (sender.isWaiting && data.length === 0 && !(flags & Flag.fin) && scaled === sender.window) {
      if (sender.duplicate()) this.transmitPiece(sender.again());
    }
    const from = this.windowFrom;
    const isNewer =
      ahead(sequence, from.sequence) > 0 ||
      (sequence === from.sequence && ahead(acknowledgement, from.acknowledgement) >= 0);
    if (isNewer) {
      this.windowFrom = { sequence, acknowledgement };
      sender.window = scaled;
      if (sender.isBlocked) {
        // The peer is there; it is asked again for as long as it answers.
        sender.retries = 0;
        this.retryAt = null;
      }
    }
    if (sender.isDone) this.finAcknowledged();
    else if (progress > 0) this.service.writable?.(this);
    return this.isAlive();
  }

  private finAcknowledged(): void {
    if (this.state === 'finWait1') {
      this.state = 'finWait2';
      this.endAfter(finWaitSeconds);
    } else if (this.state === 'closing') this.wait();
    else if (this.state === 'lastAck') this.end('done');
  }

  private takeData(receiver: Receiver, { sequence, flags, data }: Segment): void {
    const isFin = (flags & Flag.fin) !== 0;
    if (data.length === 0 && !isFin) return;
    const isInOrder = ahead(sequence, receiver.next) <= 0;
    const before = receiver.next;
    for (const piece of receiver.take(sequence, data, isFin)) {
      this.service.received(this, piece);
      if (!this.isAlive()) return;
    }
    // What has filled a hole, or leaves one, is acknowledged at once (RFC 5681, 4.2).
    const progress = ahead(receiver.next, before);
    this.unacknowledged += progress;
    this.active = this.host.now();
    if (this.state === 'finWait2') this.endAfter(finWaitSeconds);
    if (!isInOrder || progress !== data.length || this.unacknowledged >= 2 * this.mss) this.mustAcknowledge = true;
    else this.acknowledgeAt ??= this.host.now() + Math.round(delayedAckSeconds * this.host.hz);
    if (!receiver.takeEnd()) return;
    this.mustAcknowledge = true;
    if (this.state === 'established') this.state = 'closeWait';
    else if (this.state === 'finWait1') this.state = 'closing';
    else if (this.state === 'finWait2') this.wait();
    this.service.ended(this);
  }

  /** Takes over what the peer's SYN says. */
  private agree({ sequence, mss, scale, takesSack, times }: Segment): void {
    this.recent = times?.value ?? null;
    this.acknowledged = sequence;
    this.peerTakesSack = takesSack;
    this.mss = Math.min(this.host.mss, Math.max(mss ?? defaultMss, leastMss)) - (times ? timesLength : 0);
    this.peerScale = scale;
    this.sender = new Sender(advanced(this.initial, 1), this.mss, this.host);
    const window = scale === null ? 0xffff : receiveWindow;
    this.receiver = new Receiver(advanced(sequence, 1), window);
  }

  private establish({ sequence, acknowledgement, window, flags }: Segment): void {
    this.state = 'established';
    this.retryAt = null;
    this.windowFrom = { sequence, acknowledgement };
    this.sender.window = flags & Flag.syn ? window : window * 2 ** (this.peerScale ?? 0);
    this.service.opened?.(this);
  }

  /** The timeout has passed: a SYN, data or a question about the closed window is sent again. */
  private retry(): void {
    const sender = this.sender;
    const isOpening = this.state === 'synSent' || this.state === 'synReceived';
    if (sender.retries >= (isOpening ? maxSynRetries : maxRetries)) {
      this.transmit(Flag.rst | Flag.ack, sender.next);
      this.end('timeout');
      return;
    }
    const { isBlocked } = sender;
    sender.timedOut();
    this.retryAt = null;
    if (isOpening) this.sendSyn();
    // A number that the peer has seen makes it answer with its window (RFC 9293, 3.8.6.1).
    else if (isBlocked) this.transmit(Flag.ack, advanced(sender.oldest, -1));
  }

  /** Sends what may be sent, and an acknowledgement if one is due, and sets the time of the next retry. */
  private output(): void {
    if (this.isBusy || this.state === 'closed') return;
    const sender = this.sender;
    const now = this.host.now();
    if (this.state !== 'synSent' && this.state !== 'synReceived') {
      for (let piece = sender.take(now); piece; piece = sender.take(now)) this.transmitPiece(piece);
      if (this.mustAcknowledge) this.transmit(Flag.ack, sender.next);
      if (!sender.isWaiting && !sender.isBlocked) this.retryAt = null;
      else this.retryAt ??= now + sender.timeout;
    }
    const { due } = this;
    if (due !== null) this.host.alarm(due);
  }

  private sendSyn(): void {
    const isAnswer = this.state === 'synReceived';
    const scale = isAnswer && this.peerScale === null ? null : receiveScale;
    const takesSack = !isAnswer || this.peerTakesSack;
    this.transmit(Flag.syn | (isAnswer ? Flag.ack : 0), this.initial, { mss: this.host.mss, scale, takesSack });
    this.retryAt = this.host.now() + this.sender.timeout;
    this.host.alarm(this.retryAt);
  }

  private transmitPiece({ sequence, length, isFin, isLast }: Piece): void {
    const flags = Flag.ack | (isFin ? Flag.fin : 0) | (isLast && length > 0 ? Flag.psh : 0);
    this.transmit(flags, sequence, null, length);
  }

  private transmit(
    flags: number,
    sequence: number,
    syn: Pick<Segment, 'mss' | 'scale' | 'takesSack'> | null = null,
    length = 0,
  ): void {
    const receiver = this.receiver;
    const window = receiver?.window ?? 0xffff;
    const isScaled = !syn && this.peerScale !== null;
    const segment: SegmentHeader = {
      sourcePort: this.port,
      port: this.remotePort,
      sequence,
      acknowledgement: flags & Flag.ack ? (receiver?.next ?? 0) : 0,
      flags,
      window: isScaled ? window >> receiveScale : Math.min(window, 0xffff),
      mss: syn?.mss ?? null,
      scale: syn?.scale ?? null,
      takesSack: syn?.takesSack ?? false,
      times:
        this.recent === null && this.state !== 'synSent'
          ? null
          : { value: Math.floor((this.host.now() / this.host.hz) * 1000) >>> 0, echo: this.recent ?? 0 },
    };
    this.host.send(this.remote, segment, length, (frame, at) => this.sender.copy(sequence, length, frame, at));
    if (!(flags & Flag.ack)) return;
    this.acknowledged = segment.acknowledgement;
    this.unacknowledged = 0;
    this.mustAcknowledge = false;
    this.acknowledgeAt = null;
  }

  private wait(): void {
    this.state = 'timeWait';
    this.retryAt = null;
    this.endAfter(timeWaitSeconds);
  }

  private endAfter(seconds: number): void {
    this.endAt = this.host.now() + seconds * this.host.hz;
  }

  private isAlive(): boolean {
    return this.state !== 'closed';
  }

  private end(why: Closed): void {
    this.state = 'closed';
    this.host.alarm(this.host.now()); // it is forgotten then
    this.service.closed(this, why);
  }
}
