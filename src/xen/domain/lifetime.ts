/** The birth and the death of a domain. Each is one function, and each undoes the other. */
import { ProbeKind } from '../../base/probe/kinds.ts';
import { packVcpu } from '../../base/probe/probe.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Costs } from '../costs.ts';
import type { EventHost } from '../events/event-channels.ts';
import { gic } from '../machine/gic.ts';
import { type Machine, pageSize } from '../machine/machine.ts';
import { GrantTable } from '../mm/grant-table.ts';
import { Owner } from '../mm/heap.ts';
import { P2m, P2mType } from '../mm/p2m.ts';
import { Errno } from '../public/errno.ts';
import type { Timers } from '../time/timers.ts';
import { VTimer } from '../time/vtimer.ts';
import { Watchdogs } from '../time/watchdogs.ts';
import type { EmulatedCpuInterface } from '../unaccelerated/cpu-interface.ts';
import { type ShadowTable, ShadowTables } from '../unaccelerated/shadow-tables.ts';
import { SoftwareInterface } from '../unaccelerated/software-interface.ts';
import { unacceleratedHcr } from '../unaccelerated/system-registers.ts';
import { Translation } from '../unaccelerated/translation.ts';
import type { VirtualDistributor } from '../vgic/distributor.ts';
import type { Vgic } from '../vgic/vgic.ts';
import { type BurialHost, bury } from './burial.ts';
import { Domain, type DomainConfig, maskUpcalls, ShutdownReason, VCpu } from './domain.ts';
import { unmapGrant } from './grant-mappings.ts';
import { gicCpuInterface, Ppi } from './guest-layout.ts';
import { isOffCpus, pauseDomain, type ShutdownHost, shutdownDomain } from './life.ts';
import { untrappedWaits } from './vwfi.ts';

/** The parts of Xen that a domain is made from and given back to. */
export interface LifetimeHost extends ShutdownHost, BurialHost {
  readonly machine: Machine;
  readonly timers: Timers;
  readonly vgic: Vgic;
  readonly distributor: VirtualDistributor;
  readonly cpuInterface: EmulatedCpuInterface;
  readonly costs: Costs;
  readonly eventHost: EventHost<VCpu>;
}

/** A GICv2 has eight targets. */
const maxVcpus = 8;
/** Largest number of SPIs of a virtual GIC. */
const maxSpis = 988;
/** Pages for tables that a domain has from the start. */
const initialPool = 16;

export interface CreateOptions {
  /** The number of the domain; 0 for the next free one. */
  readonly domainId?: number;
  /** Whether it is Dom0, whose number is 0. */
  readonly isPrivileged?: boolean;
  /** The number of its cpupool. */
  readonly pool?: number;
}

/** Makes a domain with all its vCPUs. The domain is paused, and its vCPUs are down. An error leaves nothing behind. */
export const createDomain = (
  host: LifetimeHost,
  config: DomainConfig,
  { domainId: wanted = 0, isPrivileged = false, pool = 0 }: CreateOptions = {},
): Result<Domain, Errno> => {
  if (config.maxVcpus < 1 || config.maxVcpus > maxVcpus || config.spis > maxSpis) return err(Errno.EINVAL);
  const { machine, heap, domains, scheduling } = host;
  if (wanted > 0 && !domains.isFree(wanted)) return err(Errno.EEXIST);
  const noPool = scheduling.pools.refusal(pool);
  if (noPool !== null) return err(noPool);
  const domainId = isPrivileged ? 0 : wanted || domains.takeNumber();
  const vmid = domains.freeVmid();
  if (vmid === null) return err(Errno.EBUSY);
  const p2m = P2m.create(host, vmid, !isPrivileged);
  if (!p2m) return err(Errno.ENOMEM);
  const sharedInfo = heap.allocate(0, Owner.xen);
  if (sharedInfo === null || p2m.setPool(initialPool) !== 0) {
    if (sharedInfo !== null) heap.free(sharedInfo, 0);
    p2m.teardown();
    return err(Errno.ENOMEM);
  }
  // Event channels write the page at its host address: memory has to know, to clear it for the next owner.
  machine.page(sharedInfo);
  const domain = new Domain({
    domainId,
    vmid,
    config,
    isPrivileged,
    p2m,
    heap,
    grants: new GrantTable(machine, heap, config.maxGrantFrames, config.maxMaptrackFrames),
    sharedInfo,
    sharedInfoAddress: machine.hostPage(sharedInfo) * pageSize,
    eventHost: host.eventHost,
    eventInterrupt: isPrivileged ? Ppi.dom0EventChannel : Ppi.eventChannel,
    timerOffset: machine.counter,
    changes: domains.changes,
    watchdogs: (owner) =>
      new Watchdogs(
        () => machine.now(),
        (callback) => host.timers.create(0, callback),
        () => expire(host, owner),
      ),
  });
  domain.pauseCount = 1;
  domain.controllerPauses = 1;
  if (config.unaccelerated) {
    const isRoot = (table: ShadowTable): boolean => domain.vcpus.some(({ translation }) => translation?.hasRoot(table));
    domain.shadow = ShadowTables.create(host, p2m, vmid, isRoot);
    if (!domain.shadow) {
      domain.grants.teardown();
      heap.free(sharedInfo, 0);
      p2m.teardown();
      return err(Errno.ENOMEM);
    }
    host.cpuInterface.attach(domain);
  } else mapVirtualInterface(domain);
  host.distributor.attach(domain);
  domains.add(domain);
  scheduling.insertDomain(domain, pool);
  createVcpus(host, domain);
  machine.probe.emitFor(packVcpu(domainId, 0), ProbeKind.domainCreated, config.maxVcpus);
  return ok(domain);
};

/**
 * Gives back everything that a domain has. Returns false if a vCPU is still on a pCPU: it leaves that soon, and the
 * caller tries again. While other domains map pages of it, it remains without its memory, and goes with the last of
 * these mappings.
 */
export const destroyDomain = (host: LifetimeHost, domain: Domain): boolean => {
  if (domain.life === 'alive') {
    pauseDomain(host, domain);
    domain.life = 'dying';
    domain.changed();
  }
  if (!isOffCpus(domain)) return false;
  domain.events.reset();
  domain.watchdogs.stopAll();
  for (const handle of domain.grants.mappings.keys()) unmapGrant(host, domain, handle);
  if (!domain.grants.isUsed) {
    bury(host, domain);
    return true;
  }
  domain.life = 'zombie';
  host.scheduling.pools.moveDomain(domain, 0);
  host.guestInterrupts.release(domain);
  host.iommu.release(domain);
  domain.releaseAll();
  host.onDomainChanged(domain);
  return true;
};

const createVcpus = (host: LifetimeHost, domain: Domain): void => {
  const { machine, timers, scheduling, vgic } = host;
  const untrapped = untrappedWaits(host.commandLine);
  for (let id = 0; id < domain.maxVcpus; id++) {
    const vcpu = new VCpu(domain, id);
    vcpu.hcr &= ~untrapped;
    const { shadow } = domain;
    if (shadow) {
      vcpu.hcr |= unacceleratedHcr;
      vcpu.translation = new Translation(machine, shadow, domain.p2m);
      vcpu.gic.software = new SoftwareInterface();
    }
    const unit = scheduling.createUnit(domain, id, domain.vcpus[id - 1]?.unit);
    const inject = (irq: number): void => vgic.inject(vcpu, irq);
    const { timerOffset: offset } = domain;
    vcpu.attach(
      unit,
      new VTimer({ machine, timers, offset, cpu: unit.processor, isEmulated: shadow !== null, inject }),
    );
    // struct shared_info has room for the information of one vCPU (XEN_LEGACY_MAX_VCPUS).
    if (id === 0) {
      vcpu.info = machine.hostPage(domain.sharedInfo) * pageSize;
      maskUpcalls(machine, vcpu.info);
    }
    domain.vcpus.push(vcpu);
  }
};

/** A watchdog of the domain has expired. */
const expire = (host: LifetimeHost, domain: Domain): void => {
  if (domain.isShuttingDown || domain.isDying) return;
  host.log.printk(`Watchdog timer fired for domain ${domain.domainId}`);
  shutdownDomain(host, domain, ShutdownReason.watchdog);
};

/**
 * Maps the GIC's virtual CPU interface where the guest expects its CPU interface. Dom0 has the same platform as other
 * guests here.
 */
const mapVirtualInterface = ({ p2m }: Domain): void => {
  const pages = gicCpuInterface.size / pageSize;
  p2m.map(gicCpuInterface.base / pageSize, pages, gic.virtualCpuInterface / pageSize, P2mType.mmioDirectDevice);
};
