import type { Ipa } from '../../base/units.ts';

/**
 * Why a memory access failed: the fault status code of ESR_ELx.ISS with its level bits zero
 * (Arm ARM DDI 0487, ESR_ELx, "ISS encoding for an exception from a Data Abort", DFSC).
 */
export const FaultType = {
  addressSize: 0b000000,
  translation: 0b000100,
  accessFlag: 0b001000,
  permission: 0b001100,
  /** Synchronous external abort, not on a translation table walk. */
  external: 0b010000,
  /** Synchronous external abort on a translation table walk. */
  externalOnWalk: 0b010100,
  alignment: 0b100001,
} as const;
export type FaultType = (typeof FaultType)[keyof typeof FaultType];

/** What a Data Abort or an Instruction Abort reports. */
export interface Fault {
  readonly type: FaultType;
  /** Level of the walk, 0-3; 0 for types that have none. */
  readonly level: number;
  /** Stage of translation that faulted: a fault of stage 2 goes to EL2. */
  readonly stage: 1 | 2;
  /** A stage 2 fault on an access made for a stage 1 walk. */
  readonly s1ptw: boolean;
  /** The IPA that stage 2 could not translate, for HPFAR_EL2; 0 for stage 1. */
  readonly ipa: Ipa;
  /** The address for FAR_ELx in two halves: the first byte that could not be accessed. */
  readonly low: number;
  readonly high: number;
  /** WnR: the access was a write; also set for cache maintenance and address translation instructions. */
  readonly write: boolean;
  /** CM: the access was a cache maintenance or address translation instruction. */
  readonly maintenance: boolean;
}

/** A fault that is being filled in. */
export type FaultRecord = { -readonly [Field in keyof Fault]: Fault[Field] };

/** Bits of an abort's ISS: it was a stage 1 walk, a write, cache maintenance. */
export const Iss = { WnR: 1 << 6, S1PTW: 1 << 7, CM: 1 << 8 } as const;

/** DFSC or IFSC, 6 bits: also FST in PAR_EL1. */
export const faultStatus = (fault: Pick<Fault, 'type' | 'level'>): number => fault.type | fault.level;
