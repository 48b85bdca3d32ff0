/** sched_op (public/sched.h; xen/common/sched/core.c, do_sched_op). */
import { shutdownDomain } from '../domain/life.ts';
import { ChannelStatus } from '../events/event-channels.ts';
import { type Nanoseconds, nanoseconds, seconds } from '../time/time.ts';
import { blockUnlessPending, hasEvents } from '../traps/wfx.ts';
import type { Call } from './call.ts';
import { Errno } from './errno.ts';

/** SCHEDOP_* */
const Command = {
  yield: 0,
  block: 1,
  shutdown: 2,
  poll: 3,
  remoteShutdown: 4,
  shutdownCode: 5,
  watchdog: 6,
  pinOverride: 7,
} as const;

/** Ports that a SCHEDOP_poll may name. */
const pollMax = 128;

export const schedOp = (call: Call): number => {
  const { xen, vcpu, domain } = call;
  switch (call.low(0)) {
    case Command.yield:
      xen.scheduling.yield(vcpu.unit);
      return 0;
    case Command.block:
      // vcpu_block_enable_events: on Arm this leaves the guest's interrupt masks alone, as nothing can be unmasked for it.
      blockUnlessPending(xen, vcpu);
      return 0;
    case Command.shutdown: {
      const argument = call.copyFrom(1, 4);
      if (!argument) return -Errno.EFAULT;
      // Any reason is one, in eight bits; the toolstack knows what to do with those that have a name.
      shutdownDomain(xen, domain, argument.getUint8(0));
      return 0;
    }
    case Command.poll:
      return poll(call);
    case Command.remoteShutdown: {
      const argument = call.copyFrom(1, 8);
      if (!argument) return -Errno.EFAULT;
      const target = xen.domains.get(argument.getUint16(0, true));
      if (!target) return -Errno.ESRCH;
      if (!domain.isPrivileged) return -Errno.EPERM;
      shutdownDomain(xen, target, argument.getUint8(4));
      return 0;
    }
    case Command.shutdownCode: {
      const argument = call.copyFrom(1, 4);
      if (!argument) return -Errno.EFAULT;
      if (domain.shutdownReason === -1) domain.shutdownReason = argument.getUint8(0);
      return 0;
    }
    case Command.watchdog: {
      const argument = call.copyFrom(1, 8);
      if (!argument) return -Errno.EFAULT;
      return domain.watchdogs.set(argument.getUint32(0, true), seconds(argument.getUint32(4, true)));
    }
    case Command.pinOverride:
      return domain.isPrivileged ? -Errno.EINVAL : -Errno.EPERM;
    default:
      return -Errno.ENOSYS;
  }
};

/** do_poll: waits for one of several channels, masked ones too. */
const poll = (call: Call): number => {
  const { xen, vcpu, domain } = call;
  // struct sched_poll: ports, nr_ports, timeout.
  const argument = call.copyFrom(1, 24);
  if (!argument) return -Errno.EFAULT;
  const count = argument.getUint32(8, true);
  if (count > pollMax) return -Errno.EINVAL;
  if (hasEvents(xen, vcpu)) return 0;
  const list = argument.getBigUint64(0, true);
  let port = 0;
  for (let i = 0; i < count; i++) {
    const at = list + BigInt(4 * i);
    const bytes = call.memory.read(Number(at & 0xffff_ffffn), Number(BigInt.asUintN(32, at >> 32n)), 4);
    if (!bytes) return -Errno.EFAULT;
    port = new DataView(bytes.buffer).getUint32(0, true);
    const channel = domain.events.status(port);
    if (!channel || channel.status === ChannelStatus.closed) return -Errno.EINVAL;
    if (domain.events.isPending(port)) return 0;
  }
  const timeout = Number(argument.getBigUint64(16, true));
  const until: Nanoseconds | null = timeout === 0 ? null : nanoseconds(timeout);
  xen.scheduling.poll(vcpu.unit, count === 1 ? port : -1, until);
  return 0;
};
