import { ProbeKind } from '../../base/probe/kinds.ts';
import type { VCpu } from '../domain/domain.ts';
import { LogLevel } from '../log.ts';
import { xLow } from '../machine/registers.ts';
import { injectUndefined } from '../traps/inject.ts';
import { Call, type HypercallHost, type HypercallResult, preempted, setResult } from './call.ts';
import { consoleIo } from './console-io.ts';
import { Errno } from './errno.ts';
import { eventChannelOp } from './event-channel-op.ts';
import { grantTableOp } from './grant-table-op.ts';
import { hvmOp } from './hvm-op.ts';
import { memoryOp } from './memory-op.ts';
import { makeMulticall } from './multicall.ts';
import { HypercallNumber } from './numbers.ts';
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
  [HypercallNumber.memory_op, memoryOp],
  [HypercallNumber.multicall, (call) => multicall(call)],
  [HypercallNumber.xen_version, xenVersion],
  [HypercallNumber.console_io, consoleIo],
  [HypercallNumber.grant_table_op, grantTableOp],
  [HypercallNumber.vm_assist, vmAssist],
  [HypercallNumber.vcpu_op, vcpuOp],
  [HypercallNumber.sched_op, schedOp],
  [HypercallNumber.event_channel_op, eventChannelOp],
  [HypercallNumber.hvm_op, hvmOp],
  [HypercallNumber.sysctl, forToolstacks],
  [HypercallNumber.domctl, forToolstacks],
]);

/** XEN_HYPERCALL_TAG (public/arch-arm.h). */
const tag = 0xea1;

/** HVC with an immediate that is not zero. */
export const handleHypercall = (xen: HypercallHost, vcpu: VCpu, immediate: number): void => {
  const { core } = xen.machine;
  if (immediate !== tag) {
    if (vcpu.domain.isPrivileged && immediate === controlTag && xen.control) {
      xen.control(vcpu);
      return;
    }
    xen.log.gprintk(vcpu, LogLevel.warning, `Invalid HVC imm 0x${immediate.toString(16)}`);
    injectUndefined(core);
    return;
  }
  xen.machine.spend(xen.costs.hypercall);
  const number = xLow(core, 16);
  const call = new Call(xen, vcpu, xen.hvc, xen.hvc.repeat);
  const result = serve(call, number);
  if (result !== preempted) setResult(xen.machine, result);
};

/** Serves a hypercall by its number; also those of a multicall. */
export const serve = (call: Call, number: number): HypercallResult => {
  const { probe } = call.xen.machine;
  probe.emit(ProbeKind.hypercall, number, call.low(0), call.high(0));
  const result = find(call, number);
  if (result === preempted) probe.emit(ProbeKind.hypercallReturn, number | (1 << 31));
  else if (probe.records(ProbeKind.hypercallReturn)) probe.emitLong(ProbeKind.hypercallReturn, number, BigInt(result));
  return result;
};

const find = (call: Call, number: number): HypercallResult => {
  const hypercall = hypercalls.get(number);
  if (hypercall) return hypercall(call);
  const { xen } = call;
  if (!xen.unknownHypercalls.has(number)) {
    xen.unknownHypercalls.add(number);
    xen.log.gprintk(call.vcpu, LogLevel.info, `hypercall ${number} is not there: -ENOSYS`);
  }
  return -Errno.ENOSYS;
};

const multicall = makeMulticall(serve);

/** Immediate of the HVC by which the model of Dom0 is called; for any other domain it is as invalid as it is in Xen. */
export const controlTag = 0xe12;
