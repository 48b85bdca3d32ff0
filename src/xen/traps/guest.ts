import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import type { VCpu } from '../domain/vcpu.ts';
import { handleHypercall } from '../hypercall/index.ts';
import { Level } from '../log.ts';
import { advancePc, Word } from '../machine/registers.ts';
import type { Xen } from '../xen.ts';
import { handleAbort } from './abort.ts';
import { injectUndefined } from './inject.ts';
import { handleMonitorCall, handleSmccc } from './smccc.ts';
import { handleSystemRegister } from './sysreg.ts';
import { handleWait } from './wfx.ts';

/** do_trap_guest_sync: a synchronous exception from a guest, by its class. */
export const handleGuestTrap = (xen: Xen, vcpu: VCpu): void => {
  const { core } = xen.machine;
  const esr = core.words[Word.ESR_EL2] as number;
  const iss = esr & 0x1ff_ffff;
  switch (esr >>> 26) {
    case ExceptionClass.wfx:
      handleWait(xen, vcpu, (iss & 1) !== 0);
      advancePc(core);
      break;
    case ExceptionClass.hvc:
      if (iss === 0) handleSmccc(xen, vcpu);
      else handleHypercall(xen, vcpu, iss);
      break;
    case ExceptionClass.smc:
      handleMonitorCall(xen, vcpu, iss);
      break;
    case ExceptionClass.system:
      handleSystemRegister(xen, vcpu, iss);
      break;
    case ExceptionClass.instructionAbort:
    case ExceptionClass.dataAbort:
      handleAbort(xen, vcpu, esr);
      break;
    default: {
      const { words } = core;
      const syndrome = `HSR=${hex16(words[Word.ESR_EL2] as number)} EC=0x${(esr >>> 26).toString(16)}`;
      const text = `Unknown Guest Trap. ${syndrome} IL=${(esr >>> 25) & 1} Syndrome=0x${iss.toString(16)}`;
      xen.guestPrintk(vcpu, Level.warning, text);
      injectUndefined(core);
    }
  }
};

/** `%#PRIregister`: 16 characters with 0x. */
const hex16 = (value: number): string => `0x${(value >>> 0).toString(16).padStart(14, '0')}`;
