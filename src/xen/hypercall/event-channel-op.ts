/** event_channel_op (public/event_channel.h; xen/common/event_channel.c). */

import { ChannelStatus } from '../events/event-channels.ts';
import type { Call } from './call.ts';
import { anyDomain, plainId } from './domain-id.ts';
import { Errno } from './errno.ts';

/** EVTCHNOP_* */
const Command = {
  bindInterdomain: 0,
  bindVirq: 1,
  bindPirq: 2,
  close: 3,
  send: 4,
  status: 5,
  allocUnbound: 6,
  bindIpi: 7,
  bindVcpu: 8,
  unmask: 9,
  reset: 10,
} as const;

/** Bytes of the structure that each takes, and where in it the port is that it gives back. */
const structures: Readonly<Record<number, { readonly size: number; readonly port?: number }>> = {
  [Command.bindInterdomain]: { size: 12, port: 8 },
  [Command.bindVirq]: { size: 12, port: 8 },
  [Command.bindPirq]: { size: 12 },
  [Command.close]: { size: 4 },
  [Command.send]: { size: 4 },
  [Command.status]: { size: 24 },
  [Command.allocUnbound]: { size: 8, port: 4 },
  [Command.bindIpi]: { size: 8, port: 4 },
  [Command.bindVcpu]: { size: 8 },
  [Command.unmask]: { size: 4 },
  [Command.reset]: { size: 2 },
};

export const eventChannelOp = (call: Call): number => {
  const command = call.low(0);
  const structure = structures[command];
  // The FIFO ABI is not there; guests then use the two-level one.
  if (!structure) return -Errno.ENOSYS;
  const argument = call.copyFrom(1, structure.size);
  if (!argument) return -Errno.EFAULT;
  if (command === Command.status) return status(call, argument);
  const result = serve(call, command, argument);
  if (result < 0 || structure.port === undefined) return result;
  argument.setUint32(structure.port, result, true);
  return call.copyTo(1, argument);
};

const serve = (call: Call, command: number, argument: DataView): number => {
  const { domain } = call;
  const { events } = domain;
  const word = (offset: number): number => argument.getUint32(offset, true);
  const half = (offset: number): number => argument.getUint16(offset, true);
  switch (command) {
    case Command.bindInterdomain:
      return events.bindInterdomain(plainId(call, half(0)), word(4));
    case Command.bindVirq:
      return events.bindVirq(word(0), word(4));
    case Command.bindPirq:
      // Arm has no PIRQs.
      return -Errno.EINVAL;
    case Command.close:
      return events.close(word(0));
    case Command.send:
      return events.send(word(0));
    case Command.allocUnbound: {
      const target = anyDomain(call, half(0));
      return target ? target.events.allocateUnbound(plainId(call, half(2)), domain) : -Errno.ESRCH;
    }
    case Command.bindIpi:
      return events.bindIpi(word(0));
    case Command.bindVcpu:
      return events.bindVcpu(word(0), word(4));
    case Command.unmask:
      return events.unmask(word(0));
    default: {
      const target = anyDomain(call, half(0));
      if (!target) return -Errno.ESRCH;
      if (target !== domain && !domain.isPrivileged) return -Errno.EPERM;
      if (target !== domain && target.controllerPauses === 0) return -Errno.EINVAL;
      target.events.reset();
      return 0;
    }
  }
};

const status = (call: Call, argument: DataView): number => {
  const target = anyDomain(call, argument.getUint16(0, true));
  if (!target) return -Errno.ESRCH;
  const info = target.events.status(argument.getUint32(4, true));
  if (!info) return -Errno.EINVAL;
  if (target !== call.domain && !call.domain.isPrivileged) return -Errno.EPERM;
  argument.setUint32(8, info.status, true);
  argument.setUint32(12, info.vcpu, true);
  switch (info.status) {
    case ChannelStatus.unbound:
      argument.setUint16(16, info.remote, true);
      break;
    case ChannelStatus.interdomain:
      argument.setUint16(16, info.remote, true);
      argument.setUint32(20, info.remotePort, true);
      break;
    case ChannelStatus.virq:
      argument.setUint32(16, info.virq, true);
      break;
  }
  return call.copyTo(1, argument);
};
