/** A session's machine as the protocol's target. All that it does goes through the session, as the page's debugger does. */
import { err, ok, type Result } from '../../base/result.ts';
import type { DebugStop } from '../../cluster/debugger.ts';
import type { StopPoint } from '../../session/api/debug.ts';
import type { VcpuName } from '../../session/api/hypervisor.ts';
import { defaultTimeLimit } from '../../session/api/time.ts';
import type { Session } from '../../session/session.ts';
import { generalRegister } from './description.ts';
import { monitor } from './monitor.ts';
import { SessionThreads, threadOfCore, threadOfVcpu, vcpuOf } from './session-threads.ts';
import type { Motion, Point, Range, Stop, StopReason, Target, ThreadInfo } from './target.ts';

/** The ID of the stop point at which a step of a vCPU waits. */
const waiting = -1;
const accesses = { 2: 'write', 3: 'read', 4: 'any' } as const;
/** Steps in a range of addresses, before GDB is asked again. */
const mostSteps = 10_000;

/** A motion that goes on while the machine runs. */
interface Way {
  readonly motion: Motion;
  /** Where the step of a vCPU waits for it to be entered: `false` if it has still to step then. */
  awaits: { readonly vcpu: VcpuName; readonly hasStepped: boolean } | null;
  /** A watchpoint that has been found on the way back: what remains is to go before the access. */
  found: StopReason | null;
  /** Nothing was found on the way back: it goes to the beginning. */
  toBegin: boolean;
  isInterrupted: boolean;
  /** Whether it began in the past. */
  readonly wasPast: boolean;
}

export class SessionTarget implements Target {
  readonly #session: Session;
  readonly #threads: SessionThreads;
  readonly systemRegisters: readonly string[];
  readonly hasPast: boolean;
  #points: readonly Point[] = [];
  #way: Way | null = null;
  /** A stop that `arrived` has still to report. */
  #arrived: Stop | null = null;
  /** The only domain that is shown. */
  readonly #domain: number | null;
  /** Version of the domains that were looked at last. */
  #version = -1;

  /** @param domain the only domain that is shown; null for everything */
  constructor(session: Session, domain: number | null) {
    this.#session = session;
    this.#domain = domain;
    this.#threads = new SessionThreads(session, domain);
    this.systemRegisters = [...this.#threads.systemRegisters(0).keys()];
    session.keepPast(defaultTimeLimit);
    const { time } = session;
    if (time.ok) time.value.begin();
    this.hasPast = time.ok && time.value.status().beginNs !== null;
  }

  threads(): readonly ThreadInfo[] {
    return this.#threads.list();
  }

  register(thread: number, name: string): bigint | null {
    const core = this.#threads.coreOf(thread);
    if (core !== null)
      return generalRegister(this.#threads.core(core), name) ?? this.#threads.systemRegisters(core).get(name) ?? null;
    const vcpu = vcpuOf(thread);
    const registers = vcpu && this.#threads.vcpu(vcpu)?.registers;
    if (!registers) return null;
    const system = (wanted: string): bigint | null =>
      registers.system.find((one) => one.name === wanted)?.value ?? null;
    const { pc, x, pstate, el } = registers;
    const stack = el > 0 && (pstate & 1) !== 0 ? 'SP_EL1' : 'SP_EL0';
    return generalRegister({ pc, x, pstate, sp: system(stack) ?? 0n }, name) ?? system(name);
  }

  read(thread: number, address: bigint, length: number): Uint8Array {
    const vcpu = vcpuOf(thread);
    if (vcpu) return this.#threads.vcpu(vcpu)?.memory(address, length).bytes ?? new Uint8Array();
    const core = thread - 1;
    const inspection = this.#session.inspect(core);
    if (!inspection.ok) return new Uint8Array();
    return inspection.value.memory({ core, space: 'virtual', el: null, address, length }).bytes;
  }

  setPoints(points: readonly Point[]): Result<null> {
    const set = this.#session.setStopPoints(this.#stopPoints(points));
    if (set.ok) this.#points = points;
    return set;
  }

  halt(): void {
    this.#session.pause();
    this.#threads.forget();
  }

  release(): void {
    this.#way = null;
    this.#session.setStopPoints([]);
    const { time } = this.#session;
    if (time.ok && time.value.isPast) time.value.toPresent();
    this.#session.run();
  }

  move(motion: Motion): Result<null> {
    this.#threads.forget();
    this.#arrived = null;
    const { time } = this.#session;
    const wasPast = time.ok && time.value.isPast;
    const way: Way = { motion, awaits: null, found: null, toBegin: false, isInterrupted: false, wasPast };
    const begun = this.#begin(way);
    if (begun.ok && !this.#arrived) this.#way = way;
    return begun;
  }

  #begin(way: Way): Result<null> {
    const { motion } = way;
    const { time } = this.#session;
    switch (motion.kind) {
      case 'continue':
        return this.#run();
      case 'step':
        return this.#step(way, motion.thread, motion.range);
      case 'continueBack':
        return time.ok ? time.value.findBack('stop') : time;
      case 'stepBack': {
        const core = this.#threads.coreOf(motion.thread);
        if (core === null) return err('This vCPU does not run: only a core goes back by one instruction.');
        return time.ok ? time.value.stepBack(core) : time;
      }
    }
  }

  /** A machine that has ended stays where it is: that is reported. */
  #run(): Result<null> {
    return this.#session.state === 'ended' ? ok(null) : this.#session.run();
  }

  /** Steps a core, or a vCPU: that may have to be entered for it, and again after a trap to Xen. */
  #step(way: Way, thread: number, range: Range | null): Result<null> {
    const vcpu = vcpuOf(thread);
    for (let steps = 0; steps < mostSteps; steps++) {
      const core = this.#threads.coreOf(thread);
      if (core === null) return vcpu ? this.#await(way, vcpu, steps > 0) : err('There is no such core.');
      const stepped = this.#session.step(core, 1);
      if (!stepped.ok) return stepped;
      this.#threads.forget();
      if (this.#session.state === 'ended') return ok(null);
      const { stop } = this.#session.status();
      if (stop && stop.kind !== 'step') break;
      if (vcpu && this.#threads.coreOf(thread) === null) continue;
      const pc = this.register(thread, 'pc');
      if (!stop || pc === null || !range || pc < range.start || pc >= range.end) break;
    }
    this.#arrived = this.#stopped(way);
    return ok(null);
  }

  /** Lets the machine run until a vCPU is entered. */
  #await(way: Way, vcpu: VcpuName, hasStepped: boolean): Result<null> {
    const registers = this.#threads.vcpu(vcpu)?.registers;
    if (!registers) return err('This vCPU is no more.');
    way.awaits = { vcpu, hasStepped };
    const point: StopPoint = {
      kind: 'breakpoint',
      id: waiting,
      address: registers.pc & ~3n,
      el: null,
      vmid: this.#vmidOf(vcpu.domain),
    };
    const set = this.#session.setStopPoints([point, ...this.#stopPoints(this.#points)]);
    return set.ok ? this.#run() : set;
  }

  interrupt(): void {
    if (!this.#way) return;
    this.#way.isInterrupted = true;
    this.#session.pause();
  }

  arrived(): Stop | null {
    const stop = this.#arrived ?? this.#look();
    if (!stop) return null;
    this.#threads.forget();
    this.#way = null;
    this.#arrived = null;
    return stop;
  }

  /** Whether the motion has come to its end. */
  #look(): Stop | null {
    const way = this.#way;
    if (!way) return null;
    const { state, time } = this.#session;
    if (state === 'ended') return { kind: 'exited' };
    if (time.ok && time.value.isSeeking) return null;
    if (this.#isGone) return { kind: 'exited' };
    if (state !== 'paused') return null;
    this.#threads.forget();
    if (way.awaits) this.#setPoints();
    if (way.isInterrupted) return this.#stopped(way);
    if (way.awaits) return this.#entered(way, way.awaits);
    return way.motion.kind === 'continueBack' ? this.#foundBack(way) : this.#stopped(way);
  }

  /** The user's points without that at which a vCPU was awaited. */
  #setPoints(): void {
    this.#session.setStopPoints(this.#stopPoints(this.#points));
  }

  /** The machine has stopped while a vCPU was awaited. */
  #entered(way: Way, { vcpu, hasStepped }: NonNullable<Way['awaits']>): Stop | null {
    const { stop } = this.#session.status();
    if (stop?.kind !== 'breakpoint' || stop.id !== waiting) return this.#stopped(way);
    const { motion } = way;
    const core = this.#threads.coreOf(threadOfVcpu(vcpu));
    way.awaits = null;
    if (core !== stop.core) this.#await(way, vcpu, hasStepped);
    else if (hasStepped) return this.#stopped(way);
    else if (motion.kind === 'step') this.#step(way, motion.thread, motion.range);
    return this.#arrived;
  }

  #foundBack(way: Way): Stop | null {
    const { time } = this.#session;
    if (way.found) return this.#stoppedAt(this.#threadOf(way), way.found);
    const status = time.ok ? time.value.status() : null;
    if (time.ok && status?.foundNothing && !way.toBegin) {
      way.toBegin = true;
      time.value.goTo(status.beginNs ?? 0);
      return null;
    }
    const stop = this.#stopped(way);
    // Behind a write GDB would see the new value: it is to stop before it.
    const { stop: debugStop } = this.#session.status();
    if (time.ok && debugStop?.kind === 'watchpoint' && stop.kind === 'stopped') {
      way.found = stop.why;
      time.value.stepBack(debugStop.core);
      return null;
    }
    return stop;
  }

  #stopped(way: Way): Stop {
    const { status, history } = { status: this.#session.status(), history: this.#historyOf(way) };
    if (history) return this.#stoppedAt(this.#threadOf(way), history);
    const { stop } = status;
    const point = stop && stop.kind !== 'step' ? this.#points[stop.id] : undefined;
    if (stop && point && stop.kind !== 'step') {
      const address = stop.kind === 'watchpoint' ? stop.address : stop.pc;
      return this.#stoppedAt(this.#threadAt(stop), { kind: 'point', point, address });
    }
    return this.#stoppedAt(this.#threadOf(way), { kind: way.isInterrupted ? 'interrupt' : 'step' });
  }

  #stoppedAt(thread: number, why: StopReason): Stop {
    return { kind: 'stopped', thread, why };
  }

  /** Whether the beginning or the end of what has been ended the motion. */
  #historyOf({ motion, toBegin, wasPast, isInterrupted }: Way): StopReason | null {
    const { time } = this.#session;
    if (!time.ok || isInterrupted) return null;
    const { foundNothing, isPast } = time.value.status();
    if (toBegin || (motion.kind === 'stepBack' && foundNothing)) return { kind: 'history', end: 'begin' };
    return wasPast && !isPast && motion.kind === 'continue' ? { kind: 'history', end: 'end' } : null;
  }

  /** Who has come to a stop point: a vCPU, if its registers are known. */
  #threadAt({ core }: DebugStop): number {
    const vcpu = this.#threads.vcpuOn(core);
    return vcpu && this.#threads.vcpu(vcpu) ? threadOfVcpu(vcpu) : threadOfCore(core);
  }

  /** The thread that a motion was about, or the first. */
  #threadOf({ motion }: Way): number {
    return 'thread' in motion ? motion.thread : (this.threads()[0]?.id ?? threadOfCore(0));
  }

  /** Whether the domain is no more. */
  get #isGone(): boolean {
    const { hypervisor } = this.#session;
    if (this.#domain === null || !hypervisor.ok || hypervisor.value.version === this.#version) return false;
    this.#version = hypervisor.value.version;
    return this.#threads.domains().length === 0;
  }

  #stopPoints(points: readonly Point[]): StopPoint[] {
    const vmid = this.#domain === null ? undefined : this.#vmidOf(this.#domain);
    return points.map(({ type, address, length }, id): StopPoint => {
      if (type < 2) return { kind: 'breakpoint', id, address, el: null, vmid };
      return { kind: 'watchpoint', id, address, length, access: accesses[type as 2 | 3 | 4], vmid };
    });
  }

  /** The VMID of a domain, or one that none has. */
  #vmidOf(domain: number): number {
    const { hypervisor } = this.#session;
    const root = hypervisor.ok ? hypervisor.value.roots().find((one) => one.domain === domain) : undefined;
    return root?.vmid ?? -1;
  }

  monitor(thread: number, command: string): string {
    const register = (of: number, name: string): bigint | null => this.register(of, name);
    return monitor(command, { session: this.#session, threads: this.#threads, thread, register });
  }
}
