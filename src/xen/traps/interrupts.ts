import { timerPpis } from '../../arch/timers/timer.ts';
import type { Costs } from '../costs.ts';
import type { VCpu } from '../domain/domain.ts';
import { gic, type Machine, uart0 } from '../machine/machine.ts';
import type { SerialLine } from '../serial.ts';
import { Softirq, type Softirqs } from '../time/softirq.ts';
import { vtimerPpis } from '../time/vtimer.ts';
import type { Vgic } from '../vgic/vgic.ts';

const GICC_IAR = gic.cpuInterface + 0x0c;
const GICC_EOIR = gic.cpuInterface + 0x10;
const GICC_DIR = gic.cpuInterface + 0x1000;
/** Interrupt IDs from here on are special; 1023 means that none is pending. */
const special = 1020;

const hypervisorTimer = timerPpis.cnthp;
const virtualTimer = timerPpis.cntv;

export interface InterruptHost {
  readonly machine: Machine;
  readonly costs: Costs;
  readonly softirqs: Softirqs;
  readonly serial: SerialLine;
  readonly vgic: Vgic;
  /** The vCPU that a pCPU runs; null if it is idle. */
  current(cpu: number): VCpu | null;
}

/** Takes all interrupts that are pending at the pCPU. */
export const serveInterrupts = (host: InterruptHost): void => {
  const { machine, costs } = host;
  for (;;) {
    const acknowledged = machine.readDevice(GICC_IAR);
    const irq = acknowledged & 0x3ff;
    if (irq >= special) return;
    if (irq < 16) {
      // An SGI of another pCPU: softirqs run on the way out.
      machine.spend(costs.softwareInterrupt);
    } else {
      machine.spend(costs.interrupt);
      serve(host, irq);
    }
    machine.writeDevice(GICC_EOIR, acknowledged);
    machine.writeDevice(GICC_DIR, acknowledged);
  }
};

/** Serves an interrupt of Xen's own. The maintenance interrupt needs nothing: list registers are filled on the way out. */
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
    case uart0.interrupt:
      host.serial.interrupt();
  }
};
