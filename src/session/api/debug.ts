/** What the debugger shows of a core. Plain data. */
import type { SymbolPlace } from '../../boot/symbols.ts';
import type { StopPoint } from '../../cluster/debugger.ts';
import type { Backtrace as AddressTrace } from '../../cluster/inspect/backtrace.ts';
import type { PstateFields } from '../../cluster/inspect/registers.ts';

export type { PstateFields, StopPoint, SymbolPlace };

/** A core's registers at one instant. */
export interface CoreRegisters {
  readonly core: number;
  readonly el: number;
  readonly pc: bigint;
  /** The stack pointer in use. */
  readonly sp: bigint;
  /** SP_EL0, SP_EL1 and SP_EL2. */
  readonly stackPointers: readonly bigint[];
  /** X0 to X30. */
  readonly x: readonly bigint[];
  /** V0 to V31, 128 bits each. */
  readonly v: readonly bigint[];
  /** NZCV in bits 31:28, DAIF in 9:6, as SPSR_ELx holds them. */
  readonly pstate: number;
  readonly pstateFields: PstateFields;
  readonly fpcr: number;
  readonly fpsr: number;
  /** The instruction word at PC, or null when it cannot be fetched. */
  readonly instruction: number | null;
  /** The same in GNU assembly syntax, or null. */
  readonly assembly: string | null;
}

/** The exception level that memory is looked at from; null for the core's current one. */
export type ViewLevel = 0 | 1 | 2 | null;

/** Which addresses memory is looked at by. `ipa`: the guest's intermediate physical addresses. */
export type AddressSpace = 'virtual' | 'ipa' | 'physical';

export interface MemoryRequest {
  readonly core: number;
  readonly space: AddressSpace;
  /** For virtual addresses. */
  readonly el: ViewLevel;
  readonly address: bigint;
  readonly length: number;
}

export interface TranslationRequest {
  readonly core: number;
  readonly el: ViewLevel;
  readonly address: bigint;
  readonly access: 'read' | 'write' | 'execute';
}

/** RAM from an address on, up to the first byte that is not mapped or not RAM. */
export interface MemoryWindow {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** A function that is being executed: where it continues, and the nearest symbol of the kernel's file. */
export interface Frame {
  readonly address: bigint;
  readonly symbol: SymbolPlace | null;
}

/** The calls that a core is in, the innermost first. */
export interface Backtrace {
  readonly frames: readonly Frame[];
  readonly end: AddressTrace['end'];
}
