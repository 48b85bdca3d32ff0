/** One run of a machine from its power-on: slice after slice, with what enters between them. */
import { err, type Result } from '../../base/result.ts';
import { cycles } from '../../base/units.ts';
import type { RunExit } from '../../cluster/cluster.ts';
import { clockHz, type ZynqMp } from '../../soc/board/zynqmp.ts';
import type { Input } from '../api/input.ts';
import { type Journal, journalVersion } from '../api/journal.ts';
import type { MachineEnd, MachineState } from '../api/status.ts';
import { Gate, type Recording } from '../journal/gate.ts';
import type { Blueprint, System, SystemHost } from '../system.ts';
import { sliceCycles } from './slices.ts';

export class Run<S extends System = System> {
  readonly blueprint: Blueprint<S>;
  readonly system: S;
  readonly board: ZynqMp;
  readonly #gate: Gate;
  #state: Exclude<MachineState, 'empty'> = 'paused';
  #end: MachineEnd | null = null;

  /** Builds the machine. A recording enters it slice by slice, and the run pauses after the last slice. */
  constructor(blueprint: Blueprint<S>, host: Omit<SystemHost, 'end'>, recording: Recording | null) {
    this.blueprint = blueprint;
    this.system = blueprint.build({
      ...host,
      end: (how) => {
        this.#end = how;
      },
    });
    this.board = this.system.board;
    this.#gate = new Gate({ enter: (input) => this.#give(input), log: (text) => host.log('input', text) }, recording);
    this.#gate.replay();
  }

  get state(): Exclude<MachineState, 'empty'> {
    return this.#state;
  }

  /** Why the machine has ended by itself. */
  get end(): MachineEnd | null {
    return this.#end;
  }

  /** Virtual time since power-on in nanoseconds, as the cores see it. */
  get virtualNs(): number {
    return (this.board.cluster.now * 1e9) / clockHz;
  }

  /**
   * The same in milliseconds by the clock of events, which stands still where the debugger has stopped a core in its
   * turn.
   */
  get eventMs(): number {
    return (this.board.events.now * 1e3) / clockHz;
  }

  /** Everything that decides this run, up to now. */
  journal(): Journal {
    const { entered, slices } = this.#gate;
    return { version: journalVersion, recipe: this.blueprint.recipe, inputs: [...entered], slices };
  }

  resume(): void {
    this.#state = 'running';
    this.board.cluster.debugger.resume();
  }

  pause(): void {
    if (this.#state !== 'running' && this.#state !== 'waiting') return;
    this.#state = 'paused';
    this.board.cluster.debugger.cancelStep();
  }

  /** See `Gate.enter`. */
  enter(input: Input): Result<number> {
    return this.#state === 'ended' ? err('The machine is off: reset it first.') : this.#gate.enter(input);
  }

  /**
   * Runs to the end of the current slice, unless the debugger or the machine itself ends it earlier. Says how it ended.
   */
  slice(): RunExit['reason'] | 'replayed' {
    const { board, system } = this;
    const end = (Math.floor(board.events.now / sliceCycles) + 1) * sliceCycles;
    const { reason } = board.cluster.run(cycles(end));
    switch (reason) {
      case 'debugger':
        this.#state = 'paused';
        this.#gate.sliceInterrupted();
        return reason;
      case 'stopped':
        this.#state = 'ended';
        this.#gate.machineEnded();
        return reason;
      case 'idle':
        if (this.#state === 'running') this.#state = 'waiting';
        break;
      case 'time':
        system.sliceEnded((end * 1e9) / clockHz);
    }
    const wasReplaying = this.#gate.replays;
    this.#gate.sliceEnded(reason === 'idle');
    if (!wasReplaying || this.#gate.replays) return reason;
    this.pause();
    return 'replayed';
  }

  #give(input: Input): Result<number> {
    const entered = this.system.enter(input);
    // What has found no room wakes nobody.
    if (this.#state === 'waiting' && entered.ok && (input.kind !== 'keys' || entered.value > 0))
      this.#state = 'running';
    return entered;
  }
}
