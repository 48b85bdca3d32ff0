/** Debug key `r`: what the pools, their schedulers and the pCPUs do. */
import type { Machine } from '../machine/machine.ts';
import { allCpus, type CpuMask, cpusOf, formatCpuList } from './cpu-mask.ts';
import type { Scheduling } from './schedule.ts';

interface DumpHost {
  readonly machine: Machine;
  readonly scheduling: Scheduling;
}

export function dumpSchedulers({ machine, scheduling }: DumpHost): void {
  const { pools, printk } = scheduling;
  printk('sched_smt_power_savings: disabled');
  printk(`NOW=${machine.now()}`);
  printk(`Online Cpus: ${formatCpuList(allCpus(machine.cpus))}`);
  if (pools.free !== 0) {
    printk(`Free Cpus: ${formatCpuList(pools.free)}`);
    dumpCpus(scheduling, pools.free, () => {});
  }
  for (const { id, cpus, policy } of pools.all) {
    printk(`Cpupool ${id}:`);
    printk(`Cpus: ${formatCpuList(cpus)}`);
    printk('Scheduling granularity: cpu, 1 CPU per sched-resource');
    printk(`Scheduler: ${policy.title} (${policy.name})`);
    policy.dumpSettings();
    dumpCpus(scheduling, cpus, (cpu) => policy.dumpCpu(cpu));
  }
}

function dumpCpus(scheduling: Scheduling, cpus: CpuMask, dumpCpu: (cpu: number) => void): void {
  scheduling.printk('CPUs info:');
  for (const cpu of cpusOf(cpus)) {
    const current = scheduling.current(cpu);
    scheduling.printk(`CPU[${String(cpu).padStart(2, '0')}] current=${current}, curr=${current}, prev=NULL`);
    dumpCpu(cpu);
  }
}
