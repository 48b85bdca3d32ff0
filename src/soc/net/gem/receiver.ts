/**
 * How a GEM receives: frames that its filter lets through go into the buffers of the queue that the screeners choose.
 * Where there is no buffer, or the SMMU stalls, they wait in the packet buffer (UG1085 chapter 34, receive DMA).
 */
import { crc32 } from '../../../base/crc32.ts';
import type { InterruptStatus } from '../../bus/interrupt-status.ts';
import type { DmaOutcome } from '../../dma/stream-port.ts';
import { checksum } from '../checksum.ts';
import { EtherType } from '../frame.ts';
import { checksumOffset, layoutOf, Protocol, payloadOf, transportChecksum } from '../layout.ts';
import { matchOf, queueOf } from './filter.ts';
import { Config, Control, Dma, Gem, type GemRegisters, Interrupt, ReceiveStatus } from './registers.ts';
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

/** A descriptor's words. */
const Owner = { software: 1 << 0, wrap: 1 << 1 } as const;
const Word = { end: 1 << 15, start: 1 << 14, lengthMask: 0x1fff } as const;
const shortest = 60;
/** Bytes of the packet buffer. */
const bufferSize = 0x8000;

export const receiverAtReset = () => ({
  rings: [ringAtReset(), ringAtReset()],
  status: 0,
  /** Specific addresses that count: both words of them have been written. */
  active: [false, false, false, false],
  /** Frames in the packet buffer. */
  waiting: [] as number[][],
});

export interface ReceiverWiring {
  readonly registers: GemRegisters;
  readonly memory: PagedMemory;
  readonly interrupts: readonly InterruptStatus[];
  readonly statistics: Statistics;
}

export class Receiver extends Rings<ReturnType<typeof receiverAtReset>> {
  readonly #wiring: ReceiverWiring;

  /** `state` is part of the controller's. */
  constructor(state: ReturnType<typeof receiverAtReset>, wiring: ReceiverWiring) {
    super(state);
    this.#wiring = wiring;
  }

  /** Half of a specific address is written: the lower one makes it inactive, the upper one active. */
  setActive(index: number, isActive: boolean): void {
    this.state.active[index] = isActive;
  }

  /** Reception is disabled: the packet buffer is cleared. */
  disable(): void {
    this.state.waiting.length = 0;
  }

  /** A frame arrives, without its check sequence. */
  receive(frame: Uint8Array): void {
    const { registers, statistics } = this.#wiring;
    if ((registers.control & Control.receive) === 0) return;
    const bytes = frame.length < shortest ? padded(frame) : frame;
    const match = matchOf(bytes, registers, this.state.active);
    if (match === null) return;
    if (bytes.length + 4 > registers.longest + (this.#hasTag(bytes) ? 4 : 0)) {
      statistics.failed(Failure.tooLong);
      return;
    }
    const checked = this.#checked(bytes);
    if (checked === null) return;
    const { waiting } = this.state;
    if (waiting.length > 0) this.retry();
    const outcome = waiting.length > 0 ? 'unavailable' : this.#store(bytes, match | checked);
    if (outcome === 'done') return;
    if (outcome === 'error') this.#failed();
    else if (outcome === 'unavailable' && registers.dma & Dma.discardOnError) statistics.failed(Failure.noBuffer);
    else if (waiting.reduce((sum, { length }) => sum + length, bytes.length) <= bufferSize) waiting.push([...bytes]);
    else {
      this.state.status |= ReceiveStatus.overrun;
      statistics.failed(Failure.overrun);
      this.#wiring.interrupts[0]?.raise(Interrupt.overrun);
    }
  }

  /** There may be room for what waits in the packet buffer. */
  retry(): void {
    const { waiting } = this.state;
    for (let first = waiting[0]; first; first = waiting[0]) {
      const bytes = Uint8Array.from(first);
      const match = matchOf(bytes, this.#wiring.registers, this.state.active) ?? 0;
      const outcome = this.#store(bytes, match | (this.#checked(bytes) ?? 0));
      if (outcome === 'unavailable' || outcome === 'stalled') return;
      if (outcome === 'error') this.#failed();
      waiting.shift();
    }
  }

  /** The SMMU lets a stalled access be retried, or makes it fail. */
  resume(terminate: boolean): void {
    if (terminate && this.state.waiting.shift()) this.#failed();
    this.retry();
  }

  #hasTag(bytes: Uint8Array): boolean {
    return (this.#wiring.registers.config & Config.jumbo) === 0 && bytes[12] === 0x81 && bytes[13] === 0;
  }

  /**
   * With checksum offload, the bits of the descriptor that tell what was checked; null for a frame with a wrong checksum,
   * which is dropped and counted.
   */
  #checked(bytes: Uint8Array): number | null {
    if ((this.#wiring.registers.config & Config.receiveChecksum) === 0) return 0;
    const { failure, checked } = checksumsOf(bytes);
    if (failure === null) return checked << 22;
    this.#wiring.statistics.failed(failure);
    return null;
  }

  /** Writes a frame to the buffers of its queue. `match` tells in its descriptor why it was received. */
  #store(bytes: Uint8Array, match: number): DmaOutcome | 'unavailable' {
    const { registers, memory, statistics, interrupts } = this.#wiring;
    const queue = Math.min(queueOf(bytes, registers), this.state.rings.length - 1);
    const ring = this.ring(queue);
    const data = registers.config & Config.removeFcs ? bytes : withFcs(bytes);
    const offset = (registers.config >>> 14) & 3;
    const size = 64 * Math.max(1, queue === 0 ? (registers.dma >>> 16) & 0xff : registers.get(Gem.dma_rxbuf_size_q1));
    const isWide = (registers.dma & Dma.wide) !== 0;
    const isExtended = (registers.dma & Dma.extendedReceive) !== 0;
    const format: RingFormat = {
      isWide,
      isExtended,
      upper: isWide ? registers.get(Gem.upper_rx_q_base_addr) & 0x1_ffff : 0,
    };
    const buffers: Descriptor[] = [];
    let low = ring.current;
    for (let room = -offset; room < data.length; room += size) {
      const descriptor = readDescriptor(memory, low, format);
      if (typeof descriptor === 'string') return descriptor;
      if (descriptor.words[0] & Owner.software) return this.#unavailable(queue);
      buffers.push(descriptor);
      low = nextLow(ring, low, (descriptor.words[0] & Owner.wrap) !== 0, format);
    }
    let done = 0;
    for (const [i, { buffer }] of buffers.entries()) {
      const skip = i === 0 ? offset : 0;
      const part = data.subarray(done, done + size - skip);
      const outcome = memory.write(addressOf(buffer, isWide && isExtended) + skip, part);
      if (outcome !== 'done') return outcome;
      done += part.length;
    }
    for (const [i, { at, words }] of buffers.entries()) {
      const isLast = i === buffers.length - 1;
      const limit = registers.config & Config.jumbo ? 0x3fff : Word.lengthMask;
      const end = isLast ? Word.end | (data.length & limit) | match : 0;
      const outcomes = [
        writeWord(memory, at + 4, end | (i === 0 ? Word.start : 0)),
        writeWord(memory, at, words[0] | Owner.software),
      ];
      if (outcomes.includes('error')) return 'error';
    }
    ring.current = low;
    this.state.status |= ReceiveStatus.received;
    statistics.frameReceived(bytes);
    interrupts[queue]?.raise(Interrupt.received);
    return 'done';
  }

  #unavailable(queue: number): 'unavailable' {
    this.state.status |= ReceiveStatus.unavailable;
    this.#wiring.interrupts[queue]?.raise(Interrupt.receiveUsed);
    return 'unavailable';
  }

  #failed(): void {
    this.state.status |= ReceiveStatus.response;
    this.#wiring.interrupts[0]?.raise(Interrupt.response);
  }
}

/** Without the flags of the first word; its third bit tells of a time stamp in long descriptors. */
const addressOf = (buffer: number, hasStampBit: boolean): number => buffer - (buffer % (hasStampBit ? 8 : 4));

function padded(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(shortest);
  bytes.set(frame);
  return bytes;
}

function withFcs(frame: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(frame.length + 4);
  bytes.set(frame);
  new DataView(bytes.buffer).setUint32(frame.length, crc32(frame), true);
  return bytes;
}

/** What can be checked: nothing, IP's header, and with it TCP or UDP; and the counter of what is wrong. */
function checksumsOf(bytes: Uint8Array): { readonly checked: 0 | 1 | 2 | 3; readonly failure: number | null } {
  const { type, at } = payloadOf(bytes);
  if (type !== EtherType.ipv4 && type !== EtherType.ipv6) return { checked: 0, failure: null };
  const headerEnd = at + ((bytes[at] ?? 0) & 0xf) * 4;
  if (type === EtherType.ipv4 && (headerEnd > bytes.length || checksum(bytes, at, headerEnd) !== 0))
    return { checked: 0, failure: Failure.ip };
  const layout = layoutOf(bytes);
  if (!layout) return { checked: 1, failure: null };
  const isTcp = layout.protocol === Protocol.tcp;
  const field = layout.transport + checksumOffset(layout.protocol);
  const found = ((bytes[field] as number) << 8) | (bytes[field + 1] as number);
  // UDP over IPv4 may have none.
  if (!isTcp && found === 0 && !layout.isIpv6) return { checked: 1, failure: null };
  if (found !== transportChecksum(bytes, layout)) return { checked: 0, failure: isTcp ? Failure.tcp : Failure.udp };
  return { checked: isTcp ? 2 : 3, failure: null };
}
