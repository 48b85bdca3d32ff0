/** A virtual interrupt on its way to a guest: Xen's struct pending_irq (xen/arch/arm/include/asm/vgic.h). */
export class PendingIrq {
  priority = 0;
  /** GIC_IRQ_GUEST_ENABLED, _QUEUED, _VISIBLE and _ACTIVE. */
  enabled = false;
  /** Asked for, and not yet in a list register. */
  queued = false;
  /** In a list register. */
  visible = false;
  active = false;
  /** The list register, or -1. */
  lr = -1;
  /** On its vCPU's list of interrupts that the guest has not ended. */
  inflight = false;
  /** On its vCPU's list of interrupts that wait for a list register. */
  waits = false;

  constructor(readonly irq: number) {}
}

/** Puts an interrupt on a list by its priority, behind those that have the same. */
export const insertByPriority = (list: PendingIrq[], irq: PendingIrq): void => {
  let at = list.length;
  while (at > 0 && (list[at - 1] as PendingIrq).priority > irq.priority) at--;
  list.splice(at, 0, irq);
};

export const removeFrom = (list: PendingIrq[], irq: PendingIrq): void => {
  const at = list.indexOf(irq);
  if (at >= 0) list.splice(at, 1);
};

/** Registers of 32 interrupts: Xen's struct vgic_irq_rank. */
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
}
