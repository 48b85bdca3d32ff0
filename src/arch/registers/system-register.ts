import { type SystemFields, systemEncoding } from '../../a64/system-encoding.ts';
import { assert } from '../../base/assert.ts';
import type { CoreState } from '../state/core.ts';
import { type SystemSlot, systemOffset } from '../state/slots.ts';

/** Result of the check of an access: allowed, trapped to EL1 or EL2 with EC 0x18, UNDEFINED, or trapped as FP. */
export const AccessCheck = { allowed: 0, trapEl1: 1, trapEl2: 2, undefined: 3, trapFp: 4 } as const;
export type AccessCheck = (typeof AccessCheck)[keyof typeof AccessCheck];

/** Checks an access that the exception level permits. */
export type Guard = (core: CoreState, write: boolean) => AccessCheck;

/** As a lowest level: no level here can make the access. It belongs to EL3, or the register lacks that direction. */
export const never = 3;

/** One system register: who may access it, what traps it, and what it does. */
export interface SystemRegister {
  readonly name: string;
  readonly encoding: number;
  /** Lowest levels that may read and write it. */
  readonly readLevel: number;
  readonly writeLevel: number;
  readonly guard: Guard | undefined;
  /** Offset of its storage in the core's state; 0 if it has none and `read` and `write` do all. */
  readonly offset: number;
  /** Where it shows bits of a word of the state, which `read` and `write` then access. */
  readonly part: { readonly offset: number; readonly bits: number } | undefined;
  /** Bits that a write changes, in two halves; the others read as in `fixed`. */
  readonly writableLow: number;
  readonly writableHigh: number;
  readonly fixedLow: number;
  readonly fixedHigh: number;
  readonly reset: bigint;
  /** Reads into a field of the state (the destination register) where storage alone is not the answer. */
  readonly read: ((core: CoreState, destination: number) => void) | undefined;
  /** Writes from a field of the state (the source register). */
  readonly write: ((core: CoreState, source: number) => void) | undefined;
  /** Called after a write to the storage. */
  readonly changed: ((core: CoreState) => void) | undefined;
}

interface StoredOptions {
  readonly read: number;
  readonly write?: number;
  /** Bits that can be written; all 64 by default. */
  readonly writable?: bigint;
  /** RES1 bits. */
  readonly fixed?: bigint;
  readonly reset?: bigint;
  readonly guard?: Guard;
  readonly changed?: (core: CoreState) => void;
  readonly storage?: SystemSlot;
}

const half = (value: bigint, n: 0 | 1): number => Number((value >> (n === 0 ? 0n : 32n)) & 0xffff_ffffn) | 0;

const all = 0xffff_ffff_ffff_ffffn;
export const low32 = 0xffff_ffffn;

/** A register with storage. `write` is the level of `read` by default. */
export const stored = (name: string, fields: SystemFields, options: StoredOptions): SystemRegister => {
  const fixed = options.fixed ?? 0n;
  const writable = (options.writable ?? all) & ~fixed;
  return {
    name,
    encoding: systemEncoding(fields),
    readLevel: options.read,
    writeLevel: options.write ?? options.read,
    guard: options.guard,
    offset: systemOffset(options.storage ?? (name as SystemSlot)),
    part: undefined,
    writableLow: half(writable, 0),
    writableHigh: half(writable, 1),
    fixedLow: half(fixed, 0),
    fixedHigh: half(fixed, 1),
    reset: options.reset ?? fixed,
    read: undefined,
    write: undefined,
    changed: options.changed,
  };
};

interface ComputedOptions {
  readonly read?: number;
  readonly write?: number;
  readonly guard?: Guard;
  /** The value of a read, where a bigint is fast enough. */
  readonly value?: (core: CoreState) => bigint;
  readonly readTo?: (core: CoreState, destination: number) => void;
  readonly set?: (core: CoreState, value: bigint) => void;
  readonly writeFrom?: (core: CoreState, source: number) => void;
}

/** A register without storage of its own. By default it reads as zero and ignores writes. */
export const computed = (name: string, fields: SystemFields, options: ComputedOptions): SystemRegister => {
  const { value, set } = options;
  assert(!(value && options.readTo) && !(set && options.writeFrom), `${name} has one way to be accessed`);
  const valueTo = (core: CoreState, destination: number): void => core.setLong(destination, value ? value(core) : 0n);
  const setFrom = (core: CoreState, source: number): void => set?.(core, core.long(source));
  return {
    name,
    encoding: systemEncoding(fields),
    readLevel: options.read ?? never,
    writeLevel: options.write ?? never,
    guard: options.guard,
    offset: 0,
    part: undefined,
    writableLow: 0,
    writableHigh: 0,
    fixedLow: 0,
    fixedHigh: 0,
    reset: 0n,
    read: options.readTo ?? valueTo,
    write: options.writeFrom ?? setFrom,
    changed: undefined,
  };
};

interface ConstantOptions {
  readonly read: number;
  readonly value: bigint;
  readonly guard?: Guard;
}

/** A read-only register with a fixed value. */
export const constant = (name: string, fields: SystemFields, { value, ...options }: ConstantOptions): SystemRegister =>
  computed(name, fields, { ...options, value: () => value });

/** Combines guards: the first that does not allow the access decides. */
export const guards =
  (...list: readonly Guard[]): Guard =>
  (core, write) => {
    for (const guard of list) {
      const access = guard(core, write);
      if (access !== AccessCheck.allowed) return access;
    }
    return AccessCheck.allowed;
  };
