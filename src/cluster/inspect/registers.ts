import { Core } from '../../a64/layout.ts';
import { never, type SystemRegister } from '../../arch/registers/system-register.ts';
import { Pstate } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import { spOffset } from '../../arch/state/pstate.ts';
import { readRegister } from '../../arch/system/system.ts';

/** A core's registers, read without a trace. */

/** PSTATE in its fields (Arm ARM DDI 0487, D1.7). */
export interface PstateFields {
  readonly n: boolean;
  readonly z: boolean;
  readonly c: boolean;
  readonly v: boolean;
  /** Masks of debug exceptions, SError, IRQ and FIQ. */
  readonly d: boolean;
  readonly a: boolean;
  readonly i: boolean;
  readonly f: boolean;
  /** Software step, illegal execution state. */
  readonly ss: boolean;
  readonly il: boolean;
  readonly el: number;
  /** The stack pointer in use: SP_ELn. */
  readonly sp: number;
}

/** `pstate` as SPSR_ELx holds it. */
export const decodePstate = (pstate: number): PstateFields => {
  const bit = (n: number): boolean => ((pstate >>> n) & 1) !== 0;
  const el = (pstate & Pstate.mode) >>> Pstate.elShift;
  return {
    n: bit(31),
    z: bit(30),
    c: bit(29),
    v: bit(28),
    d: (pstate & Pstate.D) !== 0,
    a: (pstate & Pstate.A) !== 0,
    i: (pstate & Pstate.I) !== 0,
    f: (pstate & Pstate.F) !== 0,
    ss: (pstate & Pstate.SS) !== 0,
    il: (pstate & Pstate.IL) !== 0,
    el,
    sp: (pstate & Pstate.sp) === 0 ? 0 : el,
  };
};

/** PSTATE as SPSR_ELx would hold it. */
export const pstateOf = (core: CoreState): number => (core.word(Core.pstate) | core.nzcv) >>> 0;

/** SP_EL0, SP_EL1 and SP_EL2. */
export const stackPointers = (core: CoreState): bigint[] =>
  ([0, 1, 2] as const).map((level) => core.long(spOffset(core, level)));

/** V0 to V31, as unsigned 128-bit numbers. */
export const vectorRegisters = (core: CoreState): bigint[] =>
  Array.from({ length: 32 }, (_, n) => (core.long(Core.v + 16 * n + 8) << 64n) | core.long(Core.v + 16 * n));

/** A system register as an MRS at the core's current level would read it if nothing trapped that. */
export interface SystemRegisterValue {
  readonly name: string;
  /** The level that its name ends in, or else the lowest that can read it. */
  readonly level: number;
  readonly value: bigint;
}

/** All system registers that can be read, in the order of their definition. */
export const systemRegisters = (core: CoreState, registers: readonly SystemRegister[]): SystemRegisterValue[] => {
  const { words } = core;
  const sps = stackPointers(core);
  // Reads bring counters up to date; the state is restored afterwards. An interrupt that results is due anyway, and
  // stays.
  const before = words.slice(Core.system / 4, Core.tlb / 4);
  const values = registers
    .filter((register) => register.readLevel < never || register.offset !== 0)
    .map((register) => {
      readRegister(core, register, Core.scratch);
      const level = /_EL([012])$/.exec(register.name)?.[1];
      const bank = /^SP_EL([01])$/.exec(register.name)?.[1];
      return {
        name: register.name,
        level: level === undefined ? register.readLevel : Number(level),
        // The slot of the stack pointer in use is stale.
        value: bank === undefined ? core.long(Core.scratch) : (sps[Number(bank)] ?? 0n),
      };
    });
  const lines = core.system('interruptLines');
  const waiting = core.system('waiting');
  words.set(before, Core.system / 4);
  core.setSystem('interruptLines', lines);
  core.setSystem('waiting', waiting);
  return values;
};
