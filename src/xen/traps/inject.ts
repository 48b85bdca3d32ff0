/** Exceptions that Xen puts into a guest (xen/arch/arm/traps.c). All as Xen does it, which is not always as the architecture would. */

import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import { Hcr, Pstate } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import type { VCpu } from '../domain/vcpu.ts';
import { isUserMode, rewindPc, Word } from '../machine/registers.ts';

const EL1h = (1 << Pstate.elShift) | Pstate.sp;
/** ESR_ELx.IL. */
const IL = 1 << 25;

/** The guest goes on at its vector for synchronous exceptions. */
const enter = (core: CoreState, esr: number): void => {
  const { words } = core;
  const offset = isUserMode(core) ? 0x400 : 0x200;
  words[Word.SPSR_EL1] = words[Word.SPSR_EL2] as number;
  words[Word.SPSR_EL1 + 1] = 0;
  words[Word.ELR_EL1] = words[Word.ELR_EL2] as number;
  words[Word.ELR_EL1 + 1] = words[Word.ELR_EL2 + 1] as number;
  words[Word.SPSR_EL2] = EL1h | Pstate.daif;
  // VBAR_ELx is aligned to 2 KiB.
  words[Word.ELR_EL2] = (words[Word.VBAR_EL1] as number) + offset;
  words[Word.ELR_EL2 + 1] = words[Word.VBAR_EL1 + 1] as number;
  words[Word.ESR_EL1] = esr;
  words[Word.ESR_EL1 + 1] = 0;
};

export const injectUndefined = (core: CoreState): void => enter(core, (ExceptionClass.unknown << 26) | IL);

/** An abort for the address in FAR_EL2, with a status of zero. */
export const injectAbort = (core: CoreState, kind: 'data' | 'instruction'): void => {
  const { words } = core;
  const ec = kind === 'data' ? ExceptionClass.dataAbort : ExceptionClass.instructionAbort;
  words[Word.FAR_EL1] = words[Word.FAR_EL2] as number;
  words[Word.FAR_EL1 + 1] = words[Word.FAR_EL2 + 1] as number;
  enter(core, ((isUserMode(core) ? ec : ec | 1) << 26) | IL);
};

/** inject_vabt_exception: a virtual SError. */
export const injectVirtualSError = (core: CoreState, vcpu: VCpu): void => {
  const ec = (core.words[Word.ESR_EL2] as number) >>> 26;
  if (ec === ExceptionClass.hvc || ec === ExceptionClass.svc || ec === ExceptionClass.smc) rewindPc(core);
  setHcr(core, vcpu, vcpu.hcr | Hcr.VSE);
};

/** Changes HCR_EL2 of the running vCPU. */
export const setHcr = (core: CoreState, vcpu: VCpu, value: number): void => {
  vcpu.hcr = value;
  core.words[Word.HCR_EL2] = value;
};
