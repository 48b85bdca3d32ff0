import { Errno } from '../errno.ts';
import { Level } from '../log.ts';
import { xLow } from '../registers.ts';
import { injectUndefined } from '../traps/inject.ts';
import type { VCpu } from '../vcpu.ts';
import type { Xen } from '../xen.ts';
import { Call, type HypercallResult, preempted, registerArguments, repeatCall, setResult } from './call.ts';
import { consoleIo } from './console-io.ts';
import { xenVersion } from './xen-version.ts';

/** Serves one hypercall: gives its result, an error as its negated number. */
export type Hypercall = (call: Call) => HypercallResult;

/** Hypercalls by __HYPERVISOR_* (public/xen.h). Any other is -ENOSYS. */
export const hypercalls = new Map<number, Hypercall>([
  [17, xenVersion],
  [18, consoleIo],
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
  const repeat = (again: number, args: readonly (number | bigint)[]): void => repeatCall(xen, again, args);
  const call = new Call(xen, vcpu, registerArguments(xen), xen.memory, repeat);
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

/** Immediate of the HVC by which the model of Dom0 is called; for any other domain it is as invalid as it is in Xen. */
export const controlTag = 0xe12;
