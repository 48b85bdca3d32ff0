/**
 * What can be known of a hypervisor on a machine, whatever it is: the model of Xen implements this from its own objects, one in
 * machine code can be looked at through registers and memory. Looking changes nothing.
 */
import type { DomainList, StageTwoRoot, Utilisation, UtilisationRequest, VcpuName } from './api/hypervisor.ts';

export interface HypervisorView {
  /** The scheduler, by the name that Xen's command line has for it. */
  readonly scheduler: string;
  /** Version of the list of domains: grows with their coming, going, states, names and placement, not with their times. */
  readonly version: number;
  /** Memory in KiB that no domain has. */
  readonly freeKib: number;
  /** Virtual time of the last sample of utilisation, in nanoseconds. */
  readonly sampled: number;
  /** Domains with vCPUs, states, scheduling parameters and consoles. */
  domains(): DomainList;
  /** By core: the vCPU that it runs now; null where the core is idle. */
  running(): readonly (VcpuName | null)[];
  /** Where the translation of each domain's addresses begins. */
  roots(): readonly StageTwoRoot[];
  /** Who used the pCPUs. */
  utilisation(request: UtilisationRequest): Utilisation;
}
