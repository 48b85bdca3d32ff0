/** How Xen boots: what it sets up in the machine, and what it logs meanwhile. */
import { systemEncoding } from '../a64/system-encoding.ts';
import { Hcr } from '../arch/state/control-bits.ts';
import type { CoreState } from '../arch/state/core.ts';
import type { SystemSlot } from '../arch/state/slots.ts';
import { timerPpis } from '../arch/timers/timer.ts';
import { convention64, PsciFunction } from '../soc/firmware/psci-abi.ts';
import type { Costs } from './costs.ts';
import type { XsmMode } from './domain/xsm.ts';
import { LogLevel, type XenLog } from './log.ts';
import { distributorId, gic, interruptLines, startCpuInterface, startDistributor } from './machine/gic.ts';
import { type Machine, pageSize } from './machine/machine.ts';
import type { SerialLine } from './machine/serial.ts';
import type { Heap } from './mm/heap.ts';
import { vtcr } from './mm/p2m.ts';
import type { Iommu } from './passthrough/iommu.ts';
import type { Scheduling } from './sched/schedule.ts';
import { versionText } from './version.ts';

export interface BootHost {
  readonly machine: Machine;
  readonly costs: Costs;
  readonly log: XenLog;
  readonly heap: Heap;
  readonly scheduling: Scheduling;
  /** The word after `sched=` if no scheduler has that name; null if one has. */
  readonly unknownScheduler: string | null;
  readonly xsm: XsmMode;
  readonly serial: SerialLine;
  readonly iommu: Iommu;
  /** Makes Dom0 and lets it run. */
  readonly loadDom0: () => void;
  /** Notes that a pCPU is up and runs its idle vCPU. */
  setOnline(cpu: number): void;
  isOnline(cpu: number): boolean;
  /** Makes a pCPU enter EL2. */
  poke(cpu: number): void;
}

/** Frames that Xen keeps for itself at the top of DRAM, where its image would be. */
const imageFrames = 512;

/** Physical address at which the firmware enters Xen. */
export const imageAt = (dramFrames: number): number => (dramFrames - imageFrames) * pageSize;
/** Offset of the exception vectors from there. */
const vectorsOffset = 0x8_0000;

/** The registers of EL2 that Xen sets on every core, and their values. */
const hypervisorRegisters: readonly (readonly [SystemSlot, bigint])[] = [
  ['HCR_EL2', BigInt(Hcr.AMO | Hcr.FMO | Hcr.IMO)],
  ['MDCR_EL2', 0xe60n], // TDRA, TDOSA, TDA, TPM, TPMCR
  ['HSTR_EL2', 1n << 15n],
  ['CPTR_EL2', BigInt(0x33ff | (1 << 20) | (1 << 30))],
  ['CNTVOFF_EL2', 0n],
  ['CNTHCTL_EL2', 1n], // EL1PCTEN
  ['VTCR_EL2', BigInt(vtcr)],
];

/** Sets the registers of EL2 on the core that runs this. */
const setHypervisorRegisters = ({ machine, heap }: BootHost): void => {
  machine.setSystem('VBAR_EL2', BigInt(imageAt(heap.frames) + vectorsOffset));
  for (const [slot, value] of hypervisorRegisters) machine.setSystem(slot, value);
};

const { cntp, cntv, cnthp } = timerPpis;
/** The private interrupts that Xen serves. */
const servedPpis = [gic.maintenanceInterrupt, cnthp, cntv, cntp];

/** Boots Xen on the first pCPU. Where it yields, it waits for an interrupt. */
export function* bootProcessor(host: BootHost): Generator<void> {
  const { machine, log, heap, costs } = host;
  heap.add(1, heap.frames - imageFrames - 1);
  setHypervisorRegisters(host);
  for (const line of greeting(machine)) log.printk(line);
  startDistributor(machine);
  startCpuInterface(machine, servedPpis);
  log.printk('XSM Framework v1.0.1 initialized');
  if (host.xsm === 'silo') log.printk('Initialising XSM SILO mode');
  const { policy, bootLines } = host.scheduling;
  const { unknownScheduler } = host;
  if (unknownScheduler !== null) {
    log.printk(`Could not find scheduler: ${unknownScheduler}`);
    log.printk(`Using '${policy.title}' (${policy.name})`);
  }
  log.printk(`Using scheduler: ${policy.title} (${policy.name})`);
  for (const line of bootLines.made) log.printk(line);
  log.printk('Allocated console ring of 32 KiB.');
  log.printk('CPU0: Guest atomics will try 1 times before pausing the domain', LogLevel.info);
  machine.spend(costs.boot);
  host.setOnline(0);
  for (let cpu = 1; cpu < machine.cpus; cpu++) {
    log.printk(`Bringing up CPU${cpu}`);
    machine.firmware(PsciFunction.CPU_ON + convention64, cpu, imageAt(heap.frames), 0);
    while (!host.isOnline(cpu)) yield;
  }
  log.printk(`Brought up ${machine.cpus} CPU${machine.cpus === 1 ? '' : 's'}`);
  host.iommu.start();
  for (const line of [...closing, ...bootLines.made, ...bootLines.joined]) log.printk(line);
  host.serial.start();
  host.loadDom0();
}

/** Boots a further pCPU. */
export const bootSecondary = (host: BootHost, cpu: number): void => {
  const { machine, log } = host;
  setHypervisorRegisters(host);
  startCpuInterface(machine, servedPpis);
  log.printk(`CPU${cpu}: Guest atomics will try 1 times before pausing the domain`, LogLevel.info);
  host.setOnline(cpu);
  log.printk(`CPU ${cpu} booted.`, LogLevel.debug);
  host.poke(0);
};

/** The lines of the log before the other pCPUs come up. */
const greeting = (machine: Machine): string[] => {
  const { core } = machine;
  const id = (crm: number, op2: number): string =>
    machine
      .systemRegister(systemEncoding([3, 0, 0, crm, op2]))
      .toString(16)
      .padStart(16, '0');
  const iid = distributorId(machine).toString(16).padStart(8, '0');
  const lines = interruptLines(machine);
  const address = (base: number): string => base.toString(16).padStart(16, '0');
  return [
    `Xen version ${versionText} (el2lab) (a model in TypeScript) debug=n`,
    `Processor: ${midrText(core)}: "ARM Limited", variant: 0x0, part 0xd03,rev 0x4`,
    '64-bit Execution:',
    `  Processor Features: ${id(4, 0)} ${id(4, 1)}`,
    '    Exception Levels: EL3:64 EL2:64 EL1:64 EL0:64',
    '    Extensions: FloatingPoint AdvancedSIMD',
    `  Debug Features: ${id(5, 0)} ${id(5, 1)}`,
    `  Auxiliary Features: ${id(5, 4)} ${id(5, 5)}`,
    `  Memory Model Features: ${id(7, 0)} ${id(7, 1)}`,
    `  ISA Features:  ${id(6, 0)} ${id(6, 1)}`,
    '32-bit Execution: Unsupported',
    'Using SMC Calling Convention v1.1',
    'Using PSCI v1.1',
    `SMP: Allowing ${machine.cpus} CPUs`,
    `Generic Timer IRQ: phys=${cntp} hyp=${cnthp} virt=${cntv} Freq: ${machine.counterHz / 1000} KHz`,
    'GICv2 initialization:',
    `        gic_dist_addr=${address(gic.distributor)}`,
    `        gic_cpu_addr=${address(gic.cpuInterface)}`,
    `        gic_hyp_addr=${address(gic.hypervisorInterface)}`,
    `        gic_vcpu_addr=${address(gic.virtualCpuInterface)}`,
    `        gic_maintenance_irq=${gic.maintenanceInterrupt}`,
    `GICv2: ${lines} lines, ${machine.cpus} cpu${machine.cpus === 1 ? '' : 's'} (IID ${iid}).`,
  ];
};

/** The lines of the log after that. */
const closing: readonly string[] = [
  'P2M: 40-bit IPA with 40-bit PA and 8-bit VMID',
  `P2M: 3 levels with order-1 root, VTCR 0x${vtcr.toString(16).padStart(16, '0')}`,
  'Scheduling granularity: cpu, 1 CPU per sched-resource',
];

const midrText = (core: CoreState): string => core.system('VPIDR_EL2').toString(16).padStart(16, '0');
