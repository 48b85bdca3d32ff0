/** The schedulers that `sched=` may name. The first is the default. */
import type { CommandLine, Parameter } from '../command-line.ts';
import type { SchedulerId } from '../public/hypercalls.ts';
import { arinc653 } from './arinc653/arinc653.ts';
import { credit } from './credit/credit.ts';
import { credit2 } from './credit2/credit2.ts';
import { nullScheduler } from './null/null.ts';
import { ratelimitParameter } from './ratelimit.ts';
import { rtds } from './rtds/rtds.ts';
import type { Scheduler, SchedulerCore, SchedulerKind } from './scheduler.ts';

export const schedulers: readonly [SchedulerKind, ...SchedulerKind[]] = [
  credit,
  credit2,
  rtds,
  nullScheduler,
  arinc653,
];

/** The scheduler that Xen is booted with. */
const schedulerParameter: Parameter<SchedulerKind> = {
  name: 'sched',
  takes: `the name of a scheduler (${schedulers.map(({ name }) => name).join(', ')})`,
  parse: (value) => schedulers.find(({ name }) => name === value) ?? null,
  hasFallback: true,
};

/** The parameters of Xen's command line that concern schedulers. */
export const schedulerParameters: readonly Parameter<unknown>[] = [
  schedulerParameter,
  ratelimitParameter,
  ...schedulers.flatMap(({ bootParameters }) => bootParameters),
];

/** The last word after `sched=`, if no scheduler has that name. Then Xen says so, and boots with the default. */
export const unknownScheduler = ({ words }: CommandLine): string | null => {
  const last = words.findLast(({ name }) => name === schedulerParameter.name);
  return last && schedulerParameter.parse(last.value) === null ? last.value : null;
};

export const createScheduler = (core: SchedulerCore, commandLine: CommandLine): Scheduler =>
  (unknownScheduler(commandLine) === null ? commandLine.get(schedulerParameter, schedulers[0]) : schedulers[0]).create(
    core,
    commandLine,
  );

/** Makes a scheduler for another pool, by its number; null if there is none of that number. */
export const makeScheduler = (core: SchedulerCore, wanted: SchedulerId, commandLine: CommandLine): Scheduler | null =>
  schedulers.find(({ id }) => id === wanted)?.create(core, commandLine) ?? null;
