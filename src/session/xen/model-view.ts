/** The hypervisor view of the model of Xen. */
import type { CoreState } from '../../arch/state/core.ts';
import type { Dom0 } from '../../dom0/dom0.ts';
import type { Domain } from '../../xen/domain/domain.ts';
import type { DomainDetails } from '../api/domain-details.ts';
import type { DomainList, StageTwoRoot, Utilisation, UtilisationRequest, VcpuName } from '../api/hypervisor.ts';
import type { DomainAddresses, HypervisorView } from '../hypervisor.ts';
import { emulatedName } from '../translation/emulated.ts';
import { samplePeriod } from '../usage/usage.ts';
import { detailsOf } from './domain-details.ts';
import { DomainWatch } from './domains.ts';
import { UtilisationRecorder } from './utilisation.ts';

export class ModelView implements HypervisorView {
  private dom0: Dom0;
  private readonly cores: readonly CoreState[];
  private readonly watch: DomainWatch;
  private readonly recorder: UtilisationRecorder;

  /** @param gone called with each destroyed domain, after its use of the pCPUs was last sampled */
  constructor(dom0: Dom0, cores: readonly CoreState[], gone: (domain: Domain) => void) {
    this.dom0 = dom0;
    this.cores = cores;
    this.watch = new DomainWatch(dom0);
    this.recorder = new UtilisationRecorder(dom0.xen, this.watch);
    this.recorder.onGone = gone;
  }

  /** The machine has been restarted, with another Dom0, at a virtual time in nanoseconds. */
  restart(dom0: Dom0, now: number): void {
    this.recorder.restart(dom0.xen, now);
    this.watch.restart(dom0);
    this.dom0 = dom0;
  }

  get scheduler(): string {
    return this.dom0.xen.scheduling.policy.name;
  }

  get version(): number {
    return this.watch.version;
  }

  get freeKib(): number {
    return this.dom0.xen.heap.freePages * 4;
  }

  get sampled(): number {
    return this.recorder.sampled;
  }

  domains(): DomainList {
    return this.watch.list();
  }

  details(domain: number): DomainDetails | null {
    return detailsOf(this.dom0, this.cores, domain);
  }

  running(): readonly (VcpuName | null)[] {
    const { xen } = this.dom0;
    return Array.from({ length: xen.machine.cpus }, (_, cpu) => {
      const vcpu = xen.current(cpu);
      return vcpu && { domain: vcpu.domain.domainId, vcpu: vcpu.id };
    });
  }

  roots(): readonly StageTwoRoot[] {
    return [...this.dom0.xen.domains.values()].map(({ domainId, p2m }) => {
      const { vttbrLow, vttbrHigh } = p2m;
      const vttbr = (BigInt(vttbrHigh >>> 0) << 32n) | BigInt(vttbrLow >>> 0);
      // VTTBR_EL2: VMID in bits 63:48, BADDR in 47:1 (Arm ARM, D17.2).
      return { domain: domainId, vmid: Number(vttbr >> 48n), table: vttbr & 0xffff_ffff_fffen, vttbr };
    });
  }

  addresses(domainId: number): DomainAddresses {
    const { domains } = this.dom0.xen;
    const domain = domains.get(domainId);
    if (!domain) return { emulated: [], shared: [], isShadowed: false };
    const emulated = domain.mmio.all.map(({ base, size }) => ({ base, size, name: emulatedName(base) }));
    const mapped = [...domain.grants.mappings.values()].map(({ gfn, owner, reference, readOnly }) => {
      return { gfn, isOwn: false, other: owner, reference, readOnly };
    });
    const granted = [...domains.values()].flatMap(({ domainId: other, grants }) =>
      [...grants.mappings.values()].flatMap(({ owner, reference, readOnly }) => {
        const gfn = owner === domainId ? domain.grants.grantedFrame(reference) : null;
        return gfn === null ? [] : [{ gfn, isOwn: true, other, reference, readOnly }];
      }),
    );
    return { emulated, shared: [...mapped, ...granted], isShadowed: domain.shadow !== null };
  }

  utilisation(request: UtilisationRequest): Utilisation {
    const pools = this.watch.pools();
    const named = Array.from(this.cores, (_, cpu) => pools.find(({ pcpus }) => pcpus.includes(cpu))?.name ?? '');
    const utilisation = this.recorder.query(request);
    return pools.length > 1 ? { ...utilisation, pools: named } : utilisation;
  }

  /** A slice has ended: takes a sample when it is time. */
  sliceEnded(now: number): void {
    if (now % samplePeriod === 0) this.recorder.sample(now);
  }
}
