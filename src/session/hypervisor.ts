/**
 * What can be known of the hypervisor on a machine. The model of Xen implements this from its own objects; for a
 * hypervisor in machine code, the same facts are in registers and memory. Looking changes nothing.
 */
import type { DomainDetails } from './api/domain-details.ts';
import type { DomainList, StageTwoRoot, VcpuName } from './api/hypervisor.ts';
import type { EmulatedWindow, SharedPage } from './api/translation.ts';
import type { UsageView } from './usage/usage.ts';

export interface DomainAddresses {
  /** Devices that Xen emulates. */
  readonly emulated: readonly EmulatedWindow[];
  readonly shared: readonly SharedPage[];
  /** Whether the hardware walks tables of Xen's own making, which it fills as the guest faults. */
  readonly isShadowed: boolean;
}

export interface HypervisorView extends UsageView {
  /** The scheduler, by the name that Xen's command line has for it. */
  readonly scheduler: string;
  /**
   * Grows when the list of domains changes in anything but times and who runs where. It may grow without such a change.
   */
  readonly version: number;
  /** KiB of free memory. */
  readonly freeKib: number;
  /** Domains with vCPUs, states, scheduling parameters and consoles. */
  domains(): DomainList;
  /** A domain in detail; null if there is none of that number. */
  details(domain: number): DomainDetails | null;
  /** By core: the vCPU that it runs now; null where the core is idle. */
  running(): readonly (VcpuName | null)[];
  /** Where the translation of each domain's addresses begins. */
  roots(): readonly StageTwoRoot[];
  /** What is known of a domain's addresses besides its tables. */
  addresses(domain: number): DomainAddresses;
}
