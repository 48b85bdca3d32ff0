/** GICC as a guest without the hardware's virtual CPU interface sees it: docs/xen/unaccelerated.md, section 3. */
import type { Costs } from '../costs.ts';
import type { Domain, VCpu } from '../domain/domain.ts';
import { Exit } from '../domain/exits.ts';
import { gicCpuInterface } from '../domain/guest-layout.ts';
import { Gicc, interfaceIdentification } from '../machine/gic.ts';
import type { Machine } from '../machine/machine.ts';
import type { TrappedAccess } from '../traps/access.ts';
import type { EmulatedDevice } from '../vdev/mmio.ts';
import { noInterrupt, type Vgic } from '../vgic/vgic.ts';
import type { SoftwareCosts } from './costs.ts';

export class EmulatedCpuInterface implements EmulatedDevice<VCpu> {
  private readonly vgic: Vgic;
  private readonly machine: Machine;
  private readonly costs: SoftwareCosts;

  constructor(vgic: Vgic, machine: Machine, { software }: Costs) {
    this.vgic = vgic;
    this.machine = machine;
    this.costs = software;
  }

  attach(domain: Domain): void {
    domain.mmio.register({ ...gicCpuInterface, device: this, cost: 0, exit: Exit.cpuInterface });
  }

  /** It remembers nothing: its registers are those of the vCPU. */
  fingerprint(): void {}

  read(vcpu: VCpu, offset: number, { size }: TrappedAccess): number | null {
    const { software } = vcpu.gic;
    this.machine.spend(offset === Gicc.IAR ? this.costs.acknowledge : this.costs.interface);
    if (!software || size !== 2) return null;
    switch (offset) {
      case Gicc.CTLR:
        return software.control;
      case Gicc.PMR:
        return software.mask;
      case Gicc.BPR:
        return software.binaryPoint;
      case Gicc.IAR:
        return this.vgic.acknowledge(vcpu);
      case Gicc.HPPIR:
        return this.vgic.next(vcpu)?.irq ?? noInterrupt;
      case Gicc.RPR:
        return Math.min(0xff, software.runningLevel << 3);
      case Gicc.APR0:
        return software.active;
      case Gicc.IIDR:
        return interfaceIdentification;
      default:
        return 0;
    }
  }

  write(vcpu: VCpu, offset: number, { size }: TrappedAccess, value: number): boolean {
    const { software } = vcpu.gic;
    this.machine.spend(offset === Gicc.EOIR ? this.costs.end : this.costs.interface);
    if (!software || size !== 2) return false;
    switch (offset) {
      case Gicc.CTLR:
        software.control = value;
        break;
      case Gicc.PMR:
        software.mask = value;
        break;
      case Gicc.BPR:
        software.binaryPoint = value;
        break;
      case Gicc.APR0:
        software.active = value;
        break;
      case Gicc.EOIR:
        this.vgic.end(vcpu, value & 0x3ff);
        break;
      case Gicc.DIR:
        if (software.isSplit) this.vgic.deactivate(vcpu, value & 0x3ff);
    }
    return true;
  }
}
