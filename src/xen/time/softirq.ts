/** Softirqs: work that a pCPU does before it returns to a guest, in the order of these numbers. */
import type { Hasher } from '../../base/hasher.ts';

export const Softirq = { timer: 0, schedule: 1 } as const;
export type Softirq = (typeof Softirq)[keyof typeof Softirq];

export class Softirqs {
  private readonly pending: number[];
  private readonly handlers: readonly ((cpu: number) => void)[];
  private readonly thisCpu: () => number;
  private readonly poke: (cpu: number) => void;

  /** `poke` makes another pCPU enter EL2. */
  constructor(
    cpus: number,
    handlers: Record<keyof typeof Softirq, (cpu: number) => void>,
    thisCpu: () => number,
    poke: (cpu: number) => void,
  ) {
    this.pending = new Array(cpus).fill(0);
    this.handlers = [handlers.timer, handlers.schedule];
    this.thisCpu = thisCpu;
    this.poke = poke;
  }

  raise(cpu: number, softirq: Softirq): void {
    const before = this.pending[cpu] as number;
    this.pending[cpu] = before | (1 << softirq);
    if (before === this.pending[cpu] || cpu === this.thisCpu()) return;
    this.poke(cpu);
  }

  isPending(cpu: number): boolean {
    return this.pending[cpu] !== 0;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.pending);
  }

  /** Runs all softirqs that are pending on a pCPU, also those that are raised meanwhile. */
  run(cpu: number): void {
    for (let pending = this.pending[cpu] as number; pending !== 0; pending = this.pending[cpu] as number) {
      const first = 31 - Math.clz32(pending & -pending);
      this.pending[cpu] = pending & ~(1 << first);
      this.handlers[first]?.(cpu);
    }
  }
}
