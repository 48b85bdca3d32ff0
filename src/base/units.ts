/** A number or bigint with its unit in its type: a Cycles cannot be passed as a PhysAddr. */
declare const unit: unique symbol;
export type Brand<T, Name extends string> = T & { readonly [unit]: Name };

/** Core clock cycles since power-on: the machine's only clock. Exact up to 2^53 (86 days at 1.2 GHz). */
export type Cycles = Brand<number, 'Cycles'>;
/** Physical address, up to 40 bits on the Cortex-A53. */
export type PhysAddr = Brand<number, 'PhysAddr'>;
/** Intermediate physical address: what stage 1 gives and stage 2 takes. */
export type Ipa = Brand<number, 'Ipa'>;
/** Address that a DMA master puts on the bus, up to 49 bits: the SMMU translates it. */
export type DmaAddr = Brand<number, 'DmaAddr'>;
/** 64-bit virtual address, unsigned. */
export type VirtAddr = Brand<bigint, 'VirtAddr'>;
/** Byte offset in the simulator's one WebAssembly.Memory. */
export type HostAddr = Brand<number, 'HostAddr'>;

export const cycles = (n: number): Cycles => n as Cycles;
export const physAddr = (n: number): PhysAddr => n as PhysAddr;
export const ipa = (n: number): Ipa => n as Ipa;
export const dmaAddr = (n: number): DmaAddr => n as DmaAddr;
export const virtAddr = (n: bigint): VirtAddr => BigInt.asUintN(64, n) as VirtAddr;
