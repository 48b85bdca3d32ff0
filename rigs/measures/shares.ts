import { Dom0Bench } from '../../src/dom0/dom0-testing.ts';
import { formatCpuList } from '../../src/xen/sched/cpu-mask.ts';
import type { ShareDomain, ShareScenario } from '../../src/xen/sched/share-scenarios.ts';

/** Time before the first window, because creating the domains takes CPU time too. */
const settleMs = 2000;

/**
 * CPU time of each domain of a scenario in a window, in percent of one pCPU, on the whole machine with
 * guests/xen/spin.
 */
export function measureShares(scenario: ShareScenario, spin: Uint8Array, windowMs: number): number[] {
  const bench = new Dom0Bench({ spin }, scenario.pcpus);
  bench.run(20);
  scenario.domains.forEach((domain, i) => {
    bench.dom0.files.write(`/s${i}.cfg`, configOf(`s${i}`, domain));
  });
  const create = scenario.domains.map((_, i) => `xl create -q /s${i}.cfg`).join(' && ');
  const { printed, code } = bench.script(create, 20_000);
  if (code !== 0) throw new Error(printed);
  bench.run(settleMs);
  const before = times(bench);
  bench.run(windowMs);
  return times(bench).map((time, i) => ((time - (before[i] as number)) / (windowMs * 1e6)) * 100);
}

/** CPU time of each domain but Dom0, in nanoseconds. */
function times({ xen }: Dom0Bench): number[] {
  const now = xen.machine.now();
  const guests = [...xen.domains.values()].filter(({ domainId }) => domainId !== 0);
  return guests.map(({ vcpus }) => vcpus.reduce((sum, { unit }) => sum + unit.runstate(now).times[0], 0));
}

function configOf(name: string, { vcpus, weight, cap, pin, load, period }: ShareDomain): string {
  const lines = [`name="${name}"`, 'kernel="/guests/spin.img"', 'memory=16', `vcpus=${vcpus ?? 1}`];
  if (weight !== undefined) lines.push(`cpu_weight=${weight}`);
  if (cap !== undefined) lines.push(`cap=${cap}`);
  if (pin !== undefined) lines.push(`cpus="${formatCpuList(pin)}"`);
  if (load !== undefined) lines.push(`extra="load=${load} period=${period ?? 10}"`);
  return `${lines.join('\n')}\n`;
}
