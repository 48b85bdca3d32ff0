/** The descriptor rings of a GEM in memory (UG1085 chapter 34, DMA descriptors). */
import { type DmaAddr, dmaAddr } from '../../../base/units.ts';
import type { DmaOutcome, DmaPort } from '../../dma/stream-port.ts';

const pageSize = 4096;

/** Accesses memory across pages. */
export class PagedMemory {
  readonly #port: DmaPort;

  constructor(port: DmaPort) {
    this.#port = port;
  }

  read(address: number, bytes: Uint8Array): DmaOutcome {
    return this.#each(address, bytes, (at, part) => this.#port.read(at, part));
  }

  write(address: number, bytes: Uint8Array): DmaOutcome {
    return this.#each(address, bytes, (at, part) => this.#port.write(at, part));
  }

  #each(address: number, bytes: Uint8Array, access: (at: DmaAddr, part: Uint8Array) => DmaOutcome): DmaOutcome {
    if ((address % pageSize) + bytes.length <= pageSize) return access(dmaAddr(address), bytes);
    for (let done = 0; done < bytes.length; ) {
      const count = Math.min(bytes.length - done, pageSize - ((address + done) % pageSize));
      const outcome = access(dmaAddr(address + done), bytes.subarray(done, done + count));
      if (outcome !== 'done') return outcome;
      done += count;
    }
    return 'done';
  }
}

/** A ring: where it begins and where its next descriptor is, as the low words of addresses. */
export interface RingState {
  base: number;
  current: number;
}
export const ringAtReset = (): RingState => ({ base: 0, current: 0 });

/** What sending and receiving have in common: a ring for each queue, and a status. */
export abstract class Rings<State extends { readonly rings: readonly RingState[]; status: number }> {
  protected readonly state: State;

  /** `state` is part of the controller's. */
  constructor(state: State) {
    this.state = state;
  }

  /** transmit_status or receive_status. */
  get status(): number {
    return this.state.status;
  }

  clearStatus(bits: number): void {
    this.state.status &= ~bits;
  }

  /** Low word of where the next descriptor of a queue is. */
  pointer(queue: number): number {
    return this.ring(queue).current;
  }

  setPointer(queue: number, low: number): void {
    Object.assign(this.ring(queue), { base: low, current: low });
  }

  protected ring(queue: number): RingState {
    return this.state.rings[queue] ?? ringAtReset();
  }
}

export interface Descriptor {
  readonly at: number;
  readonly words: readonly [number, number];
  /** Where its buffer is, without the flags of the first word. */
  readonly buffer: number;
}

/** How descriptors look: with upper halves of addresses, and with time stamps. */
export interface RingFormat {
  readonly isWide: boolean;
  readonly isExtended: boolean;
  /** Upper half of the ring's addresses. */
  readonly upper: number;
}

const sizeOf = ({ isWide, isExtended }: RingFormat): number => 8 + (isWide ? 8 : 0) + (isExtended ? 8 : 0);

/** Words of a descriptor on their way. Nobody keeps them, and each frame has several, so they have one place. */
const words = new DataView(new ArrayBuffer(12));
const [wordBytes, shortBytes, longBytes] = [4, 8, 12].map((length) => new Uint8Array(words.buffer, 0, length)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
];

/** Reads the descriptor at an address of a ring, given as its low word. */
export function readDescriptor(
  memory: PagedMemory,
  low: number,
  format: RingFormat,
): Descriptor | Exclude<DmaOutcome, 'done'> {
  const at = format.upper * 2 ** 32 + low;
  const outcome = memory.read(at, format.isWide ? longBytes : shortBytes);
  if (outcome !== 'done') return outcome;
  const first = words.getUint32(0, true);
  const high = format.isWide ? words.getUint32(8, true) & 0x1_ffff : 0;
  return { at, words: [first, words.getUint32(4, true)], buffer: high * 2 ** 32 + first };
}

/** Writes one word of a descriptor. */
export function writeWord(memory: PagedMemory, at: number, value: number): DmaOutcome {
  words.setUint32(0, value, true);
  return memory.write(at, wordBytes);
}

/** The low word of where the descriptor after this one is. */
export const nextLow = (ring: RingState, low: number, isLast: boolean, format: RingFormat): number =>
  isLast ? ring.base : (low + sizeOf(format)) % 2 ** 32;
