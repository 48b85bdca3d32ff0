import { err, ok, type Result } from '../../base/result.ts';
import { Errno } from '../hypercall/errno.ts';
import { gic, pageSize } from '../machine/machine.ts';
import { GrantTable } from '../mm/grant-table.ts';
import { Owner } from '../mm/heap.ts';
import { P2m, P2mType } from '../mm/p2m.ts';
import { VTimer } from '../time/vtimer.ts';
import { Watchdogs } from '../time/watchdogs.ts';
import type { Xen } from '../xen.ts';
import { Domain, type DomainConfig, firstReservedDomain, ShutdownReason } from './domain.ts';
import { gicCpuInterface, Ppi } from './guest-layout.ts';
import { shutdownDomain } from './life.ts';
import { VCpu } from './vcpu.ts';

/** A GICv2 has eight targets. */
const maxVcpus = 8;
const vmids = 256;
/** Pages for tables that a domain has from the start. */
const initialPool = 16;

/** domain_create, with what arch_domain_create adds. The error leaves nothing behind. */
export const createDomain = (
  xen: Xen,
  config: DomainConfig,
  wanted: number,
  isPrivileged: boolean,
): Result<Domain, Errno> => {
  if (config.maxVcpus < 1 || config.maxVcpus > maxVcpus || config.spis > 988) return err(Errno.EINVAL);
  const domainId = isPrivileged ? 0 : freeNumber(xen, wanted);
  if (domainId === null) return err(wanted > 0 ? Errno.EEXIST : Errno.ENOMEM);
  const vmid = freeVmid(xen);
  if (vmid === null) return err(Errno.EBUSY);
  const { machine, heap } = xen;
  const p2m = P2m.create(machine, heap, vmid, !isPrivileged);
  if (!p2m) return err(Errno.ENOMEM);
  const sharedInfo = heap.allocate(0, Owner.xen);
  if (sharedInfo === null || p2m.setPool(initialPool) !== 0) {
    if (sharedInfo !== null) heap.free(sharedInfo, 0);
    p2m.teardown();
    return err(Errno.ENOMEM);
  }
  // Event channels write it at its host address: memory must know, to clear it for the next owner.
  machine.page(sharedInfo);
  const domain = new Domain(
    domainId,
    vmid,
    config,
    isPrivileged,
    p2m,
    sharedInfo,
    machine.hostPage(sharedInfo) * pageSize,
    xen.eventHost,
    new GrantTable(machine, heap, config.maxGrantFrames, config.maxMaptrackFrames),
    (domain) =>
      new Watchdogs(
        () => machine.now(),
        (callback) => xen.timers.create(0, callback),
        () => expire(xen, domain),
      ),
    machine.counter,
    // What "Allocating PPI 16 for event channel interrupt" says of Dom0.
    isPrivileged ? 16 : Ppi.eventChannel,
    heap,
  );
  // The toolstack lets it run.
  domain.pauseCount = 1;
  domain.controllerPauses = 1;
  mapVirtualInterface(domain);
  return ok(domain);
};

/** domain_watchdog_timeout. */
const expire = (xen: Xen, domain: Domain): void => {
  if (domain.isShuttingDown || domain.isDying) return;
  xen.log.printk(`Watchdog timer fired for domain ${domain.domainId}`);
  shutdownDomain(xen, domain, ShutdownReason.watchdog);
};

/** The virtual CPU interface, where the guest expects its own; Dom0 has the platform of other guests here. */
const mapVirtualInterface = ({ p2m }: Domain): void => {
  const pages = gicCpuInterface.size / pageSize;
  p2m.map(gicCpuInterface.base / pageSize, pages, gic.virtualCpuInterface / pageSize, P2mType.mmioDirectDevice);
};

/** Makes all vCPUs of a domain. They are down. */
export const createVcpus = (xen: Xen, domain: Domain): void => {
  const { machine, timers, scheduling } = xen;
  for (let id = 0; id < domain.maxVcpus; id++) {
    const vcpu = new VCpu(domain, id);
    const unit = scheduling.createUnit(domain, id, domain.vcpus[id - 1]?.unit);
    const inject = (irq: number): void => xen.inject(vcpu, irq);
    vcpu.attach(unit, new VTimer(machine, timers, domain.timerOffset, unit.processor, inject));
    // The only one in struct shared_info: XEN_LEGACY_MAX_VCPUS is 1.
    if (id === 0) vcpu.info = machine.hostPage(domain.sharedInfo) * pageSize;
    domain.vcpus.push(vcpu);
    xen.register(vcpu);
  }
};

/** The number asked for, or for 0 the one behind that given last. */
const freeNumber = (xen: Xen, wanted: number): number | null => {
  if (wanted > 0) return wanted < firstReservedDomain && !xen.domains.has(wanted) ? wanted : null;
  xen.lastDomain = nextDomainId(xen);
  return xen.lastDomain;
};

/** The number that the next domain will get. */
export const nextDomainId = (xen: Xen): number => {
  let number = xen.lastDomain;
  do number = (number % (firstReservedDomain - 1)) + 1;
  while (xen.domains.has(number));
  return number;
};

/** The lowest VMID that no domain has; 0 is nobody's. */
const freeVmid = (xen: Xen): number | null => {
  const used = new Set([...xen.domains.values()].map((domain) => domain.vmid));
  for (let vmid = 1; vmid < vmids; vmid++) if (!used.has(vmid)) return vmid;
  return null;
};
