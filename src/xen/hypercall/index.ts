import type { VCpu } from '../domain/vcpu.ts';
import { Level } from '../log.ts';
import { xLow } from '../machine/registers.ts';
import { injectUndefined } from '../traps/inject.ts';
import type { Xen } from '../xen.ts';
import { Call, type HypercallResult, preempted, setResult } from './call.ts';
import { consoleIo } from './console-io.ts';
import { Errno } from './errno.ts';
import { eventChannelOp } from './event-channel-op.ts';
import { grantTableOp } from './grant-table-op.ts';
import { hvmOp } from './hvm-op.ts';
import { memoryOp } from './memory-op.ts';
import { makeMulticall } from './multicall.ts';
import { schedOp } from './sched-op.ts';
import { vcpuOp } from './vcpu-op.ts';
import { xenVersion } from './xen-version.ts';

/** Serves one hypercall: gives its result, an error as its negated number. */
export type Hypercall = (call: Call) => HypercallResult;

/** vm_assist: a guest may ask for a flag while its runstate is being written; here nothing is ever seen half written. */
const vmAssist: Hypercall = (call) => (call.low(0) <= 1 && call.low(1) === 5 ? 0 : -Errno.EINVAL);

/** sysctl and domctl: Dom0's model calls Xen directly, and nobody else may. */
const forToolstacks: Hypercall = () => -Errno.EPERM;

/** Hypercalls by __HYPERVISOR_* (public/xen.h). Any other is -ENOSYS. */
export const hypercalls = new Map<number, Hypercall>([
  [12, memoryOp],
  [13, (call) => multicall(call)],
  [17, xenVersion],
  [18, consoleIo],
  [20, grantTableOp],
  [21, vmAssist],
  [24, vcpuOp],
  [29, schedOp],
  [32, eventChannelOp],
  [34, hvmOp],
  [35, forToolstacks],
  [36, forToolstacks],
]);

/** XEN_HYPERCALL_TAG (public/arch-arm.h). */
const tag = 0xea1;

/** HVC with an immediate that is not zero. */
export const handleHypercall = (xen: Xen, vcpu: VCpu, immediate: number): void => {
  const { core } = xen.machine;
  if (immediate !== tag) {
    if (vcpu.domain.isPrivileged && immediate === controlTag && xen.options.control) {
      xen.options.control(vcpu);
      return;
    }
    xen.guestPrintk(vcpu, Level.warning, `Invalid HVC imm 0x${immediate.toString(16)}`);
    injectUndefined(core);
    return;
  }
  xen.machine.spend(xen.costs.hypercall);
  const number = xLow(core, 16);
  const call = new Call(xen, vcpu, xen.hvc, xen.memory, xen.hvc.repeat);
  const result = serve(call, number);
  if (result !== preempted) setResult(xen, result);
};

/** Serves a hypercall by its number; also those of a multicall. */
export const serve = (call: Call, number: number): HypercallResult => {
  const hypercall = hypercalls.get(number);
  if (hypercall) return hypercall(call);
  const { xen } = call;
  if (!xen.unknownHypercalls.has(number)) {
    xen.unknownHypercalls.add(number);
    xen.guestPrintk(call.vcpu, Level.info, `hypercall ${number} is not there: -ENOSYS`);
  }
  return -Errno.ENOSYS;
};

const multicall = makeMulticall(serve);

/** Immediate of the HVC by which the model of Dom0 is called; for any other domain it is as invalid as it is in Xen. */
export const controlTag = 0xe12;
