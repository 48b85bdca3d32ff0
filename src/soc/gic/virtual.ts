/**
 * A core's virtual interface control (GICH) and virtual CPU interface (GICV) of the GIC-400 (ARM DDI 0471 r0p1, 3.5 and
 * 3.6; IHI 0048B, chapter 5). The hypervisor puts virtual interrupts into list registers; its guest, which sees GICV
 * where it expects GICC, takes them from there. There are no Security Extensions in the guest's view: both groups, and
 * priorities in bits 7-3.
 */

import type { InterruptLine } from '../../arch/exceptions/interrupts.ts';
import { bit, bits } from '../../base/bits.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import type { Probe } from '../../base/probe/probe.ts';
import type { UnknownRegisters } from '../bus/device.ts';
import { InterruptOutput } from '../bus/interrupt-output.ts';
import { Gicc, iidr } from './cpu-interface.ts';
import { type Interrupts, spurious } from './interrupts.ts';
import { dropPriority, groupPriority, idlePriority, raisePriority, runningPriority } from './priority.ts';

/** Register offsets. */
const GICH_HCR = 0x00;
const GICH_VTR = 0x04;
const GICH_VMCR = 0x08;
const GICH_MISR = 0x10;
const GICH_EISR0 = 0x20;
const GICH_ELRSR0 = 0x30;
const GICH_APR = 0xf0;
const GICH_LR0 = 0x100;

const listRegisters = 4;
/** 5 bits of priority, all of which can preempt, and the list registers. */
const vtr = (4 << 29) | (4 << 26) | (listRegisters - 1);

/** GICH_HCR. */
const En = 1 << 0;
const UIE = 1 << 1;
const LRENPIE = 1 << 2;
const NPIE = 1 << 3;
const VGrp0EIE = 1 << 4;
const VGrp0DIE = 1 << 5;
const VGrp1EIE = 1 << 6;
const VGrp1DIE = 1 << 7;
const EOICount = 27;
const hcrBits = 0xf800_00ff;
/** GICH_MISR; its other bits have the positions of their enables in GICH_HCR. */
const MISR_EOI = 1 << 0;

/** GICH_VMCR, whose bits 9 and 4-0 are those of GICV_CTLR. */
const VMGrp0En = 1 << 0;
const VMGrp1En = 1 << 1;
const VMAckCtl = 1 << 2;
const VMFIQEn = 1 << 3;
const VMCBPR = 1 << 4;
const VEM = 1 << 9;
const controlBits = VMGrp0En | VMGrp1En | VMAckCtl | VMFIQEn | VMCBPR | VEM;
const minimumBinaryPoint = 2;
const minimumAliasedBinaryPoint = 3;
const vmcrAtReset = (minimumBinaryPoint << 21) | (minimumAliasedBinaryPoint << 18);

/** Priority levels are 8 apart. */
const levelShift = 3;
/** What a guest reads when the waiting interrupt is in Group 1, which has registers of its own. */
const spuriousGroup1 = 1022;

/** GICH_LR. */
const pending = 1;
const active = 2;
const stateOf = (lr: number): number => bits(lr, 29, 28);
const priorityOf = (lr: number): number => bits(lr, 27, 23) << levelShift;
const isGroup1 = (lr: number): boolean => bit(lr, 30) === 1;
const isHardware = (lr: number): boolean => bit(lr, 31) === 1;
const wantsEoi = (lr: number): boolean => !isHardware(lr) && bit(lr, 19) === 1;
/** The ID as GICV_IAR shows it: with an SGI's sender in bits 12-10. */
const identityOf = (lr: number): number => (isHardware(lr) || bits(lr, 9, 0) >= 16 ? bits(lr, 9, 0) : bits(lr, 12, 0));

export const virtualInterfaceAtReset = () => ({
  hcr: 0,
  vmcr: vmcrAtReset,
  activePriorities: 0,
  lists: new Uint32Array(listRegisters),
});
export type VirtualInterfaceState = ReturnType<typeof virtualInterfaceAtReset>;

export interface VirtualWiring {
  /** The unknown registers of the two blocks. */
  readonly gich: UnknownRegisters;
  readonly gicv: UnknownRegisters;
  readonly probe: Probe;
  /** A virtual interrupt request to the core changes. */
  line(line: InterruptLine, level: boolean): void;
  /** The maintenance interrupt changes. */
  maintenance(level: boolean): void;
  /** GICH_HCR has been written. */
  enabled?(on: boolean): void;
}

export class VirtualInterface {
  readonly #core: number;
  readonly #state: VirtualInterfaceState;
  readonly #lists: Uint32Array;
  readonly #interrupts: Interrupts;
  readonly #wiring: VirtualWiring;
  /** GICH_VMCR at the last update, as a signed number, which V8 reads faster than one over 2^31. */
  #vmcr = 0;
  /** The list register that a guest would take next, or -1. */
  #best = -1;
  #bestPriority = idlePriority;
  readonly #virq: InterruptOutput;
  readonly #vfiq: InterruptOutput;
  readonly #maintenance: InterruptOutput;

  /** `state` is part of the GIC's. */
  constructor(core: number, state: VirtualInterfaceState, interrupts: Interrupts, wiring: VirtualWiring) {
    this.#core = core;
    this.#state = state;
    this.#lists = state.lists;
    this.#interrupts = interrupts;
    this.#wiring = wiring;
    this.#virq = new InterruptOutput((level) => wiring.line('virq', level));
    this.#vfiq = new InterruptOutput((level) => wiring.line('vfiq', level));
    this.#maintenance = new InterruptOutput((level) => wiring.maintenance(level));
    this.update();
  }

  /** Whether a hypervisor has it signal virtual interrupts. */
  get isOn(): boolean {
    return (this.#state.hcr & En) !== 0;
  }

  /** A register of the virtual interface control. */
  readControl(offset: number): number {
    if (offset >= GICH_LR0 && offset < GICH_LR0 + 4 * listRegisters) return this.#list((offset - GICH_LR0) >>> 2);
    switch (offset) {
      case GICH_HCR:
        return this.#state.hcr;
      case GICH_VTR:
        return vtr >>> 0;
      case GICH_VMCR:
        return this.#vmcr >>> 0;
      case GICH_MISR:
        return this.#maintenanceReasons();
      case GICH_EISR0:
        return this.#listsWhere((lr) => stateOf(lr) === 0 && wantsEoi(lr));
      case GICH_ELRSR0:
        return this.#listsWhere((lr) => stateOf(lr) === 0 && !wantsEoi(lr));
      case GICH_APR:
        return this.#state.activePriorities;
      default:
        return this.#wiring.gich.read(offset);
    }
  }

  writeControl(offset: number, value: number): void {
    if (offset >= GICH_LR0 && offset < GICH_LR0 + 4 * listRegisters)
      this.#lists[(offset - GICH_LR0) >>> 2] = value & (value & (1 << 31) ? 0xff8f_ffff : 0xff88_1fff);
    else
      switch (offset) {
        case GICH_HCR:
          this.#state.hcr = (value & hcrBits) >>> 0;
          this.#wiring.enabled?.(this.isOn);
          break;
        case GICH_VMCR:
          this.#state.vmcr = value & controlBits;
          this.#setBinaryPoint(bits(value, 23, 21));
          this.#setAliasedBinaryPoint(bits(value, 20, 18));
          this.#setPriorityMask(bits(value, 31, 27));
          break;
        case GICH_APR:
          this.#state.activePriorities = value >>> 0;
          break;
        case GICH_VTR:
        case GICH_MISR:
        case GICH_EISR0:
        case GICH_ELRSR0:
          break; // read-only
        default:
          this.#wiring.gich.write(offset, value);
      }
    this.update();
  }

  /** A register of the virtual CPU interface: those of GICC. */
  read(offset: number): number {
    switch (offset) {
      case Gicc.CTLR:
        return this.#vmcr & controlBits;
      case Gicc.PMR:
        return this.#priorityMask;
      case Gicc.BPR:
        return bits(this.#vmcr, 23, 21);
      case Gicc.ABPR:
        return bits(this.#vmcr, 20, 18);
      case Gicc.IAR:
        return this.#acknowledge(this.#visible(false));
      case Gicc.AIAR:
        return this.#acknowledge(this.#visible(true));
      case Gicc.HPPIR:
        return this.#visible(false);
      case Gicc.AHPPIR:
        return this.#visible(true);
      case Gicc.RPR:
        return Math.min(0xff, runningPriority(this.#state.activePriorities, levelShift));
      case Gicc.APR0:
        return this.#state.activePriorities;
      case Gicc.IIDR:
        return iidr;
      case Gicc.APR1:
      case Gicc.APR2:
      case Gicc.APR3:
        return 0; // all levels are in APR0
      case Gicc.EOIR:
      case Gicc.AEOIR:
      case Gicc.DIR:
        return 0; // write-only
      default:
        return this.#wiring.gicv.read(offset);
    }
  }

  write(offset: number, value: number): void {
    switch (offset) {
      case Gicc.CTLR:
        this.#state.vmcr = ((this.#state.vmcr & ~controlBits) | (value & controlBits)) >>> 0;
        break;
      case Gicc.PMR:
        this.#setPriorityMask(bits(value, 7, 3));
        break;
      case Gicc.BPR:
        this.#setBinaryPoint(bits(value, 2, 0));
        break;
      case Gicc.ABPR:
        this.#setAliasedBinaryPoint(bits(value, 2, 0));
        break;
      case Gicc.EOIR:
      case Gicc.AEOIR:
        this.#end(bits(value, 12, 0));
        break;
      case Gicc.DIR:
        // Without VEM this is UNPREDICTABLE: ignored.
        if (this.#vmcr & VEM) this.#deactivate(bits(value, 12, 0));
        break;
      case Gicc.APR0:
        this.#state.activePriorities = value >>> 0;
        break;
      case Gicc.APR1:
      case Gicc.APR2:
      case Gicc.APR3:
        break; // all levels are in APR0
      case Gicc.IAR:
      case Gicc.AIAR:
      case Gicc.HPPIR:
      case Gicc.AHPPIR:
      case Gicc.RPR:
      case Gicc.IIDR:
        break; // read-only
      default:
        this.#wiring.gicv.write(offset, value);
    }
    this.update();
  }

  get #priorityMask(): number {
    return bits(this.#vmcr, 31, 27) << levelShift;
  }

  #setPriorityMask(level: number): void {
    this.#state.vmcr = ((this.#state.vmcr & 0x07ff_ffff) | (level << 27)) >>> 0;
  }

  #setBinaryPoint(value: number): void {
    this.#state.vmcr = ((this.#state.vmcr & ~(7 << 21)) | (Math.max(minimumBinaryPoint, value) << 21)) >>> 0;
  }

  #setAliasedBinaryPoint(value: number): void {
    this.#state.vmcr = ((this.#state.vmcr & ~(7 << 18)) | (Math.max(minimumAliasedBinaryPoint, value) << 18)) >>> 0;
  }

  #list(index: number): number {
    return this.#lists[index] as number;
  }

  #listsWhere(holds: (lr: number) => boolean): number {
    let found = 0;
    for (let i = 0; i < listRegisters; i++) if (holds(this.#list(i))) found |= 1 << i;
    return found;
  }

  /** What the guest reads of its next interrupt; the aliased registers are for Group 1 alone. */
  #visible(aliased: boolean): number {
    if (!this.#offers) return spurious;
    const lr = this.#list(this.#best);
    if (isGroup1(lr) === aliased) return identityOf(lr);
    if (aliased) return spurious;
    return this.#vmcr & VMAckCtl ? identityOf(lr) : spuriousGroup1;
  }

  /** Whether an interrupt waits whose group is enabled. */
  get #offers(): boolean {
    if ((this.#state.hcr & En) === 0 || this.#best < 0) return false;
    return (this.#vmcr & (isGroup1(this.#list(this.#best)) ? VMGrp1En : VMGrp0En)) !== 0;
  }

  /** The best interrupt's priority as far as it counts for preemption. */
  get #bestGroupPriority(): number {
    const ownPoint = isGroup1(this.#list(this.#best)) && (this.#vmcr & VMCBPR) === 0;
    const point = ownPoint ? bits(this.#vmcr, 20, 18) - 1 : bits(this.#vmcr, 23, 21);
    return groupPriority(this.#bestPriority, point);
  }

  #acknowledge(identity: number): number {
    if (!this.#virq.level && !this.#vfiq.level) return spurious;
    if (bits(identity, 9, 0) >= spuriousGroup1) return identity;
    this.#state.activePriorities = raisePriority(this.#state.activePriorities, this.#bestGroupPriority, levelShift);
    this.#setState(this.#best, active);
    this.#wiring.probe.emit(ProbeKind.virtualInterruptTaken, bits(identity, 9, 0));
    this.update();
    return identity;
  }

  #setState(index: number, state: number): void {
    this.#lists[index] = (this.#list(index) & ~(3 << 28)) | (state << 28);
  }

  /**
   * End of interrupt: drops the running priority and, unless VEM leaves that to GICV_DIR, deactivates the interrupt.
   */
  #end(identity: number): void {
    if (bits(identity, 9, 0) >= spurious - 3) return;
    const dropped = this.#state.activePriorities !== 0;
    this.#state.activePriorities = dropPriority(this.#state.activePriorities);
    this.#wiring.probe.emit(ProbeKind.virtualInterruptEnded, bits(identity, 9, 0));
    if ((this.#vmcr & VEM) === 0) this.#deactivate(identity, dropped);
  }

  /**
   * Deactivates the virtual interrupt and its physical one. An interrupt that is in no list register is counted for the
   * hypervisor, unless no priority was dropped for it (IHI 0048B, 5.3.1, EOICount).
   */
  #deactivate(identity: number, counts = true): void {
    const index = this.#lists.findIndex((lr) => (stateOf(lr) & active) !== 0 && identityOf(lr) === identity);
    if (index >= 0) {
      const lr = this.#list(index);
      this.#setState(index, stateOf(lr) & pending);
      if (isHardware(lr)) this.#interrupts.deactivate(this.#core, bits(lr, 19, 10));
    } else if (counts) this.#state.hcr = (this.#state.hcr + (1 << EOICount)) >>> 0;
  }

  /** GICH_MISR. */
  #maintenanceReasons(): number {
    const hcr = this.#state.hcr;
    let reasons = 0;
    let valid = 0;
    let anyPending = false;
    for (let i = 0; i < listRegisters; i++) {
      const lr = this.#list(i);
      const state = stateOf(lr);
      if (state === 0) {
        if (wantsEoi(lr)) reasons = MISR_EOI;
        continue;
      }
      valid++;
      if (state === pending) anyPending = true;
    }
    if (valid <= 1) reasons |= UIE;
    if (hcr >>> EOICount !== 0) reasons |= LRENPIE;
    if (!anyPending) reasons |= NPIE;
    reasons |= (this.#vmcr & VMGrp0En) !== 0 ? VGrp0EIE : VGrp0DIE;
    reasons |= (this.#vmcr & VMGrp1En) !== 0 ? VGrp1EIE : VGrp1DIE;
    return reasons & (hcr | MISR_EOI);
  }

  /**
   * Finds the best interrupt, of equal priorities that of the lowest list register, and drives the outputs. While the
   * interface is off, which is when hypervisors write most of its registers, nothing is offered and nothing is looked for.
   */
  update(): void {
    this.#vmcr = this.#state.vmcr | 0;
    if ((this.#state.hcr & En) === 0) {
      this.#virq.set(false);
      this.#vfiq.set(false);
      this.#maintenance.set(false);
      return;
    }
    this.#best = -1;
    this.#bestPriority = idlePriority;
    for (let i = 0; i < listRegisters; i++) {
      const lr = this.#list(i);
      if (stateOf(lr) !== pending || priorityOf(lr) >= this.#bestPriority) continue;
      this.#best = i;
      this.#bestPriority = priorityOf(lr);
    }
    const signals =
      this.#offers &&
      this.#bestPriority < this.#priorityMask &&
      this.#bestGroupPriority < runningPriority(this.#state.activePriorities, levelShift);
    const fiq = signals && !isGroup1(this.#list(this.#best)) && (this.#vmcr & VMFIQEn) !== 0;
    this.#virq.set(signals && !fiq);
    this.#vfiq.set(fiq);
    this.#maintenance.set(this.#maintenanceReasons() !== 0);
  }
}
