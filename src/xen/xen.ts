import { Core } from '../a64/layout.ts';
import type { El2 } from '../arch/exceptions/el2.ts';
import type { CoreState } from '../arch/state/core.ts';
import { assert, defined } from '../base/assert.ts';
import { ProbeKind } from '../base/probe/kinds.ts';
import { err, ok, type Result } from '../base/result.ts';
import { bootProcessor, bootSecondary, imageAt } from './boot.ts';
import { CommandLine } from './command-line.ts';
import { type Costs, measuredCosts } from './costs.ts';
import { createDomain, createVcpus } from './domain/create.ts';
import type { Domain, DomainConfig } from './domain/domain.ts';
import { switchContext } from './domain/switch.ts';
import type { VCpu } from './domain/vcpu.ts';
import type { EventHost } from './events/event-channels.ts';
import { HvcRegisters } from './hypercall/call.ts';
import { Errno } from './hypercall/errno.ts';
import { GuestMemory } from './hypercall/guest-memory.ts';
import { type Level, XenLog } from './log.ts';
import { gic, type Machine, uart0 } from './machine/machine.ts';
import { Word } from './machine/registers.ts';
import { Heap } from './mm/heap.ts';
import { Scheduling } from './sched/schedule.ts';
import { createScheduler } from './sched/schedulers.ts';
import { idleDomainId, type SchedUnit } from './sched/unit.ts';
import { Softirq, Softirqs } from './time/softirq.ts';
import { Timers } from './time/timers.ts';
import { handleGuestTrap } from './traps/guest.ts';
import { injectVirtualSError } from './traps/inject.ts';
import { serveInterrupts } from './traps/interrupts.ts';
import { VirtualDistributor } from './vgic/distributor.ts';
import { Vgic } from './vgic/vgic.ts';

export interface XenOptions {
  readonly costs?: Costs;
  /** Xen's command line. */
  readonly commandLine?: string;
  /** Serves the call by which Dom0's stub asks for the model of Dom0's software. */
  readonly control?: (vcpu: VCpu) => void;
  /** Makes Dom0 and lets it run, when Xen is there. */
  readonly loadDom0?: (xen: Xen) => void;
}

/** What the world above Xen is told. */
export interface XenObserver {
  /** VIRQ_DOM_EXC: a domain has shut down or is gone. */
  domainChanged(domain: Domain): void;
  /** Something has come in on the serial line: `takeSerialInput`. */
  serialInput(): void;
  /** Dom0 stops, and the machine with it. */
  machineEnds(how: 'halt' | 'reboot'): void;
}

/** SERIAL_RX_SIZE. */
const serialInputSize = 128;
const GICD_SGIR = gic.distributor + 0xf00;
/** Functions of PSCI. */
const SYSTEM_OFF = 0x8400_0008;
const SYSTEM_RESET = 0x8400_0009;

/**
 * Xen 4.17 on Arm, as EL2 of the machine: what the hypervisor's machine code would do to registers, tables and devices, this does.
 * One method is called for each exception to EL2; each call runs to its end, as Xen runs on one pCPU with its interrupts masked.
 */
export class Xen implements El2 {
  readonly machine: Machine;
  readonly costs: Costs;
  readonly commandLine: CommandLine;
  readonly log: XenLog;
  readonly heap: Heap;
  readonly softirqs: Softirqs;
  readonly timers: Timers;
  readonly scheduling: Scheduling;
  readonly vgic: Vgic;
  readonly distributor: VirtualDistributor;
  readonly memory: GuestMemory;
  readonly hvc = new HvcRegisters(this);
  /** Numbers of hypercalls that guests have made and that are not there. */
  readonly unknownHypercalls = new Set<number>();
  /** By number; in the order of their numbers. */
  readonly domains = new Map<number, Domain>();
  observer: XenObserver = { domainChanged: () => {}, serialInput: () => {}, machineEnds: () => {} };
  readonly options: XenOptions;
  /** What event channels see of Xen. */
  readonly eventHost: EventHost<VCpu>;
  /** Number of the domain made last. */
  lastDomain = 0;
  /** By pCPU: whether it is up, and what it runs unless it is idle. */
  readonly #online: boolean[];
  readonly #current: (VCpu | null)[];
  readonly #vcpus = new Map<SchedUnit, VCpu>();
  readonly #serialInput: number[] = [];
  #boot: Generator<void> | undefined;

  constructor(machine: Machine, options: XenOptions = {}) {
    this.options = options;
    this.costs = options.costs ?? measuredCosts;
    this.commandLine = new CommandLine(options.commandLine ?? '');
    this.machine = machine;
    this.#online = new Array(machine.cpus).fill(false);
    this.#current = new Array(machine.cpus).fill(null);
    this.log = new XenLog(
      () => machine.now(),
      (text) => this.#transmit(text),
      this.commandLine,
    );
    this.heap = new Heap(0, machine.frames, (mfn) => machine.scrub(mfn));
    const thisCpu = (): number => machine.cpu;
    this.softirqs = new Softirqs(
      machine.cpus,
      {
        timer: (cpu) => {
          machine.spend(this.costs.timers);
          this.timers.run(cpu);
        },
        schedule: (cpu) => this.#schedule(cpu),
      },
      () => (machine.isEntered ? machine.cpu : -1),
      (cpu) => this.poke(cpu),
    );
    this.timers = new Timers(machine.cpus, {
      now: () => machine.now(),
      program: (deadline) => machine.setHypervisorTimer(deadline),
      raise: (cpu) => this.softirqs.raise(cpu, Softirq.timer),
    });
    this.scheduling = new Scheduling(
      {
        cpus: machine.cpus,
        probe: machine.probe,
        thisCpu,
        now: () => machine.now(),
        raiseSchedule: (cpu) => this.softirqs.raise(cpu, Softirq.schedule),
        createTimer: (cpu, callback) => this.timers.create(cpu, callback),
      },
      (core) => createScheduler(core, this.commandLine),
      (line) => this.log.printk(line),
    );
    this.vgic = new Vgic({
      machine,
      costs: this.costs,
      here: () => this.here,
      kick: (vcpu) => this.kick(vcpu),
    });
    this.memory = new GuestMemory(machine, (mfn) => this.current(machine.cpu)?.domain.owns(mfn) ?? false);
    this.eventHost = {
      memory: machine.u8,
      probe: machine.probe,
      domain: (id) => this.domains.get(id),
      upcall: (vcpu) => this.inject(vcpu, vcpu.domain.eventInterrupt),
      unblock: (vcpu) => this.scheduling.unblock(vcpu.unit),
    };
    this.distributor = new VirtualDistributor(this.vgic, (level, text) => this.log.guestPrintk(text, level));
  }

  /** Turns the machine on with Xen in it. */
  boot(): void {
    this.#boot = bootProcessor(this);
    this.machine.powerOn(this, imageAt(this.heap.frames));
  }

  /** The vCPU that a pCPU runs, unless it is idle. */
  current(cpu: number): VCpu | null {
    return this.#current[cpu] as VCpu | null;
  }

  /** A pCPU is up and runs its idle vCPU. */
  setOnline(cpu: number): void {
    this.#online[cpu] = true;
    this.machine.probe.setContext(cpu, idleDomainId, cpu);
  }

  isOnline(cpu: number): boolean {
    return this.#online[cpu] as boolean;
  }

  entered(cpu: number): void {
    this.machine.isEntered = true;
    this.#serve(cpu);
    this.machine.isEntered = false;
  }

  /** The vCPU that has been left for this code. */
  get here(): VCpu | null {
    return this.machine.isEntered ? this.current(this.machine.cpu) : null;
  }

  #serve(cpu: number): void {
    const { machine, costs } = this;
    const vcpu = this.#current[cpu] as VCpu | null;
    if (!this.#online[cpu] || this.#boot) {
      this.#enteredWhileBooting(cpu);
      return;
    }
    if (vcpu) {
      machine.spend(costs.trap);
      this.#saveVirtualSError(vcpu, machine.core);
      this.vgic.syncFromLists(vcpu);
    }
    // The vector, whatever the level that the exception came from.
    switch (machine.core.word(Core.pc) & 0x180) {
      case 0x000:
        handleGuestTrap(this, defined(vcpu, 'the vCPU that trapped'));
        break;
      case 0x080:
      case 0x100:
        serveInterrupts(this);
        break;
      default:
        if (vcpu) injectVirtualSError(machine.core, vcpu);
    }
    this.leave(cpu);
  }

  /** leave_hypervisor_to_guest, or the idle loop. */
  leave(cpu: number): void {
    this.softirqs.run(cpu);
    const vcpu = this.#current[cpu] as VCpu | null;
    if (!vcpu) {
      this.machine.wait();
      return;
    }
    this.vgic.syncToLists(vcpu);
    this.machine.return();
  }

  /** Makes a pCPU enter EL2. */
  poke(cpu: number): void {
    this.machine.spend(this.costs.interProcessorInterrupt);
    this.machine.writeDevice(GICD_SGIR, 1 << (16 + cpu));
  }

  /** vcpu_kick: a vCPU is to see an interrupt soon. */
  kick(vcpu: VCpu): void {
    const { unit } = vcpu;
    const running = unit.isRunning;
    this.scheduling.unblock(unit);
    if (running && vcpu !== this.here) this.poke(unit.processor);
  }

  /** Makes an interrupt of a vCPU pending, or a shared one of its domain. */
  inject(vcpu: VCpu, irq: number): void {
    this.vgic.inject(vcpu, irq);
  }

  /** update_runstate_area: tells a running guest where its vCPU's time has gone (struct vcpu_runstate_info). */
  writeRunstate(vcpu: VCpu): void {
    const { runstateArea: area } = vcpu;
    if (!area) return;
    const { state, entryTime, times } = vcpu.unit.runstate(this.machine.now());
    const info = new DataView(new ArrayBuffer(48));
    info.setUint32(0, state, true);
    info.setBigUint64(8, BigInt(entryTime), true);
    times.forEach((time, i) => {
      info.setBigUint64(16 + 8 * i, BigInt(time), true);
    });
    this.memory.write(area.low, area.high, new Uint8Array(info.buffer));
  }

  /** A message that a guest causes, which begins with its vCPU's name. */
  guestPrintk(vcpu: VCpu, level: Level, text: string): void {
    this.log.guestPrintk(`${vcpu} ${text}`, level);
  }

  /** XEN_DOMCTL_createdomain: with the number asked for, or the next free one for 0. */
  createDomain(config: DomainConfig, domainId = 0, isPrivileged = false): Result<Domain, Errno> {
    const domain = createDomain(this, config, domainId, isPrivileged);
    if (!domain.ok) return domain;
    this.domains.set(domain.value.domainId, domain.value);
    this.scheduling.policy.insertDomain(domain.value);
    createVcpus(this, domain.value);
    this.machine.probe.emitFor(domain.value.domainId, 0, ProbeKind.domainCreated, config.maxVcpus);
    return domain;
  }

  /** A vCPU has been given its place in the scheduler. */
  register(vcpu: VCpu): void {
    this.#vcpus.set(vcpu.unit, vcpu);
  }

  unregister(vcpu: VCpu): void {
    this.#vcpus.delete(vcpu.unit);
  }

  domain(id: number): Result<Domain, Errno> {
    const domain = this.domains.get(id);
    return domain ? ok(domain) : err(Errno.ESRCH);
  }

  /** A byte has come in on the serial line; when Dom0 leaves too many lying, the next are lost. */
  receive(byte: number): void {
    if (this.#serialInput.length < serialInputSize) this.#serialInput.push(byte);
    this.observer.serialInput();
  }

  /** Takes at most so many of the bytes that have come in. */
  takeSerialInput(count: number): Uint8Array {
    return Uint8Array.from(this.#serialInput.splice(0, count));
  }

  /** Dom0 has stopped: so does the machine, by the firmware. */
  end(how: 'halt' | 'reboot'): void {
    this.observer.machineEnds(how);
    this.machine.firmware(how === 'halt' ? SYSTEM_OFF : SYSTEM_RESET);
  }

  #schedule(cpu: number): void {
    this.machine.spend(this.costs.schedule);
    const before = this.scheduling.current(cpu);
    const next = this.scheduling.schedule(cpu);
    if (next === before) return;
    const from = this.#vcpus.get(before) ?? null;
    const to = this.#vcpus.get(next) ?? null;
    assert(from === this.#current[cpu] && (to !== null) === !next.isIdle, 'the scheduler and the core agree');
    this.machine.spend(this.costs.contextSwitch);
    switchContext(this, from, to, (vcpu) => {
      this.#current[cpu] = vcpu;
      this.machine.probe.setContext(cpu, vcpu?.domain.domainId ?? idleDomainId, vcpu?.id ?? cpu);
    });
    this.scheduling.contextSaved(cpu);
  }

  /** The virtual SError is taken off when the guest has taken it. */
  #saveVirtualSError(vcpu: VCpu, { words }: CoreState): void {
    if ((vcpu.hcr & (1 << 8)) !== 0) vcpu.hcr = words[Word.HCR_EL2] as number;
  }

  #enteredWhileBooting(cpu: number): void {
    const boot = defined(this.#boot, 'the boot');
    if (cpu === 0) {
      if (this.#online[0]) serveInterrupts(this);
      if (boot.next().done) this.#boot = undefined;
    } else if (this.#online[cpu]) serveInterrupts(this);
    else bootSecondary(this, cpu);
    this.leave(cpu);
  }

  /** Text leaves on the serial line. */
  #transmit(text: string): void {
    this.machine.spend(this.costs.consoleByte * text.length);
    for (let i = 0; i < text.length; i++) this.machine.writeDevice(uart0.base + 0x30, text.charCodeAt(i));
  }
}
