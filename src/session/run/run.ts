/** One run of a machine from its power-on: slice after slice, with what enters between them. */
import { assert, defined } from '../../base/assert.ts';
import type { HeldEvents } from '../../base/events.ts';
import type { Hasher } from '../../base/hasher.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { cycles } from '../../base/units.ts';
import type { RunExit } from '../../cluster/cluster.ts';
import type { DebugStop } from '../../cluster/debugger.ts';
import { type BoardEnd, clockHz, type ZynqMp } from '../../soc/board/zynqmp.ts';
import { SparseDisk } from '../../soc/storage/disk.ts';
import type { Input } from '../api/input.ts';
import { type Journal, journalVersion } from '../api/journal.ts';
import { type MachineEnd, type MachineState, type ResetStatus, resetLoop } from '../api/status.ts';
import { loadCard, saveCard } from '../card.ts';
import { Gate, type Recording } from '../journal/gate.ts';
import { loadRam, saveRam } from '../snapshot/ram.ts';
import type { RunState } from '../snapshot/snapshot.ts';
import { type Blueprint, type HeldSystem, machineOf, type System, type SystemHost } from '../system.ts';
import { Restarts } from './restarts.ts';
import { sliceCycles } from './slices.ts';

const resetTexts = {
  software: 'software has reset the system',
  psOnly: 'software has reset the processing system',
  error: 'a watchdog has reset the system',
  subsystem: 'the application processors have been restarted',
} as const;
const loopText = `${resetLoop.resets} resets within ${resetLoop.seconds} s: it is not started again`;

type RunParts = Omit<RunState, 'ram' | 'card'>;

/** A moment of a run, but for memory and what has entered. */
export interface Moment {
  readonly parts: RunParts;
  /** Where the system is no plain data: its objects, and the events that they have set. */
  readonly held: { readonly system: HeldSystem; readonly events: HeldEvents } | null;
  readonly card: SparseDisk | null;
  /** How many inputs had entered, and how many slices had ended. */
  readonly inputs: number;
  readonly slices: number;
  readonly end: MachineEnd | null;
  readonly stop: DebugStop | undefined;
}

export class Run<S extends System = System> {
  readonly blueprint: Blueprint<S>;
  readonly system: S;
  readonly board: ZynqMp;
  readonly #gate: Gate;
  readonly #restarts = new Restarts();
  readonly #log: SystemHost['log'];
  #state: Exclude<MachineState, 'empty'> = 'paused';
  #end: MachineEnd | null = null;
  /** What has stopped the board, until the run has taken account of it. */
  #stopped: BoardEnd | null = null;

  /** Builds the machine. A recording enters it slice by slice, and the run pauses after the last slice. */
  constructor(blueprint: Blueprint<S>, host: Omit<SystemHost, 'end'>, recording: Recording | null) {
    this.blueprint = blueprint;
    this.#log = host.log;
    this.system = blueprint.build({
      ...host,
      end: (how) => {
        this.#stopped ??= how;
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

  /** The resets after which it started again. */
  get resets(): ResetStatus {
    return this.#restarts.status;
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

  /** Whether a recording plays. */
  get replays(): boolean {
    return this.#gate.replays;
  }

  /** Whether the last slice has ended: inputs enter at once. */
  get isBetweenSlices(): boolean {
    return this.#gate.saveState().isOpen;
  }

  /** Everything that this run is beside its journal; null where only that can tell. */
  saveState(): RunState | null {
    const { board, system } = this;
    const parts = this.saveParts();
    return system.saved && parts && { ...parts, ram: saveRam(board.cluster, system.saved.loaded) };
  }

  /** The same without memory. */
  saveParts(): Omit<RunState, 'ram'> | null {
    const { card } = this.board;
    const parts = this.#saveWithoutCard();
    return parts && { ...parts, card: card && saveCard(card) };
  }

  #saveWithoutCard(): RunParts | null {
    return this.system.saved && this.#partsWith(this.system.saved.saveState());
  }

  #partsWith(system: unknown): RunParts {
    return {
      board: this.board.saveState(),
      system,
      gate: this.#gate.saveState(),
      restarts: this.#restarts.saveState(),
    };
  }

  /** Whether the machine can go on from the present moment several times: see `SystemMoments`. */
  get isQuiet(): boolean {
    return this.system.moments?.isQuiet ?? true;
  }

  /** Another number than at a moment: there is no way back to that. */
  get horizon(): number {
    return this.system.moments?.horizon ?? 0;
  }

  /** The present moment, but for memory; null where only the journal leads there. */
  hold(): Moment | null {
    const { moments } = this.system;
    const { card, cluster, events } = this.board;
    const held = moments ? { system: moments.hold(), events: events.hold() } : null;
    const parts = held ? this.#partsWith(null) : this.#saveWithoutCard();
    const copy = card instanceof SparseDisk ? card.copy() : null;
    if (!parts || (card && !copy)) return null;
    return {
      // Parts give views of what they change.
      parts: structuredClone(parts),
      held,
      card: copy,
      inputs: this.#gate.entered.length,
      slices: this.#gate.slices,
      end: this.#end,
      stop: cluster.debugger.stop,
    };
  }

  /**
   * This run is at another moment of its own, whose memory has been put back. What entered after it enters again up to
   * the end of a recording; null for none.
   */
  moveTo(
    { parts, held, card, inputs, slices, end, stop }: Moment,
    entered: Journal['inputs'],
    recording: Recording | null,
  ): void {
    const { board } = this;
    if (board.card) board.ejectCard();
    if (card) board.insertCard(defined(card.copy(), 'a card in memory'));
    if (held) {
      board.events.clear();
      held.system.restore();
    }
    this.#loadParts(parts, held?.events);
    this.#gate.loadState(parts.gate, { inputs: entered.slice(0, inputs), slices }, recording);
    board.cluster.debugger.moved(stop);
    this.#stopped = null;
    this.#end = end;
    this.#state = end === null ? 'paused' : 'ended';
    this.#gate.replay();
  }

  /** A run that has just been built goes on from a saved state. Throws if it is the state of another machine. */
  loadState(state: RunState, { inputs, slices }: Journal): void {
    const { saved } = this.system;
    assert(saved, 'a system that can continue from a state');
    loadRam(this.board.cluster, state.ram, saved.loaded);
    if (state.card) this.board.insertCard(loadCard(state.card));
    this.#loadParts(state);
    this.#gate.loadState(state.gate, { inputs, slices });
  }

  #loadParts({ board, system, restarts }: RunParts, events?: HeldEvents): void {
    const others = (): void => {
      const loaded = this.system.saved?.loadState(system) ?? ok(null);
      assert(loaded.ok, loaded.ok ? '' : loaded.error);
    };
    this.board.loadState(board, others, events);
    this.#restarts.loadState(restarts);
  }

  /** How many slices have ended. */
  get slices(): number {
    return this.#gate.slices;
  }

  /** What has entered since power-on. */
  get entered(): Journal['inputs'] {
    return this.#gate.entered;
  }

  /** Everything that decides this run, up to now. */
  journal(): Journal {
    const { entered, slices } = this.#gate;
    return { version: journalVersion, recipe: this.blueprint.recipe, inputs: [...entered], slices };
  }

  /** It goes on by itself where a recording plays. */
  fork(): void {
    this.#gate.fork();
  }

  /** See `Gate.play`. */
  play(recording: Recording): void {
    this.#gate.play(recording);
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

  /** Adds what decides how the run goes on and is part of neither board nor system. */
  fingerprint(hasher: Hasher): void {
    this.#restarts.fingerprint(hasher, this.eventMs * 1e6);
  }

  /**
   * Runs to the end of the current slice, unless the debugger or the machine itself ends it earlier. Says how it ended.
   * A reset in it takes no time.
   */
  slice(): RunExit['reason'] | 'replayed' {
    const { board, system } = this;
    const { cluster, events } = board;
    const end = cycles((Math.floor(events.now / sliceCycles) + 1) * sliceCycles);
    let { reason } = cluster.run(end);
    while (reason === 'stopped') {
      if (!this.#restart()) {
        this.#state = 'ended';
        this.#gate.machineEnded();
        return reason;
      }
      reason = cluster.debugger.stop ? 'debugger' : cluster.run(end).reason;
    }
    if (reason === 'debugger') {
      this.#state = 'paused';
      if (events.now < end) {
        this.#gate.sliceInterrupted();
        return reason;
      }
    }
    if (reason === 'idle' && this.#state === 'running') this.#state = 'waiting';
    if (reason !== 'idle') system.sliceEnded((end * 1e9) / clockHz);
    const wasReplaying = this.#gate.replays;
    this.#gate.sliceEnded(reason === 'idle');
    if (!wasReplaying || this.#gate.replays) return reason;
    this.pause();
    return 'replayed';
  }

  /** The board has stopped. After a reset it starts again; false if that was the end of the run. */
  #restart(): boolean {
    const stopped = this.#stopped;
    this.#stopped = null;
    if (stopped === null || stopped === 'power-off') {
      this.#end = 'power-off';
      return false;
    }
    if (machineOf(this.blueprint).onReset === 'end') {
      this.#end = 'reset';
      return false;
    }
    if (this.#restarts.note(stopped, this.eventMs * 1e6)) {
      this.#end = 'reset-loop';
      this.#log('board', loopText);
      return false;
    }
    this.board.reset(stopped);
    this.system.restart();
    this.board.cluster.debugger.restarted();
    this.#log('board', `${resetTexts[stopped]} (reset ${this.#restarts.status.count}): it has started again`);
    return true;
  }

  #give(input: Input): Result<number> {
    const entered = this.system.enter(input);
    // What has found no room wakes nobody.
    if (this.#state === 'waiting' && entered.ok && (input.kind !== 'keys' || entered.value > 0))
      this.#state = 'running';
    return entered;
  }
}
