/**
 * A core's CPU interface of the GIC-400 (ARM DDI 0471 r0p1, 3.4; IHI 0048B, 4.4), in its Non-secure view: Group 1 alone, priorities in bits 7-4.
 * The registers for Group 0, and those that let Secure software see Group 1, are RAZ/WI.
 */
import { bits } from '../../base/bits.ts';
import { Kind } from '../../base/probe/kinds.ts';
import type { Probe } from '../../base/probe/probe.ts';
import type { UnknownRegisters } from '../bus/device.ts';
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

export interface CpuInterfaceState {
  readonly control: number;
  readonly priorityMask: number;
  readonly binaryPoint: number;
  readonly activePriorities: number;
}

/** As the firmware leaves it: no bypass of the GIC, no interrupt masked by its priority. */
const atStart: CpuInterfaceState = {
  control: FIQBypDisGrp1 | IRQBypDisGrp1,
  priorityMask: 0xf0,
  binaryPoint: minimumBinaryPoint,
  activePriorities: 0,
};

interface CpuInterfaceWiring {
  readonly probe: Probe;
  /** The interrupt request to the core changes. */
  irq(level: boolean): void;
  acknowledged(id: number): void;
}

export class CpuInterface {
  readonly #core: number;
  readonly #interrupts: Interrupts;
  readonly #unknown: UnknownRegisters;
  readonly #wiring: CpuInterfaceWiring;
  #control = 0;
  #priorityMask = 0;
  #binaryPoint = 0;
  #activePriorities = 0;
  #level = false;

  constructor(core: number, interrupts: Interrupts, unknown: UnknownRegisters, wiring: CpuInterfaceWiring) {
    this.#core = core;
    this.#interrupts = interrupts;
    this.#unknown = unknown;
    this.#wiring = wiring;
    this.reset();
  }

  reset(): void {
    this.loadState(atStart);
  }

  saveState(): CpuInterfaceState {
    return {
      control: this.#control,
      priorityMask: this.#priorityMask,
      binaryPoint: this.#binaryPoint,
      activePriorities: this.#activePriorities,
    };
  }

  loadState(state: CpuInterfaceState): void {
    this.#control = state.control;
    this.#priorityMask = state.priorityMask;
    this.#binaryPoint = state.binaryPoint;
    this.#activePriorities = state.activePriorities;
    this.update();
  }

  /** Requests an interrupt of the core, or no longer. */
  update(): void {
    const level = this.#signals();
    if (level === this.#level) return;
    this.#level = level;
    this.#wiring.irq(level);
  }

  /** Whether an interrupt is enabled, above the mask, and above what runs (IHI 0048B, 3.3.1 to 3.3.3). */
  #signals(): boolean {
    const priority = this.#interrupts.bestPriority[this.#core] as number;
    if ((this.#control & EnableGrp1) === 0 || priority >= this.#priorityMask) return false;
    return groupPriority(priority, this.#binaryPoint) < runningPriority(this.#activePriorities, levelShift);
  }

  read(offset: number): number {
    switch (offset) {
      case Gicc.CTLR:
        return this.#control;
      case Gicc.PMR:
        return this.#priorityMask;
      case Gicc.BPR:
        return this.#binaryPoint;
      case Gicc.IAR:
        return this.#acknowledge();
      case Gicc.RPR:
        return Math.min(0xff, runningPriority(this.#activePriorities, levelShift));
      case Gicc.HPPIR:
        return (this.#control & EnableGrp1) === 0 ? spurious : this.#interrupts.highestPending(this.#core);
      case Gicc.APR0:
        return this.#activePriorities;
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
        return this.#unknown.read(offset);
    }
  }

  write(offset: number, value: number): void {
    switch (offset) {
      case Gicc.CTLR:
        this.#control = value & control;
        break;
      case Gicc.PMR:
        this.#priorityMask = value & 0xf0;
        break;
      case Gicc.BPR:
        this.#binaryPoint = Math.max(minimumBinaryPoint, value & 7);
        break;
      case Gicc.EOIR:
        this.#end(bits(value, 9, 0));
        break;
      case Gicc.APR0:
        this.#activePriorities = value & 0xffff;
        break;
      case Gicc.DIR:
        // Without EOImodeNS this is UNPREDICTABLE: ignored.
        if (this.#control & EOImodeNS) {
          this.#interrupts.deactivate(this.#core, bits(value, 9, 0));
          this.#wiring.probe.emit(Kind.interruptDeactivated, bits(value, 9, 0));
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
        this.#unknown.write(offset, value);
    }
    this.update();
  }

  #acknowledge(): number {
    if (!this.#level) return spurious;
    const priority = this.#interrupts.bestPriority[this.#core] as number;
    this.#activePriorities = raisePriority(
      this.#activePriorities,
      groupPriority(priority, this.#binaryPoint),
      levelShift,
    );
    const value = this.#interrupts.acknowledge(this.#core);
    this.#wiring.acknowledged(bits(value, 9, 0));
    this.#wiring.probe.emit(Kind.interruptTaken, bits(value, 9, 0));
    this.update();
    return value;
  }

  /** End of interrupt: drops the running priority and, unless EOImodeNS leaves that to GICC_DIR, deactivates the interrupt. */
  #end(id: number): void {
    if (id >= spurious - 3 || this.#activePriorities === 0) return;
    this.#activePriorities = dropPriority(this.#activePriorities);
    this.#wiring.probe.emit(Kind.interruptEnded, id);
    if ((this.#control & EOImodeNS) === 0) this.#interrupts.deactivate(this.#core, id);
  }
}
