import { FailedWalk } from '../../a64/layout.ts';
import { reverseBytes } from '../../base/bits.ts';
import type { Memory } from '../state/memory.ts';

/** One step of a table walk, for whoever traces it. */
export interface WalkStep {
  readonly stage: 1 | 2;
  readonly level: number;
  /** Stage 2 for the address of a stage 1 descriptor. */
  readonly forTable: boolean;
  /** Whether the descriptor's address is an IPA, as that of stage 1 under stage 2 is. */
  readonly isIpa: boolean;
  /** Page number and offset of the descriptor. */
  readonly page: number;
  readonly offset: number;
  readonly low: number;
  readonly high: number;
  readonly kind: 'table' | 'block' | 'page' | 'invalid' | 'external abort';
  /** Log2 of the bytes that one entry of this level maps. */
  readonly sizeLog2: number;
}

/** Reads the descriptors of translation tables, and says where pages lie in memory. */
export class Descriptors {
  /** The descriptor read last. */
  low = 0;
  high = 0;
  /** Receives each step of a walk, while set. */
  trace: ((step: WalkStep) => void) | undefined;
  /** Number of descriptors that have been read since it was set to 0, with their places in memory; -1: not counted. */
  recorded = -1;
  readonly places = new Uint32Array(FailedWalk.descriptors);
  readonly #u32: Uint32Array;
  /** First page, pages and first host page of each range of RAM. */
  readonly #ram: Int32Array;

  constructor(memory: Memory) {
    this.#u32 = memory.u32;
    this.#ram = Int32Array.from(
      memory.ram.flatMap(({ base, size }) => [base / 4096, size / 4096, memory.host(base) / 4096]),
    );
  }

  /** Host page number of a physical page, or 0 where there is no RAM. */
  hostPage(page: number): number {
    const ram = this.#ram;
    for (let i = 0; i < ram.length; i += 3) {
      const offset = page - (ram[i] as number);
      if (offset >= 0 && offset < (ram[i + 1] as number)) return (ram[i + 2] as number) + offset;
    }
    return 0;
  }

  /** Whether the aligned 2 MiB around a page are all RAM, in one piece. */
  isBlockOfRam(page: number): boolean {
    const first = page & ~511;
    const host = this.hostPage(first);
    return host !== 0 && this.hostPage(first + 511) === host + 511;
  }

  /** Reads a descriptor, in the byte order that SCTLR_ELx.EE says; false where there is no RAM. */
  read(page: number, offset: number, bigEndian: boolean): boolean {
    const host = this.hostPage(page);
    if (host === 0) return false;
    const at = (host << 10) | (offset >>> 2);
    if (this.recorded >= 0) this.places[this.recorded++] = at;
    this.low = this.#u32[at] as number;
    this.high = this.#u32[at + 1] as number;
    if (bigEndian) [this.low, this.high] = [reverseBytes(this.high), reverseBytes(this.low)];
    return true;
  }

  /** Tells `trace` about the descriptor that was read last, or could not be read. */
  report(read: boolean, place: Omit<WalkStep, 'low' | 'high' | 'kind'>): void {
    const [low, high] = read ? [this.low, this.high] : [0, 0];
    const kind = read ? kindOf(low & 3, place.level) : 'external abort';
    this.trace?.({ ...place, low, high, kind });
  }
}

const kindOf = (type: number, level: number): WalkStep['kind'] => {
  if ((type & 1) === 0 || (type === 1 && level === 3)) return 'invalid';
  if (level === 3) return 'page';
  return type === 1 ? 'block' : 'table';
};
