import { type Nanoseconds, nanoseconds } from '../time/time.ts';
import type { CpuMask } from './cpu-mask.ts';

/** Why a vCPU may not run: Xen's VPF_* (xen/include/xen/sched.h). */
export const PauseFlag = { blocked: 1, down: 2, migrating: 8 } as const;

/** States of a vCPU as its guest sees them: RUNSTATE_* (public/vcpu.h). */
export const Runstate = { running: 0, runnable: 1, blocked: 2, offline: 3 } as const;
export type Runstate = (typeof Runstate)[keyof typeof Runstate];

/** DOMID_IDLE (public/xen.h): the domain of the idle vCPUs, one for each pCPU. */
export const idleDomainId = 0x7fff;

/** What the scheduler sees of a domain. */
export interface SchedDomain {
  readonly domainId: number;
  /** Times that the whole domain has been paused. */
  readonly pauseCount: number;
}

export interface RunstateInfo {
  readonly state: Runstate;
  /** When that state was entered. */
  readonly entryTime: Nanoseconds;
  /** Time spent in each state, by its number; the present one up to now. */
  readonly times: readonly [Nanoseconds, Nanoseconds, Nanoseconds, Nanoseconds];
}

/**
 * What schedulers move about. Xen's sched_unit may hold several vCPUs; with "Scheduling granularity: cpu", the only one that
 * Arm offers, it is one vCPU, so its pause flags and its runstate lie here too.
 */
export class SchedUnit {
  pauseFlags: number = PauseFlag.down;
  pauseCount = 0;
  /** Set by a SCHEDOP_poll of one port, -1 by one of several, 0 otherwise. */
  pollPort = 0;
  /** In SCHEDOP_poll. */
  polling = false;
  /** The pCPU whose run queue it belongs to. */
  processor = 0;
  hardAffinity: CpuMask = 0;
  softAffinity: CpuMask = 0;
  /** Whether the soft affinity says more than the hard one. */
  softAffinityEffective = false;
  /** On a pCPU, or its context is not saved yet. */
  isRunning = false;
  /** Since when it runs or does not. */
  stateEntryTime: Nanoseconds = nanoseconds(0);
  state: Runstate = Runstate.offline;
  runstateEntryTime: Nanoseconds = nanoseconds(0);
  /** Time spent in each state before the present one. */
  readonly runstateTimes: [Nanoseconds, Nanoseconds, Nanoseconds, Nanoseconds] = [
    nanoseconds(0),
    nanoseconds(0),
    nanoseconds(0),
    nanoseconds(0),
  ];

  /** Time that it has run on each pCPU, up to when it last left one. */
  readonly #timeOn: Nanoseconds[] = [];

  constructor(
    readonly domain: SchedDomain,
    /** Number of the vCPU in its domain; of the pCPU for an idle unit. */
    readonly id: number,
    readonly isIdle = false,
  ) {
    if (!isIdle) return;
    this.pauseFlags = 0;
    this.state = Runstate.running;
    this.isRunning = true;
  }

  /** Whether nothing keeps it from running. */
  get runnable(): boolean {
    return this.pauseFlags === 0 && this.pauseCount === 0 && this.domain.pauseCount === 0;
  }

  /** Enters a runstate and books the time spent in the one before. */
  changeRunstate(state: Runstate, now: Nanoseconds): void {
    if (state === this.state) return;
    // Another pCPU's present, in which it was woken, may lie a little ahead of that in which it is given this one: that much is
    // taken back, so that a pCPU's time is that of its units, with no gap.
    const delta = now - this.runstateEntryTime;
    this.runstateTimes[this.state] = nanoseconds(Math.max(0, this.runstateTimes[this.state] + delta));
    if (this.state === Runstate.running)
      this.#timeOn[this.processor] = nanoseconds((this.#timeOn[this.processor] ?? 0) + delta);
    this.runstateEntryTime = now;
    this.state = state;
  }

  runstate(now: Nanoseconds): RunstateInfo {
    const times: [Nanoseconds, Nanoseconds, Nanoseconds, Nanoseconds] = [...this.runstateTimes];
    times[this.state] = nanoseconds(times[this.state] + Math.max(0, now - this.runstateEntryTime));
    return { state: this.state, entryTime: this.runstateEntryTime, times };
  }

  /** Time that it has run on a pCPU. */
  timeOn(cpu: number, now: Nanoseconds): Nanoseconds {
    const runs = this.state === Runstate.running && this.processor === cpu;
    return nanoseconds((this.#timeOn[cpu] ?? 0) + (runs ? Math.max(0, now - this.runstateEntryTime) : 0));
  }

  toString(): string {
    return this.isIdle ? `d[IDLE]v${this.id}` : `d${this.domain.domainId}v${this.id}`;
  }
}
