import { defined } from '../../base/assert.ts';
import { silentProbe } from '../../base/probe/probe.ts';
import { Errno } from '../public/errno.ts';
import { milliseconds, type Nanoseconds, nanoseconds } from '../time/time.ts';
import { allCpus, type CpuMask, cpusOf } from './cpu-mask.ts';
import type { MakeScheduler } from './cpupool.ts';
import { Scheduling } from './schedule.ts';
import type { ParameterValues, Scheduler, SchedulerCore, SoftTimer } from './scheduler.ts';
import type { ShareDomain } from './share-scenarios.ts';
import type { SchedDomain, SchedUnit } from './unit.ts';

/** The work of a vCPU: it runs for `run` and then blocks for `block`. */
export interface Load {
  readonly run: Nanoseconds;
  readonly block: Nanoseconds;
  /**
   * As in guests/xen/spin: time counts from when the vCPU should have begun, whether or not it had a pCPU. It begins
   * again `run` and `block` after that.
   */
  readonly byClock?: boolean;
}

/** What a vCPU has to do, from a time on. */
export interface Job {
  readonly start: Nanoseconds;
  /** CPU time. With `byClock`, it is done that long after `start`, whether or not it had a pCPU. */
  readonly run: Nanoseconds;
  readonly byClock?: boolean;
}

/** The job after one that is done now; the first one after null. If it has started meanwhile, it is begun at once. */
export type Jobs = (last: Job | null, now: Nanoseconds) => Job;

const jobsOf =
  ({ run, block, byClock = false }: Load): Jobs =>
  (last, now) => ({ start: last ? nanoseconds((byClock ? last.start + run : now) + block) : now, run, byClock });

/** The load of guests/xen/spin: `load` percent of each `period` ms; without, always. */
export const loadOf = ({ load, period = 10 }: Pick<ShareDomain, 'load' | 'period'>): { load: Load } | undefined => {
  if (load === undefined) return undefined;
  const run = milliseconds((load / 100) * period);
  return { load: { run, block: nanoseconds(milliseconds(period) - run), byClock: true } };
};

interface BenchTimer {
  at: Nanoseconds | null;
  cpu: number;
  readonly callback: () => void;
}

interface LoadState {
  readonly jobs: Jobs;
  job: Job;
  readonly timer: SoftTimer;
  /** Time that it still needs, as of `since`. */
  left: Nanoseconds;
  since: Nanoseconds;
  /** Whether it has begun since it should have. */
  begun: boolean;
  /** How long after it should have begun it began, and was done: each time. */
  readonly latencies: Nanoseconds[];
  readonly responses: Nanoseconds[];
}

interface DomainOptions {
  readonly parameters?: ParameterValues;
  /** Parameters of each vCPU, where the scheduler has such. */
  readonly unitParameters?: ParameterValues;
  /** Where its vCPUs may run. */
  readonly pin?: CpuMask;
  /** Without, the vCPUs always run. */
  readonly load?: Load | Jobs;
  /** The number of its pool; without, Pool-0. */
  readonly pool?: number;
}

/** For tests: pCPUs that do nothing but run units, by events in virtual time. */
export class SchedBench<Policy extends Scheduler> {
  readonly scheduling: Scheduling<Policy>;
  readonly printed: string[] = [];
  #now = nanoseconds(0);
  #cpu = 0;
  readonly #pending: boolean[];
  readonly #timers: BenchTimer[] = [];
  readonly #loads = new Map<SchedUnit, LoadState>();

  constructor(
    readonly cpus: number,
    policy: (core: SchedulerCore) => Policy,
    make?: MakeScheduler,
  ) {
    this.#pending = new Array(cpus).fill(false);
    this.scheduling = new Scheduling(
      {
        cpus,
        probe: silentProbe,
        thisCpu: () => this.#cpu,
        now: () => this.#now,
        raiseSchedule: (cpu) => {
          this.#pending[cpu] = true;
        },
        moved: () => {},
        createTimer: (cpu, callback) => {
          const timer: BenchTimer = { at: null, cpu, callback };
          this.#timers.push(timer);
          return {
            set: (at) => {
              timer.at = at;
            },
            stop: () => {
              timer.at = null;
            },
            migrate: (to) => {
              timer.cpu = to;
            },
          };
        },
      },
      policy,
      (line) => this.printed.push(line),
      make,
    );
  }

  /** A domain whose vCPUs always run, or run and block in turn. */
  domain(id: number, vcpus: number, { parameters = {}, unitParameters, pin, load, pool }: DomainOptions = {}) {
    const domain: SchedDomain = { domainId: id, uuid: new Uint8Array(16).fill(id), pauseCount: 0 };
    this.scheduling.insertDomain(domain, pool);
    const units: SchedUnit[] = [];
    for (let i = 0; i < vcpus; i++) {
      const unit = this.scheduling.createUnit(domain, i, units[i - 1]);
      units.push(unit);
      if (unitParameters) this.scheduling.setUnitParameters(unit, unitParameters);
      if (pin !== undefined) this.scheduling.setAffinity(unit, pin, null);
      if (load) {
        const timer = this.scheduling.createTimer(unit.processor, () => this.scheduling.unblock(unit));
        const jobs = typeof load === 'function' ? load : jobsOf(load);
        const job = jobs(null, this.#now);
        this.#loads.set(unit, {
          jobs,
          job,
          timer,
          left: job.run,
          since: this.#now,
          begun: false,
          latencies: [],
          responses: [],
        });
      }
      this.scheduling.setDown(unit, false);
    }
    this.scheduling.setDomainParameters(domain, parameters);
    return { domain, units };
  }

  /** Moves a domain to another pool, as libxl does: paused, when its vCPUs have left their pCPUs. */
  moveDomain(
    { domain, units }: { readonly domain: SchedDomain; readonly units: readonly SchedUnit[] },
    pool: number,
  ): number {
    for (const unit of units) this.scheduling.pause(unit);
    this.run(this.#now);
    const result = this.scheduling.pools.moveDomain(domain, pool);
    for (const unit of units) this.scheduling.unpause(unit);
    return result;
  }

  /** Takes a pCPU out of its pool, once what runs there has left it. */
  removeCpu(pool: number, cpu: number): number {
    const result = this.scheduling.pools.removeCpu(pool, cpu);
    if (result !== -Errno.EAGAIN) return result;
    this.run(this.#now);
    return this.scheduling.pools.removeCpu(pool, cpu);
  }

  run(until: Nanoseconds, check: () => void = () => {}): void {
    for (;;) {
      for (let cpu = 0; cpu < this.cpus; cpu++) {
        this.#cpu = cpu;
        while (this.#pending[cpu]) {
          this.#pending[cpu] = false;
          this.#switch(cpu);
        }
      }
      if (this.#pending.includes(true)) continue;
      check();
      const due = this.#timers.reduce((first, t) => Math.min(first, t.at ?? first), Number.POSITIVE_INFINITY);
      const ends = [...cpusOf(allCpus(this.cpus))].map((cpu) => this.#endOf(this.scheduling.current(cpu)));
      const next = Math.min(due, ...ends);
      if (next > until) {
        this.#now = until;
        return;
      }
      this.#now = nanoseconds(Math.max(next, this.#now));
      ends.forEach((end, cpu) => {
        if (end <= this.#now) this.#finish(cpu);
      });
      for (const timer of this.#timers) {
        if (timer.at === null || timer.at > this.#now) continue;
        timer.at = null;
        this.#cpu = timer.cpu;
        timer.callback();
      }
    }
  }

  /** When the work of what runs is done. */
  #endOf(unit: SchedUnit): number {
    const state = this.#loads.get(unit);
    if (!state) return Number.POSITIVE_INFINITY;
    return state.job.byClock ? state.job.start + state.job.run : state.since + state.left;
  }

  #finish(cpu: number): void {
    this.#cpu = cpu;
    const unit = this.scheduling.current(cpu);
    const state = this.#loads.get(unit);
    if (!state) return;
    state.responses.push(nanoseconds(this.#now - state.job.start));
    state.job = state.jobs(state.job, this.#now);
    state.left = state.job.run;
    state.since = this.#now;
    state.begun = false;
    if (state.job.start <= this.#now) {
      this.#begin(state);
      return;
    }
    state.timer.set(state.job.start);
    this.scheduling.block(unit, false);
    this.#switch(cpu);
  }

  #switch(cpu: number): void {
    const before = this.scheduling.current(cpu);
    const next = this.scheduling.schedule(cpu);
    if (next !== before) {
      const left = this.#loads.get(before);
      if (left && before.pauseFlags === 0) left.left = nanoseconds(Math.max(1, left.left - (this.#now - left.since)));
      const entering = this.#loads.get(next);
      if (entering) {
        entering.since = this.#now;
        this.#begin(entering);
      }
    }
    this.scheduling.contextSaved(cpu);
  }

  #begin(state: LoadState): void {
    if (!state.begun) state.latencies.push(nanoseconds(this.#now - state.job.start));
    state.begun = true;
  }

  /** How long after it should have begun a unit with a load began, and was done, each time. */
  timing(unit: SchedUnit): { readonly latencies: readonly Nanoseconds[]; readonly responses: readonly Nanoseconds[] } {
    return defined(this.#loads.get(unit), 'a unit with a load');
  }

  get now(): Nanoseconds {
    return this.#now;
  }

  /** CPU time of units, in percent of one pCPU, since time 0. */
  share(units: readonly SchedUnit[]): number {
    const total = units.reduce((sum, unit) => sum + unit.runstate(this.#now).times[0], 0);
    return (total / this.#now) * 100;
  }
}
