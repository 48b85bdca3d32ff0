/** sched_op (public/sched.h). */
import { shutdownDomain } from '../domain/life.ts';
import { ChannelStatus } from '../events/event-channels.ts';
import { Errno } from '../public/errno.ts';
import { SCHEDOP } from '../public/hypercalls.ts';
import { u32 } from '../public/layout.ts';
import { sched_poll, sched_remote_shutdown, sched_shutdown, sched_watchdog } from '../public/structures.ts';
import { type Nanoseconds, nanoseconds, seconds } from '../time/time.ts';
import { blockUnlessPending, hasEvents } from '../traps/wfx.ts';
import type { Call } from './call.ts';

/** Ports that a SCHEDOP_poll may name. */
const pollMax = 128;

export const schedOp = (call: Call): number => {
  const { xen, vcpu, domain } = call;
  switch (call.low(0)) {
    case SCHEDOP.yield:
      xen.scheduling.yield(vcpu.unit);
      return 0;
    case SCHEDOP.block:
      // On Arm this leaves the guest's interrupt masks as they are.
      blockUnlessPending(xen, vcpu);
      return 0;
    case SCHEDOP.shutdown: {
      const argument = call.read(1, sched_shutdown);
      if (!argument) return -Errno.EFAULT;
      // Xen takes any reason of eight bits; the toolstack knows some of them.
      shutdownDomain(xen, domain, argument.reason & 0xff);
      return 0;
    }
    case SCHEDOP.poll:
      return poll(call);
    case SCHEDOP.remote_shutdown: {
      const argument = call.read(1, sched_remote_shutdown);
      if (!argument) return -Errno.EFAULT;
      const target = xen.domains.get(argument.domain_id);
      if (!target) return -Errno.ESRCH;
      if (!domain.isPrivileged) return -Errno.EPERM;
      shutdownDomain(xen, target, argument.reason & 0xff);
      return 0;
    }
    case SCHEDOP.shutdown_code: {
      const argument = call.read(1, sched_shutdown);
      if (!argument) return -Errno.EFAULT;
      if (domain.shutdownReason === -1) domain.shutdownReason = argument.reason & 0xff;
      return 0;
    }
    case SCHEDOP.watchdog: {
      const argument = call.read(1, sched_watchdog);
      if (!argument) return -Errno.EFAULT;
      return domain.watchdogs.set(argument.id, seconds(argument.timeout));
    }
    case SCHEDOP.pin_override:
      return domain.isPrivileged ? -Errno.EINVAL : -Errno.EPERM;
    default:
      return -Errno.ENOSYS;
  }
};

/** Waits for one of several channels, masked ones too. */
const poll = (call: Call): number => {
  const { xen, vcpu, domain } = call;
  const argument = call.read(1, sched_poll);
  if (!argument) return -Errno.EFAULT;
  const { ports, nr_ports: count } = argument;
  if (count > pollMax) return -Errno.EINVAL;
  if (hasEvents(xen, vcpu)) return 0;
  let port = 0;
  for (let i = 0; i < count; i++) {
    const entry = call.entry(ports, u32, i);
    if (entry === null) return -Errno.EFAULT;
    port = entry;
    const channel = domain.events.status(port);
    if (!channel || channel.status === ChannelStatus.closed) return -Errno.EINVAL;
    if (domain.events.isPending(port)) return 0;
  }
  const timeout = Number(argument.timeout);
  const until: Nanoseconds | null = timeout === 0 ? null : nanoseconds(timeout);
  xen.scheduling.poll(vcpu.unit, count === 1 ? port : -1, until);
  return 0;
};
