import { ProbeKind } from '../../base/probe/kinds.ts';
import { packVcpu } from '../../base/probe/probe.ts';
import type { Machine } from '../machine/machine.ts';
import type { Heap } from '../mm/heap.ts';
import type { GuestInterrupts } from '../passthrough/interrupts.ts';
import type { Iommu } from '../passthrough/iommu.ts';
import type { Scheduling } from '../sched/schedule.ts';
import type { Domain } from './domain.ts';
import type { Domains } from './domains.ts';

/** The parts of Xen that a domain is given back to. */
export interface BurialHost {
  readonly machine: Machine;
  readonly heap: Heap;
  readonly domains: Domains;
  readonly scheduling: Scheduling;
  readonly guestInterrupts: GuestInterrupts;
  readonly iommu: Iommu;
  /** Called when a domain has changed its state. */
  readonly onDomainChanged: (domain: Domain) => void;
}

/** The end of a dying domain of which nobody maps pages any more: what is left of it goes. */
export const bury = (host: BurialHost, domain: Domain): void => {
  const { heap, domains, scheduling } = host;
  domain.grants.teardown();
  // The vCPUs never run again.
  for (const vcpu of [...domain.vcpus].reverse()) {
    vcpu.timer.destroy();
    scheduling.destroyUnit(vcpu.unit);
  }
  host.guestInterrupts.release(domain);
  host.iommu.release(domain);
  scheduling.removeDomain(domain);
  domain.shadow?.teardown();
  domain.p2m.teardown();
  heap.free(domain.sharedInfo, 0);
  domain.releaseAll();
  domain.life = 'dead';
  domains.remove(domain);
  host.machine.probe.emitFor(packVcpu(domain.domainId, 0), ProbeKind.domainDestroyed);
  host.onDomainChanged(domain);
};
