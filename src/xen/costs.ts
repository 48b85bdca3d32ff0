/** Cycles of EL2 by operation. The machine's cores do one instruction a cycle, so that counted instructions are cycles. */
export interface Costs {
  /** From a guest into EL2 and back, with all that any trap does: registers, list registers, softirqs. */
  readonly trap: number;
  /** What a trap of its kind takes beyond that. */
  readonly hypercall: number;
  readonly firmwareCall: number;
  readonly systemRegister: number;
  readonly distributor: number;
  readonly pl011: number;
  /** A physical interrupt: acknowledge, find its handler, end. */
  readonly interrupt: number;
  /** The same for a software generated one. */
  readonly softwareInterrupt: number;
  /** A virtual interrupt is made pending. */
  readonly injection: number;
  /** An interrupt is sent to another pCPU. */
  readonly interProcessorInterrupt: number;
  /** The scheduler decides. */
  readonly schedule: number;
  /** One vCPU's registers go out and another's come in. */
  readonly contextSwitch: number;
  /** Expired timers are called and the next deadline is set. */
  readonly timers: number;
  /** A byte goes to Xen's console: ring and serial line. */
  readonly consoleByte: number;
  /** From reset to the first guest. */
  readonly boot: number;
}

/**
 * Counted under QEMU in Debian's Xen 4.17 (one core, less the guest's own instructions): hypercall xen_version 418, PSCI_VERSION
 * 472, ID register 431, a read in the virtual distributor 627 and in the PL011 609, GICD_SGIR to the sender itself 734,
 * SCHEDOP_yield under credit 1703. Counted on a ZCU104 by "Shedding Light on Static Partitioning Hypervisors" (ECRTS 2023): an
 * interrupt for a guest from entry to return 1418, an inter-processor interrupt 915 at its sender and 1266 at its target.
 * What all traps share is taken to be 400. The context switch is the length of ctxt_switch_from and ctxt_switch_to with what
 * they call; a byte on the console is the length of the way from printk to the UART's register. The boot is 5.2 million from the initialisation of time to the first guest.
 */
export const measuredCosts: Costs = {
  trap: 400,
  hypercall: 18,
  firmwareCall: 72,
  systemRegister: 31,
  distributor: 227,
  pl011: 209,
  interrupt: 911,
  softwareInterrupt: 866,
  injection: 107,
  interProcessorInterrupt: 181,
  schedule: 1285,
  contextSwitch: 640,
  timers: 300,
  consoleByte: 100,
  boot: 5_200_000,
};

export const noCosts: Costs = {
  trap: 0,
  hypercall: 0,
  firmwareCall: 0,
  systemRegister: 0,
  distributor: 0,
  pl011: 0,
  interrupt: 0,
  softwareInterrupt: 0,
  injection: 0,
  interProcessorInterrupt: 0,
  schedule: 0,
  contextSwitch: 0,
  timers: 0,
  consoleByte: 0,
  boot: 0,
};
