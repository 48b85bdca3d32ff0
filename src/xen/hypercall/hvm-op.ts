/** hvm_op (public/hvm/hvm_op.h). */

import { Errno } from '../public/errno.ts';
import { HVM_PARAM, HVMOP } from '../public/hypercalls.ts';
import { xen_hvm_param } from '../public/structures.ts';
import type { Call } from './call.ts';
import { anyDomain } from './domain-id.ts';

/** The parameters that the toolstack may set, and guests may read. */
const readable: ReadonlySet<number> = new Set([
  HVM_PARAM.CALLBACK_IRQ,
  HVM_PARAM.STORE_PFN,
  HVM_PARAM.STORE_EVTCHN,
  HVM_PARAM.CONSOLE_PFN,
  HVM_PARAM.CONSOLE_EVTCHN,
]);

export const hvmOp = (call: Call): number => {
  const command = call.low(0);
  if (command === HVMOP.guest_request_vm_event) return call.isNull(1) ? 0 : -Errno.EINVAL;
  if (command !== HVMOP.set_param && command !== HVMOP.get_param) return -Errno.ENOSYS;
  const argument = call.read(1, xen_hvm_param);
  if (!argument) return -Errno.EFAULT;
  const { index } = argument;
  const target = anyDomain(call, argument.domid);
  if (!target) return -Errno.ESRCH;
  const isOwn = target === call.domain;
  if (!isOwn && !call.domain.isPrivileged) return -Errno.EPERM;
  if (!readable.has(index) && index !== HVM_PARAM.MONITOR_RING_PFN) return -Errno.EINVAL;
  const forToolstack = command === HVMOP.set_param || index === HVM_PARAM.MONITOR_RING_PFN;
  if (isOwn && forToolstack) return -Errno.EPERM;
  if (command === HVMOP.set_param) {
    target.parameters[index] = argument.value;
    return 0;
  }
  argument.value = target.parameters[index] as bigint;
  return call.write(1, argument);
};
