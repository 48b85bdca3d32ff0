/**
 * How DMA masters reach memory: through the SMMU by their stream IDs, then by physical address as a core does (UG1085,
 * chapter 16 and table 16-3).
 */

import type { PhysicalBus } from '../../arch/state/bus.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import type { Probe } from '../../base/probe/probe.ts';
import { type DmaAddr, type PhysAddr, physAddr } from '../../base/units.ts';
import type { SmmuTranslation } from '../smmu/smmu.ts';

/** The outcome of an access. A stalled access waits for the SMMU's `resume`, and is then retried or fails. */
export const outcomes = ['done', 'error', 'stalled'] as const;
export type DmaOutcome = (typeof outcomes)[number];

export interface DmaPort {
  /**
   * Reads bytes that lie in one page of 4 KiB. If `fixed` is not 0, each group of so many bytes comes from the same
   * address, as in AXI's FIXED bursts.
   */
  read(address: DmaAddr, bytes: Uint8Array, fixed?: number): DmaOutcome;
  /** Writes bytes likewise. */
  write(address: DmaAddr, bytes: Uint8Array, fixed?: number): DmaOutcome;
}

export interface Interconnect {
  translate(stream: number, address: DmaAddr, write: boolean): SmmuTranslation;
  /** Whether a page is RAM. */
  isRam(address: PhysAddr): boolean;
  ramView(address: PhysAddr, length: number): Uint8Array;
  ramChanges(address: PhysAddr, length: number): void;
  readonly probe: Probe;
  /** For addresses that are not RAM. */
  readonly bus: PhysicalBus;
}

/** The port of one master. */
export class StreamPort implements DmaPort {
  /** Set by the master: the SMMU lets a stalled access be retried, or makes it fail. */
  resumed: (terminate: boolean) => void = () => {};
  readonly #stream: number;
  readonly #interconnect: Interconnect;

  constructor(stream: number, interconnect: Interconnect) {
    this.#stream = stream;
    this.#interconnect = interconnect;
  }

  read(address: DmaAddr, bytes: Uint8Array, fixed = 0): DmaOutcome {
    return this.#made(ProbeKind.dmaRead, address, bytes.length, this.#read(address, bytes, fixed));
  }

  write(address: DmaAddr, bytes: Uint8Array, fixed = 0): DmaOutcome {
    return this.#made(ProbeKind.dmaWrite, address, bytes.length, this.#write(address, bytes, fixed));
  }

  #made(kind: number, address: DmaAddr, length: number, outcome: DmaOutcome): DmaOutcome {
    const high = (address / 2 ** 32) | (outcomes.indexOf(outcome) << 24);
    this.#interconnect.probe.emit(kind, (this.#stream << 16) | length, address, high);
    return outcome;
  }

  #read(address: DmaAddr, bytes: Uint8Array, fixed: number): DmaOutcome {
    const to = this.#interconnect.translate(this.#stream, address, false);
    if (to === 'error' || to === 'stalled') return to;
    if (to === 'ignored') bytes.fill(0);
    else if (!this.#interconnect.isRam(to.pa)) return this.#readDevice(to.pa, bytes, fixed || bytes.length);
    else if (fixed === 0) bytes.set(this.#interconnect.ramView(to.pa, bytes.length));
    else {
      const beat = this.#interconnect.ramView(to.pa, fixed);
      for (let i = 0; i < bytes.length; i++) bytes[i] = beat[i % fixed] as number;
    }
    return 'done';
  }

  #write(address: DmaAddr, bytes: Uint8Array, fixed: number): DmaOutcome {
    const to = this.#interconnect.translate(this.#stream, address, true);
    if (to === 'error' || to === 'stalled') return to;
    if (to === 'ignored') return 'done';
    if (!this.#interconnect.isRam(to.pa)) return this.#writeDevice(to.pa, bytes, fixed || bytes.length);
    const size = Math.min(fixed || bytes.length, bytes.length);
    this.#interconnect.ramChanges(to.pa, size);
    const view = this.#interconnect.ramView(to.pa, size);
    for (let at = 0; at < bytes.length; at += size) view.set(bytes.subarray(at, at + size));
    return 'done';
  }

  /** By words where whole ones fit, else by bytes. */
  #readDevice(pa: PhysAddr, bytes: Uint8Array, beat: number): DmaOutcome {
    for (let at = 0; at < bytes.length; ) {
      const [address, size] = part(pa, at, beat, bytes.length);
      const value = this.#interconnect.bus.read(address, size);
      if (value === null) return 'error';
      for (let i = 0; i < size; i++) bytes[at + i] = value >>> (8 * i);
      at += size;
    }
    return 'done';
  }

  #writeDevice(pa: PhysAddr, bytes: Uint8Array, beat: number): DmaOutcome {
    for (let at = 0; at < bytes.length; ) {
      const [address, size] = part(pa, at, beat, bytes.length);
      let value = 0;
      for (let i = 0; i < size; i++) value |= (bytes[at + i] as number) << (8 * i);
      if (!this.#interconnect.bus.write(address, size, value >>> 0)) return 'error';
      at += size;
    }
    return 'done';
  }
}

/** Address and size of the access for the bytes from `at` on. */
const part = (pa: PhysAddr, at: number, beat: number, length: number): [PhysAddr, 1 | 4] => {
  const address = physAddr(pa + (at % beat));
  const whole = address % 4 === 0 && (at % beat) + 4 <= beat && at + 4 <= length;
  return [address, whole ? 4 : 1];
};
