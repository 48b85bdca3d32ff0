import { type SoftwareCosts, softwareCosts } from './unaccelerated/costs.ts';

/** Where a cost comes from. */
export type CostSource =
  /** Instructions counted under QEMU in Debian's Xen 4.17, on one core, without those of the guest. */
  | 'counted'
  /** Instructions counted on a ZCU104: "Shedding Light on Static Partitioning Hypervisors", RTAS 2023. */
  | 'published'
  /** Estimated from what Xen 4.17 has to do. */
  | 'estimated';

interface Cost {
  /** Cycles of EL2. The cores of the machine run one instruction per cycle, so counted instructions are cycles. */
  readonly cycles: number;
  readonly source: CostSource;
}

const counted = (cycles: number): Cost => ({ cycles, source: 'counted' });
const published = (cycles: number): Cost => ({ cycles, source: 'published' });
const estimated = (cycles: number): Cost => ({ cycles, source: 'estimated' });

/**
 * The cost of EL2's work by operation. Round trips from a guest were counted: xen_version 418, PSCI_VERSION 472, an ID
 * register 431, a read of the virtual distributor 627 and of the PL011 609, an SGI to its sender 734, SCHEDOP_yield
 * 1703. Published are an interrupt for a guest, 1418, and an interrupt between processors, 915 at its sender and 1266
 * at its target. The part that all of them share is assumed to be 400.
 */
export const costTable = {
  /** From a guest to EL2 and back, with the work of every trap: registers, list registers, checking for softirqs. */
  trap: counted(400),
  /** What traps of each kind cost in addition. */
  hypercall: counted(18),
  firmwareCall: counted(72),
  systemRegister: counted(31),
  distributor: counted(227),
  pl011: counted(209),
  /** A grant is mapped, unmapped or copied. */
  grant: estimated(900),
  /** An entry of stage 2 is set or removed. */
  mapping: estimated(300),
  /** A physical interrupt: it is acknowledged, dispatched and ended. */
  interrupt: published(911),
  /** The same for an interrupt from another pCPU. */
  softwareInterrupt: published(866),
  /** A virtual interrupt is made pending. */
  injection: counted(107),
  /** An interrupt is sent to another pCPU. */
  interProcessorInterrupt: published(181),
  /** The scheduler decides. */
  schedule: counted(1285),
  /** The registers of one vCPU are saved, those of another restored. */
  contextSwitch: estimated(640),
  /** Expired timers run, and the next deadline is set. */
  timers: estimated(300),
  /** A byte goes to Xen's console: to the ring and the serial line. */
  consoleByte: estimated(100),
  /** From reset to the first guest. */
  boot: counted(5_200_000),
} as const satisfies Record<string, Cost>;

/** Cycles of EL2 by operation. */
export type Costs = Readonly<Record<keyof typeof costTable, number>> & {
  /** Of domains without acceleration. */
  readonly software: SoftwareCosts;
};

const cyclesBy = <Name extends string>(
  names: readonly Name[],
  cycles: (name: Name) => number,
): Record<Name, number> => {
  const entries = names.map((name) => [name, cycles(name)]);
  // The names are those that were given.
  return Object.fromEntries(entries) as Record<Name, number>;
};

// Object.keys gives the tables' own names, which its type does not say.
const names = Object.keys(costTable) as (keyof typeof costTable)[];
const softwareNames = Object.keys(softwareCosts) as (keyof typeof softwareCosts)[];

export const measuredCosts: Costs = { ...cyclesBy(names, (name) => costTable[name].cycles), software: softwareCosts };
export const noCosts: Costs = { ...cyclesBy(names, () => 0), software: cyclesBy(softwareNames, () => 0) };
