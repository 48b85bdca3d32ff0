/** The resets of a run after which the machine started again. */
import type { Hasher } from '../../base/hasher.ts';
import { list, nullable, number, oneOf, record, type Shape, whole } from '../../base/shape.ts';
import { resetCauses } from '../../soc/bus/reset-cause.ts';
import { type ResetCause, type ResetStatus, resetLoop } from '../api/status.ts';

export interface RestartsState {
  readonly status: ResetStatus;
  readonly times: readonly number[];
}

export const restartsState: Shape<RestartsState> = record<RestartsState>({
  status: record<ResetStatus>({
    count: whole(),
    last: nullable(record({ cause: oneOf(...resetCauses), virtualNs: number })),
  }),
  times: list(number),
});

export class Restarts {
  #status: ResetStatus = { count: 0, last: null };
  /** Virtual times of the last resets, in nanoseconds. */
  #times: readonly number[] = [];

  get status(): ResetStatus {
    return this.#status;
  }

  /** Notes a reset, unless it is the last one of a loop; returns whether it is. */
  note(cause: ResetCause, virtualNs: number): boolean {
    const times = [...this.#recent(virtualNs), virtualNs];
    if (times.length >= resetLoop.resets) return true;
    this.#times = times;
    this.#status = { count: this.#status.count + 1, last: { cause, virtualNs } };
    return false;
  }

  /** Adds the resets that still count for a loop. */
  fingerprint(hasher: Hasher, virtualNs: number): void {
    const times = this.#recent(virtualNs);
    if (times.length > 0) hasher.add(times);
  }

  saveState(): RestartsState {
    return { status: this.#status, times: this.#times };
  }

  loadState({ status, times }: RestartsState): void {
    this.#status = status;
    this.#times = times;
  }

  #recent(virtualNs: number): readonly number[] {
    return this.#times.filter((time) => time > virtualNs - resetLoop.seconds * 1e9);
  }
}
