/** The status of a session. No domain is looked at for it: only the offsets of consoles become more with them. */
import { clockHz } from '../soc/board/zynqmp.ts';
import { defaultMachine } from './api/boot.ts';
import type { Counts, Pace, Status } from './api/status.ts';
import type { TimeStatus } from './api/time.ts';
import type { Consoles } from './consoles/consoles.ts';
import type { Log } from './consoles/log.ts';
import type { RecentRates } from './run/rate.ts';
import type { Run } from './run/run.ts';
import { machineOf } from './system.ts';

export interface StatusSources {
  readonly run: Run | null;
  readonly consoles: Consoles;
  readonly log: Log;
  /** How many events have been recorded. */
  readonly eventEnd: number;
  readonly rates: RecentRates;
  readonly pace: Pace;
  /** Wall time now, and that spent simulating, in milliseconds. */
  readonly now: number;
  readonly wallMs: number;
  readonly time: TimeStatus | null;
}

export function statusOf({ run, consoles, log, rates, pace, eventEnd, now, wallMs, time }: StatusSources): Status {
  const { instructions, cores } = run?.board.cluster.stats() ?? { instructions: 0, cores: [] };
  const virtualNs = run?.virtualNs ?? 0;
  const [nsRate = 0, ...coreRates] = rates.at(now, [virtualNs, ...cores.map((core) => core.instructions)]);
  const isRunning = run?.state === 'running' || run?.state === 'waiting';
  const cyclesRate = (nsRate * clockHz) / 1e9;
  const { hypervisor = null, dom0 = null } = run?.system ?? {};
  return {
    state: run?.state ?? 'empty',
    end: run?.end ?? null,
    resets: run?.resets ?? { count: 0, last: null },
    stop: (run?.state === 'paused' && run.board.cluster.debugger.stop) || null,
    kernel: run?.blueprint.name ?? null,
    machine: run ? machineOf(run.blueprint) : defaultMachine,
    hypervisor: hypervisor && {
      scheduler: hypervisor.scheduler,
      domains: hypervisor.version,
      freeKib: hypervisor.freeKib,
    },
    dom0: dom0 && { files: dom0.files.end, scriptCode: dom0.scriptCode, wantsDeferred: dom0.wantsDeferred },
    pace,
    virtualNs,
    instructions,
    wallMs,
    mips: isRunning ? coreRates.reduce((sum, rate) => sum + rate, 0) / 1e3 : 0,
    speed: isRunning ? nsRate / 1e6 : 0,
    cores: cores.map(({ state }, i) => ({
      state: run?.state === 'ended' ? 'off' : state === 'off' && run?.board.isSuspended(i) ? 'suspended' : state,
      // A core that does not wait retires one instruction a cycle.
      utilisation: isRunning && cyclesRate > 0 ? Math.min((coreRates[i] ?? 0) / cyclesRate, 1) : 0,
    })),
    sampled: run?.system.usage.sampled ?? 0,
    consoleEnd: consoles.ends(),
    logEnd: log.end,
    eventEnd,
    cardFlushes: run?.board.cardFlushes ?? 0,
    entered: run?.entered.length ?? 0,
    time,
  };
}

/** What a machine has done since power-on, counted. */
export function countsOf({ board: { cluster, interrupts } }: Run): Counts {
  const acknowledged = [...interrupts.entries()].filter(([, count]) => count > 0);
  return {
    ...cluster.counts(),
    translations: cluster.stats().translations,
    interrupts: Object.fromEntries(acknowledged),
  };
}
