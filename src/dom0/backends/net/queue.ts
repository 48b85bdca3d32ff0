/** One queue of a virtual interface: its two rings, and the thread of Dom0's kernel that serves both. */
import type { Hasher } from '../../../base/hasher.ts';
import type { Frame } from '../../../soc/net/frame.ts';
import { type Nanoseconds, nanoseconds } from '../../../xen/time/time.ts';
import { dom0Costs } from '../../os/costs.ts';
import { compute, Signal, sleep, type Task, until } from '../../os/task.ts';
import type { BackRing } from '../ring.ts';
import { Credit, type Rate } from './credit.ts';
import type { FrameHash } from './hash.ts';
import { type ReceiveHost, Receiver } from './receive.ts';
import { type TransmitHost, Transmitter } from './transmit.ts';

/** Packets of each direction that are served before another thread gets the CPU: Linux's NAPI_POLL_WEIGHT. */
const budget = 64;

/** What a queue needs of its interface. */
export interface QueueHost extends TransmitHost, ReceiveHost {
  /** Starts another thread. */
  spawn(name: string, task: Task<number>): void;
  notifyTransmit(): void;
  notifyReceive(): void;
  /** The front end has broken the protocol. */
  malicious(message: string): void;
}

export class VifQueue {
  readonly name: string;
  readonly #host: QueueHost;
  readonly #transmitRing: BackRing;
  readonly #credit: Credit;
  readonly #transmitter: Transmitter;
  readonly #receiver: Receiver;
  readonly #work: Signal;
  /** A thread waits for credit until then. */
  #creditAt: Nanoseconds | null = null;
  #isStopped = false;

  constructor(
    name: string,
    rings: { readonly transmit: BackRing; readonly receive: BackRing },
    rate: Rate | null,
    host: QueueHost,
  ) {
    this.name = name;
    this.#host = host;
    this.#transmitRing = rings.transmit;
    this.#credit = new Credit(rate, () => host.now());
    this.#transmitter = new Transmitter(rings.transmit, this.#credit, host);
    this.#receiver = new Receiver(rings.receive, host);
    this.#work = new Signal(name);
  }

  /** The front end has notified a channel of the queue. */
  rang(): void {
    this.#work.raise();
  }

  /** A frame for the domain. */
  put(frame: Frame, hash: FrameHash | null): void {
    this.#receiver.put(frame, hash);
    this.#work.raise();
  }

  /** The interface is cut off: the thread ends. */
  stop(): void {
    this.#isStopped = true;
    this.#work.raise();
  }

  set rate(rate: Rate | null) {
    this.#credit.rate = rate;
    this.#work.raise();
  }

  set headroom(bytes: number) {
    this.#receiver.headroom = bytes;
  }

  /** Frames that the domain had no room for in time. */
  get dropped(): number {
    return this.#receiver.dropped;
  }

  /** The thread. */
  *run(): Task<number> {
    const { notifyTransmit, notifyReceive, malicious } = this.#host;
    for (;;) {
      yield* until(this.#work, () => this.#isStopped || this.#hasWork());
      if (this.#isStopped) return 0;
      const before = this.#done();
      if (this.#transmitter.hasWork && this.#transmitter.take(budget)) notifyTransmit();
      if (this.#receiver.hasWork && this.#receiver.give(budget)) notifyReceive();
      const { malice } = this.#transmitter;
      if (malice !== null) {
        malicious(malice);
        return 0;
      }
      this.#awaitCredit();
      const done = this.#done();
      const packets = done.packets - before.packets;
      yield* compute(
        nanoseconds(packets * dom0Costs.networkPacket + (done.slots - before.slots) * dom0Costs.networkSlot),
      );
    }
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.name, this.#creditAt ?? -1, this.#isStopped);
    this.#credit.fingerprint(hasher);
    this.#transmitter.fingerprint(hasher);
    this.#receiver.fingerprint(hasher);
  }

  #hasWork(): boolean {
    if (this.#receiver.hasWork) return true;
    if (this.#credit.isExhausted) return false;
    return this.#transmitter.hasWork || this.#transmitRing.finalCheck();
  }

  #done(): { readonly packets: number; readonly slots: number } {
    const { packets, slots } = this.#transmitter;
    return { packets: packets + this.#receiver.packets, slots: slots + this.#receiver.slots };
  }

  /** If a packet waits for credit, goes on when that comes. */
  #awaitCredit(): void {
    const { due } = this.#credit;
    if (due === null || due === this.#creditAt) return;
    this.#creditAt = due;
    const work = this.#work;
    const wait = nanoseconds(Math.max(0, due - this.#host.now()));
    this.#host.spawn(
      `${this.name}-credit`,
      (function* () {
        yield* sleep(wait);
        work.raise();
        return 0;
      })(),
    );
  }
}
