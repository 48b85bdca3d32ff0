/** Interrupts of the board for a guest (docs/xen/passthrough.md). */
import { defined } from '../../base/assert.ts';
import type { Hasher } from '../../base/hasher.ts';
import type { Domain } from '../domain/domain.ts';
import type { XenLog } from '../log.ts';
import { dropPriority } from '../machine/gic.ts';
import type { Machine } from '../machine/machine.ts';
import { Errno } from '../public/errno.ts';
import { PhysicalLine } from '../vgic/physical-line.ts';
import type { Vgic } from '../vgic/vgic.ts';
import type { BoardDevices } from './board-devices.ts';

interface InterruptsHost {
  readonly machine: Machine;
  readonly log: XenLog;
  readonly board: BoardDevices;
  readonly vgic: Vgic;
}

/** Which domain has which shared interrupt of the board. Those of Dom0 are the board's own affair: `BoardInterrupt.isRouted`. */
export class GuestInterrupts {
  private readonly host: InterruptsHost;
  private readonly owners = new Map<number, Domain>();

  constructor(host: InterruptsHost) {
    this.host = host;
  }

  /**
   * XEN_DOMCTL_bind_pt_irq for a domain that has not run yet: 0, -EPERM if Dom0 may not hand the interrupt on, -EBUSY if
   * someone has it.
   */
  give(domain: Domain, id: number): number {
    const { machine, log, board } = this.host;
    const known = board.interrupts.get(id);
    if (!known) return -Errno.EPERM;
    const irq = domain.gic.irqs[id - 32];
    if (!irq || irq.line) return -Errno.EBUSY;
    const owner = known.isRouted ? 0 : this.owners.get(id)?.domainId;
    if (owner !== undefined) {
      log.printk(`IRQ ${id} is already used by domain ${owner}`);
      return -Errno.EBUSY;
    }
    irq.line = new PhysicalLine(machine, id, known.isEdge);
    this.owners.set(id, domain);
    return 0;
  }

  /**
   * Whether an interrupt that Xen has acknowledged is a guest's. If so, its priority is dropped and a vCPU gets it; it stays
   * active until the guest ends it.
   */
  take(id: number): boolean {
    const domain = this.owners.get(id);
    if (!domain) return false;
    defined(domain.gic.irqs[id - 32]?.line, 'the line of an interrupt that has an owner').isInProgress = true;
    dropPriority(this.host.machine, id);
    this.host.vgic.inject(domain.vcpu(0), id);
    return true;
  }

  /** Takes back what a domain has had. None of its vCPUs runs any more. */
  release(domain: Domain): void {
    for (const irq of domain.gic.irqs) {
      if (!irq.line) continue;
      irq.line.release();
      irq.line = null;
      this.owners.delete(irq.irq);
    }
  }

  fingerprint(hasher: Hasher): void {
    for (const [id, domain] of this.owners) hasher.add(id, domain.domainId);
  }
}
