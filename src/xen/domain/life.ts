/** A living domain: pausing, shutting down, resuming. */
import { ProbeKind } from '../../base/probe/kinds.ts';
import { packVcpu } from '../../base/probe/probe.ts';
import { PsciFunction } from '../../soc/firmware/psci-abi.ts';
import type { XenLog } from '../log.ts';
import type { Machine } from '../machine/machine.ts';
import { Errno } from '../public/errno.ts';
import type { Scheduling } from '../sched/schedule.ts';
import { type Domain, ShutdownReason } from './domain.ts';

export interface PauseHost {
  readonly scheduling: Scheduling;
}

export interface ShutdownHost extends PauseHost {
  readonly machine: Machine;
  readonly log: XenLog;
  /** Tells the toolstack that a domain has shut down or is gone (VIRQ_DOM_EXC). */
  readonly onDomainChanged: (domain: Domain) => void;
}

/** Takes a domain's vCPUs off the run queues; those on a pCPU leave it soon. */
export const pauseDomain = ({ scheduling }: PauseHost, domain: Domain): void => {
  domain.pauseCount++;
  for (const { unit } of domain.vcpus) scheduling.sleep(unit);
};

const unpauseDomain = ({ scheduling }: PauseHost, domain: Domain): void => {
  if (--domain.pauseCount > 0) return;
  for (const { unit } of domain.vcpus) scheduling.wake(unit);
};

/** XEN_DOMCTL_pausedomain. */
export const pauseByToolstack = (host: PauseHost, domain: Domain): void => {
  domain.controllerPauses++;
  domain.changed();
  pauseDomain(host, domain);
};

/** XEN_DOMCTL_unpausedomain: -EINVAL unless the toolstack has paused it. */
export const unpauseByToolstack = (host: PauseHost, domain: Domain): number => {
  if (domain.controllerPauses === 0) return -Errno.EINVAL;
  domain.controllerPauses--;
  domain.changed();
  unpauseDomain(host, domain);
  return 0;
};

/** Whether none of its vCPUs is on a pCPU. */
export const isOffCpus = (domain: Domain): boolean => domain.vcpus.every(({ unit }) => !unit.isRunning);

/** Shuts a domain down, for a reason that the toolstack reads. If it is Dom0, the machine ends. */
export const shutdownDomain = (host: ShutdownHost, domain: Domain, reason: number): void => {
  if (domain.shutdownReason === -1) domain.shutdownReason = reason;
  if (domain.isPrivileged) endMachine(host, domain.shutdownReason);
  if (domain.isShuttingDown) return;
  domain.isShuttingDown = true;
  host.machine.probe.emitFor(packVcpu(domain.domainId, 0), ProbeKind.domainShutdown, domain.shutdownReason);
  for (const { unit } of domain.vcpus) host.scheduling.pause(unit);
  domain.isShutDown = true;
  domain.changed();
  host.onDomainChanged(domain);
};

/** Resumes a domain that has shut down. */
export const resumeDomain = ({ scheduling }: PauseHost, domain: Domain): void => {
  if (!domain.isShuttingDown) return;
  domain.isShuttingDown = false;
  domain.isShutDown = false;
  domain.shutdownReason = -1;
  domain.changed();
  for (const { unit } of domain.vcpus) scheduling.unpause(unit);
};

/** Dom0 has stopped. The firmware ends the machine. */
const endMachine = ({ log, machine }: ShutdownHost, reason: number): void => {
  log.printk(endingOf(reason));
  machine.firmware(reason === ShutdownReason.poweroff ? PsciFunction.SYSTEM_OFF : PsciFunction.SYSTEM_RESET);
};

const endingOf = (reason: number): string => {
  const name = 'Hardware Dom0';
  switch (reason) {
    case ShutdownReason.poweroff:
      return `${name} halted: halting machine`;
    case ShutdownReason.crash:
      return `${name} crashed: rebooting machine in 5 seconds.`;
    case ShutdownReason.reboot:
      return `${name} shutdown: rebooting machine`;
    case ShutdownReason.watchdog:
      return `${name} shutdown: watchdog rebooting machine`;
    case ShutdownReason.softReset:
      return 'Hardware domain 0 did unsupported soft reset, rebooting.';
    default:
      return `${name} shutdown (unknown reason ${reason}): rebooting machine in 5 seconds.`;
  }
};
