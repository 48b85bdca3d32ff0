/** What xl's commands for pools of CPUs share. */
import type { CpuPool } from '../../../xen/sched/cpupool.ts';
import { parseCpus } from '../../config/affinity.ts';
import { findPool } from '../../libxl/cpupools.ts';
import { Exit, type Xl } from '../command.ts';

/** The pool that an argument names. Throws Exit if there is none. */
export function poolOf({ libxl }: Xl, qualifier: string): CpuPool {
  const pool = findPool(libxl, qualifier);
  if (!pool) throw new Exit(`unknown cpupool '${qualifier}'\n`);
  return pool;
}

const end = (message: string): never => {
  throw new Exit(`${message}\n`);
};

/** The CPUs that an argument names, as far as xl's map has bits for them. `refuse` ends the command. */
export function cpusIn({ libxl }: Xl, text: string, refuse: (message: string) => never = end): readonly number[] {
  const cpus = parseCpus(text, libxl.xen.machine.cpus);
  return cpus.ok ? cpus.value : refuse(cpus.error.line);
}
