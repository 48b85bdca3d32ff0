/** The state of virtual GICs: interrupts, their registers, and what a vCPU and a domain have of them. */

import { bytesOf, type Hasher } from '../../base/hasher.ts';
import type { SoftwareInterface } from '../unaccelerated/software-interface.ts';
import type { PhysicalLine } from './physical-line.ts';

/** List registers of a pCPU. */
export const listRegisters = 4;

/** A virtual interrupt. */
export class PendingIrq {
  priority = 0;
  enabled = false;
  /** Pending, and not yet in a list register. */
  queued = false;
  /** In a list register. */
  visible = false;
  active = false;
  /** The list register, or -1. */
  lr = -1;
  /** In the list `inflight` of its vCPU. */
  inflight = false;
  /** In the list `waiting` of its vCPU. */
  waits = false;
  /** The interrupt of the board that it stands for; null if there is none. */
  line: PhysicalLine | null = null;
  /** The guest has moved it to another vCPU, which gets it from its end on. */
  moves = false;

  constructor(readonly irq: number) {}

  fingerprint(hasher: Hasher): void {
    const { priority, enabled, queued, visible, active, lr, inflight, waits } = this;
    hasher.add(priority, enabled, queued, visible, active, lr, inflight, waits);
    if (!this.line) return;
    this.line.fingerprint(hasher);
    hasher.add(this.moves);
  }
}

/** Puts an interrupt into a list by priority, behind those of the same priority. */
export const insertByPriority = (list: PendingIrq[], irq: PendingIrq): void => {
  let at = list.length;
  while (at > 0 && (list[at - 1] as PendingIrq).priority > irq.priority) at--;
  list.splice(at, 0, irq);
};

export const removeFrom = (list: PendingIrq[], irq: PendingIrq): void => {
  const at = list.indexOf(irq);
  if (at >= 0) list.splice(at, 1);
};

/** The registers of 32 interrupts. */
export class Rank {
  enable = 0;
  readonly priorities = new Uint8Array(32);
  readonly configuration: [number, number] = [0, 0];
  /** The vCPU that each interrupt goes to. */
  readonly targets: Uint8Array;

  constructor(
    /** Interrupt 32 * index is its first. */
    readonly index: number,
    target: number,
  ) {
    this.targets = new Uint8Array(32).fill(target);
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.enable, this.priorities, this.configuration, this.targets);
  }
}

/** The virtual GIC of a vCPU: its private interrupts, and the interrupts on their way to it. */
export class VCpuGic {
  readonly rank: Rank;
  readonly irqs: readonly PendingIrq[];
  /** Interrupts that the guest has not ended, and those that wait for a list register, by priority. */
  readonly inflight: PendingIrq[] = [];
  readonly waiting: PendingIrq[] = [];
  /** Registers of GICH while the vCPU is on no pCPU. */
  readonly lists = new Uint32Array(listRegisters);
  usedLists = 0;
  /** The pCPU that takes its interrupts of the board. */
  cpu = -1;
  apr = 0;
  vmcr = 0;
  /** The CPU interface, if it is not the hardware's. */
  software: SoftwareInterface | null = null;

  constructor(vcpu: number) {
    this.rank = new Rank(0, vcpu);
    this.irqs = Array.from({ length: 32 }, (_, irq) => new PendingIrq(irq));
  }

  fingerprint(hasher: Hasher): void {
    this.rank.fingerprint(hasher);
    for (const irq of this.irqs) irq.fingerprint(hasher);
    for (const list of [this.inflight, this.waiting]) hasher.add(list.map(({ irq }) => irq));
    hasher.add(bytesOf(this.lists), this.usedLists, this.apr, this.vmcr);
    this.software?.fingerprint(hasher);
  }
}

/** The virtual GIC of a domain: its shared interrupts. */
export class DomainGic {
  /** GICD_CTLR. */
  control = 0;
  readonly ranks: readonly Rank[];
  readonly irqs: readonly PendingIrq[];

  /** `spis` is rounded up to a multiple of 32. */
  constructor(spis: number) {
    const count = Math.ceil(spis / 32);
    this.ranks = Array.from({ length: count }, (_, i) => new Rank(i + 1, 0));
    this.irqs = Array.from({ length: 32 * count }, (_, i) => new PendingIrq(32 + i));
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.control);
    for (const rank of this.ranks) rank.fingerprint(hasher);
    for (const irq of this.irqs) irq.fingerprint(hasher);
  }
}
