/**
 * How an SD host controller's blocks reach memory: SDMA, ADMA2 with 32-bit addresses and ADMA2 with 64-bit addresses
 * (SD Host Controller Standard Specification 3.00, 1.13). Descriptors with 64-bit addresses have 96 bits.
 */
import { dmaAddr } from '../../../base/units.ts';
import type { DmaOutcome, DmaPort } from '../../dma/stream-port.ts';
import { Register, type SdhciWords } from './registers.ts';

/** Host Control 1, DMA Select. */
const Mode = { simple: 0, adma32: 2, adma64: 3 } as const;

/** A descriptor's attributes. */
const Attribute = {
  valid: 1 << 0,
  end: 1 << 1,
  interrupt: 1 << 2,
  actionMask: 3 << 4,
  transfer: 2 << 4,
  link: 3 << 4,
} as const;

/** ADMA Error Status. */
const AdmaError = { fetching: 1, transferring: 3, lengthMismatch: 1 << 2 } as const;

const pageSize = 4096;

export const dmaAtReset = () => ({
  /** Where the next byte goes or comes from, and bytes left at this address. */
  address: dmaAddr(0),
  left: 0,
  isLast: false,
  interrupts: false,
  /** An SDMA transfer has begun: its next boundary interrupts. */
  started: false,
  error: 0,
});
type DmaState = ReturnType<typeof dmaAtReset>;

/**
 * Why nothing was moved. `again`: only a descriptor was read, and it goes on later; `boundary`: SDMA waits for a new
 * address; `stalled`: the SMMU holds an access; `failed`: an ADMA error, which `error` describes.
 */
type Halt = 'again' | 'boundary' | 'stalled' | 'failed';

export class SdhciDma {
  readonly #state: DmaState;
  readonly #port: DmaPort;
  readonly #words: SdhciWords;
  /** The DMA interrupt. */
  readonly #raise: () => void;

  /** `state` is part of the controller's. */
  constructor(state: DmaState, port: DmaPort, words: SdhciWords, raise: () => void) {
    this.#state = state;
    this.#port = port;
    this.#words = words;
    this.#raise = raise;
  }

  get error(): number {
    return this.#state.error;
  }

  start(): void {
    Object.assign(this.#state, dmaAtReset());
  }

  /** Software has given SDMA a new address at a boundary. */
  continue(): void {
    this.#state.started = false;
  }

  /** Moves bytes on, at most up to the end of a page. Returns how many, or why none. */
  move(bytes: Uint8Array, toMemory: boolean): number | Halt {
    const state = this.#state;
    if (state.left === 0) {
      const outcome = this.#words.dmaMode === Mode.simple ? this.#nextBuffer() : this.#nextDescriptor();
      if (outcome !== null) return outcome;
    }
    const count = Math.min(state.left, bytes.length, pageSize - (state.address % pageSize));
    const part = bytes.subarray(0, count);
    const outcome = toMemory ? this.#port.write(state.address, part) : this.#port.read(state.address, part);
    if (outcome !== 'done') return this.#fault(outcome, AdmaError.transferring);
    state.address = dmaAddr(state.address + count);
    state.left -= count;
    if (this.#words.dmaMode === Mode.simple) this.#words.set(Register.Argument2, state.address % 2 ** 32);
    else if (state.left === 0 && state.interrupts) this.#raise();
    return count;
  }

  /** SDMA goes up to the next boundary and stops there. */
  #nextBuffer(): 'boundary' | null {
    const state = this.#state;
    const { boundary } = this.#words;
    const address = this.#words.get(Register.Argument2);
    if (state.started) {
      this.#raise();
      return 'boundary';
    }
    state.started = true;
    state.address = dmaAddr(address);
    state.left = boundary - (address % boundary);
    return null;
  }

  /** Reads a descriptor; null if it has a buffer. */
  #nextDescriptor(): Halt | null {
    const state = this.#state;
    // The list ends before the blocks do.
    if (state.isLast) return this.#fail(AdmaError.transferring | AdmaError.lengthMismatch);
    const is64 = this.#words.dmaMode === Mode.adma64;
    const bytes = new Uint8Array(is64 ? 12 : 8);
    const at = this.#words.descriptor;
    const inPage = Math.min(bytes.length, pageSize - (at % pageSize));
    let outcome = this.#port.read(at, bytes.subarray(0, inPage));
    if (outcome === 'done' && inPage < bytes.length)
      outcome = this.#port.read(dmaAddr(at + inPage), bytes.subarray(inPage));
    if (outcome !== 'done') return this.#fault(outcome, AdmaError.fetching);
    const view = new DataView(bytes.buffer);
    const attributes = view.getUint16(0, true);
    if ((attributes & Attribute.valid) === 0) return this.#fail(AdmaError.fetching);
    const address = dmaAddr(view.getUint32(4, true) + (is64 ? (view.getUint32(8, true) & 0x1_ffff) * 2 ** 32 : 0));
    const action = attributes & Attribute.actionMask;
    this.#words.descriptor = action === Attribute.link ? address : dmaAddr(at + bytes.length);
    if (action === Attribute.link) return 'again';
    state.isLast = (attributes & Attribute.end) !== 0;
    state.interrupts = (attributes & Attribute.interrupt) !== 0;
    if (action !== Attribute.transfer) {
      if (state.interrupts) this.#raise();
      return 'again';
    }
    state.address = address;
    state.left = view.getUint16(2, true) || 0x1_0000;
    return null;
  }

  #fault(outcome: Exclude<DmaOutcome, 'done'>, during: number): 'stalled' | 'failed' {
    return outcome === 'stalled' ? outcome : this.#fail(during);
  }

  #fail(error: number): 'failed' {
    this.#state.error = error;
    return 'failed';
  }
}
