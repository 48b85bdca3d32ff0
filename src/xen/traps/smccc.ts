/** Calls of guests by HVC #0 and SMC #0 (SMC Calling Convention, Arm DEN 0028B). */

import { ProbeKind } from '../../base/probe/kinds.ts';
import type { Costs } from '../costs.ts';
import type { VCpu } from '../domain/domain.ts';
import { LogLevel } from '../log.ts';
import type { Machine } from '../machine/machine.ts';
import { advancePc, setX, xHigh, xLow } from '../machine/registers.ts';
import { type PsciHost, virtualPsci } from '../vdev/vpsci.ts';
import { type EemiHost, handleEemi } from './eemi.ts';
import { injectUndefined } from './inject.ts';

/** Services: bits 29-24 of a function. */
const Service = { arch: 0, silicon: 2, standard: 4, hypervisor: 5 } as const;

const SMCCC_VERSION = 0x8000_0000;
const SMCCC_ARCH_FEATURES = 0x8000_0001;
const SMCCC_ARCH_WORKAROUND_1 = 0x8000_8000;
const SMCCC_ARCH_WORKAROUND_2 = 0x8000_7fff;
const SMCCC_ARCH_WORKAROUND_3 = 0x8000_3fff;
/** Functions that every service has. */
const CALL_COUNT = 0xff00;
const CALL_UID = 0xff01;
const REVISION = 0xff03;

/** XEN_SMCCC_UID and SSSC_SMCCC_UID (public/arch-arm/smccc.h) as words for the registers. */
const xenIdentity: readonly number[] = [0xdc12_18a7, 0x6943_98c6, 0xd179_cf9a, 0x67e6_de8d];
const standardIdentity: readonly number[] = [0x6f38_63f8, 0xbd4c_394b, 0x16ce_2092, 0x6f9f_e541];
const xenFunctions = 3;
/** The three of the service itself, and twelve of PSCI. */
const standardFunctions = 3 + 12;

/** ARM_SMCCC_ERR_UNKNOWN_FUNCTION, in 32 bits and in all of X0. */
const unknownFunction = -1;

export interface SmcccHost extends EemiHost, PsciHost {
  readonly costs: Costs;
}

export const handleSmccc = (host: SmcccHost, vcpu: VCpu): void => {
  const { core } = host.machine;
  host.machine.spend(host.costs.firmwareCall);
  const id = xLow(core, 0);
  const { probe } = host.machine;
  probe.emit(ProbeKind.virtualFirmwareCall, id, xLow(core, 1), xHigh(core, 1));
  if (!serve(host, vcpu, id)) {
    host.log.gprintk(vcpu, LogLevel.info, `Unhandled SMC/HVC: 0x${id.toString(16)}`);
    setX(core, 0, unknownFunction, unknownFunction);
  }
  probe.emit(ProbeKind.virtualFirmwareReturn, id, xLow(core, 0), xHigh(core, 0));
};

/** An SMC. It traps before it executes, unlike an HVC. */
export const handleMonitorCall = (host: SmcccHost, vcpu: VCpu, immediate: number): void => {
  const { core } = host.machine;
  if (immediate !== 0) {
    injectUndefined(core);
    return;
  }
  handleSmccc(host, vcpu);
  advancePc(core);
};

const serve = (host: SmcccHost, vcpu: VCpu, id: number): boolean => {
  // The functions of PSCI 0.1 are outside the SMCCC.
  if (id <= 0x0100_ffff) return virtualPsci(host, vcpu, id);
  switch ((id >>> 24) & 0x3f) {
    case Service.arch:
      return serveArchitecture(host.machine, id);
    case Service.silicon:
      return handleEemi(host, vcpu, id);
    case Service.hypervisor:
      return describe(host.machine, id, xenFunctions, xenIdentity);
    case Service.standard:
      return virtualPsci(host, vcpu, id) || describe(host.machine, id, standardFunctions, standardIdentity);
    default:
      return false;
  }
};

const serveArchitecture = ({ core }: Machine, id: number): boolean => {
  switch (id) {
    case SMCCC_VERSION:
      setX(core, 0, 0x1_0001);
      return true;
    case SMCCC_ARCH_FEATURES:
      // A Cortex-A53 needs none of the workarounds.
      setX(core, 0, unknownFunction, unknownFunction);
      return true;
    case SMCCC_ARCH_WORKAROUND_1:
    case SMCCC_ARCH_WORKAROUND_2:
    case SMCCC_ARCH_WORKAROUND_3:
      return true;
    default:
      return false;
  }
};

const describe = ({ core }: Machine, id: number, functions: number, identity: readonly number[]): boolean => {
  switch (id & 0xffff) {
    case CALL_COUNT:
      setX(core, 0, functions);
      return true;
    case CALL_UID:
      for (const [n, word] of identity.entries()) setX(core, n, word);
      return true;
    case REVISION:
      setX(core, 0, 0);
      setX(core, 1, 1);
      return true;
    default:
      return false;
  }
};
