/** A set of pCPUs: bit n stands for CPU n. The ZynqMP has four. */
export type CpuMask = number;

export const maskOf = (cpu: number): CpuMask => 1 << cpu;
export const allCpus = (count: number): CpuMask => (1 << count) - 1;
export const hasCpu = (mask: CpuMask, cpu: number): boolean => ((mask >>> cpu) & 1) !== 0;

/** The lowest CPU of a set that is not empty. */
export const firstCpu = (mask: CpuMask): number => 31 - Math.clz32(mask & -mask);

/** The next CPU of a set after `cpu`; after the last one, the lowest. -1 for the empty set. */
export const cycleCpu = (cpu: number, mask: CpuMask): number => {
  if (mask === 0) return -1;
  const behind = cpu >= 31 ? 0 : mask & (-2 << cpu);
  return firstCpu(behind !== 0 ? behind : mask);
};

/** The number of CPUs in a set. */
export const countCpus = (mask: CpuMask): number => {
  let count = 0;
  for (let rest = mask; rest !== 0; rest &= rest - 1) count++;
  return count;
};

/** The CPUs of a set, lowest first. */
export function* cpusOf(mask: CpuMask): Generator<number> {
  for (let rest = mask; rest !== 0; rest &= rest - 1) yield firstCpu(rest);
}

/** A set as Xen prints it: `0-1,3`. */
export const formatCpuList = (mask: CpuMask): string => {
  const ranges: string[] = [];
  for (let cpu = 0; cpu < 32; cpu++) {
    if (!hasCpu(mask, cpu)) continue;
    let last = cpu;
    while (last < 31 && hasCpu(mask, last + 1)) last++;
    ranges.push(last > cpu ? `${cpu}-${last}` : `${cpu}`);
    cpu = last;
  }
  return ranges.join(',');
};
