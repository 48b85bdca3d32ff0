/** Power of virtual CPUs: PSCI 1.1 as xen/arch/arm/vpsci.c has it, and what is left of PSCI 0.1. */
import { Pstate } from '../../arch/state/control-bits.ts';
import { ShutdownReason } from '../domain/domain.ts';
import { shutdownDomain } from '../domain/life.ts';
import type { VCpu } from '../domain/vcpu.ts';
import { pstateAtStart } from '../machine/context.ts';
import { setX, xLow } from '../machine/registers.ts';
import { blockUnlessPending } from '../traps/wfx.ts';
import type { Xen } from '../xen.ts';

const CPU_OFF_0_1 = 1;
const CPU_ON_0_1 = 2;
const PSCI_VERSION = 0x8400_0000;
const CPU_SUSPEND = 0x8400_0001;
const CPU_SUSPEND_64 = 0xc400_0001;
const CPU_OFF = 0x8400_0002;
const CPU_ON = 0x8400_0003;
const CPU_ON_64 = 0xc400_0003;
const AFFINITY_INFO = 0x8400_0004;
const AFFINITY_INFO_64 = 0xc400_0004;
const MIGRATE_INFO_TYPE = 0x8400_0006;
const SYSTEM_OFF = 0x8400_0008;
const SYSTEM_RESET = 0x8400_0009;
const PSCI_FEATURES = 0x8400_000a;
const SMCCC_VERSION = 0x8000_0000;

/** Functions of which PSCI_FEATURES says that they are there. */
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

const SUCCESS = 0;
const NOT_SUPPORTED = -1;
const INVALID_PARAMETERS = -2;
const ALREADY_ON = -4;
const INTERNAL_FAILURE = -6;
const INVALID_ADDRESS = -9;

/** AFFINITY_INFO. */
const ON = 0;
const OFF = 1;
/** MIGRATE_INFO_TYPE: no Trusted OS, or one that does not care. */
const noMigration = 2;

/** Serves a function; false if it is none of PSCI's. */
export const virtualPsci = (xen: Xen, vcpu: VCpu, id: number): boolean => {
  const result = serve(xen, vcpu, id);
  if (result === null) return false;
  setX(xen.machine.core, 0, result, result < 0 ? -1 : 0);
  return true;
};

const serve = (xen: Xen, vcpu: VCpu, id: number): number | null => {
  const { core } = xen.machine;
  switch (id) {
    case PSCI_VERSION:
      return 0x1_0001;
    case CPU_OFF_0_1:
    case CPU_OFF:
      xen.scheduling.setDown(vcpu.unit, true);
      return SUCCESS;
    case CPU_ON_0_1: {
      const status = turnOn(xen, vcpu, core.x(1) & 0xffff_ffffn, core.x(2), 0n);
      return status === ALREADY_ON || status === INVALID_ADDRESS ? INVALID_PARAMETERS : status;
    }
    case CPU_ON:
    case CPU_ON_64:
      return turnOn(xen, vcpu, core.x(1), core.x(2), core.x(3));
    case CPU_SUSPEND:
    case CPU_SUSPEND_64:
      // A power-down is taken for a standby.
      blockUnlessPending(xen, vcpu);
      return SUCCESS;
    case AFFINITY_INFO:
    case AFFINITY_INFO_64:
      return affinityInfo(vcpu, core.x(1), xLow(core, 2));
    case MIGRATE_INFO_TYPE:
      return noMigration;
    case SYSTEM_OFF:
      shutdownDomain(xen, vcpu.domain, ShutdownReason.poweroff);
      return INTERNAL_FAILURE;
    case SYSTEM_RESET:
      shutdownDomain(xen, vcpu.domain, ShutdownReason.reboot);
      return INTERNAL_FAILURE;
    case PSCI_FEATURES:
      return features.has(xLow(core, 1)) ? SUCCESS : NOT_SUPPORTED;
    default:
      return null;
  }
};

/** The affinity fields of a register with MPIDR_EL1's format: Aff3, and Aff2 to Aff0. */
const affinityMask = 0xff_00ff_ffffn;

/** do_common_cpu_on. */
const turnOn = (xen: Xen, { domain }: VCpu, target: bigint, entry: bigint, context: bigint): number => {
  // vaffinity_to_vcpuid: sixteen vCPUs in a cluster.
  const id = Number(target & 0xfn) | (Number((target >> 8n) & 0xffn) << 4);
  const vcpu = domain.vcpus[id];
  if (!vcpu) return INVALID_PARAMETERS;
  if ((entry & 1n) !== 0n) return INVALID_ADDRESS;
  if (!vcpu.isDown) return ALREADY_ON;
  xen.vgic.clear(vcpu);
  // Debug exceptions are masked as well.
  vcpu.context.begin(entry, context, pstateAtStart | Pstate.D);
  xen.scheduling.setDown(vcpu.unit, false);
  return SUCCESS;
};

/** Whether any vCPU is on within the affinity level. */
const affinityInfo = ({ domain }: VCpu, target: bigint, level: number): number => {
  if (level > 3) return INVALID_PARAMETERS;
  const mask = affinityMask & ~((1n << BigInt(8 * level)) - 1n);
  const on = domain.vcpus.some((vcpu) => !vcpu.isDown && (BigInt(vcpu.id) & mask) === (target & mask));
  return on ? ON : OFF;
};
