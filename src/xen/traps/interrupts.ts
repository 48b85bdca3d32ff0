import { timerPpis } from '../../arch/timers/timer.ts';
import { gic, uart0 } from '../machine/machine.ts';
import { Softirq } from '../time/softirq.ts';
import { vtimerPpis } from '../time/vtimer.ts';
import type { Xen } from '../xen.ts';

const GICC_IAR = gic.cpuInterface + 0x0c;
const GICC_EOIR = gic.cpuInterface + 0x10;
const GICC_DIR = gic.cpuInterface + 0x1000;
/** Interrupts from here on are special; 1023 says that none waits. */
const special = 1020;

const hypervisorTimer = timerPpis.cnthp;
const virtualTimer = timerPpis.cntv;

/** gic_interrupt: takes all interrupts that wait at the pCPU. */
export const serveInterrupts = (xen: Xen): void => {
  const { machine, costs } = xen;
  for (;;) {
    const acknowledged = machine.readDevice(GICC_IAR);
    const irq = acknowledged & 0x3ff;
    if (irq >= special) return;
    if (irq < 16) {
      // GIC_SGI_EVENT_CHECK: softirqs are looked at on the way out.
      machine.spend(costs.softwareInterrupt);
    } else {
      machine.spend(costs.interrupt);
      serve(xen, irq);
    }
    machine.writeDevice(GICC_EOIR, acknowledged);
    machine.writeDevice(GICC_DIR, acknowledged);
  }
};

/** do_IRQ for an interrupt of Xen's own. The maintenance interrupt has nothing to do: list registers are filled on the way out. */
const serve = (xen: Xen, irq: number): void => {
  const { machine } = xen;
  const { core } = machine;
  switch (irq) {
    case hypervisorTimer:
      if (!machine.isHypervisorTimerDue) return;
      xen.softirqs.raise(core.index, Softirq.timer);
      machine.setHypervisorTimer(null);
      break;
    case virtualTimer: {
      const vcpu = xen.current(core.index);
      if (!vcpu) return;
      vcpu.timer.fired(core);
      xen.inject(vcpu, vtimerPpis.virtual);
      break;
    }
    case uart0.interrupt:
      receive(xen);
  }
};

/** The Cadence UART's interrupt status and data (UG1087). */
const Chnl_int_sts = uart0.base + 0x14;
const Channel_sts = uart0.base + 0x2c;
const FIFO = uart0.base + 0x30;
const REMPTY = 1 << 1;

const receive = (xen: Xen): void => {
  const { machine } = xen;
  machine.writeDevice(Chnl_int_sts, machine.readDevice(Chnl_int_sts));
  while ((machine.readDevice(Channel_sts) & REMPTY) === 0) xen.receive(machine.readDevice(FIFO));
};
