/** The statistics registers of a GEM (UG1087, from octets_txed_bottom on). Reading one clears it. */
import { broadcastMac, isGroup, macAt } from '../frame.ts';
import { Gem } from './registers.ts';

const count = (Gem.lastStatistic - Gem.firstStatistic) / 4 + 1;
export const statisticsAtReset = (): number[] => Array.from({ length: count }, () => 0);

/** Offsets of the first counter of what was sent and of what was received; the next ones have the same order. */
const sent = 0x100;
const received = 0x150;
/** From the first counter on: octets in two registers, frames, and frames by kind and length. */
const Counter = { octets: 0x00, frames: 0x08, broadcast: 0x0c, multicast: 0x10, lengths: 0x18 } as const;
/** Frames up to so many bytes have a counter each; longer ones share the last. */
const lengths = [64, 127, 255, 511, 1023, 1518] as const;

export const Failure = {
  tooShort: 0x184,
  tooLong: 0x188,
  noBuffer: 0x1a0,
  overrun: 0x1a4,
  ip: 0x1a8,
  tcp: 0x1ac,
  udp: 0x1b0,
  underrun: 0x134,
} as const;

export const isStatistic = (offset: number): boolean => offset >= Gem.firstStatistic && offset <= Gem.lastStatistic;

export class Statistics {
  readonly #values: number[];

  /** `values` is part of the controller's state. */
  constructor(values: number[]) {
    this.#values = values;
  }

  /** The upper half of an octet counter has 16 bits; all others stop at their end. */
  read(offset: number): number {
    const index = (offset - Gem.firstStatistic) >>> 2;
    const value = this.#values[index] ?? 0;
    this.#values[index] = 0;
    return value;
  }

  clear(): void {
    this.#values.fill(0);
  }

  frameSent(bytes: Uint8Array): void {
    this.#frame(sent, bytes);
  }

  frameReceived(bytes: Uint8Array): void {
    this.#frame(received, bytes);
  }

  failed(offset: number): void {
    this.#add(offset, 1);
  }

  #frame(base: number, bytes: Uint8Array): void {
    const length = bytes.length + 4;
    this.#addOctets(base + Counter.octets, length);
    this.#add(base + Counter.frames, 1);
    const destination = macAt(bytes, 0);
    if (destination === broadcastMac) this.#add(base + Counter.broadcast, 1);
    else if (isGroup(destination)) this.#add(base + Counter.multicast, 1);
    const index = lengths.findIndex((longest) => length <= longest);
    this.#add(base + Counter.lengths + 4 * (index < 0 ? lengths.length : index), 1);
  }

  #add(offset: number, amount: number): void {
    const index = (offset - Gem.firstStatistic) >>> 2;
    this.#values[index] = Math.min(0xffff_ffff, (this.#values[index] ?? 0) + amount);
  }

  #addOctets(offset: number, amount: number): void {
    const index = (offset - Gem.firstStatistic) >>> 2;
    const sum = (this.#values[index] ?? 0) + amount;
    this.#values[index] = sum % 2 ** 32;
    if (sum >= 2 ** 32) this.#values[index + 1] = ((this.#values[index + 1] ?? 0) + 1) & 0xffff;
  }
}
