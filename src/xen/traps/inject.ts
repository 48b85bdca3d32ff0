/**
 * Exceptions that Xen injects into a guest. They are as Xen has them, which is not always as the architecture has them.
 */
import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import { Hcr, Pstate } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import type { VCpu } from '../domain/domain.ts';
import { isUserMode, rewindPc, Word } from '../machine/registers.ts';

const EL1h = (1 << Pstate.elShift) | Pstate.sp;
/** ESR_ELx.IL. */
const IL = 1 << 25;

/** Has the guest go on at its vector for synchronous exceptions. */
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

/** Injects an abort for the address in FAR_EL2, with a fault status of zero. */
export const injectAbort = (core: CoreState, kind: 'data' | 'instruction'): void => {
  const { words } = core;
  const ec = kind === 'data' ? ExceptionClass.dataAbort : ExceptionClass.instructionAbort;
  words[Word.FAR_EL1] = words[Word.FAR_EL2] as number;
  words[Word.FAR_EL1 + 1] = words[Word.FAR_EL2 + 1] as number;
  enter(core, ((isUserMode(core) ? ec : ec | 1) << 26) | IL);
};

/** Makes a virtual SError pending. */
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
