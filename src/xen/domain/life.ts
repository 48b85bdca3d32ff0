/** A living domain: pausing, shutting down, resuming. */
import { ProbeKind } from '../../base/probe/kinds.ts';
import { packVcpu } from '../../base/probe/probe.ts';
import { PsciFunction } from '../../soc/firmware/psci-abi.ts';
import { type CommandLine, flagParameter } from '../command-line.ts';
import type { XenLog } from '../log.ts';
import type { Machine } from '../machine/machine.ts';
import { Errno } from '../public/errno.ts';
import type { Scheduling } from '../sched/schedule.ts';
import { nanoseconds } from '../time/time.ts';
import type { Timers } from '../time/timers.ts';
import { type Domain, ShutdownReason } from './domain.ts';
import type { Domains } from './domains.ts';

export interface PauseHost {
  readonly scheduling: Scheduling;
}

export interface ShutdownHost extends PauseHost {
  readonly machine: Machine;
  readonly log: XenLog;
  readonly commandLine: CommandLine;
  readonly domains: Domains;
  readonly timers: Timers;
  /** Tells the toolstack that a domain has shut down or is gone (VIRQ_DOM_EXC). */
  readonly onDomainChanged: (domain: Domain) => void;
}

/** Takes a domain's vCPUs off the run queues; those on a pCPU leave it soon. */
export const pauseDomain = ({ scheduling }: PauseHost, domain: Domain): void => {
  domain.pauseCount++;
  for (const { unit } of domain.vcpus) scheduling.sleep(unit);
};

/** Ends a pause of `pauseDomain`. */
export const unpauseDomain = ({ scheduling }: PauseHost, domain: Domain): void => {
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

/** Milliseconds that Xen waits before it restarts the machine after an error. */
const restartDelay = 5000;

/** `noreboot`: after an error the machine stays down. */
const noReboot = flagParameter('noreboot');
export const lifeParameters = [noReboot] as const;

/** The firmware restarts the machine. */
export const restartMachine = ({ machine }: Pick<ShutdownHost, 'machine'>): void => {
  machine.firmware(PsciFunction.SYSTEM_RESET);
};

/** Dom0 has stopped: the firmware turns the machine off or restarts it. */
const endMachine = (host: ShutdownHost, reason: number): void => {
  const { log, machine } = host;
  const name = 'Hardware Dom0';
  switch (reason) {
    case ShutdownReason.poweroff:
      log.printk(`${name} halted: halting machine`);
      machine.firmware(PsciFunction.SYSTEM_OFF);
      break;
    case ShutdownReason.reboot:
      log.printk(`${name} shutdown: rebooting machine`);
      restartMachine(host);
      break;
    case ShutdownReason.watchdog:
      log.printk(`${name} shutdown: watchdog rebooting machine`);
      restartMachine(host);
      break;
    case ShutdownReason.softReset:
      log.printk('Hardware domain 0 did unsupported soft reset, rebooting.');
      restartMachine(host);
      break;
    case ShutdownReason.crash:
      restartAfterError(host, `${name} crashed`);
      break;
    default:
      restartAfterError(host, `${name} shutdown (unknown reason ${reason})`);
  }
};

/** The other pCPUs are halted while Xen waits, so that no domain runs any more. */
const restartAfterError = (host: ShutdownHost, what: string): void => {
  const { log, machine, domains, timers, commandLine } = host;
  if (commandLine.get(noReboot, false)) {
    log.printk(`${what}: 'noreboot' set - not rebooting.`);
    machine.firmware(PsciFunction.SYSTEM_OFF);
    return;
  }
  log.printk(`${what}: rebooting machine in 5 seconds.`);
  for (const domain of domains.values()) pauseDomain(host, domain);
  timers.create(0, () => restartMachine(host)).set(nanoseconds(machine.now() + restartDelay * 1e6));
};
