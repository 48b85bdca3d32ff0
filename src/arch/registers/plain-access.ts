import { Core } from '../../a64/layout.ts';
import { crnOf } from '../../a64/system-encoding.ts';
import { assert } from '../../base/assert.ts';
import { Hcr, Pstate, Sctlr } from '../state/control-bits.ts';
import { type SystemSlot, systemOffset } from '../state/slots.ts';
import { ctrGuard, hcrTraps, spElxInUse, virtualMemory } from './control.ts';
import { debugTraps } from './debug.ts';
import { monitorTraps } from './pmu.ts';
import { fpEnabled, userMasks } from './process-state.ts';
import { type Guard, never, type SystemRegister } from './system-register.ts';
import { timerEnables } from './timer.ts';

/** A system register access that is a plain load or store of the core's state. */
export interface PlainAccess {
  /** Offset of the storage from the core's base. */
  readonly offset: number;
  /** Lowest level that may make the access. */
  readonly level: number;
  /** A write stores all 64 bits, or the low 32 with zeros above them. Reads always load 64. */
  readonly width: 32 | 64;
  /** The register's bits in a 32-bit word; the others read as zero and keep their values. Undefined: all of `width`. */
  readonly bits: number | undefined;
  /** Whether the access is plain only while nothing observes changes of masks and no interrupt is pending. */
  readonly unobserved: boolean;
  /** What must hold for the access to be plain, else it goes to TypeScript: `(word at offset & mask) === value`. */
  readonly condition: { readonly offset: number; readonly mask: number; readonly value: number } | undefined;
}

/** Conditions that generated code can check in place of a guard: if one holds, the guard allows the access. */
const conditions = new Map<Guard, (write: boolean) => PlainAccess['condition']>([
  [virtualMemory, (write) => ({ offset: systemOffset('HCR_EL2'), mask: write ? Hcr.TVM : Hcr.TRVM, value: 0 })],
  [userMasks, () => undefined],
  [fpEnabled, () => ({ offset: Core.fpTrap, mask: -1, value: 0 })],
  [spElxInUse, () => ({ offset: Core.pstate, mask: Pstate.sp, value: Pstate.sp })],
]);

/** How generated code may make an access inline, whatever the configuration; undefined if TypeScript must make it. */
export const plainAccess = (register: SystemRegister, write: boolean): PlainAccess | undefined => {
  const { guard, offset, part } = register;
  const level = guard === userMasks ? 1 : write ? register.writeLevel : register.readLevel;
  const condition = guard ? conditions.get(guard)?.(write) : undefined;
  if (part) {
    // A write of FPCR or FPSR changes what follows from them.
    if (write && part.offset !== Core.pstate) return undefined;
    return { ...part, level, width: 32, condition, unobserved: write };
  }
  // HCR_EL2.TIDCP traps CRn 11 and 15 before any guard is asked.
  const crn = crnOf(register.encoding);
  const common = { offset, level, condition, bits: undefined, unobserved: false };
  if (offset === 0 || level === never || (guard && !condition) || crn === 11 || crn === 15) return undefined;
  if (!write) return register.read ? undefined : { ...common, width: 64 };
  const whole = register.writableLow === -1 && (register.writableHigh === -1 || register.writableHigh === 0);
  if (!whole || register.write || register.changed || register.fixedHigh !== 0) return undefined;
  return { ...common, width: register.writableHigh === 0 ? 32 : 64 };
};

/**
 * Bits of a register that trap what a level accesses, before any other check that the access meets there: EL0's to EL1
 * while none of them is set, or EL1's to EL2 while one of them is.
 */
export interface LevelTrap {
  readonly el: 0 | 1;
  readonly slot: SystemSlot;
  readonly bits: number;
}

const trapsOf = (el: 0 | 1, slot: SystemSlot, bitsOf: ReadonlyMap<Guard, number>): [Guard, LevelTrap][] =>
  [...bitsOf].map(([guard, bits]) => [guard, { el, slot, bits }]);
const userControls = new Map([
  [ctrGuard, Sctlr.UCT],
  [userMasks, Sctlr.UMA],
]);
const trapOf = new Map<Guard, LevelTrap>([
  ...trapsOf(0, 'SCTLR_EL1', userControls),
  ...trapsOf(0, 'CNTKCTL_EL1', timerEnables),
  ...trapsOf(1, 'MDCR_EL2', debugTraps),
  ...trapsOf(1, 'MDCR_EL2', monitorTraps),
]);

/** An AccessRule names one of these by its number, from 1 on. */
export const levelTraps: readonly LevelTrap[] = [...trapOf.values()];

/**
 * What generated code needs to know of an access to see that it fails, in one word: in its low bits the lowest level at
 * which it is not UNDEFINED, whatever the configuration, then the number of its LevelTrap, and the bit of HCR_EL2 that traps
 * EL1's, if there is one alone. No such bit of HCR_EL2 is below bit 8.
 */
export const AccessRule = { level: 3, trap: 0xf8, trapShift: 3 } as const;
assert(levelTraps.length <= AccessRule.trap >>> AccessRule.trapShift, 'the numbers have room');

/** The part of an AccessRule that names a LevelTrap. */
export const trapRule = ({ guard }: SystemRegister): number => {
  const trap = guard && trapOf.get(guard);
  return trap ? (levelTraps.indexOf(trap) + 1) << AccessRule.trapShift : 0;
};

/** The AccessRule of an access with an encoding, which the lowest level given may make. */
export const accessRule = (encoding: number, level: number, trapBit: number): number => {
  const crn = crnOf(encoding);
  // HCR_EL2.TIDCP traps EL1's before any other check.
  return crn === 11 || crn === 15 ? Math.min(level, 1) : level | (level <= 1 ? trapBit : 0);
};

/** The bit of HCR_EL2 that alone decides whether EL1's accesses to a register are trapped to EL2; 0 if there is none. */
export const trapBit = ({ guard }: SystemRegister, write: boolean): number => {
  if (guard === virtualMemory) return write ? Hcr.TVM : Hcr.TRVM;
  return (guard && hcrTraps.get(guard)) || 0;
};
