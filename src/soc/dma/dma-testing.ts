import { defined } from '../../base/assert.ts';
import { cycles, physAddr } from '../../base/units.ts';
import { gicBlocks, placeOf } from '../board/map.ts';
import { ZynqMp } from '../board/zynqmp.ts';
import { Zdma } from './zdma-registers.ts';

export const gdma0 = placeOf('gdma0').base;
export const adma0 = placeOf('adma0').base;
export const gdmaStream = defined(placeOf('gdma0').stream, 'a stream ID');
export const smmuBase = placeOf('smmu').base;
export const smmuReg = placeOf('smmuReg').base;

/** Descriptor of a page or block of stage 1, or of stage 2: readable and writable, with its access flag. */
export const stage1Page = (address: number, more = 0n): bigint => BigInt(address) | 0x741n | more;
export const stage2Page = (address: number, more = 0n): bigint => BigInt(address) | 0x7fdn | more;
/** Low bits of descriptors, by kind. */
export const isTable = 3n;
export const isPage = 2n;
export const readOnly1 = 0x80n;
export const noWrite2 = 0x80n;

/** A board whose DMA channels and SMMU are driven through their registers. */
export class DmaBench {
  readonly logged: string[] = [];
  readonly board = new ZynqMp({
    cores: 1,
    dramSize: 0x40_0000,
    el: 2,
    log: (source, text) => this.logged.push(`${source}: ${text}`),
    transmit: () => {},
    end: () => {},
  });

  read(address: number): number {
    return defined(this.board.bus.read(physAddr(address), 4), 'a device');
  }

  write(address: number, ...values: number[]): void {
    for (const [i, value] of values.entries()) this.board.bus.write(physAddr(address + 4 * i), 4, value >>> 0);
  }

  write64(address: number, value: bigint): void {
    this.write(address, Number(value & 0xffff_ffffn), Number(value >> 32n));
  }

  bytes(address: number, length: number): Uint8Array {
    return this.board.cluster.ramView(physAddr(address), length);
  }

  /** Fills memory with bytes that differ by address. */
  fill(address: number, length: number, seed = 1): Uint8Array {
    const view = this.bytes(address, length);
    for (let i = 0; i < length; i++) view[i] = i * 7 + (i >> 8) + seed;
    return view.slice();
  }

  poke64(address: number, ...values: bigint[]): void {
    const view = new DataView(this.bytes(address, 8 * values.length).slice().buffer);
    for (const [i, value] of values.entries()) view.setBigUint64(8 * i, value, true);
    this.bytes(address, 8 * values.length).set(new Uint8Array(view.buffer));
  }

  pass(count: number): void {
    const { cluster, events } = this.board;
    const until = cycles(events.now + count);
    while (events.now < until && cluster.run(until).reason !== 'idle');
  }

  /** Whether an SPI is pending at the distributor. */
  pending(spi: number): boolean {
    const id = 32 + spi;
    return ((this.read(gicBlocks.distributor.base + 0x200 + 4 * (id >> 5)) >>> (id & 31)) & 1) === 1;
  }

  /** Starts a copy without lists. */
  copy(channel: number, source: number, destination: number, size: number): void {
    this.write(channel + Zdma.SRC_DSCR_WORD0, source % 2 ** 32, Math.floor(source / 2 ** 32), size, 0);
    this.write(channel + Zdma.DST_DSCR_WORD0, destination % 2 ** 32, Math.floor(destination / 2 ** 32), size, 0);
    this.write(channel + Zdma.CTRL2, 1);
  }

  /** Writes a descriptor of a linear list. */
  descriptor(at: number, address: number, size: number, control: number): void {
    this.poke64(at, BigInt(address), BigInt(size) | (BigInt(control) << 32n));
  }

  /** Sets the next descriptor of one in a linked list. */
  link(at: number, next: number): void {
    this.poke64(at + 16, BigInt(next), 0n);
  }
}
