import { defined } from '../../base/assert.ts';
import { ProbeKind } from '../../base/probe/kinds.ts';
import type { Costs } from '../costs.ts';
import type { VCpu } from '../domain/domain.ts';
import { gic } from '../machine/gic.ts';
import type { Machine } from '../machine/machine.ts';
import { insertByPriority, listRegisters, type PendingIrq, type Rank, removeFrom } from './state.ts';

/** GICH, and fields of a list register (IHI 0048B, 5.3). */
const GICH_HCR = gic.hypervisorInterface;
const GICH_VMCR = gic.hypervisorInterface + 0x08;
const GICH_APR = gic.hypervisorInterface + 0xf0;
const GICH_LR0 = gic.hypervisorInterface + 0x100;
const hcrEnable = 1 << 0;
const hcrUnderflow = 1 << 1;
const lrPending = 1 << 28;
const lrActive = 1 << 29;

/** What the virtual GIC needs of the rest of Xen. */
export interface VgicHost {
  readonly machine: Machine;
  readonly costs: Costs;
  /** The vCPU that EL2 has been entered from: its list registers are those of the core. */
  here(): VCpu | null;
  /** vcpu_kick: a vCPU is to see an interrupt soon. */
  kick(vcpu: VCpu): void;
}

/**
 * Interrupts of guests: which are on their way, and which of them are in the list registers of the pCPU that runs their vCPU
 * (xen/arch/arm/vgic.c and gic-vgic.c). List registers are those of the GIC itself.
 */
export class Vgic {
  readonly #host: VgicHost;
  readonly #machine: Machine;
  /** By pCPU: list registers in use, and whether the underflow interrupt is on. */
  readonly #used: number[];
  readonly #underflow: boolean[];

  constructor(host: VgicHost) {
    this.#host = host;
    this.#machine = host.machine;
    this.#used = new Array(this.#machine.cpus).fill(0);
    this.#underflow = new Array(this.#machine.cpus).fill(false);
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

  /** vgic_inject_irq with a rising level. `vcpu`: whose private interrupt it is, or any of the domain for a shared one. */
  inject(vcpu: VCpu, id: number): void {
    const v = id < 32 ? vcpu : this.target(vcpu, id);
    if (v.isDown) return;
    this.#machine.spend(this.#host.costs.injection);
    this.#machine.probe.emitFor(v.domain.domainId, v.id, ProbeKind.interruptInjected, id);
    const irq = this.irq(v, id);
    irq.queued = true;
    if (irq.inflight) {
      if (irq.enabled && !irq.waits && this.#isHere(v)) this.#updateList(v, irq.lr);
    } else {
      irq.priority = defined(this.rank(v, id >>> 5), 'rank').priorities[id & 31] as number;
      if (irq.enabled) this.#raise(v, irq);
      insertByPriority(v.gic.inflight, irq);
      irq.inflight = true;
    }
    this.#host.kick(v);
  }

  /** Interrupts of a rank have been enabled, as bits. */
  enable(vcpu: VCpu, bits: number, rank: number): void {
    for (let rest = bits; rest !== 0; rest &= rest - 1) {
      const id = 32 * rank + 31 - Math.clz32(rest & -rest);
      const target = this.target(vcpu, id);
      const irq = this.irq(target, id);
      irq.enabled = true;
      if (irq.inflight && !irq.visible) this.#raise(target, irq);
    }
  }

  disable(vcpu: VCpu, bits: number, rank: number): void {
    for (let rest = bits; rest !== 0; rest &= rest - 1) {
      const id = 32 * rank + 31 - Math.clz32(rest & -rest);
      const target = this.target(vcpu, id);
      const irq = this.irq(target, id);
      irq.enabled = false;
      this.#unqueue(target, irq);
    }
  }

  /** vgic_vcpu_pending_irq: whether the running vCPU has an interrupt that its masks let through. */
  hasPending(vcpu: VCpu): boolean {
    const first = vcpu.gic.inflight[0];
    if (!first) return false;
    const active = this.#machine.readDevice(GICH_APR);
    const mask = this.#machine.readDevice(GICH_VMCR) >>> 27;
    const activePriority = active === 0 ? 32 : 31 - Math.clz32(active & -active);
    for (const irq of vcpu.gic.inflight) {
      const priority = irq.priority >>> 3;
      if (priority >= mask || priority >= activePriority) return false;
      if (irq.enabled) return true;
    }
    return false;
  }

  /** vgic_clear_pending_irqs: for a vCPU that starts anew. */
  clear({ gic: state }: VCpu): void {
    for (const irq of state.inflight) irq.inflight = false;
    for (const irq of state.waiting) irq.waits = false;
    state.inflight.length = 0;
    state.waiting.length = 0;
    state.usedLists = 0;
  }

  /** On entry from a guest: what it has done with the list registers. */
  syncFromLists(vcpu: VCpu): void {
    const { cpu } = this.#machine;
    if (this.#underflow[cpu]) this.#setUnderflow(cpu, false);
    for (let i = 0; i < listRegisters; i++) {
      if (((this.#used[cpu] as number) & (1 << i)) !== 0) this.#updateList(vcpu, i);
    }
  }

  /** Before the return to a guest: fills free list registers, or takes those of less urgent interrupts. */
  syncToLists(vcpu: VCpu): void {
    const state = vcpu.gic;
    if (state.waiting.length === 0) return;
    const { cpu } = this.#machine;
    this.#fillLists(vcpu);
    if (state.waiting.length > 0 && this.#used[cpu] === (1 << listRegisters) - 1) this.#setUnderflow(cpu, true);
  }

  /** gic_save_state. */
  save({ gic: state }: VCpu): void {
    const machine = this.#machine;
    const { cpu } = machine;
    state.usedLists = this.#used[cpu] as number;
    for (let i = 0; i < listRegisters; i++) state.lists[i] = machine.readDevice(GICH_LR0 + 4 * i);
    state.apr = machine.readDevice(GICH_APR);
    state.vmcr = machine.readDevice(GICH_VMCR);
    this.#used[cpu] = 0;
    this.#underflow[cpu] = false;
    machine.writeDevice(GICH_HCR, 0);
  }

  /** gic_restore_state. */
  restore(vcpu: VCpu): void {
    const machine = this.#machine;
    const state = vcpu.gic;
    this.#used[machine.cpu] = state.usedLists;
    for (let i = 0; i < listRegisters; i++) machine.writeDevice(GICH_LR0 + 4 * i, state.lists[i] as number);
    machine.writeDevice(GICH_APR, state.apr);
    machine.writeDevice(GICH_VMCR, state.vmcr);
    machine.writeDevice(GICH_HCR, hcrEnable);
    this.#fillLists(vcpu);
  }

  #isHere(vcpu: VCpu): boolean {
    return this.#host.here() === vcpu;
  }

  /** gic_raise_guest_irq. */
  #raise(vcpu: VCpu, irq: PendingIrq): void {
    if (this.#isHere(vcpu) && vcpu.gic.waiting.length === 0) {
      const lr = this.#freeList(0);
      if (lr < listRegisters) {
        this.#setList(lr, irq);
        return;
      }
    }
    this.#queue(vcpu, irq);
  }

  #queue({ gic: state }: VCpu, irq: PendingIrq): void {
    if (irq.waits) return;
    insertByPriority(state.waiting, irq);
    irq.waits = true;
  }

  #unqueue({ gic: state }: VCpu, irq: PendingIrq): void {
    if (!irq.waits) return;
    removeFrom(state.waiting, irq);
    irq.waits = false;
  }

  /** The first list register from `first` on that is free, or their number. */
  #freeList(first: number): number {
    const used = this.#used[this.#machine.cpu] as number;
    let lr = first;
    while (lr < listRegisters && (used & (1 << lr)) !== 0) lr++;
    return lr;
  }

  #setList(lr: number, irq: PendingIrq): void {
    const { cpu } = this.#machine;
    this.#machine.writeDevice(GICH_LR0 + 4 * lr, lrPending | ((irq.priority >>> 3) << 23) | irq.irq);
    this.#used[cpu] = (this.#used[cpu] as number) | (1 << lr);
    irq.visible = true;
    irq.queued = false;
    irq.lr = lr;
  }

  /** gic_update_one_lr. */
  #updateList(vcpu: VCpu, lr: number): void {
    const { cpu } = this.#machine;
    const value = this.#machine.readDevice(GICH_LR0 + 4 * lr);
    const irq = this.irq(vcpu, value & 0x3ff);
    if ((value & lrActive) !== 0) {
      irq.active = true;
      if (irq.enabled && irq.queued) {
        irq.queued = false;
        this.#machine.writeDevice(GICH_LR0 + 4 * lr, value | lrPending);
      }
    } else if ((value & lrPending) !== 0) irq.queued = false;
    else {
      this.#used[cpu] = (this.#used[cpu] as number) & ~(1 << lr);
      irq.visible = false;
      irq.active = false;
      irq.lr = -1;
      if (irq.enabled && irq.queued) this.#raise(vcpu, irq);
      else {
        removeFrom(vcpu.gic.inflight, irq);
        irq.inflight = false;
      }
    }
  }

  /** gic_restore_pending_irqs. */
  #fillLists(vcpu: VCpu): void {
    const state = vcpu.gic;
    let lr = 0;
    let victim = state.inflight.length;
    let next: PendingIrq | undefined = state.waiting[0];
    for (let done = 0; done < listRegisters && next; done++) {
      const irq: PendingIrq = next;
      // As in Xen, what is evicted comes up again if others waited behind the one that took its place.
      next = state.waiting[state.waiting.indexOf(irq) + 1];
      lr = this.#freeList(lr);
      if (lr >= listRegisters) {
        // From the least urgent on, one that the guest has not taken yet.
        do victim--;
        while (victim >= 0 && !isEvictable(state.inflight[victim] as PendingIrq, irq));
        const evicted = state.inflight[victim];
        if (!evicted || evicted.priority === irq.priority) return;
        lr = evicted.lr;
        evicted.lr = -1;
        evicted.queued = true;
        evicted.visible = false;
        this.#queue(vcpu, evicted);
      }
      this.#setList(lr, irq);
      this.#unqueue(vcpu, irq);
    }
  }

  #setUnderflow(cpu: number, on: boolean): void {
    this.#underflow[cpu] = on;
    this.#machine.writeDevice(GICH_HCR, on ? hcrEnable | hcrUnderflow : hcrEnable);
  }
}

/** Ends the search for an interrupt to evict for another: it can go, or none below it in the list can. */
const isEvictable = (candidate: PendingIrq, irq: PendingIrq): boolean =>
  candidate.priority === irq.priority || (candidate.visible && !candidate.active);
