import type { Hasher } from '../../base/hasher.ts';
import { type Nanoseconds, nanoseconds } from '../time/time.ts';
import type { CpuMask } from './cpu-mask.ts';

/** Bits that say why a vCPU may not run. */
export const PauseFlag = { blocked: 1, down: 2, migrating: 8, parked: 256 } as const;

/** The states of a vCPU as guests see them: RUNSTATE_* (public/vcpu.h). */
export const Runstate = { running: 0, runnable: 1, blocked: 2, offline: 3 } as const;
export type Runstate = (typeof Runstate)[keyof typeof Runstate];

/** DOMID_IDLE (public/xen.h): the domain of the idle vCPUs, one for each pCPU. */
export const idleDomainId = 0x7fff;

/** What schedulers see of a domain. */
export interface SchedDomain {
  readonly domainId: number;
  readonly uuid: Uint8Array;
  /** How many pauses of the whole domain are in force. */
  readonly pauseCount: number;
}

export interface RunstateInfo {
  readonly state: Runstate;
  /** When that state was entered. */
  readonly entryTime: Nanoseconds;
  /** Time spent in each state, by its number; in the current one up to now. */
  readonly times: readonly [Nanoseconds, Nanoseconds, Nanoseconds, Nanoseconds];
}

/**
 * What schedulers move about. On Arm a unit is always one vCPU ("Scheduling granularity: cpu"), so the vCPU's pause flags
 * and runstate are kept here too.
 */
export class SchedUnit {
  pauseFlags: number = PauseFlag.down;
  pauseCount = 0;
  /** The port that a SCHEDOP_poll waits for; -1 for one of several, 0 for none. */
  pollPort = 0;
  /** Whether it waits in a SCHEDOP_poll. */
  polling = false;
  /** The pCPU whose run queue it belongs to. */
  processor = 0;
  hardAffinity: CpuMask = 0;
  softAffinity: CpuMask = 0;
  /** Whether the soft affinity prefers some of the pCPUs that the hard one allows to others. */
  softAffinityEffective = false;
  /** Whether it is on a pCPU, or its context is not saved yet. */
  isRunning = false;
  /** When it last began or ceased to run. */
  stateEntryTime: Nanoseconds = nanoseconds(0);
  state: Runstate = Runstate.offline;
  runstateEntryTime: Nanoseconds = nanoseconds(0);
  /** Time spent in each state, without the time since the current one was entered. */
  readonly runstateTimes: [Nanoseconds, Nanoseconds, Nanoseconds, Nanoseconds] = [
    nanoseconds(0),
    nanoseconds(0),
    nanoseconds(0),
    nanoseconds(0),
  ];

  /** How long it has run on each pCPU, up to when it last left one. */
  private readonly _timeOn: Nanoseconds[] = [];

  constructor(
    readonly domain: SchedDomain,
    /** The number of the vCPU in its domain; for an idle unit, that of its pCPU. */
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

  /** Enters a runstate, and adds up the time spent in the previous one. */
  changeRunstate(state: Runstate, now: Nanoseconds): void {
    if (state === this.state) return;
    // The clock of the pCPU that woke the unit may be a little ahead of the clock here. That much is taken back, so that the
    // times of all units add up to the time of the pCPU.
    const delta = now - this.runstateEntryTime;
    this.runstateTimes[this.state] = nanoseconds(Math.max(0, this.runstateTimes[this.state] + delta));
    if (this.state === Runstate.running)
      this._timeOn[this.processor] = nanoseconds((this._timeOn[this.processor] ?? 0) + delta);
    this.runstateEntryTime = now;
    this.state = state;
  }

  runstate(now: Nanoseconds): RunstateInfo {
    const times: [Nanoseconds, Nanoseconds, Nanoseconds, Nanoseconds] = [...this.runstateTimes];
    times[this.state] = nanoseconds(times[this.state] + Math.max(0, now - this.runstateEntryTime));
    return { state: this.state, entryTime: this.runstateEntryTime, times };
  }

  /** How long it has run on a pCPU. */
  timeOn(cpu: number, now: Nanoseconds): Nanoseconds {
    const runs = this.state === Runstate.running && this.processor === cpu;
    return nanoseconds((this._timeOn[cpu] ?? 0) + (runs ? Math.max(0, now - this.runstateEntryTime) : 0));
  }

  /** Adds all of it but its times on each pCPU, which only statistics use. */
  fingerprint(hasher: Hasher): void {
    hasher.add(this.pauseFlags, this.pauseCount, this.pollPort, this.polling, this.processor, this.isRunning);
    hasher.add(this.hardAffinity, this.softAffinity, this.state, this.stateEntryTime);
    // A guest can see these.
    hasher.add(this.runstateEntryTime, this.runstateTimes);
  }

  toString(): string {
    return this.isIdle ? `d[IDLE]v${this.id}` : `d${this.domain.domainId}v${this.id}`;
  }
}
