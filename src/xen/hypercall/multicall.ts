/** multicall (public/xen.h): several calls in one. */

import { Errno } from '../public/errno.ts';
import { Hypercall } from '../public/hypercalls.ts';
import { multicall_entry } from '../public/structures.ts';
import { Call, type HypercallArguments, type HypercallResult, preempted } from './call.ts';

const entrySize = multicall_entry.size;

/** @param serve serves one call by its number */
export const makeMulticall =
  (serve: (call: Call, number: number) => HypercallResult) =>
  (call: Call): HypercallResult => {
    const count = call.low(1);
    for (let i = 0; i < count; i++) {
      if (call.takesLong(i)) return call.goOn(Hypercall.multicall, call.long(0) + BigInt(i * entrySize), count - i);
      call.xen.machine.spend(call.xen.costs.hypercall);
      const entry = call.read(0, multicall_entry, i);
      if (!entry) return -Errno.EFAULT;
      const number = low(entry.op);
      const words = entry.args;
      const args: HypercallArguments = {
        low: (n) => low(words[n] as bigint),
        high: (n) => low((words[n] as bigint) >> 32n),
      };
      let repeats = false;
      const inner = new Call(call.xen, call.vcpu, args, (again, values) => {
        // The guest makes this call again with the rest of the list, which begins with what is left of the inner call.
        repeats = true;
        entry.op = BigInt(again);
        entry.args = words.map((old, n) => BigInt.asUintN(64, BigInt(values[n] ?? old)));
      });
      const result = number === Hypercall.multicall ? -Errno.EINVAL : serve(inner, number);
      if (result !== preempted) entry.result = BigInt(result);
      if (call.write(0, entry, i) !== 0) return -Errno.EFAULT;
      if (repeats) return call.goOn(Hypercall.multicall, call.long(0) + BigInt(i * entrySize), count - i);
    }
    return 0;
  };

const low = (value: bigint): number => Number(value & 0xffff_ffffn);
