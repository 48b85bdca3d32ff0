import { Core, Exit } from '../a64/layout.ts';
import { softfloatFunctions } from '../a64/softfloat/host.ts';
import { encodingOf, writesRt } from '../a64/system-encoding.ts';
import { type El2, El2Owner } from '../arch/exceptions/el2.ts';
import { type InterruptLine, isWaiting, pollWait, setLine, yieldMonitor } from '../arch/exceptions/interrupts.ts';
import type { Fault } from '../arch/mmu/faults.ts';
import { Mmu } from '../arch/mmu/mmu.ts';
import { settlePc } from '../arch/state/branch-address.ts';
import type { PhysicalBus } from '../arch/state/bus.ts';
import { Clock } from '../arch/state/clock.ts';
import { CoreState } from '../arch/state/core.ts';
import { loadRegisters, saveRegisters } from '../arch/state/core-state.ts';
import { ExitRequest, requestExit, withdrawExit } from '../arch/state/exit-request.ts';
import { type HeldPages, Memory, type RamRegion } from '../arch/state/memory.ts';
import { updateChecks } from '../arch/state/pstate.ts';
import { hashState } from '../arch/state/state-hash.ts';
import { type CoreCounts, sumCounts } from '../arch/state/statistics.ts';
import { SystemUnit } from '../arch/system/system.ts';
import type { Timer } from '../arch/timers/timer.ts';
import { assert } from '../base/assert.ts';
import type { Events } from '../base/events.ts';
import type { Hasher } from '../base/hasher.ts';
import { ProbeKind } from '../base/probe/kinds.ts';
import { noCore, type Probe, silentProbe } from '../base/probe/probe.ts';
import { type Cycles, cycles, type PhysAddr, physAddr } from '../base/units.ts';
import { blockSizeLog2, CodeCache } from '../engine/code/code-cache.ts';
import { CodeTable } from '../engine/code/code-table.ts';
import { Interpreter } from '../engine/interpreter/interpreter.ts';
import {
  defaultPolicy,
  type TranslationPolicy,
  Translator,
  type TranslatorStats,
} from '../engine/translator/translator.ts';
import type { ClusterState, Round } from './cluster-state.ts';
import { Debugger } from './debugger.ts';

export interface ClusterOptions {
  /** 1 to 4. */
  readonly cores: number;
  readonly ram: readonly RamRegion[];
  readonly bus: PhysicalBus;
  readonly events: Events;
  /** Core clock in Hz. */
  readonly clockHz: number;
  /** Frequency of the system counter in Hz; the ZCU102's by default. */
  readonly counterHz?: number;
  /** Whether hot code is translated (the default); otherwise the interpreter executes all of it. */
  readonly translate?: boolean;
  /** Differences from `defaultPolicy`. */
  readonly translation?: Partial<TranslationPolicy>;
  /** Called once for each system register that software accesses and the Cortex-A53 does not have. */
  readonly unknownRegister?: (core: number, name: string, write: boolean) => void;
  /** A core's timer output has changed: CNTHP is PPI 26, CNTV 27, CNTP 30. */
  readonly timerLine?: (core: number, timer: Timer, level: boolean) => void;
  /** Told of exceptions, once `tracesExceptions` says so. */
  readonly probe?: Probe;
  /** A core's performance monitor interrupt has changed. */
  readonly pmuLine?: (core: number, level: boolean) => void;
}

/** The registers of a core that called the firmware. */
export interface FirmwareRegisters {
  x(n: number): bigint;
  setX(n: number, value: bigint): void;
}

export interface RunExit {
  /**
   * Why the run ended: its time was up, `stop` was called, all cores wait and no event is set, or the debugger has
   * stopped a core in the middle of its turn (see `Debugger.stop`).
   */
  readonly reason: 'time' | 'stopped' | 'idle' | 'debugger';
}

export interface CoreStats {
  readonly instructions: number;
  /** Cycles that `El2` has worked. */
  readonly el2Cycles: number;
  readonly state: 'off' | 'running' | 'waiting';
}

export interface ClusterStats {
  /** Instructions retired by all cores since power-on. */
  readonly instructions: number;
  /** The same for each core, and its state. */
  readonly cores: readonly CoreStats[];
  readonly translations: Readonly<TranslatorStats>;
}

/** Instructions a core runs before the next has its turn: 16.7 µs at 1.2 GHz. */
const quantum = 20_000;

/** Up to four Cortex-A53 cores with their MMUs, timers and firmware entry, which share memory and virtual time. */
export class Cluster {
  readonly memory: Memory;
  readonly cores: readonly CoreState[];
  readonly mmu: Mmu;
  readonly system: SystemUnit;
  readonly debugger: Debugger;
  readonly probe: Probe;
  /** An SMC, or an HVC where no software owns EL2. PC is at the next instruction. */
  onFirmwareCall: (core: number, registers: FirmwareRegisters) => void = () => {};
  /**
   * Stage 2 has refused an access, before the core takes the exception. Not every one is told: see MmuHooks.stage2Refuses. The
   * fault is only good until this returns. For who only looks.
   */
  onStage2Fault: (core: CoreState, fault: Fault, isFetch: boolean) => void = () => {};
  /** Owner of EL2 on cores that are turned on there from now on. Undefined: machine code. */
  el2: El2 | undefined;
  /** Cycles that `El2` has worked, by core. */
  readonly #el2Cycles: number[];
  readonly #events: Events;
  readonly #clock: Clock;
  readonly #interpreter: Interpreter;
  readonly #code: CodeCache;
  readonly #translator: Translator;
  readonly #translates: boolean;
  readonly #on: boolean[];
  /** By core: whether it has waited in its last turn. Only the probe is told. */
  readonly #waited: boolean[];
  #round: Round | undefined;
  #stopping = false;

  constructor(options: ClusterOptions) {
    const { bus, events, clockHz, counterHz = 100_000_000 } = options;
    this.#events = events;
    this.probe = options.probe ?? silentProbe;
    this.#translates = options.translate ?? true;
    this.memory = new Memory(options.cores, options.ram);
    this.cores = Array.from({ length: options.cores }, (_, i) => new CoreState(this.memory, i));
    this.#on = this.cores.map(() => false);
    this.#waited = this.cores.map(() => false);
    this.#el2Cycles = this.cores.map(() => 0);
    const policy = { ...defaultPolicy, ...options.translation };
    this.#code = new CodeCache(this.memory, policy.tableLimit, () => this.#dropTranslations());
    this.mmu = new Mmu(this.cores, bus, {
      codeIn: (page) => this.#code.hasCode(page),
      codeAt: (page, offset, size) => this.#code.hasCodeAt(page, offset, size),
      onCodeWrite: (page, offset, size) => this.#code.written(page, offset, size),
      codePageFor: (page, sizeLog2) => this.#code.tableFor(page, sizeLog2 >= blockSizeLog2),
      stage2Refuses: (core, fault) => this.onStage2Fault(core, fault, false),
      raiseDataAbort: (core, fault) => {
        if (fault.stage === 2) this.onStage2Fault(core, fault, false);
        this.system.exceptions.dataAbort(core, fault);
      },
      raiseInstructionAbort: (core, fault) => {
        if (fault.stage === 2) this.onStage2Fault(core, fault, true);
        this.system.exceptions.instructionAbort(core, fault);
      },
      raisePcAlignment: (core) => this.system.exceptions.pcAlignment(core),
      raiseWatchpoint: (core, va, write, maintenance) =>
        this.system.exceptions.watchpoint(core, va, write, maintenance),
      confinesCode: () => this.debugger.confinesCode,
      watches: (low, high) => this.debugger.watches(low, high),
      wasRead: (core, low, high, size) => this.debugger.wasRead(core, low, high, size),
      wasWritten: (core, low, high, size) => this.debugger.wasWritten(core, low, high, size),
    });
    const clock = new Clock(events, clockHz);
    this.#clock = clock;
    this.debugger = new Debugger(this.cores, clock, this.mmu);
    this.system = new SystemUnit(this.cores, {
      mmu: this.mmu,
      clock: clock,
      counterHz: counterHz,
      host: {
        firmwareCall: (core) => this.onFirmwareCall(core.index, core),
        timerLine: (core, timer, level) => options.timerLine?.(core, timer, level),
        pmuLine: (core, level) => options.pmuLine?.(core, level),
        unknownRegister: (core, name, write) => options.unknownRegister?.(core, name, write),
      },
    });
    this.system.exceptions.probe = this.probe;
    const coreAt = (cpu: number): CoreState =>
      this.cores[this.memory.u32[(cpu + Core.index) >>> 2] as number] as CoreState;
    const table = new CodeTable(this.memory, policy.regionLimit, {
      ...softfloatFunctions(this.memory.u32, this.memory.u64),
      system: (cpu, word) => this.system.execute(coreAt(cpu as number), word as number),
      undefined: (cpu) => this.system.undefined(coreAt(cpu as number)),
      fpTrap: (cpu) => this.system.fpTrap(coreAt(cpu as number)),
      spAlignment: (cpu) => this.system.spAlignment(coreAt(cpu as number)),
      fill: (cpu, bytes, count) => this.mmu.fill(cpu as number, bytes as number, count as number),
      access: (cpu, bytes, count) => this.mmu.access(cpu as number, bytes as number, count as number),
      abort: (cpu) => this.mmu.abort(cpu as number),
      fetch: (cpu) => (this.debugger.holdsFetch(coreAt(cpu as number)) ? 0 : this.mmu.fetch(cpu as number)),
      decode: (entry, word) => {
        this.#interpreter.decode(entry as number, word as number);
        return 0;
      },
    });
    this.#interpreter = new Interpreter(this.memory, table, policy.hotThreshold, (word) =>
      this.system.accessRule(word),
    );
    const engine = { memory: this.memory, table, interpreter: this.#interpreter, cache: this.#code };
    this.#translator = new Translator(engine, policy, {
      protectPage: (page) => this.mmu.protectPage(page),
      plainAccess: (word) => this.system.plainAccess(encodingOf(word), !writesRt(word)),
      accessRule: (word) => this.system.accessRule(word),
    });
  }

  /** A view of RAM for the machine's other parts. Throws RangeError unless all of it is RAM. */
  ramView(address: PhysAddr, length: number): Uint8Array {
    return this.memory.view(address, length);
  }

  /** Tells the cores that something else is about to write RAM. */
  ramChanges(address: PhysAddr, length: number): void {
    for (let page = Math.floor(address / 4096); page * 4096 < address + length; page++) {
      this.memory.touch(this.memory.host(physAddr(page * 4096)) >>> 12);
      this.#code.invalidate(page);
    }
  }

  /**
   * From now on what pages hold is kept before they are written. Returns what those held that have changed since the last
   * call. The machine goes on the same. Must not be called while the cores run.
   */
  holdPages(): HeldPages {
    this.mmu.protectAll();
    return this.memory.holdPages();
  }

  /** Puts pages back, and has those that it takes out in their place. The cores' states must be loaded next. */
  exchangePages(pages: HeldPages): void {
    for (const [hostPage, held] of pages) {
      pages.set(hostPage, this.memory.exchange(hostPage, held));
      const address = this.memory.physical(hostPage * 4096);
      if (address !== null) this.#code.invalidate(address / 4096);
    }
  }

  /** Turns a core on at `pc` as the firmware does: in EL1 or EL2 with the MMU off and interrupts masked. */
  reset(index: number, state: { readonly pc: bigint; readonly el: 1 | 2; readonly x0: bigint }): void {
    const core = this.#core(index);
    this.system.reset(core, state.el, state.pc, this.el2 ? El2Owner.typeScript : El2Owner.machineCode);
    for (let n = 1; n < 31; n++) core.setX(n, 0n);
    core.setX(0, state.x0);
    this.mmu.of(core).flushAll();
    if (this.el2 && state.el === 2) requestExit(core, ExitRequest.el2);
    this.#on[index] = true;
    this.#waited[index] = true;
  }

  /**
   * Resets all cores, which are then off. Memory, time and what has been counted go on. `counter`: whether the system
   * counter is reset, too. Must not be called while the cores run.
   */
  resetAll(counter: boolean): void {
    if (counter) this.system.timers.restart(this.#events.now);
    for (const core of this.cores) {
      this.system.reset(core, 2, 0n);
      this.mmu.of(core).flushAll();
      this.#on[core.index] = false;
    }
  }

  /** Turns a core off. A running core stops before its next instruction. */
  turnOff(index: number): void {
    this.#on[index] = false;
    requestExit(this.#core(index), ExitRequest.stop);
  }

  /** The core whose turn it is: the master of bus accesses. 0 between rounds. */
  get running(): number {
    return this.#round?.turn ?? 0;
  }

  /** The core that is in its turn, `noCore` where none is. */
  get executing(): number {
    const round = this.#round;
    return round?.begun ? round.turn : noCore;
  }

  /** Has all exceptions and returns leave generated code, so that the probe sees them, and all accesses reach the bus. */
  set tracesExceptions(on: boolean) {
    for (const core of this.cores) {
      core.setWord(Core.traced, on ? 1 : 0);
      this.mmu.of(core).failedWalks.forget();
    }
  }

  /** Ends the turn of the running core no later than `time`, because something is due then. */
  limitTurn(time: Cycles): void {
    const round = this.#round;
    if (round?.begun) this.#clock.limit(this.#core(round.turn), time);
  }

  setLine(index: number, line: InterruptLine, level: boolean): void {
    setLine(this.#core(index), line, level);
  }

  /** The current time of a core. */
  nowOn(index: number): Cycles {
    return this.#clock.now(this.#core(index));
  }

  /** Cycles that a core has executed since power-on: an instruction takes one. */
  retiredBy(index: number): number {
    return this.#retired(this.#core(index));
  }

  /** Counts cycles that `El2` has worked on the running core: its time passes, but no instructions are retired. */
  spend(index: number, time: number): void {
    const core = this.#core(index);
    core.setWord(Core.budget, core.word(Core.budget) - time);
    this.#el2Cycles[index] = (this.#el2Cycles[index] as number) + time;
  }

  /** Ends the current run before the next instruction. */
  stop(): void {
    this.#stopping = true;
    for (const core of this.cores) requestExit(core, ExitRequest.stop);
  }

  /** The current time; while the debugger has stopped a core in the middle of its turn, that core's time. */
  get now(): Cycles {
    const round = this.#round;
    return round?.begun ? this.#clock.now(this.#core(round.turn)) : this.#events.now;
  }

  /**
   * Runs all cores in turn and fires events until `until`, unless the run ends before. A core that the debugger has
   * stopped goes on where it was.
   */
  run(until: Cycles): RunExit {
    this.#stopping = false;
    this.debugger.resume();
    const events = this.#events;
    while (this.#round || events.now < until) {
      if (!this.#round) {
        events.fireDue();
        if (this.#stopping) return { reason: 'stopped' };
        const due = Math.min(until, events.next() ?? Number.POSITIVE_INFINITY);
        if (!this.#anyAwake()) {
          if (events.next() === undefined) return { reason: 'idle' };
          events.advance(cycles(due));
          continue;
        }
        this.#translator.tick();
        this.#round = { window: Math.min(Math.max(1, due - events.now), quantum), turn: 0, begun: false };
      }
      const ended = this.#runRound(this.#round);
      if (this.#stopping) return { reason: 'stopped' };
      if (!ended) return { reason: 'debugger' };
    }
    events.fireDue();
    return { reason: this.#stopping ? 'stopped' : 'time' };
  }

  stats(): ClusterStats {
    const cores = this.cores.map((core, i) => ({
      instructions: this.#retired(core) - (this.#el2Cycles[i] as number),
      el2Cycles: this.#el2Cycles[i] as number,
      state: !this.#on[i] ? ('off' as const) : isWaiting(core) ? ('waiting' as const) : ('running' as const),
    }));
    const instructions = cores.reduce((sum, core) => sum + core.instructions, 0);
    return { instructions, cores, translations: this.#translator.stats };
  }

  /** What has happened on the cores, counted. */
  counts(): CoreCounts {
    return sumCounts(this.cores);
  }

  /** A fingerprint of the cores and all of RAM. */
  hash(): string {
    return hashState(this.cores, this.memory);
  }

  /**
   * Adds what decides how cores and memory go on. TLBs, decoded and translated code do not: they hold what the tables and the
   * code in memory say. They differ where the debugger has looked, and decide only for software that changes its tables
   * without the TLB maintenance that the architecture asks for.
   */
  fingerprint(hasher: Hasher): void {
    hasher.add(this.hash());
    this.cores.forEach((core, i) => {
      // What it has executed since the present, and its exclusive monitor.
      hasher.add(this.#on[i], executedBy(core), core.word(Core.exclusiveAddress), core.word(Core.exclusiveSize));
    });
    const round = this.#round;
    hasher.add(round && [round.window, round.turn, round.begun]);
    const { origin } = this.system.timers;
    if (origin > 0) hasher.add(origin);
  }

  /** Everything that `fingerprint` covers but memory, and what is counted. The cores must not run. */
  saveState(): ClusterState {
    const { timers, pmu } = this.system;
    return {
      origin: timers.origin,
      round: this.#round ? { ...this.#round } : null,
      cores: this.cores.map((core, i) => ({
        isOn: this.#on[i] as boolean,
        el2Cycles: this.#el2Cycles[i] as number,
        registers: saveRegisters(core),
        timers: timers.saveState(core),
        monitors: pmu.saveState(core),
      })),
    };
  }

  /**
   * Continues from a saved state, with empty TLBs. Memory, `Events.now` and what drives the cores'
   * inputs must have been loaded before. Throws AssertionError if it is the state of another cluster.
   */
  loadState(state: ClusterState): void {
    assert(state.cores.length === this.cores.length, `the state of ${this.cores.length} cores is loaded`);
    for (const [i, { isOn, el2Cycles, registers, timers, monitors }] of state.cores.entries()) {
      const core = this.#core(i);
      loadRegisters(core, registers);
      updateChecks(core);
      this.mmu.of(core).flushAll();
      this.system.timers.loadState(core, cycles(state.origin), timers);
      this.system.pmu.loadState(core, monitors);
      this.#on[i] = isOn;
      this.#el2Cycles[i] = el2Cycles;
    }
    this.#round = state.round ? { ...state.round } : undefined;
  }

  #core(index: number): CoreState {
    const core = this.cores[index];
    if (!core) throw new RangeError(`there is no core ${index}`);
    return core;
  }

  #retired(core: CoreState): number {
    return core.word(Core.retired) + core.word(Core.retired + 4) * 2 ** 32 + executedBy(core);
  }

  #anyAwake(): boolean {
    return this.cores.some((core, i) => this.#on[i] && !pollWait(core));
  }

  /**
   * Gives each core its turn of `window` cycles. Then that time has passed, or less if an event was set for earlier. A
   * core that has run further keeps a lead, which shortens its next turn: quantum - budget is what it has executed
   * since Events.now, also between rounds. Returns false if the debugger has stopped a core; the next call continues
   * the round.
   */
  #runRound(round: Round): boolean {
    const { cores } = this;
    const { window } = round;
    const events = this.#events;
    for (; round.turn < cores.length && !this.#stopping; round.turn++) {
      const core = cores[round.turn] as CoreState;
      if (!round.begun) {
        if (!this.#on[round.turn] || pollWait(core)) continue;
        round.begun = true;
        if (this.#waited[round.turn]) {
          this.#waited[round.turn] = false;
          this.probe.emit(ProbeKind.coreResumes);
        }
        const lead = executedBy(core);
        if (lead < window) {
          core.setWord(Core.quantum, window);
          core.setWord(Core.budget, window - lead);
        }
      }
      // The turn in which the machine ends is over, also where the debugger would stop there.
      if (!this.#runTurn(core) && !this.#stopping) return false;
      if (isWaiting(core) || !this.#on[round.turn]) {
        this.#waited[round.turn] = true;
        this.probe.emit(ProbeKind.coreWaits);
      }
      round.begun = false;
      if (cores.length > 1) yieldMonitor(core);
    }
    this.#round = undefined;
    const next = events.next() ?? Number.POSITIVE_INFINITY;
    const elapsed = Math.min(window, Math.max(1, next - events.now));
    events.advance(cycles(events.now + elapsed));
    for (const core of cores) {
      const executed = executedBy(core);
      const passed = Math.min(executed, elapsed);
      const retired = core.word(Core.retired) + core.word(Core.retired + 4) * 2 ** 32 + passed;
      core.setWord(Core.retired, retired >>> 0);
      core.setWord(Core.retired + 4, Math.floor(retired / 2 ** 32));
      core.setWord(Core.quantum, executed - passed);
      core.setWord(Core.budget, 0);
    }
    return true;
  }

  /** Continues a core's turn; false if the debugger has stopped it. */
  #runTurn(core: CoreState): boolean {
    const debug = this.debugger;
    while (!debug.stopsAfter(core, false)) {
      if ((core.word(Core.budget) | 0) <= 0) return true;
      this.#clock.holdBack(core, debug.instructionsLeft(core));
      this.system.timers.begin(core);
      this.mmu.forgetFailure(core);
      const exit = this.#interpreter.run(core.base);
      this.#clock.giveBack(core);
      settlePc(core);
      if (exit === Exit.hot) {
        if (this.#translates) this.#translator.request(core);
      } else if (exit === Exit.request && !debug.stop && !this.#attend(core)) return !debug.stopsAfter(core, true);
    }
    return false;
  }

  /** Handles the core's exit request. Returns whether the core goes on in this quantum. */
  #attend(core: CoreState): boolean {
    const request = core.word(Core.exitRequest);
    if (request & ExitRequest.stop) {
      withdrawExit(core, ExitRequest.stop);
      return this.#on[core.index] === true && !this.#stopping;
    }
    if (request & ExitRequest.el2) {
      withdrawExit(core, ExitRequest.el2);
      this.el2?.entered(core.index);
      return true;
    }
    if (request & ExitRequest.wait) return false;
    if (request & ExitRequest.exception) {
      this.system.exceptions.takePending(core);
      return true;
    }
    return this.#watchInstruction(core, (request & ExitRequest.debug) !== 0);
  }

  /**
   * Called before an instruction that self-hosted debug or the debugger checks. Takes a debug exception, or stops
   * (returns false), or executes the instruction. In a page where only the debugger may stop, it goes on up to the next
   * stop.
   */
  #watchInstruction(core: CoreState, selfHosted: boolean): boolean {
    if (selfHosted && this.system.beforeInstruction(core)) return true;
    if (this.debugger.stopsBefore(core)) return false;
    withdrawExit(core, ExitRequest.debug);
    const debug = this.debugger;
    const single = selfHosted || debug.isStop(core);
    this.#clock.holdBack(core, single ? 1 : debug.instructionsLeft(core));
    this.system.timers.begin(core);
    debug.letThrough(core, () =>
      single ? this.#interpreter.interpret(core.base) : this.#interpreter.interpretPage(core.base),
    );
    this.#clock.giveBack(core);
    settlePc(core);
    if (selfHosted) this.system.afterInstruction(core);
    return true;
  }

  #dropTranslations(): void {
    this.#translator.dropAll();
    this.mmu.flushCode();
  }
}

/** Instructions that a core has executed since Events.now. */
const executedBy = (core: CoreState): number => core.word(Core.quantum) - (core.word(Core.budget) | 0);
