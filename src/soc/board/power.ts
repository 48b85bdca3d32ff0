/**
 * Power of the application cores: on, off, or down until an interrupt (UG1085 chapter 6, "Power Domains" and
 * "Wake-up").
 */

import type { InterruptLine } from '../../arch/exceptions/interrupts.ts';
import type { Cluster } from '../../cluster/cluster.ts';
import { restoreState, savedState } from '../bus/state.ts';

/** A core that is powered down, and where it starts again; 64-bit values as decimal digits. */
interface Resumption {
  readonly core: number;
  readonly pc: string;
  readonly x0: string;
}

/**
 * A core that is powered down keeps nothing but the place where it starts again, which firmware remembers. Unlike on
 * the chip, its timers keep running: one that a driver has left enabled wakes it.
 */
export class CorePower {
  readonly #cluster: Pick<Cluster, 'reset' | 'turnOff' | 'setLine' | 'stats'>;
  readonly #el: 1 | 2;
  readonly #changed: (core: number, on: boolean) => void;
  readonly #resumptions: Resumption[] = [];
  /** Physical interrupts that the GIC signals, by core. */
  readonly #signals: Set<InterruptLine>[];

  /** `el`: the exception level in which cores start. `changed` is told when one is turned on or off. */
  constructor(
    cluster: Pick<Cluster, 'reset' | 'turnOff' | 'setLine' | 'stats'>,
    cores: number,
    el: 1 | 2,
    changed: (core: number, on: boolean) => void,
  ) {
    this.#cluster = cluster;
    this.#el = el;
    this.#changed = changed;
    this.#signals = Array.from({ length: cores }, () => new Set());
  }

  /** Whether a core is powered down and will wake by itself. */
  isSuspended(core: number): boolean {
    return this.#resumptions.some((each) => each.core === core);
  }

  /** True also for a core that is powered down and will wake by itself. */
  isOn(core: number): boolean {
    return this.isSuspended(core) || this.#cluster.stats().cores[core]?.state !== 'off';
  }

  turnOn(core: number, pc: bigint, x0: bigint): void {
    this.#cluster.reset(core, { pc, el: this.#el, x0 });
    this.#changed(core, true);
  }

  turnOff(core: number): void {
    this.#cluster.turnOff(core);
    this.#changed(core, false);
  }

  /** A register holds the core in reset: it is off, and no interrupt wakes it. */
  hold(core: number): void {
    this.#takeResumption(core);
    this.#cluster.turnOff(core);
  }

  suspend(core: number, pc: bigint, x0: bigint): boolean {
    if (this.#signals[core]?.size) return false;
    this.#resumptions.push({ core, pc: `${pc}`, x0: `${x0}` });
    this.turnOff(core);
    return true;
  }

  /** An interrupt output of the GIC changes; an interrupt wakes a core that is powered down. */
  signal(core: number, line: InterruptLine, level: boolean): void {
    this.#cluster.setLine(core, line, level);
    if (line !== 'irq' && line !== 'fiq') return;
    if (!level) {
      this.#signals[core]?.delete(line);
      return;
    }
    this.#signals[core]?.add(line);
    const resumption = this.#takeResumption(core);
    if (resumption) this.turnOn(core, BigInt(resumption.pc), BigInt(resumption.x0));
  }

  /** A reset turns all cores off, and firmware forgets where they would start again. */
  reset(): void {
    this.#resumptions.length = 0;
    for (const core of this.#signals.keys()) this.turnOff(core);
  }

  #takeResumption(core: number): Resumption | undefined {
    const index = this.#resumptions.findIndex((each) => each.core === core);
    return index < 0 ? undefined : this.#resumptions.splice(index, 1)[0];
  }

  /** The cores that are powered down, as plain data. */
  saveState(): unknown {
    return savedState(this.#resumptions);
  }

  /** Continues from a saved state. Load the GIC's state before: what it signals meanwhile would wake cores. */
  loadState(state: unknown): void {
    restoreState(this.#resumptions, state, [], 'power');
  }
}
