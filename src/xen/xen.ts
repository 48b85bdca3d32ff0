import { Core } from '../a64/layout.ts';
import type { El2 } from '../arch/exceptions/el2.ts';
import { Hcr } from '../arch/state/control-bits.ts';
import { assert, defined } from '../base/assert.ts';
import type { Hasher } from '../base/hasher.ts';
import { type BootHost, bootProcessor, bootSecondary, imageAt } from './boot.ts';
import { CommandLine } from './command-line.ts';
import { type Costs, measuredCosts } from './costs.ts';
import type { Domain, VCpu } from './domain/domain.ts';
import { Domains } from './domain/domains.ts';
import { Exit, noteExit } from './domain/exits.ts';
import type { LifetimeHost } from './domain/lifetime.ts';
import { restoreVcpu, type SwitchHost, saveVcpu } from './domain/switch.ts';
import { type MayReach, reachRule, type XsmMode, xsmParameter } from './domain/xsm.ts';
import type { EventHost } from './events/event-channels.ts';
import { HvcRegisters } from './hypercall/call.ts';
import { XenLog } from './log.ts';
import { sendSgi } from './machine/gic.ts';
import type { Machine } from './machine/machine.ts';
import { Word } from './machine/registers.ts';
import { SerialLine } from './machine/serial.ts';
import { GuestMemory } from './mm/guest-memory.ts';
import { Heap } from './mm/heap.ts';
import type { BoardDevices } from './passthrough/board-devices.ts';
import { GuestInterrupts } from './passthrough/interrupts.ts';
import { Iommu } from './passthrough/iommu.ts';
import { stockBoard } from './passthrough/stock-board.ts';
import { Scheduling } from './sched/schedule.ts';
import { createScheduler, makeScheduler, unknownScheduler } from './sched/schedulers.ts';
import { idleDomainId, type SchedUnit } from './sched/unit.ts';
import { Softirq, Softirqs } from './time/softirq.ts';
import { Timers } from './time/timers.ts';
import { type GuestTrapHost, handleGuestTrap } from './traps/guest.ts';
import { injectVirtualSError } from './traps/inject.ts';
import { type InterruptHost, serveInterrupts } from './traps/interrupts.ts';
import { EmulatedCpuInterface } from './unaccelerated/cpu-interface.ts';
import { reachForXen } from './unaccelerated/fault.ts';
import { VirtualDistributor } from './vgic/distributor.ts';
import { Vgic } from './vgic/vgic.ts';

export interface XenOptions {
  readonly costs?: Costs;
  /** Xen's command line. */
  readonly commandLine?: string;
  /** What the board's tree says of its devices; by default the stock tree's. */
  readonly board?: BoardDevices;
  /** Serves the call by which the stub of Dom0 asks for the model of Dom0's software. */
  readonly control?: (vcpu: VCpu) => void;
  /** Makes Dom0 and lets it run; called when Xen has booted. */
  readonly loadDom0?: () => void;
}

/** Everything that the modules of Xen need of it. Each module declares its part. */
type Hosts = BootHost & GuestTrapHost & InterruptHost & LifetimeHost & SwitchHost;

/**
 * Xen 4.17 on Arm, as EL2 of the machine: it does to registers, tables and devices what the hypervisor's machine code
 * would do. `entered` is called for each exception to EL2, and runs to its end, as Xen runs on a pCPU with its
 * interrupts masked.
 *
 * This class only puts the parts of Xen together. None of them imports it.
 */
export class Xen implements El2, Hosts {
  readonly machine: Machine;
  readonly costs: Costs;
  readonly commandLine: CommandLine;
  readonly log: XenLog;
  readonly serial: SerialLine;
  readonly heap: Heap;
  readonly softirqs: Softirqs;
  readonly timers: Timers;
  readonly scheduling: Scheduling;
  readonly unknownScheduler: string | null;
  readonly board: BoardDevices;
  readonly vgic: Vgic;
  readonly guestInterrupts: GuestInterrupts;
  readonly iommu: Iommu;
  readonly distributor: VirtualDistributor;
  readonly cpuInterface: EmulatedCpuInterface;
  readonly memory: GuestMemory;
  readonly hvc: HvcRegisters;
  readonly domains = new Domains();
  readonly xsm: XsmMode;
  readonly mayReach: MayReach;
  readonly eventHost: EventHost<VCpu>;
  readonly control: ((vcpu: VCpu) => void) | undefined;
  readonly loadDom0: () => void;
  readonly unknownHypercalls = new Set<number>();
  onDomainChanged: (domain: Domain) => void = () => {};
  /** By pCPU: whether it is up. */
  private readonly online: boolean[];
  /** By pCPU: the vCPU that it runs; null if it is idle. */
  private readonly _current: (VCpu | null)[];
  private _boot: Generator<void> | undefined;
  private hasBegun = false;

  constructor(machine: Machine, options: XenOptions = {}) {
    const costs = options.costs ?? measuredCosts;
    this.machine = machine;
    this.costs = costs;
    this.control = options.control;
    this.loadDom0 = options.loadDom0 ?? (() => {});
    this.commandLine = new CommandLine(options.commandLine ?? '');
    this.online = new Array(machine.cpus).fill(false);
    this._current = new Array(machine.cpus).fill(null);
    this.serial = new SerialLine(machine, costs.consoleByte);
    const now = () => machine.now();
    this.log = new XenLog(now, (text) => this.serial.transmit(text), this.commandLine);
    this.heap = new Heap(0, machine.frames, (mfn) => machine.scrub(mfn));
    this.hvc = new HvcRegisters(machine);
    this.softirqs = new Softirqs(
      machine.cpus,
      {
        timer: (cpu) => {
          machine.spend(costs.timers);
          this.timers.run(cpu);
        },
        schedule: (cpu) => this.schedule(cpu),
      },
      () => (machine.isEntered ? machine.cpu : -1),
      (cpu) => this.poke(cpu),
    );
    this.timers = new Timers(machine.cpus, {
      now,
      program: (deadline) => machine.setHypervisorTimer(deadline),
      raise: (cpu) => this.softirqs.raise(cpu, Softirq.timer),
    });
    this.unknownScheduler = unknownScheduler(this.commandLine);
    this.scheduling = new Scheduling(
      {
        cpus: machine.cpus,
        probe: machine.probe,
        thisCpu: () => machine.cpu,
        now,
        raiseSchedule: (cpu) => this.softirqs.raise(cpu, Softirq.schedule),
        moved: (unit) => this.vgic.followed(defined(this.vcpuOf(unit), 'the vCPU of a unit that moves')),
        createTimer: (cpu, callback) => this.timers.create(cpu, callback),
      },
      (core) => createScheduler(core, this.commandLine),
      (line) => this.log.printk(line),
      (core, id) => makeScheduler(core, id, this.commandLine),
    );
    this.vgic = new Vgic({ machine, costs, here: () => this.here, kick: (vcpu) => this.kick(vcpu) });
    this.board = options.board ?? stockBoard;
    this.guestInterrupts = new GuestInterrupts(this);
    this.iommu = new Iommu(this);
    this.cpuInterface = new EmulatedCpuInterface(this.vgic, machine, costs);
    this.distributor = new VirtualDistributor(this.vgic, this.log, costs.distributor);
    machine.onUnreachable = (low, high) => {
      const vcpu = this.current(machine.cpu);
      return vcpu !== null && reachForXen(vcpu, low, high);
    };
    this.memory = new GuestMemory(machine, (mfn) => this.current(machine.cpu)?.domain.owns(mfn) ?? false);
    this.xsm = this.commandLine.get(xsmParameter, 'silo');
    this.mayReach = reachRule(this.xsm);
    this.eventHost = {
      memory: machine.u8,
      probe: machine.probe,
      domain: (id) => this.domains.get(id),
      upcall: (vcpu) => this.vgic.inject(vcpu, vcpu.domain.eventInterrupt),
      unblock: (vcpu) => this.scheduling.unblock(vcpu.unit),
      mayReach: this.mayReach,
    };
  }

  /** Turns the machine on with Xen in it. */
  boot(): void {
    this._boot = bootProcessor(this);
    this.machine.powerOn(this, imageAt(this.heap.frames));
  }

  /** Whether it is in the middle of its boot, which is a coroutine. */
  get isBooting(): boolean {
    return this.hasBegun && this._boot !== undefined;
  }

  /** Pages of the host that Xen writes by their addresses at any time. */
  *writtenPages(): Generator<number> {
    for (const domain of this.domains.values()) {
      yield this.machine.hostPage(domain.sharedInfo);
      for (const { info } of domain.vcpus) if (info !== 0) yield info >>> 12;
      for (const frame of domain.grants.tableFrames) yield this.machine.hostPage(frame);
    }
  }

  /** It is at another moment of its own. */
  moved(): void {
    if (!this.hasBegun) this._boot = bootProcessor(this);
    this.machine.moved(this);
    this.online.forEach((isOnline, cpu) => {
      const vcpu = this._current[cpu];
      if (isOnline) this.machine.probe.setContext(cpu, vcpu?.domain.domainId ?? idleDomainId, vcpu?.id ?? cpu);
    });
  }

  current(cpu: number): VCpu | null {
    return this._current[cpu] as VCpu | null;
  }

  setOnline(cpu: number): void {
    this.online[cpu] = true;
    this.machine.probe.setContext(cpu, idleDomainId, cpu);
  }

  isOnline(cpu: number): boolean {
    return this.online[cpu] as boolean;
  }

  poke(cpu: number): void {
    this.machine.spend(this.costs.interProcessorInterrupt);
    sendSgi(this.machine, cpu);
  }

  entered(cpu: number): void {
    this.machine.isEntered = true;
    this.serve(cpu);
    this.machine.isEntered = false;
  }

  /** Adds everything in Xen that decides how it goes on. Registers, tables and what lies in memory belong to the machine. */
  fingerprint(hasher: Hasher): void {
    hasher.add(this._boot !== undefined, this.online, [...this.unknownHypercalls]);
    hasher.add(this._current.map((vcpu) => vcpu?.toString()));
    for (const part of [
      this.heap,
      this.softirqs,
      this.timers,
      this.scheduling,
      this.vgic,
      this.log,
      this.serial,
      this.guestInterrupts,
      this.iommu,
    ])
      part.fingerprint(hasher);
    this.domains.fingerprint(hasher);
  }

  /** The vCPU that EL2 has been entered from. */
  private get here(): VCpu | null {
    return this.machine.isEntered ? this.current(this.machine.cpu) : null;
  }

  private serve(cpu: number): void {
    const { machine } = this;
    const vcpu = this._current[cpu] as VCpu | null;
    if (!this.online[cpu] || this._boot) {
      this.enteredWhileBooting(cpu);
      return;
    }
    const spentBefore = machine.spent;
    if (vcpu) {
      vcpu.domain.exits.kind = Exit.other;
      machine.spend(this.costs.trap);
      this.saveVirtualSError(vcpu);
      this.vgic.syncFromLists(vcpu);
    }
    // The offset of the vector, without the level that the exception came from.
    switch (machine.core.word(Core.pc) & 0x180) {
      case 0x000:
        handleGuestTrap(this, defined(vcpu, 'the vCPU that trapped'));
        break;
      case 0x080:
      case 0x100:
        if (vcpu) noteExit(vcpu, Exit.interrupt);
        serveInterrupts(this);
        break;
      default:
        if (vcpu) injectVirtualSError(machine.core, vcpu);
    }
    this.leave(cpu);
    if (vcpu) vcpu.domain.exits.add(machine.spent - spentBefore);
  }

  /** Leaves EL2: to the guest, or to wait for an interrupt in the idle loop. */
  private leave(cpu: number): void {
    this.softirqs.run(cpu);
    const vcpu = this._current[cpu] as VCpu | null;
    if (!vcpu) {
      this.machine.wait();
      return;
    }
    this.vgic.syncToLists(vcpu);
    this.machine.return();
  }

  /** Has a vCPU see an interrupt soon: wakes it, or makes the pCPU that it runs on enter EL2. */
  private kick(vcpu: VCpu): void {
    const { unit } = vcpu;
    const running = unit.isRunning;
    this.scheduling.unblock(unit);
    if (running && vcpu !== this.here) this.poke(unit.processor);
  }

  private schedule(cpu: number): void {
    this.machine.spend(this.costs.schedule);
    const before = this.scheduling.current(cpu);
    const next = this.scheduling.schedule(cpu);
    if (next === before) return;
    this.machine.spend(this.costs.contextSwitch);
    const from = this._current[cpu] as VCpu | null;
    const to = this.vcpuOf(next);
    assert((from !== null) === !before.isIdle, 'the scheduler and the core agree');
    if (from) saveVcpu(this, from);
    this._current[cpu] = to;
    this.machine.probe.setContext(cpu, to?.domain.domainId ?? idleDomainId, to?.id ?? cpu);
    if (to) restoreVcpu(this, to);
    this.scheduling.contextSaved(cpu);
  }

  /** The vCPU of a unit; null for an idle unit. */
  private vcpuOf({ isIdle, domain, id }: SchedUnit): VCpu | null {
    return isIdle ? null : defined(this.domains.get(domain.domainId), 'the domain of a unit').vcpu(id);
  }

  /** HCR_EL2.VSE becomes 0 when the guest takes its virtual SError. */
  private saveVirtualSError(vcpu: VCpu): void {
    if ((vcpu.hcr & Hcr.VSE) !== 0) vcpu.hcr = this.machine.core.words[Word.HCR_EL2] as number;
  }

  private enteredWhileBooting(cpu: number): void {
    const boot = defined(this._boot, 'the boot');
    this.hasBegun = true;
    if (cpu === 0) {
      if (this.online[0]) serveInterrupts(this);
      if (boot.next().done) this._boot = undefined;
    } else if (this.online[cpu]) serveInterrupts(this);
    else bootSecondary(this, cpu);
    this.leave(cpu);
  }
}
