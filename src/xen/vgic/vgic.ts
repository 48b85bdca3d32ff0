import { Hcr } from '../../arch/state/control-bits.ts';
import { defined } from '../../base/assert.ts';
import type { Hasher } from '../../base/hasher.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { packVcpu } from '../../base/probe/probe.ts';
import type { Costs } from '../costs.ts';
import type { VCpu } from '../domain/domain.ts';
import { deactivate, gic } from '../machine/gic.ts';
import type { Machine } from '../machine/machine.ts';
import { setHcr } from '../traps/inject.ts';
import { insertByPriority, listRegisters, type PendingIrq, type Rank, removeFrom } from './state.ts';

/** Registers of GICH, their bits, and the bits of a list register (IHI 0048B, 5.3). */
const GICH_HCR = gic.hypervisorInterface;
const GICH_VMCR = gic.hypervisorInterface + 0x08;
const GICH_APR = gic.hypervisorInterface + 0xf0;
const GICH_LR0 = gic.hypervisorInterface + 0x100;
const hcrEnable = 1 << 0;
const hcrUnderflow = 1 << 1;
const lrPending = 1 << 28;
const lrActive = 1 << 29;
/** The guest's end of the interrupt deactivates that of the board whose ID is in bits 19-10. */
const lrHardware = 1 << 31;

/** GICC_IAR when no interrupt waits. */
export const noInterrupt = 1023;

/** The parts of Xen that the virtual GIC uses. */
export interface VgicHost {
  readonly machine: Machine;
  readonly costs: Costs;
  /** The vCPU that EL2 has been entered from: its list registers are in the core. */
  here(): VCpu | null;
  /** Makes a vCPU look at its interrupts soon. */
  kick(vcpu: VCpu): void;
}

/**
 * The interrupts of guests: which are in flight, and which of these are in list registers. The list registers are those
 * of the GIC, at the pCPU that runs the vCPU.
 */
export class Vgic {
  private readonly host: VgicHost;
  private readonly machine: Machine;
  /** By pCPU: the list registers in use as bits, and whether the underflow interrupt is enabled. */
  private readonly used: number[];
  private readonly underflow: boolean[];

  constructor(host: VgicHost) {
    this.host = host;
    this.machine = host.machine;
    this.used = new Array(this.machine.cpus).fill(0);
    this.underflow = new Array(this.machine.cpus).fill(false);
  }

  rank(vcpu: VCpu, index: number): Rank | undefined {
    return index === 0 ? vcpu.gic.rank : vcpu.domain.gic.ranks[index - 1];
  }

  /** The vCPU that an interrupt goes to, as seen by `vcpu`. */
  target(vcpu: VCpu, irq: number): VCpu {
    const rank = defined(this.rank(vcpu, irq >>> 5), 'an interrupt of the vGIC');
    return defined(vcpu.domain.vcpus[rank.targets[irq & 31] as number], 'the target');
  }

  irq(vcpu: VCpu, irq: number): PendingIrq {
    return defined(irq < 32 ? vcpu.gic.irqs[irq] : vcpu.domain.gic.irqs[irq - 32], 'an interrupt of the vGIC');
  }

  /** Makes an interrupt pending: a private one of `vcpu`, or a shared one of its domain. */
  inject(vcpu: VCpu, id: number): void {
    const v = id < 32 ? vcpu : this.target(vcpu, id);
    if (v.isDown) return;
    this.machine.spend(this.host.costs.injection);
    this.machine.probe.emitFor(packVcpu(v.domain.domainId, v.id), ProbeKind.interruptInjected, id);
    const irq = this.irq(v, id);
    irq.queued = true;
    if (irq.inflight) {
      if (irq.enabled && !irq.waits && irq.lr >= 0 && this.isHere(v)) this.updateList(v, irq.lr);
    } else {
      irq.priority = defined(this.rank(v, id >>> 5), 'rank').priorities[id & 31] as number;
      if (irq.enabled) this.raise(v, irq);
      insertByPriority(v.gic.inflight, irq);
      irq.inflight = true;
    }
    this.host.kick(v);
  }

  /** The guest has enabled interrupts of a rank, given as bits. */
  enable(vcpu: VCpu, bits: number, rank: number): void {
    for (let rest = bits; rest !== 0; rest &= rest - 1) {
      const id = 32 * rank + 31 - Math.clz32(rest & -rest);
      const target = this.target(vcpu, id);
      const irq = this.irq(target, id);
      irq.enabled = true;
      if (irq.inflight && !irq.visible) this.raise(target, irq);
      irq.line?.enable(target.unit.processor);
    }
  }

  disable(vcpu: VCpu, bits: number, rank: number): void {
    for (let rest = bits; rest !== 0; rest &= rest - 1) {
      const id = 32 * rank + 31 - Math.clz32(rest & -rest);
      const target = this.target(vcpu, id);
      const irq = this.irq(target, id);
      irq.enabled = false;
      this.unqueue(target, irq);
      irq.line?.disable();
    }
  }

  /** The guest moves a shared interrupt to another vCPU. Returns false if it still waits for the end of an earlier move. */
  move(from: VCpu, id: number, to: number): boolean {
    const irq = this.irq(from, id);
    const { targets } = defined(this.rank(from, id >>> 5), 'rank');
    const target = from.domain.vcpu(to);
    if (irq.moves) return false;
    targets[id & 31] = to;
    if (!irq.line) return true;
    if (!irq.inflight) irq.line.target(target.unit.processor);
    else if (irq.waits) {
      irq.queued = false;
      removeFrom(from.gic.inflight, irq);
      irq.inflight = false;
      this.unqueue(from, irq);
      irq.line.target(target.unit.processor);
      this.inject(target, id);
    } else irq.moves = true;
    return true;
  }

  /** A vCPU has come to a pCPU, or will: that one takes its interrupts of the board. */
  followed(vcpu: VCpu): void {
    const cpu = vcpu.unit.processor;
    if (vcpu.gic.cpu === cpu) return;
    vcpu.gic.cpu = cpu;
    for (const irq of vcpu.domain.gic.irqs)
      if (irq.line && !irq.moves && this.target(vcpu, irq.irq) === vcpu) irq.line.target(cpu);
  }

  /** Whether the running vCPU has an interrupt whose priority is high enough for the guest to take it. */
  hasPending(vcpu: VCpu): boolean {
    const first = vcpu.gic.inflight[0];
    if (!first) return false;
    const { software } = vcpu.gic;
    const active = software?.active ?? this.machine.readDevice(GICH_APR);
    const mask = software ? software.mask >>> 3 : this.machine.readDevice(GICH_VMCR) >>> 27;
    const activePriority = active === 0 ? 32 : 31 - Math.clz32(active & -active);
    for (const irq of vcpu.gic.inflight) {
      const priority = irq.priority >>> 3;
      if (priority >= mask || priority >= activePriority) return false;
      if (irq.enabled) return true;
    }
    return false;
  }

  /** Without list registers: the interrupt of the highest priority that waits. */
  next({ gic: { inflight } }: VCpu): PendingIrq | undefined {
    return inflight.find(({ enabled, queued, active }) => enabled && queued && !active);
  }

  /** The same, if the guest would take it now. */
  private taken(vcpu: VCpu): PendingIrq | undefined {
    const irq = this.next(vcpu);
    return irq && vcpu.gic.software?.takes(irq.priority) ? irq : undefined;
  }

  /** Without list registers: the guest reads GICC_IAR. */
  acknowledge(vcpu: VCpu): number {
    const irq = this.taken(vcpu);
    if (!irq) return noInterrupt;
    irq.queued = false;
    irq.active = true;
    vcpu.gic.software?.raise(irq.priority);
    this.machine.probe.emit(ProbeKind.virtualInterruptTaken, irq.irq);
    return irq.irq;
  }

  /** Without list registers: the guest writes GICC_EOIR. */
  end(vcpu: VCpu, id: number): void {
    const { software } = vcpu.gic;
    if (!software || id >= noInterrupt - 3) return;
    software.drop();
    this.machine.probe.emit(ProbeKind.virtualInterruptEnded, id);
    if (!software.isSplit) this.deactivate(vcpu, id);
  }

  /** Without list registers: an interrupt is no longer active. */
  deactivate(vcpu: VCpu, id: number): void {
    const irq = vcpu.gic.inflight.find((each) => each.irq === id && each.active);
    if (!irq) return;
    irq.active = false;
    if (irq.line) {
      deactivate(this.machine, irq.line.id);
      irq.line.isInProgress = false;
    }
    if (irq.enabled && irq.queued && !irq.moves) return;
    this.ended(vcpu, irq);
  }

  /** Clears all interrupts of a vCPU that starts. */
  clear({ gic: state }: VCpu): void {
    for (const irq of state.inflight) irq.inflight = false;
    if (state.software) {
      for (const irq of state.inflight) irq.active = false;
      state.software.active = 0;
    }
    for (const irq of state.waiting) irq.waits = false;
    state.inflight.length = 0;
    state.waiting.length = 0;
    state.usedLists = 0;
  }

  /** On entry from a guest: brings the state of interrupts up to date with the list registers. */
  syncFromLists(vcpu: VCpu): void {
    const { cpu } = this.machine;
    if (this.underflow[cpu]) this.setUnderflow(cpu, false);
    for (let i = 0; i < listRegisters; i++) {
      if (((this.used[cpu] as number) & (1 << i)) !== 0) this.updateList(vcpu, i);
    }
  }

  /** Before the return to a guest: puts waiting interrupts into list registers. */
  syncToLists(vcpu: VCpu): void {
    const state = vcpu.gic;
    if (state.software) {
      // HCR_EL2.VI is the only line to the guest.
      const hcr = this.taken(vcpu) ? vcpu.hcr | Hcr.VI : vcpu.hcr & ~Hcr.VI;
      if (hcr !== vcpu.hcr) setHcr(this.machine.core, vcpu, hcr);
      return;
    }
    if (state.waiting.length === 0) return;
    const { cpu } = this.machine;
    this.fillLists(vcpu);
    if (state.waiting.length > 0 && this.used[cpu] === (1 << listRegisters) - 1) this.setUnderflow(cpu, true);
  }

  /** The vCPU leaves its pCPU: takes the registers of GICH out of it. */
  save({ gic: state }: VCpu): void {
    if (state.software) return;
    const machine = this.machine;
    const { cpu } = machine;
    state.usedLists = this.used[cpu] as number;
    for (let i = 0; i < listRegisters; i++) state.lists[i] = machine.readDevice(GICH_LR0 + 4 * i);
    state.apr = machine.readDevice(GICH_APR);
    state.vmcr = machine.readDevice(GICH_VMCR);
    this.used[cpu] = 0;
    this.underflow[cpu] = false;
    machine.writeDevice(GICH_HCR, 0);
  }

  /** The vCPU comes to a pCPU: puts the registers of GICH into it. */
  restore(vcpu: VCpu): void {
    const machine = this.machine;
    const state = vcpu.gic;
    if (state.software) {
      this.followed(vcpu);
      return;
    }
    this.used[machine.cpu] = state.usedLists;
    for (let i = 0; i < listRegisters; i++) machine.writeDevice(GICH_LR0 + 4 * i, state.lists[i] as number);
    machine.writeDevice(GICH_APR, state.apr);
    machine.writeDevice(GICH_VMCR, state.vmcr);
    machine.writeDevice(GICH_HCR, hcrEnable);
    this.followed(vcpu);
    this.fillLists(vcpu);
  }

  /** The list registers of a vCPU, and a mask of those in use: the hardware's if this pCPU runs it, else as they were saved. */
  listRegisters(vcpu: VCpu): { readonly isHere: boolean; readonly used: number; readonly lists: readonly number[] } {
    const machine = this.machine;
    const { lists, usedLists, software } = vcpu.gic;
    if (software || !this.isHere(vcpu)) return { isHere: false, used: usedLists, lists: [...lists] };
    const hardware = Array.from(lists, (_, i) => machine.readDevice(GICH_LR0 + 4 * i) >>> 0);
    return { isHere: true, used: this.used[machine.cpu] as number, lists: hardware };
  }

  /** Adds which list registers each pCPU uses. The rest belongs to domains and vCPUs, and to the GIC itself. */
  fingerprint(hasher: Hasher): void {
    hasher.add(this.used, this.underflow);
  }

  private isHere(vcpu: VCpu): boolean {
    return this.host.here() === vcpu;
  }

  /** Puts an interrupt into a free list register, or has it wait for one. */
  private raise(vcpu: VCpu, irq: PendingIrq): void {
    if (vcpu.gic.software) return;
    if (this.isHere(vcpu) && vcpu.gic.waiting.length === 0) {
      const lr = this.freeList(0);
      if (lr < listRegisters) {
        this.setList(lr, irq);
        return;
      }
    }
    this.queue(vcpu, irq);
  }

  private queue({ gic: state }: VCpu, irq: PendingIrq): void {
    if (irq.waits) return;
    insertByPriority(state.waiting, irq);
    irq.waits = true;
  }

  private unqueue({ gic: state }: VCpu, irq: PendingIrq): void {
    if (!irq.waits) return;
    removeFrom(state.waiting, irq);
    irq.waits = false;
  }

  /** The first free list register from `first` on; `listRegisters` if none is free. */
  private freeList(first: number): number {
    const used = this.used[this.machine.cpu] as number;
    let lr = first;
    while (lr < listRegisters && (used & (1 << lr)) !== 0) lr++;
    return lr;
  }

  private setList(lr: number, irq: PendingIrq): void {
    const { cpu } = this.machine;
    const { line } = irq;
    const hardware = line ? lrHardware | (line.id << 10) : 0;
    this.machine.writeDevice(GICH_LR0 + 4 * lr, hardware | lrPending | ((irq.priority >>> 3) << 23) | irq.irq);
    this.used[cpu] = (this.used[cpu] as number) | (1 << lr);
    irq.visible = true;
    irq.queued = false;
    irq.lr = lr;
  }

  /** Brings the state of an interrupt up to date with its list register. */
  private updateList(vcpu: VCpu, lr: number): void {
    const { cpu } = this.machine;
    const value = this.machine.readDevice(GICH_LR0 + 4 * lr);
    const irq = this.irq(vcpu, value & 0x3ff);
    if ((value & lrActive) !== 0) {
      irq.active = true;
      if (irq.enabled && irq.queued) {
        irq.queued = false;
        // Hardware cannot make an interrupt of the board active and pending: this one is lost.
        if (!irq.line) this.machine.writeDevice(GICH_LR0 + 4 * lr, value | lrPending);
      }
    } else if ((value & lrPending) !== 0) irq.queued = false;
    else {
      this.used[cpu] = (this.used[cpu] as number) & ~(1 << lr);
      irq.visible = false;
      irq.active = false;
      irq.lr = -1;
      if (irq.line) irq.line.isInProgress = false;
      if (irq.enabled && irq.queued && !irq.moves) this.raise(vcpu, irq);
      else this.ended(vcpu, irq);
    }
  }

  /** The guest has ended an interrupt. */
  private ended(vcpu: VCpu, irq: PendingIrq): void {
    removeFrom(vcpu.gic.inflight, irq);
    irq.inflight = false;
    if (!irq.moves) return;
    irq.moves = false;
    irq.line?.target(this.target(vcpu, irq.irq).unit.processor);
  }

  /** Puts waiting interrupts into list registers. If none is free, they evict interrupts of lower priority. */
  private fillLists(vcpu: VCpu): void {
    const state = vcpu.gic;
    let lr = 0;
    let victim = state.inflight.length;
    let next: PendingIrq | undefined = state.waiting[0];
    for (let done = 0; done < listRegisters && next; done++) {
      const irq: PendingIrq = next;
      // As in Xen, an evicted interrupt is tried again if others waited after the one that has replaced it.
      next = state.waiting[state.waiting.indexOf(irq) + 1];
      lr = this.freeList(lr);
      if (lr >= listRegisters) {
        // From the lowest priority up: the first that the guest has not taken yet.
        do victim--;
        while (victim >= 0 && !isEvictable(state.inflight[victim] as PendingIrq, irq));
        const evicted = state.inflight[victim];
        if (!evicted || evicted.priority === irq.priority) return;
        lr = evicted.lr;
        evicted.lr = -1;
        evicted.queued = true;
        evicted.visible = false;
        this.queue(vcpu, evicted);
      }
      this.setList(lr, irq);
      this.unqueue(vcpu, irq);
    }
  }

  private setUnderflow(cpu: number, on: boolean): void {
    this.underflow[cpu] = on;
    this.machine.writeDevice(GICH_HCR, on ? hcrEnable | hcrUnderflow : hcrEnable);
  }
}

/** Whether the search for an interrupt to evict ends here: this one can be evicted, or no other can. */
const isEvictable = (candidate: PendingIrq, irq: PendingIrq): boolean =>
  candidate.priority === irq.priority || (candidate.visible && !candidate.active);
