/** event_channel_op (public/event_channel.h). */
import { ChannelStatus } from '../events/event-channels.ts';
import { Errno } from '../public/errno.ts';
import { EVTCHNOP } from '../public/hypercalls.ts';
import type { Fields, Struct, Structure } from '../public/layout.ts';
import * as structures from '../public/structures.ts';
import type { Call } from './call.ts';
import { anyDomain, plainId } from './domain-id.ts';

type Operation = (call: Call) => number;

export const eventChannelOp = (call: Call): number => {
  const operation = operations.get(call.low(0));
  // The FIFO ABI is absent; guests then use the two-level one.
  return operation ? operation(call) : -Errno.ENOSYS;
};

/** An operation on the structure that the call names. */
const on =
  <F extends Fields>(struct: Struct<F>, run: (call: Call, argument: Structure<F>) => number): Operation =>
  (call) => {
    const argument = call.read(1, struct);
    return argument ? run(call, argument) : -Errno.EFAULT;
  };

/** Tells the guest a new port, by `tell`, unless the number is an error. */
function tellPort(call: Call, result: number, argument: { readonly bytes: Uint8Array }, tell: () => void): number {
  if (result < 0) return result;
  tell();
  return call.write(1, argument);
}

const bindInterdomain = on(structures.evtchn_bind_interdomain, (call, argument) => {
  const remote = plainId(call, argument.remote_dom);
  const port = call.domain.events.bindInterdomain(remote, argument.remote_port);
  return tellPort(call, port, argument, () => {
    argument.local_port = port;
  });
});

const bindVirq = on(structures.evtchn_bind_virq, (call, argument) => {
  const port = call.domain.events.bindVirq(argument.virq, argument.vcpu);
  return tellPort(call, port, argument, () => {
    argument.port = port;
  });
});

const bindIpi = on(structures.evtchn_bind_ipi, (call, argument) => {
  const port = call.domain.events.bindIpi(argument.vcpu);
  return tellPort(call, port, argument, () => {
    argument.port = port;
  });
});

const allocUnbound = on(structures.evtchn_alloc_unbound, (call, argument) => {
  const target = anyDomain(call, argument.dom);
  if (!target) return -Errno.ESRCH;
  const port = target.events.allocateUnbound(plainId(call, argument.remote_dom), call.domain);
  return tellPort(call, port, argument, () => {
    argument.port = port;
  });
});

const reset = on(structures.evtchn_reset, (call, { dom }) => {
  const { domain } = call;
  const target = anyDomain(call, dom);
  if (!target) return -Errno.ESRCH;
  if (target !== domain && !domain.isPrivileged) return -Errno.EPERM;
  if (target !== domain && target.controllerPauses === 0) return -Errno.EINVAL;
  target.events.reset();
  return 0;
});

const status = on(structures.evtchn_status, (call, argument) => {
  const target = anyDomain(call, argument.dom);
  if (!target) return -Errno.ESRCH;
  const info = target.events.status(argument.port);
  if (!info) return -Errno.EINVAL;
  if (target !== call.domain && !call.domain.isPrivileged) return -Errno.EPERM;
  argument.status = info.status;
  argument.vcpu = info.vcpu;
  switch (info.status) {
    case ChannelStatus.unbound:
      argument.u.unbound.dom = info.remote;
      break;
    case ChannelStatus.interdomain:
      argument.u.interdomain.dom = info.remote;
      argument.u.interdomain.port = info.remotePort;
      break;
    case ChannelStatus.virq:
      argument.u.virq = info.virq;
      break;
  }
  return call.write(1, argument);
});

const operations = new Map<number, Operation>([
  [EVTCHNOP.bind_interdomain, bindInterdomain],
  [EVTCHNOP.bind_virq, bindVirq],
  // Arm has no PIRQs.
  [EVTCHNOP.bind_pirq, on(structures.evtchn_bind_pirq, () => -Errno.EINVAL)],
  [EVTCHNOP.close, on(structures.evtchn_close, ({ domain }, { port }) => domain.events.close(port))],
  [EVTCHNOP.send, on(structures.evtchn_send, ({ domain }, { port }) => domain.events.send(port))],
  [EVTCHNOP.status, status],
  [EVTCHNOP.alloc_unbound, allocUnbound],
  [EVTCHNOP.bind_ipi, bindIpi],
  [
    EVTCHNOP.bind_vcpu,
    on(structures.evtchn_bind_vcpu, ({ domain }, { port, vcpu }) => domain.events.bindVcpu(port, vcpu)),
  ],
  [EVTCHNOP.unmask, on(structures.evtchn_unmask, ({ domain }, { port }) => domain.events.unmask(port))],
  [EVTCHNOP.reset, reset],
]);
