/** One queue of a virtual interface: its two rings, and the thread of Dom0's kernel that serves both. */
import type { Hasher } from '../../../base/hasher.ts';
import type { Frame } from '../../../soc/net/frame.ts';
import { nanoseconds } from '../../../xen/time/time.ts';
import { dom0Costs } from '../../os/costs.ts';
import { compute, quietly, Signal, type Task, untilTime } from '../../os/task.ts';
import type { BackRing } from '../ring.ts';
import { Credit, type Rate } from './credit.ts';
import type { FrameHash } from './hash.ts';
import { type ReceiveHost, Receiver } from './receive.ts';
import { type TransmitHost, Transmitter } from './transmit.ts';

/** Packets of each direction that are served before another thread gets the CPU: Linux's NAPI_POLL_WEIGHT. */
const budget = 64;

/** What a queue needs of its interface. */
export interface QueueHost extends TransmitHost, ReceiveHost {
  notifyTransmit(): void;
  notifyReceive(): void;
  /** The front end has broken the protocol. */
  malicious(message: string): void;
}

export class VifQueue {
  readonly name: string;
  private readonly host: QueueHost;
  private readonly transmitRing: BackRing;
  private readonly credit: Credit;
  private readonly transmitter: Transmitter;
  private readonly receiver: Receiver;
  private readonly work: Signal;
  private isStopped = false;

  constructor(
    name: string,
    rings: { readonly transmit: BackRing; readonly receive: BackRing },
    rate: Rate | null,
    host: QueueHost,
  ) {
    this.name = name;
    this.host = host;
    this.transmitRing = rings.transmit;
    this.credit = new Credit(rate, () => host.now());
    this.transmitter = new Transmitter(rings.transmit, this.credit, host);
    this.receiver = new Receiver(rings.receive, host);
    this.work = new Signal(name);
  }

  /** The front end has notified a channel of the queue. */
  rang(): void {
    this.work.raise();
  }

  /** A frame for the domain. */
  put(frame: Frame, hash: FrameHash | null): void {
    this.receiver.put(frame, hash);
    this.work.raise();
  }

  /** The interface is cut off: the thread ends. */
  stop(): void {
    this.isStopped = true;
    this.work.raise();
  }

  set headroom(bytes: number) {
    this.receiver.headroom = bytes;
  }

  /** The thread. */
  *run(): Task<number> {
    const { notifyTransmit, notifyReceive, malicious } = this.host;
    for (;;) {
      yield* this.await();
      if (this.isStopped) return 0;
      const before = this.done();
      if (this.transmitter.hasWork && this.transmitter.take(budget)) notifyTransmit();
      if (this.receiver.hasWork && this.receiver.give(budget)) notifyReceive();
      const { malice } = this.transmitter;
      if (malice !== null) {
        malicious(malice);
        return 0;
      }
      const done = this.done();
      const packets = done.packets - before.packets;
      yield* compute(
        nanoseconds(packets * dom0Costs.networkPacket + (done.slots - before.slots) * dom0Costs.networkSlot),
      );
    }
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.name, this.isStopped);
    this.credit.fingerprint(hasher);
    this.transmitter.fingerprint(hasher);
    this.receiver.fingerprint(hasher);
  }

  /** Waits for work; if a packet waits for credit, at most until that comes. */
  private *await(): Task {
    const again = (): Task<number> => this.run();
    const isReady = (): boolean => this.isStopped || this.hasWork();
    while (!isReady()) {
      const { due } = this.credit;
      if (due === null) yield* quietly(this.work, isReady, again);
      else yield* untilTime(this.work, isReady, due, () => this.host.now());
    }
  }

  private hasWork(): boolean {
    if (this.receiver.hasWork) return true;
    if (this.credit.isExhausted) return false;
    return this.transmitter.hasWork || this.transmitRing.finalCheck();
  }

  private done(): { readonly packets: number; readonly slots: number } {
    const { packets, slots } = this.transmitter;
    return { packets: packets + this.receiver.packets, slots: slots + this.receiver.slots };
  }
}
