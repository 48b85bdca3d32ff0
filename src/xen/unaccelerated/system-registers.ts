/**
 * System registers and TLB maintenance that only a vCPU without acceleration traps: docs/xen/unaccelerated.md, sections 2
 * and 4.
 */
import { type SystemFields, systemEncoding, systemOperations } from '../../a64/system-encoding.ts';
import { isEl1Tlbi, type TlbiName, tlbiNames } from '../../arch/mmu/tlb/tlb-maintenance.ts';
import { Cntkctl, Hcr } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import { systemOffset } from '../../arch/state/slots.ts';
import { defined } from '../../base/assert.ts';
import type { Costs } from '../costs.ts';
import type { VCpu } from '../domain/domain.ts';
import { ShutdownReason } from '../domain/domain.ts';
import { Exit, noteExit } from '../domain/exits.ts';
import { type ShutdownHost, shutdownDomain } from '../domain/life.ts';
import { LogLevel } from '../log.ts';
import { isUserMode, setX, xHigh, xLow } from '../machine/registers.ts';
import { virtualMemoryEncodings } from './translation.ts';

/** What HCR_EL2 has besides: all accesses to the registers of virtual memory trap, and all TLB maintenance. */
export const unacceleratedHcr = Hcr.TVM | Hcr.TRVM | Hcr.TTLB;

export interface UnacceleratedHost extends ShutdownHost {
  readonly costs: Costs;
}

/** TLBIs of EL1 by encoding, as what reaches all cores: the guest's vCPUs move. */
const tlbis = new Map<number, TlbiName>(
  tlbiNames
    .filter((name) => isEl1Tlbi(name))
    .map((name) => {
      const { encoding } = defined(systemOperations.TLBI?.[name], name);
      return [encoding, (name.endsWith('IS') ? name : `${name}IS`) as TlbiName] as const;
    }),
);

const CNTKCTL_EL1 = systemOffset('CNTKCTL_EL1');
const allowed = (core: CoreState, bit: number): boolean => !isUserMode(core) || (core.word(CNTKCTL_EL1) & bit) !== 0;

const encodingOf = (...fields: SystemFields): number => systemEncoding(fields);
const CNTVCT = encodingOf(3, 3, 14, 0, 2);
const CNTV_TVAL = encodingOf(3, 3, 14, 3, 0);
const CNTV_CTL = encodingOf(3, 3, 14, 3, 1);
const CNTV_CVAL = encodingOf(3, 3, 14, 3, 2);

/** An access: MRS reads, MSR and SYS write. */
export interface Access {
  readonly register: number;
  readonly reads: boolean;
}

/** Serves an access. Returns undefined if it is none of these, false if the guest gets an Undefined exception. */
export const handleUnaccelerated = (
  host: UnacceleratedHost,
  vcpu: VCpu,
  encoding: number,
  access: Access,
): boolean | undefined => {
  const { translation } = vcpu;
  if (!translation) return undefined;
  const { machine, costs } = host;
  const { core } = machine;
  const { register, reads } = access;
  if (virtualMemoryEncodings.has(encoding)) {
    noteExit(vcpu, Exit.translationControl);
    machine.spend(costs.software.root);
    if (reads) translation.read(encoding, register);
    else if (!translation.write(encoding, register)) {
      host.log.gprintk(vcpu, LogLevel.error, 'Shadow tables need a granule of 4 KiB, and little-endian descriptors');
      shutdownDomain(host, vcpu.domain, ShutdownReason.crash);
    }
    return true;
  }
  const tlbi = tlbis.get(encoding);
  if (tlbi) {
    noteExit(vcpu, Exit.tlbMaintenance);
    machine.spend(costs.software.tlbi);
    if (!translation.isOn) translation.forget();
    machine.invalidate(tlbi, xLow(core, register), xHigh(core, register));
    return true;
  }
  return virtualTimer(host, vcpu, encoding, access);
};

/** The virtual timer and its count. */
const virtualTimer = (
  { machine, costs }: UnacceleratedHost,
  vcpu: VCpu,
  encoding: number,
  { register, reads }: Access,
): boolean | undefined => {
  const { core } = machine;
  const { timer } = vcpu;
  if (encoding === CNTVCT) {
    if (!reads || !allowed(core, Cntkctl.EL0VCTEN)) return false;
    core.setX(register, timer.virtualCount);
  } else if (encoding === CNTV_CTL) {
    if (!allowed(core, Cntkctl.EL0VTEN)) return false;
    if (reads) setX(core, register, timer.virtualControl);
    else timer.virtualControl = xLow(core, register);
  } else if (encoding === CNTV_CVAL) {
    if (!allowed(core, Cntkctl.EL0VTEN)) return false;
    if (reads) core.setX(register, timer.virtualCompare);
    else timer.virtualCompare = core.x(register);
  } else if (encoding === CNTV_TVAL) {
    if (!allowed(core, Cntkctl.EL0VTEN)) return false;
    if (reads) setX(core, register, timer.virtualValue);
    else timer.virtualValue = xLow(core, register);
  } else return undefined;
  noteExit(vcpu, Exit.timer);
  const { count, compare, control } = costs.software;
  machine.spend(encoding === CNTVCT ? count : encoding === CNTV_CTL ? control : compare);
  return true;
};
