/** The debugger's actions on one run of a machine. They leave nothing behind: a run with stops ends as one without. */
import type { CoreState } from '../arch/state/core.ts';
import { err, ok, type Result } from '../base/result.ts';
import { SymbolTable } from '../boot/symbols.ts';
import type { Destination } from '../cluster/debugger.ts';
import type { StopPoint } from './api/debug.ts';
import { Inspection } from './inspection.ts';
import type { Run } from './run/run.ts';

/** Slices for which a step waits for its core to wake: 20 ms. */
const maxStepSlices = 400;

export class DebugControl {
  readonly #run: Run;
  /** Symbols of the kernel's file, once something has asked for them. */
  #symbols: SymbolTable | null = null;

  constructor(run: Run) {
    this.#run = run;
  }

  /** A look at a core as it stands now. */
  inspect(index: number): Result<Inspection> {
    const { cluster } = this.#run.board;
    const core = cluster.cores[index];
    this.#symbols ??= new SymbolTable(this.#run.blueprint.symbols);
    return core ? ok(new Inspection(cluster, core, this.#symbols)) : err(`There is no core ${index}.`);
  }

  /**
   * Runs a paused machine until a core has retired so many more instructions, or waits. If it waits already, it first
   * runs until something wakes it. The other cores run as they would have run.
   */
  step(index: number, instructions: number): Result<null> {
    const { cluster } = this.#run.board;
    const core = this.#pausedCore(index);
    if (!core.ok) return core;
    if (cluster.stats().cores[index]?.state === 'off') return ok(null);
    cluster.debugger.stepBy(core.value, instructions);
    // A core that waits is stepped when something wakes it, if that is soon.
    for (let slices = 0; slices < maxStepSlices && this.#run.slice() === 'time'; slices++);
    cluster.debugger.cancelStep();
    return ok(null);
  }

  /** Where a step over the instruction at pc is to stop: behind a call; null where one instruction is all. */
  afterCall(index: number): Result<Destination | null> {
    return this.#lookPaused(index, (core) => core.afterCall());
  }

  /** Where the present function of a core returns to; null if that cannot be found. */
  caller(index: number): Result<Destination | null> {
    return this.#lookPaused(index, (core) => core.caller());
  }

  /** When the machine runs, it will stop where a core comes to a place. */
  stepTo(index: number, destination: Destination): void {
    const { cluster } = this.#run.board;
    const core = cluster.cores[index];
    if (core) cluster.debugger.stepTo(core, destination);
  }

  /** Sets all breakpoints and watchpoints anew. */
  setStopPoints(points: readonly StopPoint[]): Result<null> {
    const unaligned = points.find((point) => point.kind === 'breakpoint' && (point.address & 3n) !== 0n);
    if (unaligned)
      return err(`There is no instruction at 0x${unaligned.address.toString(16)}: it is no multiple of 4.`);
    this.#run.board.cluster.debugger.setPoints(points);
    return ok(null);
  }

  #lookPaused<T>(index: number, at: (core: Inspection) => T): Result<T> {
    const paused = this.#pausedCore(index);
    if (!paused.ok) return paused;
    const look = this.inspect(index);
    return look.ok ? ok(at(look.value)) : look;
  }

  #pausedCore(index: number): Result<CoreState> {
    if (this.#run.state !== 'paused') return err('Only a paused machine can be stepped.');
    const core = this.#run.board.cluster.cores[index];
    return core ? ok(core) : err(`There is no core ${index}.`);
  }
}
