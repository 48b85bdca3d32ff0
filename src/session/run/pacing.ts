import type { Pace } from '../api/status.ts';

/** In wall time, how far virtual time may lag behind before the loss is accepted and not caught up. */
const maxLagMs = 50;

/** Holds virtual time back where it would run ahead of the wall clock. */
export class Pacing {
  #pace: Pace = 'unlimited';
  /** Wall time at which virtual time was zero, had it always kept pace. */
  #origin = 0;

  get pace(): Pace {
    return this.#pace;
  }

  /** Begins anew with a pace, at this wall time and this virtual time, in milliseconds. */
  start(pace: Pace, wallMs: number, virtualMs: number): void {
    this.#pace = pace;
    this.#origin = wallMs - virtualMs;
  }

  /** For how long the machine must wait now, in milliseconds. */
  wait(wallMs: number, virtualMs: number): number {
    if (this.#pace === 'unlimited') return 0;
    const ahead = virtualMs - (wallMs - this.#origin);
    if (ahead < -maxLagMs) this.#origin -= ahead + maxLagMs;
    return Math.max(ahead, 0);
  }
}
