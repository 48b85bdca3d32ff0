import { ProbeKind } from '../../base/probe/kinds.ts';
import { Errno } from '../hypercall/errno.ts';
import { idleDomainId } from '../sched/unit.ts';
import { showExecutionState } from '../traps/crash.ts';
import type { Xen } from '../xen.ts';
import { type Domain, ShutdownReason } from './domain.ts';

/** domain_pause_nosync: none of its vCPUs is given a pCPU any more; those that have one leave it soon. */
export const pauseDomain = (xen: Xen, domain: Domain): void => {
  domain.pauseCount++;
  for (const { unit } of domain.vcpus) xen.scheduling.sleep(unit);
};

export const unpauseDomain = (xen: Xen, domain: Domain): void => {
  if (--domain.pauseCount > 0) return;
  for (const { unit } of domain.vcpus) xen.scheduling.wake(unit);
};

/** XEN_DOMCTL_pausedomain. */
export const pauseByToolstack = (xen: Xen, domain: Domain): void => {
  domain.controllerPauses++;
  pauseDomain(xen, domain);
};

/** XEN_DOMCTL_unpausedomain: -EINVAL unless the toolstack has paused it. */
export const unpauseByToolstack = (xen: Xen, domain: Domain): number => {
  if (domain.controllerPauses === 0) return -Errno.EINVAL;
  domain.controllerPauses--;
  unpauseDomain(xen, domain);
  return 0;
};

/** Whether none of its vCPUs is on a pCPU. */
export const isOffCpus = (domain: Domain): boolean => domain.vcpus.every(({ unit }) => !unit.isRunning);

/** domain_shutdown: it stops, for a reason that the toolstack will look at. Dom0 takes the machine with it. */
export const shutdownDomain = (xen: Xen, domain: Domain, reason: number): void => {
  if (domain.shutdownReason === -1) domain.shutdownReason = reason;
  if (domain.isPrivileged) endMachine(xen, domain.shutdownReason);
  if (domain.isShuttingDown) return;
  domain.isShuttingDown = true;
  xen.machine.probe.emitFor(domain.domainId, 0, ProbeKind.domainShutdown, domain.shutdownReason);
  for (const { unit } of domain.vcpus) xen.scheduling.pause(unit);
  domain.isShutDown = true;
  xen.observer.domainChanged(domain);
};

/** domain_resume: a domain that was shut down goes on. */
export const resumeDomain = (xen: Xen, domain: Domain): void => {
  if (!domain.isShuttingDown) return;
  domain.isShuttingDown = false;
  domain.isShutDown = false;
  domain.shutdownReason = -1;
  for (const { unit } of domain.vcpus) xen.scheduling.unpause(unit);
};

/** hwdom_shutdown. */
const endMachine = (xen: Xen, reason: number): void => {
  const name = 'Hardware Dom0';
  const halts = reason === ShutdownReason.poweroff;
  switch (reason) {
    case ShutdownReason.poweroff:
      xen.log.printk(`${name} halted: halting machine`);
      break;
    case ShutdownReason.crash:
      xen.log.printk(`${name} crashed: rebooting machine in 5 seconds.`);
      break;
    case ShutdownReason.reboot:
      xen.log.printk(`${name} shutdown: rebooting machine`);
      break;
    case ShutdownReason.watchdog:
      xen.log.printk(`${name} shutdown: watchdog rebooting machine`);
      break;
    case ShutdownReason.softReset:
      xen.log.printk('Hardware domain 0 did unsupported soft reset, rebooting.');
      break;
    default:
      xen.log.printk(`${name} shutdown (unknown reason ${reason}): rebooting machine in 5 seconds.`);
  }
  xen.end(halts ? 'halt' : 'reboot');
};

/** domain_crash. The registers are printed where it is the domain that runs. */
export const crashDomain = (xen: Xen, domain: Domain): void => {
  const { cpu } = xen.machine;
  const { here } = xen;
  if (!domain.isShuttingDown) {
    if (here?.domain === domain) {
      xen.log.printk(`Domain ${domain.domainId} (vcpu#${here.id}) crashed on cpu#${cpu}:`);
      showExecutionState(xen);
    } else {
      const by = here ? here.domain.domainId : idleDomainId;
      xen.log.printk(`Domain ${domain.domainId} reported crashed by domain ${by} on cpu#${cpu}:`);
    }
  }
  shutdownDomain(xen, domain, ShutdownReason.crash);
};

/**
 * XEN_DOMCTL_destroydomain: all that the domain had is given back. False stands for -ERESTART: one of its vCPUs is still on a pCPU,
 * which it leaves soon; the caller is to ask again.
 */
export const destroyDomain = (xen: Xen, domain: Domain): boolean => {
  if (domain.life === 'alive') {
    pauseDomain(xen, domain);
    domain.life = 'dying';
  }
  if (!isOffCpus(domain)) return false;
  domain.events.reset();
  domain.watchdogs.stopAll();
  for (const { owner, reference, readOnly, mfn } of domain.grants.mappings) {
    xen.domains.get(owner)?.grants.release(reference, !readOnly);
    xen.heap.letGo(mfn);
  }
  domain.grants.teardown();
  // Its vCPUs are never to run again.
  for (const vcpu of [...domain.vcpus].reverse()) {
    vcpu.timer.destroy();
    xen.scheduling.destroyUnit(vcpu.unit);
    xen.unregister(vcpu);
  }
  xen.scheduling.policy.removeDomain(domain);
  domain.p2m.teardown();
  xen.heap.free(domain.sharedInfo, 0);
  domain.releaseAll();
  domain.life = 'dead';
  xen.domains.delete(domain.domainId);
  xen.machine.probe.emitFor(domain.domainId, 0, ProbeKind.domainDestroyed);
  xen.observer.domainChanged(domain);
  return true;
};
