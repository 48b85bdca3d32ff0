import { Core } from '../a64/layout.ts';
import { AssertionError, defined } from '../base/assert.ts';
import { Hasher } from '../base/hasher.ts';
import { noDomain } from '../base/probe/probe.ts';
import { err, ok, type Result } from '../base/result.ts';
import { version } from '../base/version.ts';
import type { Destination } from '../cluster/debugger.ts';
import { type Disk, sectorSize } from '../soc/storage/disk.ts';
import { type DiskStore, MemoryDisks } from '../soc/storage/disk-store.ts';
import type { BootRequest, BootSummary, Recipe, XenRequest } from './api/boot.ts';
import { type CardImage, cardSizeError } from './api/card.ts';
import type { ConsoleId, ConsoleWindow, LogWindow } from './api/console.ts';
import type { StopPoint } from './api/debug.ts';
import type { EventCountRequest, EventCounts, EventRequest, EventWindow, RecordRequest } from './api/events.ts';
import type { VcpuName } from './api/hypervisor.ts';
import type { Input } from './api/input.ts';
import type { Journal, JournalEntry } from './api/journal.ts';
import type { NetworkInfo } from './api/network.ts';
import type { Counts, MachineEnd, MachineState, Pace, Status } from './api/status.ts';
import type { AddressMap, FaultRecord, FaultSummary, MapRequest, Walk, WalkRequest } from './api/translation.ts';
import { noCard, readCard } from './card.ts';
import { Consoles } from './consoles/consoles.ts';
import { Log } from './consoles/log.ts';
import { DebugControl } from './debug-control.ts';
import type { Dom0View } from './dom0.ts';
import type { HypervisorView } from './hypervisor.ts';
import type { Inspection } from './inspection.ts';
import type { Recording } from './journal/gate.ts';
import { planKernel } from './kernel-system.ts';
import { Captures } from './network/captures.ts';
import { EventRecorder } from './probe/recorder.ts';
import type { EventText } from './probe/text.ts';
import { planRealXen } from './real/real-system.ts';
import { Pacing } from './run/pacing.ts';
import { RecentRates } from './run/rate.ts';
import { Run } from './run/run.ts';
import { slicesIn } from './run/slices.ts';
import { pack } from './snapshot/pack.ts';
import { type RamChunk, writtenChunks } from './snapshot/ram.ts';
import { type MachineState as SavedState, type Snapshot, unknownHash } from './snapshot/snapshot.ts';
import { countsOf, statusOf } from './status.ts';
import type { Experiment, ExperimentStatus } from './stories/experiment.ts';
import { ExperimentRun } from './stories/experiment-run.ts';
import type { Blueprint, System } from './system.ts';
import { TimeTravel } from './time/time-travel.ts';
import { ScheduleTrace } from './trace/schedule-trace.ts';
import { Faults } from './translation/faults.ts';
import { addressMap } from './translation/map.ts';
import { walk } from './translation/walk.ts';
import type { UsageView } from './usage/usage.ts';
import { inspectVcpu, type VcpuInspection } from './vcpu-inspection.ts';
import { planXen } from './xen/xen-system.ts';

const logCapacity = 2000;

/** A moment of a machine for who keeps it. What it holds are views of the machine: use them before it goes on. */
export interface MomentToKeep {
  readonly recipe: Recipe;
  readonly inputs: Journal['inputs'];
  readonly slices: number;
  readonly isPlayable: boolean;
  readonly virtualNs: number;
  readonly isPaused: boolean;
  readonly pace: Pace;
  /** Wall time that the machine has worked. */
  readonly playMs: number;
  /** The state but for memory; null where the journal must be played. */
  readonly state: (Omit<SavedState, 'run'> & { readonly run: Omit<SavedState['run'], 'ram'> }) | null;
  /** Chunks of memory. */
  readonly ram: () => Iterable<RamChunk>;
}

/**
 * One machine and its run control. Every front door drives it in the same way: it gives the wall clock, for pacing and
 * statistics only, and calls `advance` for as long as that asks to be called.
 */
export class Session {
  readonly #now: () => number;
  readonly #disks: () => DiskStore;
  #consoles = new Consoles();
  readonly #recorder = new EventRecorder();
  /** Frames that are captured at ports. */
  readonly captures = new Captures();
  #log = new Log(logCapacity);
  readonly #rates = new RecentRates();
  readonly #pacing = new Pacing();
  #run: Run | null = null;
  #debug: DebugControl | null = null;
  #stopPoints: readonly StopPoint[] = [];
  #experiment: ExperimentRun | null = null;
  #time: TimeTravel | null = null;
  /** How much the timeline of machines may take, in bytes; 0 while none is recorded. */
  #traceLimit = 0;
  #faults: Faults | null = null;
  /** How much of the past of machines is kept, in bytes. */
  #timeLimit = 0;
  #wallMs = 0;
  /** The store had disks of earlier runs when the machine was built. */
  #hadDisks = false;
  #store: DiskStore = new MemoryDisks();
  /** The card is none of the journal's inputs. */
  #cardIsElsewhere = false;

  /**
   * @param now milliseconds of wall time, never running backward
   * @param disks what keeps the disks of a machine that is built now
   */
  constructor(now: () => number, disks: () => DiskStore = () => new MemoryDisks()) {
    this.#now = now;
    this.#disks = disks;
  }

  /**
   * Builds a machine, loads the kernel and its files, and pauses before the first instruction. The error is one
   * sentence for the user; then the machine before it stays.
   */
  boot(request: BootRequest): Result<BootSummary> {
    const plan = planKernel(request);
    return plan.ok ? ok(this.start(plan.value).summary) : plan;
  }

  /** Builds a machine with Xen and Dom0 on it and pauses before the first instruction. The error is as for `boot`. */
  startXen(request: XenRequest): Result<null> {
    const plan = planAnyXen(request);
    if (!plan.ok) return plan;
    this.start(plan.value);
    return ok(null);
  }

  /** Builds what a blueprint says and pauses before the first instruction. */
  start<S extends System>(blueprint: Blueprint<S>): S {
    this.#stopPoints = [];
    return this.#build(blueprint, null);
  }

  /**
   * Builds the machine of a journal and pauses before the first instruction. When it runs, each input enters again in
   * its slice. After the last slice it pauses. Until then nothing else can enter. Its disks begin empty and are not kept:
   * a run that began with disks of earlier runs is another one. The error is as for `boot`.
   */
  replay(journal: Journal): Result<BootSummary | null> {
    const plan = planOf(journal.recipe);
    if (!plan.ok) return plan;
    this.#stopPoints = [];
    return ok(this.#build(plan.value, journal).summary);
  }

  /**
   * Has the inputs of a journal enter this machine in their slices; it pauses after the last slice. What has entered before has
   * to be the journal's beginning. Until the end nothing else can enter. The error is one sentence for the user.
   */
  play(journal: Journal): Result<null> {
    const run = this.#run;
    if (!run) return err('There is no machine to play a journal on: boot a kernel first.');
    if (run.replays) return err('A recording is being played already.');
    const before = run.journal();
    if (!run.isBetweenSlices || journal.slices < before.slices) return err('The journal ends before this moment.');
    const isBeginning = before.inputs.every((entry, i) => digestOf(entry) === digestOf(journal.inputs[i]));
    const isLate = journal.inputs.slice(before.inputs.length).some(({ slice }) => slice < before.slices);
    if (!isBeginning || isLate) return err('The journal is of another run: it had other inputs until this moment.');
    run.play(journal);
    return ok(null);
  }

  /**
   * The machine as it is now, to go on from here later: `restore`. It has views of the machine's memory, so pack it
   * (`toFile`) before the machine goes on. The error is one sentence for the user.
   */
  save(): Result<Snapshot> {
    const run = this.#run;
    if (!run) return err('There is no machine to save: boot a kernel first.');
    if (run.state === 'ended') return err('The machine is off: there is nothing to save.');
    if (run.replays) return err('A recording is being played: the machine can be saved at its end.');
    const state = run.saveState();
    if (!state) return this.way();
    return ok({
      journal: run.journal(),
      version,
      isPlayable: !this.#cardIsElsewhere,
      hash: this.stateHash(),
      state: { run: state, consoles: this.#consoles.saveState(), log: this.#log.saveState() },
    });
  }

  /**
   * The way to the present moment as a snapshot without a state, or to an earlier one, in seconds of virtual time. The
   * error is one sentence for the user.
   */
  way(seconds = Number.POSITIVE_INFINITY): Result<Snapshot> {
    const run = this.#run;
    if (!run) return err('There is no machine to save: boot a kernel first.');
    if (this.#cardIsElsewhere || (this.#hadDisks && !run.system.saved))
      return err('The disks or the card of this machine are kept outside of it: its journal alone does not lead here.');
    const journal = run.journal();
    const slices = Math.min(journal.slices, slicesIn(seconds));
    const isNow = slices === journal.slices && run.isBetweenSlices;
    const inputs = isNow ? journal.inputs : journal.inputs.filter(({ slice }) => slice < slices);
    return ok({
      journal: { ...journal, inputs, slices },
      isPlayable: true,
      hash: isNow ? this.stateHash() : unknownHash,
      state: null,
    });
  }

  /** The present moment, to be kept; null where there is none that can be. Nothing is worked out that takes long. */
  moment(): MomentToKeep | null {
    const run = this.#run;
    // A machine that is in its past has been kept as it was last.
    if (this.#time?.isPast || this.#time?.isSeeking) return null;
    if (!run || run.state === 'ended' || run.replays || this.#experiment) return null;
    const parts = run.saveParts();
    // Disks and cards that something else keeps are in no journal.
    if (!parts && (this.#cardIsElsewhere || this.#hadDisks || this.#store.list().length > 0)) return null;
    const { recipe, inputs, slices } = run.journal();
    return {
      recipe,
      inputs,
      slices,
      isPlayable: !this.#cardIsElsewhere,
      virtualNs: run.virtualNs,
      isPaused: run.state === 'paused',
      pace: this.#pacing.pace,
      playMs: this.#wallMs,
      state: parts && { run: parts, consoles: this.#consoles.saveState(), log: this.#log.saveState() },
      ram: () => writtenChunks(run.board.cluster.memory, run.system.saved?.loaded ?? []),
    };
  }

  /**
   * Builds the machine of a snapshot and pauses at its moment; if the snapshot has no state, the journal plays until
   * then, as for `replay`. The error is one sentence for the user.
   */
  restore({ journal, isPlayable, hash, state }: Snapshot): Result<BootSummary | null> {
    if (!state) return this.replay(journal);
    const plan = planOf(journal.recipe);
    if (!plan.ok) return plan;
    this.#stopPoints = [];
    this.#build(plan.value, null);
    const run = defined(this.#run, 'the machine that has been built');
    try {
      run.loadState(state.run, journal);
    } catch (error) {
      // What checks a state throws these; anything else is a bug.
      if (!(error instanceof AssertionError || error instanceof RangeError)) throw error;
      return this.#strange(error.message);
    }
    this.#consoles.loadState(state.consoles);
    this.#log.loadState(state.log);
    this.#cardIsElsewhere = !isPlayable;
    const isSame = hash === unknownHash || this.stateHash() === hash;
    return isSame ? ok(run.system.summary) : this.#strange('it is not the state that was saved');
  }

  /** A snapshot's state does not fit: there is no machine now. */
  #strange(why: string): Result<never> {
    this.#run = null;
    this.#debug = null;
    this.#time = null;
    return err(`The snapshot is of another version of EL2 Lab, or was changed: ${why}.`);
  }

  /** Everything that has decided the present run so far: it can be played again. */
  journal(): Result<Journal> {
    if (this.#cardIsElsewhere) return err('The SD card is a file of this computer: its contents are in no journal.');
    return this.#run ? ok(this.#run.journal()) : err('There is no machine whose journal could be taken.');
  }

  /**
   * Power-on again with the same kernel, and with the card that is in the slot. A paused machine stays paused. Consoles,
   * log and journal start again.
   */
  reset(): Result<null> {
    if (!this.#run) return err('There is no machine to reset: boot a kernel first.');
    const runs = this.#run.state !== 'paused';
    const { card } = this.#run.board;
    const image = card && readCard(card, 'card');
    this.#build(this.#run.blueprint, null);
    if (image) this.enter({ kind: 'insertCard', card: image });
    return runs ? this.run() : ok(null);
  }

  run(): Result<null> {
    switch (this.state) {
      case 'empty':
        return err('There is no machine to run: boot a kernel first.');
      case 'ended':
        return err('The machine is off: reset it first.');
      case 'paused':
        if (this.#time?.isSeeking) return err('The machine is on its way to another moment.');
        this.#run?.resume();
        this.setPace(this.#pacing.pace);
        this.#rates.restart();
    }
    return ok(null);
  }

  /** Pauses the machine; on its way to another moment it stays where it has come to. */
  pause(): void {
    this.#time?.cancel();
    this.#run?.pause();
  }

  /** Keeps so many bytes of the past of this machine and of those that come after it, to go back there. */
  keepPast(bytes: number): void {
    this.#timeLimit = bytes;
    if (this.#time) this.#time.limit = bytes;
    else if (this.#run) this.#time = this.#travel(this.#run);
  }

  /** Back and forth in the time of the machine. */
  get time(): Result<TimeTravel> {
    return this.#time ? ok(this.#time) : err('No past of this machine is kept.');
  }

  setPace(pace: Pace): void {
    this.#pacing.start(pace, this.#now(), this.#run?.eventMs ?? 0);
  }

  /** Lets an input into the machine, as `Gate.enter` says. Whatever enters has to come this way. */
  enter(input: Input): Result<number> {
    if (this.#time?.isPast || this.#time?.isSeeking)
      return err('This is the past of the machine: go on from here first, or return to the present.');
    return this.#run ? this.#run.enter(input) : err('There is no machine: boot a kernel first.');
  }

  /**
   * Puts a disk into the SD slot whose contents something else keeps, such as a file. They are in no journal. The error
   * is one sentence for the user.
   */
  insertDisk(name: string, disk: Disk): Result<null> {
    const run = this.#run;
    const wrong = cardSizeError(disk.sectors * sectorSize);
    if (wrong !== null) return err(`${name} ${wrong}.`);
    if (!run || run.board.card) return err('There is no empty SD slot: boot a kernel first, or eject the card.');
    run.board.insertCard(disk);
    this.#cardIsElsewhere = true;
    return ok(null);
  }

  /** The contents of the card in the SD slot as they are now. */
  card(): Result<CardImage> {
    const disk = this.#run?.board.card;
    return disk ? ok(readCard(disk, 'card')) : noCard;
  }

  /** Types bytes on a console. Returns how many were taken; the rest found no room. */
  input(console: ConsoleId, bytes: Uint8Array): number {
    const entered = this.enter({ kind: 'keys', console, bytes });
    return entered.ok ? entered.value : 0;
  }

  /**
   * Runs slices for about `budgetMs` of wall time, at least one. Returns after how many milliseconds it wants to be
   * called again; null if only a request can change anything.
   */
  advance(budgetMs: number): number | null {
    const start = this.#now();
    const run = this.#run;
    const time = this.#time;
    if (time?.isSeeking) {
      time.advance(start + budgetMs);
      return time.isSeeking ? 0 : null;
    }
    let now = start;
    let wait = 0;
    while (run?.state === 'running') {
      wait = this.#pacing.wait(now, run.eventMs);
      if (wait > 0) break;
      time?.begin();
      run.slice();
      if (!time?.isPast) this.#experiment?.look();
      const before = now;
      now = this.#now();
      time?.sliceEnded(now - before);
      if (now - start >= budgetMs) break;
    }
    this.#wallMs += now - start;
    return run?.state === 'running' ? wait : null;
  }

  /** Has an operator do an experiment on this machine while it runs, at moments that a seed decides. */
  experiment(experiment: Experiment, seed: number): void {
    this.#experiment = new ExperimentRun(this, experiment, seed);
  }

  /** How far the experiment is that was begun last; null if there was none. */
  get measured(): ExperimentStatus | null {
    return this.#experiment?.status ?? null;
  }

  /** How far an experiment on this machine is; null if it is not the one that was begun last. */
  statusOf(experiment: Experiment): ExperimentStatus | null {
    return this.#experiment?.experiment === experiment ? this.#experiment.status : null;
  }

  /** See `DebugControl.step`. */
  step(index: number, instructions: number): Result<null> {
    if (this.#time?.isSeeking) return notPaused;
    this.#time?.begin();
    const stepped = this.#debug?.step(index, instructions) ?? notPaused;
    this.#time?.sliceEnded(0);
    return stepped;
  }

  /**
   * As `step` by one instruction, but runs a call until it returns, whether to a function or to a higher exception
   * level.
   */
  stepOver(index: number): Result<null> {
    const destination = this.#debug?.afterCall(index) ?? notPaused;
    if (!destination.ok) return destination;
    return destination.value ? this.#runTo(index, destination.value) : this.step(index, 1);
  }

  /** Runs a paused machine until the function that a core is in has returned. */
  stepOut(index: number): Result<null> {
    const destination = this.#debug?.caller(index) ?? notPaused;
    if (!destination.ok) return destination;
    return destination.value
      ? this.#runTo(index, destination.value)
      : err(`Nothing shows where core ${index} is to return to.`);
  }

  /** Sets all breakpoints and watchpoints anew. They stay through a reset, and go when another kernel is booted. */
  setStopPoints(points: readonly StopPoint[]): Result<null> {
    if (!this.#debug) return err('There is no machine to stop: boot a kernel first.');
    const set = this.#debug.setStopPoints(points);
    if (set.ok) this.#stopPoints = points;
    return set;
  }

  get state(): MachineState {
    return this.#run?.state ?? 'empty';
  }

  get end(): MachineEnd | null {
    return this.#run?.end ?? null;
  }

  /** Virtual time since power-on, in nanoseconds. */
  get virtualNs(): number {
    return this.#run?.virtualNs ?? 0;
  }

  status(): Status {
    return statusOf({
      run: this.#run,
      consoles: this.#consoles,
      log: this.#log,
      eventEnd: this.eventEnd,
      rates: this.#rates,
      pace: this.#pacing.pace,
      now: this.#now(),
      wallMs: this.#wallMs,
      time: this.#time?.status() ?? null,
    });
  }

  /** What the loader has done; null where the software is a model, or nothing has been loaded. */
  get summary(): BootSummary | null {
    return this.#run?.system.summary ?? null;
  }

  /** What can be known of the hypervisor. */
  get hypervisor(): Result<HypervisorView> {
    const view = this.#run?.system.hypervisor;
    return view ? ok(view) : err('There is no Xen on this machine: start one first.');
  }

  /** Who used the cores. */
  get usage(): Result<UsageView> {
    return this.#run ? ok(this.#run.system.usage) : err('There is no machine: boot a kernel first.');
  }

  /** What can be known of Dom0. */
  get dom0(): Result<Dom0View> {
    const view = this.#run?.system.dom0;
    return view ? ok(view) : err('There is no Domain-0 on this machine: start Xen first.');
  }

  /** What can be known of its networks. */
  network(): Result<NetworkInfo> {
    const system = this.#run?.system;
    if (!system) return err('There is no machine: boot a kernel first.');
    return ok({ ports: system.ports(), captures: this.captures.list() });
  }

  /** Grows when a console has shown something or the log has an entry more. */
  get outputs(): number {
    return this.#consoles.printed + this.#log.end;
  }

  console(id: ConsoleId, from: number, budget: number): ConsoleWindow {
    return this.#consoles.window(id, from, budget);
  }

  /** Whether a recording plays. */
  get replays(): boolean {
    return this.#run?.replays ?? false;
  }

  log(from: number, budget: number): LogWindow {
    return this.#log.window(from, budget);
  }

  /** A look at a core as it stands now. */
  inspect(index: number): Result<Inspection> {
    return this.#debug?.inspect(index) ?? err(`There is no core ${index}.`);
  }

  /** How an address is translated, descriptor by descriptor. The error is one sentence for the user. */
  walk(request: WalkRequest): Result<Walk> {
    const run = this.#run;
    return run ? walk(run.system, request) : err('There is no machine: boot a kernel first.');
  }

  /** The map of an address space. The error is one sentence for the user. */
  addressMap(request: MapRequest): Result<AddressMap> {
    const run = this.#run;
    return run ? addressMap(run.system, request) : err('There is no machine: boot a kernel first.');
  }

  /** The accesses that stage 2 or the SMMU has refused, each with its entry in the log. */
  faults(): readonly FaultSummary[] {
    return this.#faults?.list().map(({ walk: _, ...summary }) => summary) ?? [];
  }

  /** One of them with its walk, by its entry. */
  fault(entry: number): Result<FaultRecord> {
    const found = this.#faults?.list().find((fault) => fault.entry === entry);
    return found ? ok(found) : err(`Entry ${entry} of the log is of no fault.`);
  }

  /** A look at a vCPU as it stands now. The error is one sentence for the user. */
  inspectVcpu(name: VcpuName): Result<VcpuInspection> {
    const run = this.#run;
    return run ? inspectVcpu(run.system, name) : err('There is no machine: boot a kernel first.');
  }

  /** What the machine has done since power-on, counted. */
  counts(): Counts {
    return countsOf(defined(this.#run, 'the machine whose events are counted'));
  }

  /** See `EventRecorder.record`. */
  record(request: RecordRequest): void {
    this.#recorder.record(request);
  }

  /** Records the scheduling timeline of this machine and of those that come after it, in so many bytes; 0 ends that. */
  traceSchedule(bytes: number): void {
    this.#traceLimit = bytes;
    if (this.#run) this.#beginTrace(this.#run);
  }

  /** The scheduling timeline. The error is one sentence for the user. */
  get trace(): Result<ScheduleTrace> {
    const { trace } = this.#recorder;
    return trace ? ok(trace) : err('No timeline is recorded: open the timeline first.');
  }

  /** How many events have been recorded. */
  get eventEnd(): number {
    return this.#recorder.end;
  }

  events(request: EventRequest): EventWindow {
    return this.#recorder.window(request);
  }

  /** How often events have occurred. */
  eventCounts(request: EventCountRequest): EventCounts {
    return this.#recorder.counts(request);
  }

  /** Reads recorded events as text. */
  eventText(): EventText {
    return this.#recorder.text();
  }

  /**
   * A fingerprint of everything that decides how the machine goes on: equal for equal states. Taking it changes
   * nothing. docs/architecture.md says what it covers.
   */
  stateHash(): string {
    const run = defined(this.#run, 'the machine to be fingerprinted');
    const hasher = new Hasher();
    run.board.fingerprint(hasher);
    run.system.fingerprint(hasher);
    run.fingerprint(hasher);
    return hasher.digest();
  }

  #build<S extends System>(blueprint: Blueprint<S>, recording: Recording | null): S {
    // The machine before lets its memory go first: two of them may not fit.
    this.#run = null;
    this.#debug = null;
    this.#experiment = null;
    this.#time = null;
    this.#faults = null;
    this.#recorder.attach(null);
    this.captures.attach(null);
    this.#wallMs = 0;
    this.#cardIsElsewhere = false;
    this.#rates.restart();
    const consoles = new Consoles();
    const log = new Log(logCapacity);
    this.#consoles = consoles;
    this.#log = log;
    const disks = recording ? new MemoryDisks() : this.#disks();
    this.#hadDisks = disks.list().length > 0;
    this.#store = disks;
    const run: Run<S> = new Run(
      blueprint,
      {
        disks,
        log: (source, text) => log.add(this.#run ? this.#run.eventMs * 1e6 : 0, source, text),
        print: (console, bytes) => consoles.print(console, bytes),
        closeConsole: (console) => consoles.close(console),
      },
      recording,
    );
    this.#run = run;
    this.#recorder.attach(run.board);
    this.#beginTrace(run);
    this.captures.attach(run.board);
    this.#faults = new Faults(run.system, log, () => run.eventMs * 1e6);
    this.#debug = new DebugControl(run);
    this.#debug.setStopPoints(this.#stopPoints);
    if (this.#timeLimit > 0) this.#time = this.#travel(run);
    return run.system;
  }

  #beginTrace({ board, system, virtualNs }: Run): void {
    const { hypervisor } = system;
    const { cluster } = board;
    const isModel = cluster.el2 !== undefined;
    this.#recorder.trace =
      this.#traceLimit === 0
        ? null
        : new ScheduleTrace({
            cores: cluster.cores.length,
            shows: hypervisor ? 'vcpus' : 'levels',
            now: virtualNs,
            running: hypervisor
              ? hypervisor.running()
              : cluster.stats().cores.map(({ state }) => (state === 'running' ? noVcpu : null)),
            levelOf: (core) => cluster.cores[core]?.word(Core.el) ?? 0,
            limit: this.#traceLimit,
            // The convention of Xen’s hypercalls on Arm: the number is in X16 (xen/arch-arm.h).
            hypercallOf: isModel ? null : (core) => Number((cluster.cores[core]?.x(16) ?? 0n) & 0xffn),
          });
  }

  #travel(run: Run): TimeTravel {
    const host = {
      run,
      consoles: this.#consoles,
      log: this.#log,
      now: this.#now,
      setStops: (on: boolean) => void this.#debug?.setStopPoints(on ? this.#stopPoints : []),
      inPast: (on: boolean) => {
        this.#recorder.suspend(on);
        this.captures.isSuspended = on;
        this.#rates.restart();
      },
      forked: () => {
        this.#recorder.attach(run.board);
        this.#beginTrace(run);
      },
    };
    return new TimeTravel(host, this.#timeLimit);
  }

  #runTo(index: number, destination: Destination): Result<null> {
    this.#debug?.stepTo(index, destination);
    return this.run();
  }
}

/** Tells entries of journals apart. */
function digestOf(entry: JournalEntry | undefined): string {
  const { json, bytes } = pack(entry ?? null);
  return new Hasher().add(json, bytes).digest();
}

/** The real Xen, or the model. */
const planAnyXen = (request: XenRequest): Result<Blueprint> =>
  request.real ? planRealXen(request, request.real) : planXen(request);

const noVcpu = { domain: noDomain, vcpu: 0 };

const notPaused = err('Only a paused machine can be stepped.');

function planOf(recipe: Recipe): Result<Blueprint> {
  switch (recipe.kind) {
    case 'kernel':
      return planKernel(recipe.request);
    case 'xen':
      return planAnyXen(recipe.request);
  }
}
