import { Core } from '../../a64/layout.ts';
import type { Events } from '../../base/events.ts';
import type { Cycles } from '../../base/units.ts';
import type { CoreState } from './core.ts';

/**
 * Virtual time of one core, at the instruction that it executes. Events.now is the start of the core's quantum. While a
 * core does not run, its quantum equals its budget, so that its time is Events.now.
 */
export class Clock {
  /** Instructions of a core's quantum that are held back. */
  #heldBack = 0;
  #heldBackFrom: CoreState | undefined;

  constructor(
    readonly events: Events,
    /** Core clock, in Hz. */
    readonly hz: number,
    /** Cycles that one instruction takes. */
    readonly cyclesPerInstruction = 1,
  ) {}

  /** The current time of a core. */
  now(core: CoreState): Cycles {
    return (this.events.now + Math.floor(this.#executed(core) * this.cyclesPerInstruction)) as Cycles;
  }

  /** Instructions that a core has retired since power-on. */
  retired(core: CoreState): number {
    return core.word(Core.retired) + core.word(Core.retired + 4) * 2 ** 32 + this.#executed(core);
  }

  /** Ends the core's quantum no later than `time`: something is due then. */
  limit(core: CoreState, time: Cycles): void {
    const executed = this.#executed(core);
    const quantum = Math.max(executed, Math.ceil((time - this.events.now) / this.cyclesPerInstruction));
    const present = core.word(Core.quantum);
    if (core === this.#heldBackFrom) this.#heldBack = Math.max(0, Math.min(this.#heldBack, quantum - present));
    if (quantum < present) this.#setQuantum(core, quantum);
  }

  /** Limits a core to this many instructions of its quantum until `giveBack`. */
  holdBack(core: CoreState, instructions: number): void {
    const rest = (core.word(Core.budget) | 0) - instructions;
    if (rest <= 0) return;
    this.#heldBack = rest;
    this.#heldBackFrom = core;
    this.#setQuantum(core, core.word(Core.quantum) - rest);
  }

  /** Gives a core the rest of its quantum, except what `limit` has removed in between. */
  giveBack(core: CoreState): void {
    if (core !== this.#heldBackFrom) return;
    this.#setQuantum(core, core.word(Core.quantum) + this.#heldBack);
    this.#heldBackFrom = undefined;
  }

  #setQuantum(core: CoreState, quantum: number): void {
    const executed = this.#executed(core);
    core.setWord(Core.quantum, quantum);
    core.setWord(Core.budget, quantum - executed);
  }

  #executed(core: CoreState): number {
    return core.word(Core.quantum) - (core.word(Core.budget) | 0);
  }
}
