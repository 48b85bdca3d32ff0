/**
 * A core's CPU interface of the GIC-400 (ARM DDI 0471 r0p1, 3.4; IHI 0048B, 4.4), in its Non-secure view: Group 1
 * alone, priorities in bits 7-4. The registers for Group 0, and those that let Secure software see Group 1, are RAZ/WI.
 */
import { bits } from '../../base/bits.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import type { Probe } from '../../base/probe/probe.ts';
import type { UnknownRegisters } from '../bus/device.ts';
import { InterruptOutput } from '../bus/interrupt-output.ts';
import { type Interrupts, spurious } from './interrupts.ts';
import { dropPriority, groupPriority, raisePriority, runningPriority } from './priority.ts';

/** Register offsets of a CPU interface, physical or virtual. */
export const Gicc = {
  CTLR: 0x00,
  PMR: 0x04,
  BPR: 0x08,
  IAR: 0x0c,
  EOIR: 0x10,
  RPR: 0x14,
  HPPIR: 0x18,
  ABPR: 0x1c,
  AIAR: 0x20,
  AEOIR: 0x24,
  AHPPIR: 0x28,
  APR0: 0xd0,
  APR1: 0xd4,
  APR2: 0xd8,
  APR3: 0xdc,
  NSAPR0: 0xe0,
  IIDR: 0xfc,
  DIR: 0x1000,
} as const;

/** GIC-400 r0p1, of both CPU interfaces. */
export const iidr = 0x0202_143b;

/** GICC_CTLR, Non-secure. */
const EnableGrp1 = 1 << 0;
const FIQBypDisGrp1 = 1 << 5;
const IRQBypDisGrp1 = 1 << 6;
const EOImodeNS = 1 << 9;
const control = EnableGrp1 | FIQBypDisGrp1 | IRQBypDisGrp1 | EOImodeNS;
/** Of the Non-secure copy: all 16 levels can preempt. */
const minimumBinaryPoint = 3;
/** Priority levels of the Non-secure view are 16 apart. */
const levelShift = 4;

/** As the firmware leaves it: no bypass of the GIC, no interrupt masked by its priority. */
export const cpuInterfaceAtStart = () => ({
  control: FIQBypDisGrp1 | IRQBypDisGrp1,
  priorityMask: 0xf0,
  binaryPoint: minimumBinaryPoint,
  activePriorities: 0,
});
export type CpuInterfaceState = ReturnType<typeof cpuInterfaceAtStart>;

interface CpuInterfaceWiring {
  readonly probe: Probe;
  readonly unknown: UnknownRegisters;
  /** The interrupt request to the core changes. */
  irq(level: boolean): void;
  acknowledged(id: number): void;
}

export class CpuInterface {
  readonly #core: number;
  readonly #state: CpuInterfaceState;
  readonly #interrupts: Interrupts;
  readonly #wiring: CpuInterfaceWiring;
  readonly #irq: InterruptOutput;

  /** `state` is part of the GIC's. */
  constructor(core: number, state: CpuInterfaceState, interrupts: Interrupts, wiring: CpuInterfaceWiring) {
    this.#core = core;
    this.#state = state;
    this.#interrupts = interrupts;
    this.#wiring = wiring;
    this.#irq = new InterruptOutput((level) => wiring.irq(level));
  }

  /** Requests an interrupt of the core, or no longer. */
  update(): void {
    this.#irq.set(this.#signals());
  }

  /** Whether an interrupt is enabled, above the mask, and above the running priority (IHI 0048B, 3.3.1 to 3.3.3). */
  #signals(): boolean {
    const priority = this.#interrupts.bestPriority[this.#core] as number;
    if ((this.#state.control & EnableGrp1) === 0 || priority >= this.#state.priorityMask) return false;
    return groupPriority(priority, this.#state.binaryPoint) < runningPriority(this.#state.activePriorities, levelShift);
  }

  read(offset: number): number {
    switch (offset) {
      case Gicc.CTLR:
        return this.#state.control;
      case Gicc.PMR:
        return this.#state.priorityMask;
      case Gicc.BPR:
        return this.#state.binaryPoint;
      case Gicc.IAR:
        return this.#acknowledge();
      case Gicc.RPR:
        return Math.min(0xff, runningPriority(this.#state.activePriorities, levelShift));
      case Gicc.HPPIR:
        return (this.#state.control & EnableGrp1) === 0 ? spurious : this.#interrupts.highestPending(this.#core);
      case Gicc.APR0:
        return this.#state.activePriorities;
      case Gicc.IIDR:
        return iidr;
      case Gicc.APR1:
      case Gicc.APR2:
      case Gicc.APR3:
        return 0; // all levels are in APR0
      case Gicc.EOIR:
      case Gicc.DIR:
        return 0; // write-only
      case Gicc.ABPR:
      case Gicc.AIAR:
      case Gicc.AEOIR:
      case Gicc.AHPPIR:
      case Gicc.NSAPR0:
        return 0; // Secure
      default:
        return this.#wiring.unknown.read(offset);
    }
  }

  write(offset: number, value: number): void {
    switch (offset) {
      case Gicc.CTLR:
        this.#state.control = value & control;
        break;
      case Gicc.PMR:
        this.#state.priorityMask = value & 0xf0;
        break;
      case Gicc.BPR:
        this.#state.binaryPoint = Math.max(minimumBinaryPoint, value & 7);
        break;
      case Gicc.EOIR:
        this.#end(bits(value, 9, 0));
        break;
      case Gicc.APR0:
        this.#state.activePriorities = value & 0xffff;
        break;
      case Gicc.DIR:
        // Without EOImodeNS this is UNPREDICTABLE: ignored.
        if (this.#state.control & EOImodeNS) {
          this.#interrupts.deactivate(this.#core, bits(value, 9, 0));
          this.#wiring.probe.emit(ProbeKind.interruptDeactivated, bits(value, 9, 0));
        }
        break;
      case Gicc.APR1:
      case Gicc.APR2:
      case Gicc.APR3:
        break; // all levels are in APR0
      case Gicc.IAR:
      case Gicc.RPR:
      case Gicc.HPPIR:
      case Gicc.IIDR:
        break; // read-only
      case Gicc.ABPR:
      case Gicc.AIAR:
      case Gicc.AEOIR:
      case Gicc.AHPPIR:
      case Gicc.NSAPR0:
        break; // Secure
      default:
        this.#wiring.unknown.write(offset, value);
    }
    this.update();
  }

  #acknowledge(): number {
    if (!this.#irq.level) return spurious;
    const priority = this.#interrupts.bestPriority[this.#core] as number;
    this.#state.activePriorities = raisePriority(
      this.#state.activePriorities,
      groupPriority(priority, this.#state.binaryPoint),
      levelShift,
    );
    const value = this.#interrupts.acknowledge(this.#core);
    this.#wiring.acknowledged(bits(value, 9, 0));
    this.#wiring.probe.emit(ProbeKind.interruptTaken, bits(value, 9, 0));
    this.update();
    return value;
  }

  /**
   * End of interrupt: drops the running priority and, unless EOImodeNS leaves that to GICC_DIR, deactivates the
   * interrupt.
   */
  #end(id: number): void {
    if (id >= spurious - 3 || this.#state.activePriorities === 0) return;
    this.#state.activePriorities = dropPriority(this.#state.activePriorities);
    this.#wiring.probe.emit(ProbeKind.interruptEnded, id);
    if ((this.#state.control & EOImodeNS) === 0) this.#interrupts.deactivate(this.#core, id);
  }
}
