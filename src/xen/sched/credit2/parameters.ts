/** The credit2 scheduler's numbers: docs/xen/credit2.md, sections 1 and 9. */
import { type CommandLine, integerParameter, type Parameter } from '../../command-line.ts';
import { microseconds, milliseconds, type Nanoseconds, nanoseconds } from '../../time/time.ts';
import { ratelimitParameter } from '../ratelimit.ts';
import type { ParameterRange } from '../scheduler.ts';

/** Rule 1.3: what a unit has at first and gets at a reset. */
export const fullCredit = milliseconds(10);
/** Rules 1.3 and 1.4: the most and the least that a unit can have. */
export const mostCredit = nanoseconds(fullCredit + microseconds(500));
export const leastCredit = nanoseconds(-fullCredit);
/** Rule 2.1: less than any unit has. */
export const idleCredit = nanoseconds(-(2 ** 30));
/** Rule 6.1. */
export const shortestRun = microseconds(500);
export const longestRun = milliseconds(10);
/** Rule 4.6: what a unit gets for having been moved. */
export const moveBonus = microseconds(50);
/** Rule 3.5: a unit this close to the end of its rate limit may be interrupted. */
export const tickleTolerance = microseconds(50);

/** Rule 1.1: a domain's parameters. The cap's upper end is 100 for each vCPU. */
export const domainRanges = {
  weight: { min: 1, max: 65_535, standard: 256 },
  cap: { min: 0, max: 100, standard: 0 },
} as const satisfies Record<string, ParameterRange>;

export type Credit2DomainParameters = { readonly [name in keyof typeof domainRanges]: number };

/** Rule 9.1: the scheduler's own parameter that xl changes. */
export interface Credit2Parameters {
  readonly ratelimitUs: number;
}

/** Rule 8.1: which pCPUs share a run queue. */
type Arrangement = 'cpu' | 'core' | 'socket' | 'node' | 'all';

/** Rule 9.2: what Xen's command line sets once and for all. */
export interface Credit2Options {
  readonly ratelimitUs: number;
  /** Rule 4.4. */
  readonly migrateResist: Nanoseconds;
  /** Rule 7.2. */
  readonly capPeriod: Nanoseconds;
  readonly arrangement: Arrangement;
  readonly maxCpusPerQueue: number;
  /** Rule 8.3: powers of two, of nanoseconds and of fractions of a pCPU. */
  readonly loadWindowShift: number;
  readonly loadPrecisionShift: number;
  /** Rule 8.5: powers of two of a pCPU. */
  readonly balanceUnder: number;
  readonly balanceOver: number;
}

export const defaultOptions: Credit2Options = {
  ratelimitUs: 1000,
  migrateResist: microseconds(500),
  capPeriod: milliseconds(10),
  arrangement: 'socket',
  maxCpusPerQueue: 16,
  loadWindowShift: 30,
  loadPrecisionShift: 18,
  balanceUnder: 0,
  balanceOver: -3,
};

const signedParameter = (name: string): Parameter<number> => ({
  name,
  takes: 'a whole number',
  parse: (value) => (/^-?\d+$/.test(value) ? Number(value) : null),
});

const arrangements: readonly Arrangement[] = ['cpu', 'core', 'socket', 'node', 'all'];

const migrateResist = integerParameter('sched_credit2_migrate_resist');
const capPeriod = integerParameter('credit2_cap_period_ms');
const runqueue: Parameter<Arrangement> = {
  name: 'credit2_runqueue',
  takes: `one of ${arrangements.join(', ')}`,
  parse: (value) => arrangements.find((known) => known === value) ?? null,
};
const maxCpus = integerParameter('sched_credit2_max_cpus_runqueue');
const windowShift = integerParameter('credit2_load_window_shift');
const precisionShift = integerParameter('credit2_load_precision_shift');
const balanceUnder = signedParameter('credit2_balance_under');
const balanceOver = signedParameter('credit2_balance_over');

export const credit2BootParameters: readonly Parameter<unknown>[] = [
  migrateResist,
  capPeriod,
  runqueue,
  maxCpus,
  windowShift,
  precisionShift,
  balanceUnder,
  balanceOver,
];

const within = (value: number, min: number, max: number): number | null =>
  value >= min && value <= max ? value : null;

/** Rule 9.1: whether a rate limit, in microseconds, is one. */
export const isRatelimit = (value: number): boolean => value === 0 || within(value, 100, 500_000) !== null;

/** Rule 9.2: the options that Xen boots with. A value out of its range counts as not given. */
export function credit2OptionsOf(commandLine: CommandLine): Credit2Options {
  const standard = defaultOptions;
  const ratelimit = commandLine.get(ratelimitParameter, standard.ratelimitUs);
  const precision = within(commandLine.get(precisionShift, standard.loadPrecisionShift), 4, 30);
  const window = within(commandLine.get(windowShift, standard.loadWindowShift), 10, 40);
  const period = within(commandLine.get(capPeriod, 10), 1, 1000);
  return {
    ratelimitUs: isRatelimit(ratelimit) ? ratelimit : standard.ratelimitUs,
    migrateResist: microseconds(commandLine.get(migrateResist, 500)),
    capPeriod: period === null ? standard.capPeriod : milliseconds(period),
    arrangement: commandLine.get(runqueue, standard.arrangement),
    maxCpusPerQueue: Math.max(1, commandLine.get(maxCpus, standard.maxCpusPerQueue)),
    loadWindowShift: window ?? standard.loadWindowShift,
    loadPrecisionShift: precision ?? standard.loadPrecisionShift,
    balanceUnder: commandLine.get(balanceUnder, standard.balanceUnder),
    balanceOver: commandLine.get(balanceOver, standard.balanceOver),
  };
}
