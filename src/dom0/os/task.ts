/**
 * Dom0's programs are coroutines. A program takes no time between two waits; it then says what it waits for. All time
 * is virtual time, so the order of steps is the same in every run.
 */
import type { Nanoseconds } from '../../xen/time/time.ts';

/** Wakes those who wait for it. It carries no value: each looks at what it waits for, and may wait again. */
export class Signal {
  private readonly waiting = new Set<() => void>();

  constructor(readonly name: string) {}

  raise(): void {
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }

  /** Calls `wake` once when the signal is raised next. Returns how to stop waiting. */
  wait(wake: () => void): () => void {
    this.waiting.add(wake);
    return () => this.waiting.delete(wake);
  }
}

export type Wait =
  /** Time on Dom0's CPU. */
  | { readonly kind: 'cpu'; readonly time: Nanoseconds }
  | ({ readonly kind: 'sleep'; readonly time: Nanoseconds } & Quiet)
  /** A signal, or the time at which waiting for it ends. */
  | ({ readonly kind: 'signal'; readonly signal: Signal; readonly until?: Nanoseconds } & Quiet);

/** `again`: a program that does from its start what this one does after the wait. It can be put in its place. */
interface Quiet {
  readonly again?: (() => Task<number>) | null;
}

/** A program, or part of one, that ends with a result. Calling `return` ends it early and runs its `finally` blocks. */
export type Task<T = void> = Generator<Wait, T, void>;

/** Uses Dom0's CPU. */
export function* compute(time: Nanoseconds): Task {
  if (time > 0) yield { kind: 'cpu', time };
}

export function* sleep(time: Nanoseconds, again: (() => Task<number>) | null = null): Task {
  yield { kind: 'sleep', time, again };
}

/** Waits until `condition` holds, which can change only when `signal` is raised. */
export function* until(signal: Signal, condition: () => boolean): Task {
  while (!condition()) yield { kind: 'signal', signal };
}

/**
 * The same, at a place where the program can be begun anew: `again` begins with this wait. What the program knows then is in
 * objects, not in variables of its own, so that Dom0 can go back to this moment. Null: it cannot.
 */
export function* quietly(signal: Signal, condition: () => boolean, again: (() => Task<number>) | null): Task {
  while (!condition()) yield { kind: 'signal', signal, again };
}

/** The same, when it can change at any of several signals. */
export function* untilAny(signals: readonly Signal[], condition: () => boolean): Task {
  const any = new Signal(signals.map(({ name }) => name).join(', '));
  while (!condition()) {
    const stops = signals.map((signal) => signal.wait(() => any.raise()));
    try {
      yield { kind: 'signal', signal: any };
    } finally {
      for (const stop of stops) stop();
    }
  }
}

/** As `until`, but no longer than until `end`. Returns whether the condition holds. */
export function* untilTime(
  signal: Signal,
  condition: () => boolean,
  end: Nanoseconds,
  now: () => number,
): Task<boolean> {
  while (!condition()) {
    if (now() >= end) return false;
    yield { kind: 'signal', signal, until: end };
  }
  return true;
}
