/** multicall (public/xen.h; xen/common/multicall.c): several calls in one. */

import { Call, type HypercallArguments, type HypercallResult, preempted } from './call.ts';
import { Errno } from './errno.ts';

/** struct multicall_entry: op, result, args[6], 64 bits each. */
const entrySize = 64;

/** `serve` is how one call is served by its number. */
export const makeMulticall =
  (serve: (call: Call, number: number) => HypercallResult) =>
  (call: Call): HypercallResult => {
    const count = call.low(1);
    for (let i = 0; i < count; i++) {
      if (call.takesLong(i)) return call.goOn(multicall, call.long(0) + BigInt(i * entrySize), count - i);
      call.xen.machine.spend(call.xen.costs.hypercall);
      const entry = call.copyFrom(0, entrySize, i * entrySize);
      if (!entry) return -Errno.EFAULT;
      const number = entry.getUint32(0, true);
      const args: HypercallArguments = {
        low: (n) => entry.getUint32(16 + 8 * n, true),
        high: (n) => entry.getUint32(20 + 8 * n, true),
      };
      let repeats = false;
      const inner = new Call(call.xen, call.vcpu, args, (again, values) => {
        // A call that is to be made again is made again with the rest of the list, its own place in it brought up to date.
        repeats = true;
        entry.setBigUint64(0, BigInt(again), true);
        values.forEach((value, n) => {
          entry.setBigUint64(16 + 8 * n, BigInt.asUintN(64, BigInt(value)), true);
        });
      });
      const result = number === multicall ? -Errno.EINVAL : serve(inner, number);
      if (result !== preempted) entry.setBigInt64(8, BigInt(result), true);
      if (call.copyTo(0, entry, i * entrySize) !== 0) return -Errno.EFAULT;
      if (repeats) return call.goOn(multicall, call.long(0) + BigInt(i * entrySize), count - i);
    }
    return 0;
  };

const multicall = 13;
