import { Core } from '../../a64/layout.ts';
import type { SystemFields } from '../../a64/system-encoding.ts';
import { Pstate, Sctlr } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { setMode } from '../state/pstate.ts';
import { systemOffset } from '../state/slots.ts';
import { AccessCheck, computed, type Guard, type SystemRegister } from './system-register.ts';

/** Registers that show process state: NZCV, DAIF, SPSel, CurrentEL, FPCR, FPSR (Arm ARM DDI 0487, C5.2). */

const sctlr1 = systemOffset('SCTLR_EL1');

/** EL0 may touch DAIF while SCTLR_EL1.UMA is set. */
export const userMasks: Guard = (core) =>
  core.word(Core.el) === 0 && (core.word(sctlr1) & Sctlr.UMA) === 0 ? AccessCheck.trapEl1 : AccessCheck.allowed;

export const fpEnabled: Guard = (core) => (core.word(Core.fpTrap) !== 0 ? AccessCheck.trapFp : AccessCheck.allowed);

/** Bits of FPCR: AHP, DN, FZ, RMode. The Cortex-A53 does not trap floating-point exceptions. */
const fpcrBits = 0x07c0_0000;
/** Bits of FPSR: QC, IDC, IXC, UFC, OFC, DZC, IOC, and NZCV, which are the flags of AArch32's FPSCR. */
const fpsrBits = 0xf800_009f;

/** Bits of a 32-bit word of the state. */
interface Part {
  readonly offset: number;
  readonly bits: number;
}

/** A register that shows a part of a word. */
const partial = (name: string, fields: SystemFields, { offset, bits }: Part, guard: Guard): SystemRegister => ({
  ...computed(name, fields, {
    read: 0,
    write: 0,
    guard,
    readTo: (core, destination) => {
      core.setWord(destination, core.word(offset) & bits);
      core.setWord(destination + 4, 0);
    },
    writeFrom: (core, source) => core.setWord(offset, (core.word(offset) & ~bits) | (core.word(source) & bits)),
  }),
  part: { offset, bits },
});

const floatRegister = (name: string, fields: SystemFields, part: Part): SystemRegister => {
  const register = partial(name, fields, part, fpEnabled);
  return {
    ...register,
    write: (core, source) => {
      register.write?.(core, source);
      core.setFloatState(core.word(Core.fpcr), core.word(Core.fpsr));
    },
  };
};

/** @param changed called when the interrupt masks have changed */
export const processStateRegisters = (changed: (core: CoreState) => void): SystemRegister[] => {
  const daif = partial('DAIF', [3, 3, 4, 2, 1], { offset: Core.pstate, bits: Pstate.daif }, userMasks);
  return [
    computed('NZCV', [3, 3, 4, 2, 0], {
      read: 0,
      write: 0,
      readTo: (core, destination) => {
        core.setWord(destination, core.nzcv);
        core.setWord(destination + 4, 0);
      },
      writeFrom: (core, source) => {
        core.nzcv = core.word(source) & Pstate.nzcv;
      },
    }),
    {
      ...daif,
      write: (core, source) => {
        daif.write?.(core, source);
        changed(core);
      },
    },
    computed('SPSel', [3, 0, 4, 2, 0], {
      read: 1,
      write: 1,
      value: (core) => BigInt(core.word(Core.pstate) & Pstate.sp),
      set: (core, value) => setMode(core, (core.word(Core.pstate) & Pstate.mode & ~Pstate.sp) | Number(value & 1n)),
    }),
    computed('CurrentEL', [3, 0, 4, 2, 2], {
      read: 1,
      readTo: (core, destination) => {
        core.setWord(destination, core.word(Core.el) << Pstate.elShift);
        core.setWord(destination + 4, 0);
      },
    }),
    floatRegister('FPCR', [3, 3, 4, 4, 0], { offset: Core.fpcr, bits: fpcrBits }),
    floatRegister('FPSR', [3, 3, 4, 4, 1], { offset: Core.fpsr, bits: fpsrBits }),
  ];
};
