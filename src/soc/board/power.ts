/** Power of the application cores: on, off, or down until an interrupt (UG1085 chapter 6, "Power Domains" and "Wake-up"). */

import type { InterruptLine } from '../../arch/exceptions/interrupts.ts';
import type { Cluster } from '../../cluster/cluster.ts';

/** Where a core that is powered down starts again. */
interface Resumption {
  readonly pc: bigint;
  readonly x0: bigint;
}

/**
 * A core that is powered down has nothing left but its place to start again, which firmware keeps. Its timers keep running, other
 * than the chip's: what a driver has left enabled wakes it.
 */
export class CorePower {
  readonly #cluster: Pick<Cluster, 'reset' | 'turnOff' | 'setLine' | 'stats'>;
  readonly #cores: number;
  readonly #el: 1 | 2;
  readonly #resumptions = new Map<number, Resumption>();
  /** Physical interrupts that the GIC signals, by core. */
  readonly #signals: Set<InterruptLine>[];

  /** `el`: the exception level in which cores start. */
  constructor(cluster: Pick<Cluster, 'reset' | 'turnOff' | 'setLine' | 'stats'>, cores: number, el: 1 | 2) {
    this.#cluster = cluster;
    this.#cores = cores;
    this.#el = el;
    this.#signals = Array.from({ length: cores }, () => new Set());
  }

  /** Also of a core that is powered down and will come back by itself. */
  isOn(core: number): boolean {
    return this.#resumptions.has(core) || this.#cluster.stats().cores[core]?.state !== 'off';
  }

  turnOn(core: number, pc: bigint, x0: bigint): void {
    this.#cluster.reset(core, { pc, el: this.#el, x0 });
  }

  turnOff(core: number): void {
    this.#cluster.turnOff(core);
  }

  suspend(core: number, pc: bigint, x0: bigint): boolean {
    if (this.#signals[core]?.size) return false;
    this.#resumptions.set(core, { pc, x0 });
    this.#cluster.turnOff(core);
    return true;
  }

  /** An interrupt output of the GIC changes; it wakes a core that is powered down. The GIC has interfaces for cores that the board may not have. */
  signal(core: number, line: InterruptLine, level: boolean): void {
    if (core >= this.#cores) return;
    this.#cluster.setLine(core, line, level);
    if (line !== 'irq' && line !== 'fiq') return;
    if (!level) {
      this.#signals[core]?.delete(line);
      return;
    }
    this.#signals[core]?.add(line);
    const resumption = this.#resumptions.get(core);
    if (!resumption) return;
    this.#resumptions.delete(core);
    this.turnOn(core, resumption.pc, resumption.x0);
  }

  /** The cores that are powered down, as plain data. */
  saveState(): unknown {
    return [...this.#resumptions].map(([core, { pc, x0 }]) => ({ core, pc: pc.toString(), x0: x0.toString() }));
  }
}
