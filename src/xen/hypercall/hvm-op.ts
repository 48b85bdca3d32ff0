/** hvm_op (public/hvm/hvm_op.h; xen/arch/arm/hvm.c). */

import type { Call } from './call.ts';
import { anyDomain } from './domain-id.ts';
import { Errno } from './errno.ts';

/** HVMOP_* */
const Command = { setParam: 0, getParam: 1, guestRequestVmEvent: 24 } as const;

/** HVM_PARAM_* that the toolstack may set, and guests may read. */
const readable: ReadonlySet<number> = new Set([
  0 /* CALLBACK_IRQ */, 1 /* STORE_PFN */, 2 /* STORE_EVTCHN */, 17 /* CONSOLE_PFN */, 18 /* CONSOLE_EVTCHN */,
]);
const MONITOR_RING_PFN = 28;

export const hvmOp = (call: Call): number => {
  const command = call.low(0);
  if (command === Command.guestRequestVmEvent) return call.isNull(1) ? 0 : -Errno.EINVAL;
  if (command !== Command.setParam && command !== Command.getParam) return -Errno.ENOSYS;
  // struct xen_hvm_param
  const argument = call.copyFrom(1, 16);
  if (!argument) return -Errno.EFAULT;
  const index = argument.getUint32(4, true);
  const target = anyDomain(call, argument.getUint16(0, true));
  if (!target) return -Errno.ESRCH;
  const isOwn = target === call.domain;
  if (!isOwn && !call.domain.isPrivileged) return -Errno.EPERM;
  // hvm_allow_set_param and hvm_allow_get_param.
  if (!readable.has(index) && index !== MONITOR_RING_PFN) return -Errno.EINVAL;
  const forToolstack = command === Command.setParam || index === MONITOR_RING_PFN;
  if (isOwn && forToolstack) return -Errno.EPERM;
  if (command === Command.setParam) {
    target.parameters[index] = argument.getBigUint64(8, true);
    return 0;
  }
  argument.setBigUint64(8, target.parameters[index] as bigint, true);
  return call.copyTo(1, argument);
};
