/** Power of virtual CPUs: PSCI 1.1 (Arm DEN 0022), with the two functions of PSCI 0.1 that Xen still has. */
import { Pstate } from '../../arch/state/control-bits.ts';
import { AffinityState, convention64, noMigration, PsciFunction, PsciResult } from '../../soc/firmware/psci-abi.ts';
import { ShutdownReason, type VCpu } from '../domain/domain.ts';
import { type ShutdownHost, shutdownDomain } from '../domain/life.ts';
import { pstateAtStart } from '../machine/context.ts';
import { setX, xLow } from '../machine/registers.ts';
import { blockUnlessPending, type WaitHost } from '../traps/wfx.ts';

/** Functions of PSCI 0.1. */
const CPU_OFF_0_1 = 1;
const CPU_ON_0_1 = 2;
const {
  PSCI_VERSION,
  CPU_SUSPEND,
  CPU_OFF,
  CPU_ON,
  AFFINITY_INFO,
  MIGRATE_INFO_TYPE,
  SYSTEM_OFF,
  SYSTEM_RESET,
  PSCI_FEATURES,
} = PsciFunction;
const CPU_SUSPEND_64 = CPU_SUSPEND + convention64;
const CPU_ON_64 = CPU_ON + convention64;
const AFFINITY_INFO_64 = AFFINITY_INFO + convention64;
const SMCCC_VERSION = 0x8000_0000;
const { SUCCESS, NOT_SUPPORTED, INVALID_PARAMETERS, ALREADY_ON, INTERNAL_FAILURE, INVALID_ADDRESS } = PsciResult;

/** The functions that PSCI_FEATURES knows. */
const features: ReadonlySet<number> = new Set([
  PSCI_VERSION,
  CPU_SUSPEND,
  CPU_SUSPEND_64,
  CPU_OFF,
  CPU_ON,
  CPU_ON_64,
  AFFINITY_INFO,
  AFFINITY_INFO_64,
  MIGRATE_INFO_TYPE,
  SYSTEM_OFF,
  SYSTEM_RESET,
  PSCI_FEATURES,
  SMCCC_VERSION,
]);

export interface PsciHost extends ShutdownHost, WaitHost {}

/** Serves a function. Returns false if it is not one of PSCI. */
export const virtualPsci = (host: PsciHost, vcpu: VCpu, id: number): boolean => {
  const result = serve(host, vcpu, id);
  if (result === null) return false;
  setX(host.machine.core, 0, result, result < 0 ? -1 : 0);
  return true;
};

const serve = (host: PsciHost, vcpu: VCpu, id: number): number | null => {
  const { core } = host.machine;
  switch (id) {
    case PSCI_VERSION:
      return 0x1_0001;
    case CPU_OFF_0_1:
    case CPU_OFF:
      host.scheduling.setDown(vcpu.unit, true);
      return SUCCESS;
    case CPU_ON_0_1: {
      const status = turnOn(host, vcpu, { target: core.x(1) & 0xffff_ffffn, entry: core.x(2), context: 0n });
      return status === ALREADY_ON || status === INVALID_ADDRESS ? INVALID_PARAMETERS : status;
    }
    case CPU_ON:
    case CPU_ON_64:
      return turnOn(host, vcpu, { target: core.x(1), entry: core.x(2), context: core.x(3) });
    case CPU_SUSPEND:
    case CPU_SUSPEND_64:
      // A power-down is treated as a standby.
      blockUnlessPending(host, vcpu);
      return SUCCESS;
    case AFFINITY_INFO:
    case AFFINITY_INFO_64:
      return affinityInfo(vcpu, core.x(1), xLow(core, 2));
    case MIGRATE_INFO_TYPE:
      return noMigration;
    case SYSTEM_OFF:
      shutdownDomain(host, vcpu.domain, ShutdownReason.poweroff);
      return INTERNAL_FAILURE;
    case SYSTEM_RESET:
      shutdownDomain(host, vcpu.domain, ShutdownReason.reboot);
      return INTERNAL_FAILURE;
    case PSCI_FEATURES:
      return features.has(xLow(core, 1)) ? SUCCESS : NOT_SUPPORTED;
    default:
      return null;
  }
};

/** The affinity fields of a register with MPIDR_EL1's format: Aff3, and Aff2 to Aff0. */
const affinityMask = 0xff_00ff_ffffn;

/** The arguments of CPU_ON. */
interface CpuOn {
  readonly target: bigint;
  readonly entry: bigint;
  readonly context: bigint;
}

/** Turns a vCPU on. */
const turnOn = (host: PsciHost, { domain }: VCpu, { target, entry, context }: CpuOn): number => {
  // Xen puts sixteen vCPUs into a cluster.
  const id = Number(target & 0xfn) | (Number((target >> 8n) & 0xffn) << 4);
  const vcpu = domain.vcpus[id];
  if (!vcpu) return INVALID_PARAMETERS;
  if ((entry & 1n) !== 0n) return INVALID_ADDRESS;
  if (!vcpu.isDown) return ALREADY_ON;
  host.vgic.clear(vcpu);
  // Debug exceptions are masked as well.
  vcpu.begin(entry, context, pstateAtStart | Pstate.D);
  host.scheduling.setDown(vcpu.unit, false);
  return SUCCESS;
};

/** Whether any vCPU is on within the affinity level. */
const affinityInfo = ({ domain }: VCpu, target: bigint, level: number): number => {
  if (level > 3) return INVALID_PARAMETERS;
  const mask = affinityMask & ~((1n << BigInt(8 * level)) - 1n);
  const on = domain.vcpus.some((vcpu) => !vcpu.isDown && (BigInt(vcpu.id) & mask) === (target & mask));
  return on ? AffinityState.ON : AffinityState.OFF;
};
