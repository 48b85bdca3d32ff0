import type { CoreState } from '../arch/state/core.ts';
import { defined } from '../base/assert.ts';
import { ProbeKind } from '../base/probe/kinds.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Cycles, cycles } from '../base/units.ts';
import { SymbolTable } from '../boot/symbols.ts';
import type { Cluster, RunExit } from '../cluster/cluster.ts';
import { clockHz } from '../soc/board/zynqmp.ts';
import type { XenRequest } from './api/boot.ts';
import { type BootRequest, type BootSummary, defaultMachine } from './api/boot.ts';
import type { ConsoleId, ConsoleWindow, LogWindow } from './api/console.ts';
import type { StopPoint } from './api/debug.ts';
import type { EventCountRequest, EventCounts, EventRequest, EventWindow, RecordRequest } from './api/events.ts';
import type { Counts, MachineEnd, MachineState, Pace, Status } from './api/status.ts';
import { Consoles } from './consoles.ts';
import { hashText } from './hash.ts';
import { Inspection } from './inspection.ts';
import { planKernel } from './kernel-system.ts';
import { Log } from './log.ts';
import { ProbeRing } from './probe/ring.ts';
import { EventText } from './probe/text.ts';
import { RecentRates } from './rate.ts';
import type { Blueprint, System } from './system.ts';
import { planXen, XenSystem } from './xen/xen-system.ts';

/**
 * Virtual time between two looks at the outside world: 50 µs. Slices lie on this grid whatever the wall clock does, and input enters only
 * between slices; so a run depends on its inputs and their virtual times alone.
 */
const sliceCycles = clockHz / 20_000;
/** Slices for which a step waits for its core to wake: 20 ms. */
const maxStepSlices = 400;
/** In real time, how far virtual time may lag behind before the loss is accepted and not caught up. */
const maxLagMs = 50;
const logCapacity = 2000;

const toNs = (time: Cycles): number => (time * 1e9) / clockHz;
const toMs = (time: Cycles): number => (time * 1e3) / clockHz;

/** A machine that is there, and what it takes to build it again. */
interface Loaded {
  readonly blueprint: Blueprint;
  readonly system: System;
  readonly board: System['board'];
}

/**
 * One machine and its run control, driven alike by every front door.
 * The front door gives the wall clock, for pacing and statistics only, and calls `advance` for as long as that asks to be called.
 */
export class Session {
  readonly #now: () => number;
  #consoles = new Consoles();
  #recording: RecordRequest = { kinds: [], capacity: 0 };
  #ring = new ProbeRing(0, 0);
  #log = new Log(logCapacity);
  readonly #rates = new RecentRates();
  #loaded: Loaded | null = null;
  /** Of the loaded kernel, once they have been asked for. */
  #symbols: SymbolTable | null = null;
  #stopPoints: readonly StopPoint[] = [];
  /** The debugger has stopped the machine in the middle of a slice; what was typed since then enters at its end. */
  #isInSlice = false;
  #typed: { readonly console: ConsoleId; readonly bytes: Uint8Array }[] = [];
  #state: MachineState = 'empty';
  #end: MachineEnd | null = null;
  #pace: Pace = 'unlimited';
  /** Wall time at which virtual time was zero, had it always kept pace. */
  #paceOrigin = 0;
  #wallMs = 0;

  /** @param now milliseconds of wall time, never running backward */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Builds a machine, loads the kernel and what goes with it, and pauses before the first instruction. The error is one sentence for the user; the machine that was there stays. */
  boot(request: BootRequest): Result<BootSummary> {
    const plan = planKernel(request);
    return plan.ok ? ok(this.#start(plan.value).summary) : plan;
  }

  /** Builds a machine with Xen and Dom0 on it and pauses before the first instruction; the error as for `boot`. */
  startXen(request: XenRequest): Result<null> {
    const plan = planXen(request);
    if (!plan.ok) return plan;
    this.#start(plan.value);
    return ok(null);
  }

  /** What is there to see and do where Xen runs. */
  get xen(): Result<XenSystem> {
    const system = this.#loaded?.system;
    return system instanceof XenSystem ? ok(system) : err('There is no Xen on this machine: start one first.');
  }

  /** Power-on again with the same kernel. A paused machine stays paused, any other runs. Consoles and log start again. */
  reset(): Result<null> {
    if (!this.#loaded) return err('There is no machine to reset: boot a kernel first.');
    const runs = this.#state !== 'paused';
    this.#build(this.#loaded.blueprint);
    return runs ? this.run() : ok(null);
  }

  run(): Result<null> {
    switch (this.#state) {
      case 'empty':
        return err('There is no machine to run: boot a kernel first.');
      case 'ended':
        return err('The machine is off: reset it first.');
      case 'paused':
        this.#state = 'running';
        this.#loaded?.board.cluster.debugger.resume();
        this.#startPacing();
        this.#rates.restart();
    }
    return ok(null);
  }

  pause(): void {
    if (this.#state !== 'running' && this.#state !== 'waiting') return;
    this.#state = 'paused';
    this.#loaded?.board.cluster.debugger.cancelStep();
  }

  /**
   * Runs a paused machine until a core has retired so many instructions more, or has come to wait; one that waits already
   * is first run until something wakes it. The others run as they would have run beside it.
   */
  step(index: number, instructions: number): Result<null> {
    const stepped = this.#stepped(index);
    if (!stepped.ok) return stepped;
    const { cluster, core } = stepped.value;
    if (cluster.stats().cores[index]?.state === 'off') return ok(null);
    cluster.debugger.stepBy(core, instructions);
    // A core that waits is stepped when something wakes it, if that is soon.
    for (let slices = 0; slices < maxStepSlices && this.#runSlice() === 'time'; slices++);
    cluster.debugger.cancelStep();
    return ok(null);
  }

  /** As `step` by one instruction; but a call is run until it returns, be it to a function or to a higher exception level. */
  stepOver(index: number): Result<null> {
    const stepped = this.#stepped(index);
    if (!stepped.ok) return stepped;
    const { cluster, core } = stepped.value;
    const destination = this.#look(cluster, core).afterCall();
    if (!destination) return this.step(index, 1);
    cluster.debugger.stepTo(core, destination);
    return this.run();
  }

  /** Runs a paused machine until the function that a core is in has returned. */
  stepOut(index: number): Result<null> {
    const stepped = this.#stepped(index);
    if (!stepped.ok) return stepped;
    const { cluster, core } = stepped.value;
    const destination = this.#look(cluster, core).caller();
    if (!destination) return err(`Nothing shows where core ${index} is to return to.`);
    cluster.debugger.stepTo(core, destination);
    return this.run();
  }

  /** Sets all breakpoints and watchpoints anew. They stay through a reset, and go when another kernel is booted. */
  setStopPoints(points: readonly StopPoint[]): Result<null> {
    if (!this.#loaded) return err('There is no machine to stop: boot a kernel first.');
    const unaligned = points.find((point) => point.kind === 'breakpoint' && (point.address & 3n) !== 0n);
    if (unaligned)
      return err(`There is no instruction at 0x${unaligned.address.toString(16)}: it is no multiple of 4.`);
    this.#stopPoints = points;
    this.#loaded.board.cluster.debugger.setPoints(points);
    return ok(null);
  }

  setPace(pace: Pace): void {
    this.#pace = pace;
    this.#startPacing();
  }

  /**
   * Types bytes on a console. Returns how many were taken; the rest found no room. Where the debugger has stopped the
   * machine in the middle of a slice all are taken, and those that find no room at its end are lost.
   */
  input(console: ConsoleId, bytes: Uint8Array): number {
    if (this.#isInSlice) {
      this.#typed.push({ console, bytes });
      return bytes.length;
    }
    const taken = this.#loaded?.system.input(console, bytes) ?? 0;
    if (this.#state === 'waiting' && taken > 0) this.#state = 'running';
    return taken;
  }

  /**
   * Runs slices for about `budgetMs` of wall time, at least one.
   * Returns after how many milliseconds it wants to be called again, or null when only a request can change anything.
   */
  advance(budgetMs: number): number | null {
    const start = this.#now();
    let now = start;
    while (this.#state === 'running') {
      const ahead = this.#msAhead(now);
      if (ahead > 0) return ahead;
      this.#runSlice();
      now = this.#now();
      if (now - start >= budgetMs) break;
    }
    this.#wallMs += now - start;
    return this.#state === 'running' ? 0 : null;
  }

  get state(): MachineState {
    return this.#state;
  }

  get end(): MachineEnd | null {
    return this.#end;
  }

  /** Virtual time since power-on, in nanoseconds. */
  get virtualNs(): number {
    return this.#loaded ? toNs(this.#loaded.board.cluster.now) : 0;
  }

  status(): Status {
    const { instructions, cores } = this.#loaded?.board.cluster.stats() ?? { instructions: 0, cores: [] };
    const counts = [this.virtualNs, ...cores.map((core) => core.instructions)];
    const [nsRate = 0, ...coreRates] = this.#rates.at(this.#now(), counts);
    const runs = this.#state === 'running' || this.#state === 'waiting';
    const cyclesRate = (nsRate * clockHz) / 1e9;
    const { xen } = this;
    return {
      state: this.#state,
      end: this.#end,
      stop: (this.#state === 'paused' && this.#loaded?.board.cluster.debugger.stop) || null,
      kernel: this.#loaded?.blueprint.name ?? null,
      machine: this.#loaded?.blueprint.machine ?? defaultMachine,
      xen: xen.ok ? xen.value.status() : null,
      pace: this.#pace,
      virtualNs: this.virtualNs,
      instructions,
      wallMs: this.#wallMs,
      mips: runs ? coreRates.reduce((sum, rate) => sum + rate, 0) / 1e3 : 0,
      speed: runs ? nsRate / 1e6 : 0,
      cores: cores.map(({ state }, i) => ({
        state,
        // A core that does not wait retires one instruction a cycle.
        utilisation: runs && cyclesRate > 0 ? Math.min((coreRates[i] ?? 0) / cyclesRate, 1) : 0,
      })),
      consoleEnd: this.#consoles.ends(),
      logEnd: this.#log.end,
    };
  }

  /** Grows when a console has shown something or the log has an entry more. */
  get outputs(): number {
    return this.#consoles.printed + this.#log.end;
  }

  console(id: ConsoleId, from: number, budget: number): ConsoleWindow {
    return this.#consoles.window(id, from, budget);
  }

  log(from: number, budget: number): LogWindow {
    return this.#log.window(from, budget);
  }

  /** A look at a core as it stands now. */
  inspect(index: number): Result<Inspection> {
    const cluster = this.#loaded?.board.cluster;
    const core = cluster?.cores[index];
    return cluster && core ? ok(this.#look(cluster, core)) : err(`There is no core ${index}.`);
  }

  /** What the machine has done since power-on, counted. */
  counts(): Counts {
    const { cluster, interrupts } = defined(this.#loaded, 'the machine whose events are counted').board;
    const acknowledged = [...interrupts.entries()].filter(([, count]) => count > 0);
    return {
      ...cluster.counts(),
      translations: cluster.stats().translations,
      interrupts: Object.fromEntries(acknowledged),
    };
  }

  /** Says what is to be recorded, on this machine and on those that come after it. The run is the same with it, only slower. */
  record(request: RecordRequest): void {
    this.#recording = request;
    const board = this.#loaded?.board;
    if (request.kinds.length > 0) this.#ring = new ProbeRing(request.capacity, board?.cluster.now ?? 0);
    board?.record(
      request.kinds.map((name) => ProbeKind[name]),
      this.#ring,
    );
  }

  /** How many events have been recorded. */
  get eventEnd(): number {
    return this.#ring.end;
  }

  /** Events that have been recorded. */
  events(request: EventRequest): EventWindow {
    return this.#ring.window(request);
  }

  /** How often events have occurred. */
  eventCounts(request: EventCountRequest): EventCounts {
    return this.#ring.counts(request);
  }

  /** Reads recorded events as text. */
  eventText(): EventText {
    const { bus } = defined(this.#loaded, 'the machine whose events are to be read').board;
    return new EventText((address) => bus.nameOf(address));
  }

  /** A fingerprint of everything that decides how the machine goes on. */
  stateHash(): string {
    const { board, system } = defined(this.#loaded, 'the machine to be fingerprinted');
    return hashText(`${board.cluster.hash()} ${JSON.stringify(board.deviceStates())} ${system.fingerprint()}`);
  }

  #start<S extends System>(blueprint: Blueprint<S>): S {
    this.#symbols = null;
    this.#stopPoints = [];
    return this.#build(blueprint);
  }

  #build<S extends System>(blueprint: Blueprint<S>): S {
    // The machine before lets its memory go first: two of them may not fit.
    this.#loaded = null;
    this.#end = null;
    this.#state = 'paused';
    this.#wallMs = 0;
    this.#isInSlice = false;
    this.#typed = [];
    this.#rates.restart();
    const consoles = new Consoles();
    const log = new Log(logCapacity);
    this.#consoles = consoles;
    this.#log = log;
    const system = blueprint.build({
      log: (source, text) => log.add(this.#loaded ? toNs(this.#loaded.board.events.now) : 0, source, text),
      print: (console, bytes) => consoles.print(console, bytes),
      closeConsole: (console) => consoles.close(console),
      end: (how) => {
        this.#end = how;
      },
    });
    const { board } = system;
    this.#loaded = { blueprint, system, board };
    this.#ring = new ProbeRing(0, 0);
    this.record(this.#recording);
    board.cluster.debugger.setPoints(this.#stopPoints);
    return system;
  }

  /** The core that is to be stepped. */
  #stepped(index: number): Result<{ readonly cluster: Cluster; readonly core: CoreState }> {
    if (this.#state !== 'paused' || !this.#loaded) return err('Only a paused machine can be stepped.');
    const { cluster } = this.#loaded.board;
    const core = cluster.cores[index];
    return core ? ok({ cluster, core }) : err(`There is no core ${index}.`);
  }

  #look(cluster: Cluster, core: CoreState): Inspection {
    this.#symbols ??= new SymbolTable(defined(this.#loaded, 'the machine').blueprint.symbols);
    return new Inspection(cluster, core, this.#symbols);
  }

  #runSlice(): RunExit['reason'] {
    const { board, system } = defined(this.#loaded, 'the machine that runs');
    const slice = Math.floor(board.events.now / sliceCycles) + 1;
    const exit = board.cluster.run(cycles(slice * sliceCycles));
    this.#isInSlice = exit.reason === 'debugger';
    if (this.#end) this.#state = 'ended';
    else if (exit.reason === 'debugger') this.#state = 'paused';
    else if (this.#state === 'running' && exit.reason === 'idle') this.#state = 'waiting';
    if (!this.#isInSlice) {
      system.sliceEnded(slice);
      for (const { console, bytes } of this.#typed.splice(0)) this.input(console, bytes);
    }
    return exit.reason;
  }

  #startPacing(): void {
    this.#paceOrigin = this.#now() - (this.#loaded ? toMs(this.#loaded.board.events.now) : 0);
  }

  #msAhead(now: number): number {
    if (this.#pace === 'unlimited' || !this.#loaded) return 0;
    const ahead = toMs(this.#loaded.board.events.now) - (now - this.#paceOrigin);
    if (ahead < -maxLagMs) this.#paceOrigin -= ahead + maxLagMs;
    return Math.max(ahead, 0);
  }
}
