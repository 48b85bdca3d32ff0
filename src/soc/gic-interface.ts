/**
 * A core's CPU interface of the GIC-400 (ARM DDI 0471 r0p1, 3.4; IHI 0048B, 4.4), in its Non-secure view: Group 1 alone, priorities in bits 7-4.
 * The registers for Group 0, and those that let Secure software see Group 1, are RAZ/WI.
 */
import { bits } from '../base/bits.ts';
import type { UnknownRegisters } from './device.ts';
import { type Distributor, spurious } from './gic-distributor.ts';
import { dropPriority, groupPriority, raisePriority, runningPriority } from './gic-priority.ts';

/** Register offsets. */
export const GICC_CTLR = 0x00;
export const GICC_PMR = 0x04;
export const GICC_BPR = 0x08;
export const GICC_IAR = 0x0c;
export const GICC_EOIR = 0x10;
export const GICC_RPR = 0x14;
export const GICC_HPPIR = 0x18;
export const GICC_ABPR = 0x1c;
export const GICC_AIAR = 0x20;
export const GICC_AEOIR = 0x24;
export const GICC_AHPPIR = 0x28;
export const GICC_APR0 = 0xd0;
export const GICC_NSAPR0 = 0xe0;
export const GICC_IIDR = 0xfc;
export const GICC_DIR = 0x1000;

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

export class CpuInterface {
  readonly #core: number;
  readonly #distributor: Distributor;
  readonly #unknown: UnknownRegisters;
  readonly #irq: (level: boolean) => void;
  #control = 0;
  #priorityMask = 0;
  #binaryPoint = 0;
  #activePriorities = 0;
  #level = false;

  /** `irq` is called when the interrupt request to the core changes. */
  constructor(core: number, distributor: Distributor, unknown: UnknownRegisters, irq: (level: boolean) => void) {
    this.#core = core;
    this.#distributor = distributor;
    this.#unknown = unknown;
    this.#irq = irq;
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
    this.#irq(level);
  }

  /** Whether an interrupt is enabled, above the mask, and above what runs (IHI 0048B, 3.3.1 to 3.3.3). */
  #signals(): boolean {
    const priority = this.#distributor.bestPriority[this.#core] as number;
    if ((this.#control & EnableGrp1) === 0 || priority >= this.#priorityMask) return false;
    return groupPriority(priority, this.#binaryPoint) < runningPriority(this.#activePriorities, levelShift);
  }

  read(offset: number): number {
    switch (offset) {
      case GICC_CTLR:
        return this.#control;
      case GICC_PMR:
        return this.#priorityMask;
      case GICC_BPR:
        return this.#binaryPoint;
      case GICC_IAR:
        return this.#acknowledge();
      case GICC_RPR:
        return Math.min(0xff, runningPriority(this.#activePriorities, levelShift));
      case GICC_HPPIR:
        return (this.#control & EnableGrp1) === 0 ? spurious : this.#distributor.highestPending(this.#core);
      case GICC_APR0:
        return this.#activePriorities;
      case GICC_IIDR:
        return iidr;
      case GICC_EOIR:
      case GICC_DIR:
        return 0; // write-only
      case GICC_ABPR:
      case GICC_AIAR:
      case GICC_AEOIR:
      case GICC_AHPPIR:
      case GICC_NSAPR0:
        return 0; // Secure
      default:
        return this.#unknown.read(offset);
    }
  }

  write(offset: number, value: number): void {
    switch (offset) {
      case GICC_CTLR:
        this.#control = value & control;
        break;
      case GICC_PMR:
        this.#priorityMask = value & 0xf0;
        break;
      case GICC_BPR:
        this.#binaryPoint = Math.max(minimumBinaryPoint, value & 7);
        break;
      case GICC_EOIR:
        this.#end(bits(value, 9, 0));
        break;
      case GICC_APR0:
        this.#activePriorities = value & 0xffff;
        break;
      case GICC_DIR:
        // Without EOImodeNS this is UNPREDICTABLE: ignored.
        if (this.#control & EOImodeNS) this.#distributor.deactivate(this.#core, bits(value, 9, 0));
        break;
      case GICC_IAR:
      case GICC_RPR:
      case GICC_HPPIR:
      case GICC_IIDR:
        break; // read-only
      case GICC_ABPR:
      case GICC_AIAR:
      case GICC_AEOIR:
      case GICC_AHPPIR:
      case GICC_NSAPR0:
        break; // Secure
      default:
        this.#unknown.write(offset, value);
    }
    this.update();
  }

  #acknowledge(): number {
    if (!this.#level) return spurious;
    const priority = this.#distributor.bestPriority[this.#core] as number;
    this.#activePriorities = raisePriority(
      this.#activePriorities,
      groupPriority(priority, this.#binaryPoint),
      levelShift,
    );
    const value = this.#distributor.acknowledge(this.#core);
    this.update();
    return value;
  }

  /** End of interrupt: drops the running priority and, unless EOImodeNS leaves that to GICC_DIR, deactivates the interrupt. */
  #end(id: number): void {
    if (id >= spurious - 3 || this.#activePriorities === 0) return;
    this.#activePriorities = dropPriority(this.#activePriorities);
    if ((this.#control & EOImodeNS) === 0) this.#distributor.deactivate(this.#core, id);
  }
}
