import { timerPpis } from '../../arch/timers/timer.ts';
import type { Costs } from '../costs.ts';
import type { VCpu } from '../domain/domain.ts';
import { acknowledge, deactivate, dropPriority, firstPrivateId, firstSpecialId } from '../machine/gic.ts';
import type { Machine } from '../machine/machine.ts';
import { type SerialLine, serialInterrupt } from '../machine/serial.ts';
import type { GuestInterrupts } from '../passthrough/interrupts.ts';
import type { Iommu } from '../passthrough/iommu.ts';
import { Softirq, type Softirqs } from '../time/softirq.ts';
import { vtimerPpis } from '../time/vtimer.ts';
import type { Vgic } from '../vgic/vgic.ts';

const hypervisorTimer = timerPpis.cnthp;
const virtualTimer = timerPpis.cntv;

export interface InterruptHost {
  readonly machine: Machine;
  readonly costs: Costs;
  readonly softirqs: Softirqs;
  readonly serial: SerialLine;
  readonly vgic: Vgic;
  readonly guestInterrupts: GuestInterrupts;
  readonly iommu: Iommu;
  /** The vCPU that a pCPU runs; null if it is idle. */
  current(cpu: number): VCpu | null;
}

/** Takes all interrupts that are pending at the pCPU. */
export const serveInterrupts = (host: InterruptHost): void => {
  const { machine, costs } = host;
  for (;;) {
    const acknowledged = acknowledge(machine);
    const irq = acknowledged & 0x3ff;
    if (irq >= firstSpecialId) return;
    if (irq < firstPrivateId) {
      // An SGI of another pCPU: softirqs run on the way out.
      machine.spend(costs.softwareInterrupt);
    } else {
      machine.spend(costs.interrupt);
      // The guest ends its own interrupts.
      if (host.guestInterrupts.take(irq)) continue;
      if (!host.iommu.take(irq)) serve(host, irq);
    }
    dropPriority(machine, acknowledged);
    deactivate(machine, acknowledged);
  }
};

/**
 * Serves an interrupt of Xen's own. The maintenance interrupt needs nothing: list registers are filled on the way out.
 */
const serve = (host: InterruptHost, irq: number): void => {
  const { machine } = host;
  const { core } = machine;
  switch (irq) {
    case hypervisorTimer:
      if (!machine.isHypervisorTimerDue) return;
      host.softirqs.raise(core.index, Softirq.timer);
      machine.setHypervisorTimer(null);
      break;
    case virtualTimer: {
      const vcpu = host.current(core.index);
      if (!vcpu) return;
      vcpu.timer.fired(core);
      host.vgic.inject(vcpu, vtimerPpis.virtual);
      break;
    }
    case serialInterrupt:
      host.serial.interrupt();
  }
};
