import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import type { VCpu } from '../domain/domain.ts';
import { Exit, noteExit } from '../domain/exits.ts';
import type { HypercallHost } from '../hypercall/call.ts';
import { handleHypercall } from '../hypercall/index.ts';
import { LogLevel } from '../log.ts';
import { advancePc, Word } from '../machine/registers.ts';
import { type AbortHost, handleAbort } from './abort.ts';
import { injectUndefined } from './inject.ts';
import { handleMonitorCall, handleSmccc, type SmcccHost } from './smccc.ts';
import { handleSystemRegister, type SystemRegisterHost } from './sysreg.ts';
import { handleWait, type WaitHost } from './wfx.ts';

export interface GuestTrapHost extends AbortHost, HypercallHost, SmcccHost, SystemRegisterHost, WaitHost {}

/** Handles a synchronous exception from a guest, by its class. */
export const handleGuestTrap = (host: GuestTrapHost, vcpu: VCpu): void => {
  const { core } = host.machine;
  const esr = core.words[Word.ESR_EL2] as number;
  noteTrap(core.words, vcpu.lastTrap);
  const iss = esr & 0x1ff_ffff;
  switch (esr >>> 26) {
    case ExceptionClass.wfx:
      noteExit(vcpu, Exit.wait);
      handleWait(host, vcpu, (iss & 1) !== 0);
      advancePc(core);
      break;
    case ExceptionClass.hvc:
      noteExit(vcpu, Exit.hypercall);
      if (iss === 0) handleSmccc(host, vcpu);
      else handleHypercall(host, vcpu, iss);
      break;
    case ExceptionClass.smc:
      handleMonitorCall(host, vcpu, iss);
      break;
    case ExceptionClass.system:
      handleSystemRegister(host, vcpu, iss);
      break;
    case ExceptionClass.instructionAbort:
    case ExceptionClass.dataAbort:
      handleAbort(host, vcpu, esr);
      break;
    default: {
      const { words } = core;
      const syndrome = `HSR=${hex16(words[Word.ESR_EL2] as number)} EC=0x${(esr >>> 26).toString(16)}`;
      const text = `Unknown Guest Trap. ${syndrome} IL=${(esr >>> 25) & 1} Syndrome=0x${iss.toString(16)}`;
      host.log.gprintk(vcpu, LogLevel.warning, text);
      injectUndefined(core);
    }
  }
};

/** Keeps what the registers of EL2 say of a trap, for those who look at the vCPU later. */
const noteTrap = (words: Int32Array, trap: Int32Array): void => {
  trap[0] = words[Word.ESR_EL2] as number;
  trap[1] = words[Word.ELR_EL2] as number;
  trap[2] = words[Word.ELR_EL2 + 1] as number;
  trap[3] = words[Word.FAR_EL2] as number;
  trap[4] = words[Word.FAR_EL2 + 1] as number;
  trap[5] = words[Word.HPFAR_EL2] as number;
  trap[6] = words[Word.HPFAR_EL2 + 1] as number;
  trap[7] = words[Word.X16] as number;
};

/** A register with 0x, 16 characters wide. */
const hex16 = (value: number): string => `0x${(value >>> 0).toString(16).padStart(14, '0')}`;
