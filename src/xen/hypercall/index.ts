import { ProbeKind } from '../../base/probe/kinds.ts';
import type { VCpu } from '../domain/domain.ts';
import { LogLevel } from '../log.ts';
import { xLow } from '../machine/registers.ts';
import { Errno } from '../public/errno.ts';
import { Hypercall, hypercallTag, VMASST_CMD, VMASST_TYPE } from '../public/hypercalls.ts';
import { injectUndefined } from '../traps/inject.ts';
import { Call, type HypercallHost, type HypercallResult, preempted, setResult } from './call.ts';
import { consoleIo } from './console-io.ts';
import { eventChannelOp } from './event-channel-op.ts';
import { grantTableOp } from './grant-table-op.ts';
import { hvmOp } from './hvm-op.ts';
import { memoryOp } from './memory-op.ts';
import { makeMulticall } from './multicall.ts';
import { schedOp } from './sched-op.ts';
import { vcpuOp } from './vcpu-op.ts';
import { xenVersion } from './xen-version.ts';

/** Serves one hypercall and returns its result; an error as its negated number. */
type Handler = (call: Call) => HypercallResult;

/** vm_assist: a guest may ask for a flag while its runstate is being written. Here it never sees one half written. */
const vmAssist: Handler = (call) => {
  const [command, type] = [call.low(0), call.low(1)];
  const isCommand = command === VMASST_CMD.enable || command === VMASST_CMD.disable;
  if (!isCommand || type !== VMASST_TYPE.runstate_update_flag) return -Errno.EINVAL;
  const { domain } = call.vcpu;
  if (command === VMASST_CMD.enable) domain.assists |= 1 << type;
  else domain.assists &= ~(1 << type);
  return 0;
};

/** sysctl and domctl: Dom0's model calls Xen directly, and no guest may use them. */
const forToolstacks: Handler = () => -Errno.EPERM;

/** The hypercalls, one a line. Any other is -ENOSYS. */
const handlers = new Map<number, Handler>([
  [Hypercall.memory_op, memoryOp],
  [Hypercall.multicall, (call) => multicall(call)],
  [Hypercall.xen_version, xenVersion],
  [Hypercall.console_io, consoleIo],
  [Hypercall.grant_table_op, grantTableOp],
  [Hypercall.vm_assist, vmAssist],
  [Hypercall.vcpu_op, vcpuOp],
  [Hypercall.sched_op, schedOp],
  [Hypercall.event_channel_op, eventChannelOp],
  [Hypercall.hvm_op, hvmOp],
  [Hypercall.sysctl, forToolstacks],
  [Hypercall.domctl, forToolstacks],
]);

/** HVC with an immediate that is not zero. */
export const handleHypercall = (xen: HypercallHost, vcpu: VCpu, immediate: number): void => {
  const { core } = xen.machine;
  if (immediate !== hypercallTag) {
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
  if (!probe.isRecording) return find(call, number);
  probe.emit(ProbeKind.hypercall, number, call.low(0), call.high(0));
  const result = find(call, number);
  if (result === preempted) probe.emit(ProbeKind.hypercallReturn, number | (1 << 31));
  else probe.emitLong(ProbeKind.hypercallReturn, number, BigInt(result));
  return result;
};

const find = (call: Call, number: number): HypercallResult => {
  const handler = handlers.get(number);
  if (handler) return handler(call);
  const { xen } = call;
  if (!xen.unknownHypercalls.has(number)) {
    xen.unknownHypercalls.add(number);
    xen.log.gprintk(call.vcpu, LogLevel.info, `hypercall ${number} is not there: -ENOSYS`);
  }
  return -Errno.ENOSYS;
};

const multicall = makeMulticall(serve);

/** The immediate of the HVC that calls the model of Dom0's software; for all other domains it is invalid, as in Xen. */
export const controlTag = 0xe12;
