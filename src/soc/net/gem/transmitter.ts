/**
 * How a GEM sends: frames from the descriptors of two queues, the second before the first, one after the other at the
 * speed of the wire (UG1085 chapter 34, transmit DMA).
 */
import { type Cycles, cycles } from '../../../base/units.ts';
import { type DeviceClock, DeviceEvent } from '../../bus/device.ts';
import type { InterruptStatus } from '../../bus/interrupt-status.ts';
import { checksum } from '../checksum.ts';
import { EtherType, headerLength, putWord16 } from '../frame.ts';
import { checksumOffset, layoutOf, payloadOf, transportChecksum } from '../layout.ts';
import { Control, coalescingSeconds, Dma, Gem, type GemRegisters, Interrupt, TransmitStatus } from './registers.ts';
import {
  type Descriptor,
  nextLow,
  type PagedMemory,
  type RingFormat,
  Rings,
  readDescriptor,
  ringAtReset,
  writeWord,
} from './rings.ts';
import { Failure, type Statistics } from './statistics.ts';

/** A descriptor's second word. */
const Word = {
  used: 1 << 31,
  wrap: 1 << 30,
  corrupted: 1 << 27,
  underrun: 1 << 28,
  hasFcs: 1 << 16,
  last: 1 << 15,
} as const;

/** Reading descriptors and data begins after so many seconds. */
const fetchTime = 1e-6;
/** The shortest frame without its check sequence. */
const shortest = 60;
/** The packet buffer holds no longer frame. */
const longest = 0x4000 - 4;
const maxPieces = 256;
/** Check sequence, preamble and gap, in bytes. */
const overhead = 24;

export const transmitterAtReset = () => ({
  rings: [ringAtReset(), ringAtReset()],
  /** Queues that may have frames. */
  going: [false, false],
  /** The queue whose frame is on the wire, and when it has been sent. */
  queue: 0,
  due: null as Cycles | null,
  isStalled: false,
  status: 0,
  /** Queues whose interrupt for frames that have been sent is still to come, and when the last one came. */
  untold: [false, false],
  toldAt: cycles(0),
});

export interface TransmitterWiring {
  readonly registers: GemRegisters;
  readonly memory: PagedMemory;
  readonly clock: DeviceClock;
  readonly interrupts: readonly InterruptStatus[];
  readonly statistics: Statistics;
  /** A frame leaves, without its check sequence. */
  send(bytes: Uint8Array): void;
}

interface Piece extends Descriptor {
  readonly length: number;
}

export class Transmitter extends Rings<ReturnType<typeof transmitterAtReset>> {
  readonly #wiring: TransmitterWiring;
  readonly #event: DeviceEvent;

  /** `state` is part of the controller's. */
  constructor(state: ReturnType<typeof transmitterAtReset>, wiring: TransmitterWiring) {
    super(state);
    this.#wiring = wiring;
    this.#event = new DeviceEvent(wiring.clock, () => {
      state.due = null;
      this.#step();
      this.#tell();
    });
  }

  override get status(): number {
    return super.status | (this.state.going.includes(true) ? TransmitStatus.going : 0);
  }

  stateLoaded(): void {
    this.#event.set(this.state.due);
  }

  /** tx_start_pclk. */
  start(): void {
    if ((this.#wiring.registers.control & Control.transmit) === 0) return;
    this.state.going.fill(true);
    if (this.state.due === null && !this.state.isStalled) this.#fetch(fetchTime);
  }

  /** tx_halt_pclk: no further frame. */
  halt(): void {
    this.state.going.fill(false);
    this.#after(null);
    this.#tell();
  }

  /** Transmission is disabled: the pointers go back to the beginning of their lists. */
  disable(): void {
    this.halt();
    this.state.isStalled = false;
    for (const ring of this.state.rings) ring.current = ring.base;
  }

  /** The SMMU lets a stalled access be retried, or makes it fail. */
  resume(terminate: boolean): void {
    if (!this.state.isStalled) return;
    this.state.isStalled = false;
    if (terminate) this.#failed(this.state.queue, null);
    else this.#fetch(fetchTime);
  }

  get #format(): RingFormat {
    const { registers } = this.#wiring;
    const isWide = (registers.dma & Dma.wide) !== 0;
    const isExtended = (registers.dma & Dma.extendedTransmit) !== 0;
    return { isWide, isExtended, upper: isWide ? registers.get(Gem.upper_tx_q_base_addr) & 0x1_ffff : 0 };
  }

  /** Chooses the next frame, and puts it on the wire after a while. */
  #fetch(delay: number): void {
    const { going } = this.state;
    for (let queue = going.length - 1; queue >= 0; queue--) {
      if (!going[queue]) continue;
      const pieces = this.#pieces(queue);
      if (pieces === null) continue;
      const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
      this.state.queue = queue;
      this.#after(delay + ((Math.max(length, shortest) + overhead) * 8) / this.#wiring.registers.bitsPerSecond);
      return;
    }
  }

  /** The frame has left the wire. */
  #step(): void {
    const { queue } = this.state;
    const { registers, memory, statistics, send } = this.#wiring;
    const pieces = this.#pieces(queue);
    const first = pieces?.[0];
    const last = pieces?.at(-1);
    if (!pieces || !first || !last) {
      this.#fetch(0);
      return;
    }
    const bytes = new Uint8Array(
      Math.max(
        shortest,
        pieces.reduce((sum, piece) => sum + piece.length, 0),
      ),
    );
    let at = 0;
    for (const { buffer, length } of pieces) {
      const outcome = memory.read(buffer, bytes.subarray(at, at + length));
      if (outcome === 'stalled') {
        this.state.isStalled = true;
        return;
      }
      if (outcome === 'error') {
        this.#failed(queue, first);
        return;
      }
      at += length;
    }
    const hasFcs = (first.words[1] & Word.hasFcs) !== 0;
    if (!hasFcs && registers.dma & Dma.transmitChecksum) fillChecksums(bytes);
    const frame = hasFcs ? bytes.subarray(0, bytes.length - 4) : bytes;
    // The wire has nothing shorter; software that brings its own check sequence fills frames up itself.
    if (frame.length >= headerLength) send(frame);
    statistics.frameSent(frame);
    if (writeWord(memory, first.at + 4, first.words[1] | Word.used) !== 'done') {
      this.#failed(queue, null);
      return;
    }
    const ring = this.ring(queue);
    ring.current = nextLow(ring, last.at % 2 ** 32, (last.words[1] & Word.wrap) !== 0, this.#format);
    this.state.status |= TransmitStatus.complete;
    this.state.untold[queue] = true;
    this.#fetch(0);
  }

  /** Raises the interrupt for the frames that have been sent, unless another is on the wire and the last one was just now. */
  #tell(): void {
    const state = this.state;
    const { clock, interrupts } = this.#wiring;
    if (state.due !== null && clock.now - state.toldAt < coalescingSeconds * clock.hz) return;
    for (const [queue, isUntold] of state.untold.entries()) {
      if (!isUntold) continue;
      state.untold[queue] = false;
      state.toldAt = clock.now;
      interrupts[queue]?.raise(Interrupt.transmitted);
    }
  }

  /** The descriptors of a queue's next frame; null if there is none, and the queue stops. */
  #pieces(queue: number): readonly Piece[] | null {
    const ring = this.ring(queue);
    const format = this.#format;
    const pieces: Piece[] = [];
    let low = ring.current;
    let length = 0;
    while (pieces.length < maxPieces && length <= longest) {
      const descriptor = readDescriptor(this.#wiring.memory, low, format);
      if (descriptor === 'stalled') {
        this.state.queue = queue;
        this.state.isStalled = true;
        return null;
      }
      if (descriptor === 'error') {
        this.#failed(queue, null);
        return null;
      }
      const status = descriptor.words[1];
      if (status & Word.used) {
        if (pieces.length > 0) this.#failed(queue, pieces[0] ?? null, true);
        else this.#empty(queue);
        return null;
      }
      pieces.push({ ...descriptor, length: status & 0x3fff });
      length += status & 0x3fff;
      if (status & Word.last) return pieces;
      low = nextLow(ring, low, (status & Word.wrap) !== 0, format);
    }
    this.#underrun(queue);
    return null;
  }

  /** The next descriptor is still software's. */
  #empty(queue: number): void {
    this.state.going[queue] = false;
    if (queue !== 0) return;
    this.state.status |= TransmitStatus.used;
    this.#wiring.interrupts[queue]?.raise(Interrupt.transmitUsed);
  }

  /** A frame that does not fit into the packet buffer. */
  #underrun(queue: number): void {
    this.state.going.fill(false);
    this.state.status |= TransmitStatus.underrun;
    this.#wiring.statistics.failed(Failure.underrun);
    this.#wiring.interrupts[queue]?.raise(Interrupt.underrun);
  }

  /** Memory did not answer, or the descriptors ended within a frame: transmission stops. */
  #failed(queue: number, first: Descriptor | null, isExhausted = false): void {
    const { memory, interrupts } = this.#wiring;
    this.state.going.fill(false);
    this.state.status |= TransmitStatus.corrupted | (isExhausted ? 0 : TransmitStatus.response);
    if (first) writeWord(memory, first.at + 4, first.words[1] | Word.used | Word.corrupted);
    interrupts[queue]?.raise(Interrupt.corrupted | (isExhausted ? 0 : Interrupt.response));
  }

  #after(seconds: number | null): void {
    const { clock } = this.#wiring;
    this.state.due = seconds === null ? null : cycles(clock.now + Math.max(1, Math.ceil(seconds * clock.hz)));
    this.#event.set(this.state.due);
  }
}

/** What checksum generation fills in: of IPv4's header, and of TCP or UDP that is no fragment. */
function fillChecksums(bytes: Uint8Array): void {
  const { type, at } = payloadOf(bytes);
  const headerEnd = at + ((bytes[at] ?? 0) & 0xf) * 4;
  if (type === EtherType.ipv4 && headerEnd >= at + 20 && headerEnd <= bytes.length) {
    putWord16(bytes, at + 10, 0);
    putWord16(bytes, at + 10, checksum(bytes, at, headerEnd));
  }
  const layout = layoutOf(bytes);
  if (layout) putWord16(bytes, layout.transport + checksumOffset(layout.protocol), transportChecksum(bytes, layout));
}
