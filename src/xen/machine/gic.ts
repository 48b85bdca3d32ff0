/** The GIC-400 of the chip as Xen uses it: a GICv2 (IHI 0048B, chapters 4 and 5). */
import { gicBlocks } from '../../soc/board/map.ts';
import { maintenancePpi } from '../../soc/gic/gic.ts';
import type { Machine } from './machine.ts';

export { Gicc, iidr as interfaceIdentification } from '../../soc/gic/cpu-interface.ts';

/** Where Xen finds it. */
export const gic = {
  distributor: gicBlocks.distributor.base,
  /** The last of the aliases: the interface's second page follows it. */
  cpuInterface: gicBlocks.cpuInterface.base + 0xf000,
  hypervisorInterface: gicBlocks.control.base,
  virtualCpuInterface: gicBlocks.virtualCpuInterface.base + 0xf000,
  maintenanceInterrupt: maintenancePpi,
} as const;

/** Offsets of the distributor's registers; of a group of registers, that of the first. */
export const Gicd = {
  CTLR: 0x000,
  TYPER: 0x004,
  IIDR: 0x008,
  IGROUPR: 0x080,
  ISENABLER: 0x100,
  ICENABLER: 0x180,
  ISPENDR: 0x200,
  ICPENDR: 0x280,
  ISACTIVER: 0x300,
  ICACTIVER: 0x380,
  IPRIORITYR: 0x400,
  ITARGETSR: 0x800,
  ICFGR: 0xc00,
  NSACR: 0xe00,
  SGIR: 0xf00,
  CPENDSGIR: 0xf10,
  SPENDSGIR: 0xf20,
  ICPIDR2: 0xfe8,
} as const;

const GICC_CTLR = gic.cpuInterface;
const GICC_PMR = gic.cpuInterface + 0x04;
const GICC_BPR = gic.cpuInterface + 0x08;
const GICC_IAR = gic.cpuInterface + 0x0c;
const GICC_EOIR = gic.cpuInterface + 0x10;
const GICC_DIR = gic.cpuInterface + 0x1000;
/** Bits of GICC_CTLR: enable, and EOIR only drops the priority. */
const enable = 1 << 0;
const eoiModeNS = 1 << 9;

/** Interrupt IDs of GICC_IAR from here on mean that no interrupt is pending for Xen. */
export const firstSpecialId = 1020;
/** IDs below are software-generated interrupts (SGIs). */
export const firstPrivateId = 16;
/** Private interrupts end here, shared ones begin. */
const firstSharedId = 32;

/** Priorities of SGIs and of all others, for four interrupts. */
const sgiPriorities = 0x9090_9090;
const otherPriorities = 0xa0a0_a0a0;

const read = (machine: Machine, offset: number): number => machine.readDevice(gic.distributor + offset);
const write = (machine: Machine, offset: number, value: number): void =>
  machine.writeDevice(gic.distributor + offset, value);

/** Number of interrupts that the distributor has. */
export const interruptLines = (machine: Machine): number => 32 * ((read(machine, Gicd.TYPER) & 31) + 1);

export const distributorId = (machine: Machine): number => read(machine, Gicd.IIDR);

/** Sets up the distributor: all shared interrupts disabled, level-sensitive, for the pCPU that runs this. */
export const startDistributor = (machine: Machine): void => {
  const thisCpu = read(machine, Gicd.ITARGETSR) & 0xff;
  write(machine, Gicd.CTLR, 0);
  const lines = interruptLines(machine);
  for (let id = firstSharedId; id < lines; id += 16) write(machine, Gicd.ICFGR + id / 4, 0);
  for (let id = firstSharedId; id < lines; id += 4) {
    write(machine, Gicd.ITARGETSR + id, thisCpu * 0x0101_0101);
    write(machine, Gicd.IPRIORITYR + id, otherPriorities);
  }
  for (let id = firstSharedId; id < lines; id += 32) {
    write(machine, Gicd.ICENABLER + id / 8, 0xffff_ffff);
    write(machine, Gicd.ICACTIVER + id / 8, 0xffff_ffff);
  }
  write(machine, Gicd.CTLR, 1);
};

/** Sets up the CPU interface of the pCPU that runs this. Enables the SGIs and the given private interrupts. */
export const startCpuInterface = (machine: Machine, privateInterrupts: readonly number[]): void => {
  write(machine, Gicd.ICACTIVER, 0xffff_ffff);
  write(machine, Gicd.ICENABLER, 0xffff_0000);
  write(machine, Gicd.ISENABLER, 0x0000_ffff);
  for (let id = 0; id < firstSharedId; id += 4)
    write(machine, Gicd.IPRIORITYR + id, id < firstPrivateId ? sgiPriorities : otherPriorities);
  machine.writeDevice(GICC_PMR, 0xff);
  machine.writeDevice(GICC_BPR, 0);
  machine.writeDevice(GICC_CTLR, enable | eoiModeNS);
  write(
    machine,
    Gicd.ISENABLER,
    privateInterrupts.reduce((bits, id) => bits | (1 << id), 0),
  );
};

export const enableShared = (machine: Machine, id: number): void =>
  write(machine, Gicd.ISENABLER + 4 * (id >>> 5), 1 << (id & 31));

export const disableShared = (machine: Machine, id: number): void =>
  write(machine, Gicd.ICENABLER + 4 * (id >>> 5), 1 << (id & 31));

/** Has a shared interrupt go to a pCPU. */
export const targetShared = (machine: Machine, id: number, cpu: number): void =>
  machine.writeDevice(gic.distributor + Gicd.ITARGETSR + id, 1 << cpu, 1);

/** Makes a shared interrupt edge-triggered or level-sensitive. */
export const configureShared = (machine: Machine, id: number, isEdge: boolean): void => {
  const register = Gicd.ICFGR + 4 * (id >>> 4);
  const edge = 2 << (2 * (id & 15));
  const before = read(machine, register);
  write(machine, register, isEdge ? before | edge : before & ~edge);
};

/** Sends SGI 0 to a pCPU. */
export const sendSgi = (machine: Machine, cpu: number): void => write(machine, Gicd.SGIR, 1 << (16 + cpu));

/** Takes the pending interrupt of the highest priority: the value of GICC_IAR, whose low ten bits are its ID. */
export const acknowledge = (machine: Machine): number => machine.readDevice(GICC_IAR);

/** Drops the priority of an interrupt, which stays active. */
export const dropPriority = (machine: Machine, acknowledged: number): void =>
  machine.writeDevice(GICC_EOIR, acknowledged);

export const deactivate = (machine: Machine, acknowledged: number): void => machine.writeDevice(GICC_DIR, acknowledged);
