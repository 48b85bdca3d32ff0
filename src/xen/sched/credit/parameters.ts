/** The credit scheduler's numbers: docs/xen/credit.md, sections 1 and 8. */
import { type CommandLine, integerParameter } from '../../command-line.ts';
import { ratelimitParameter } from '../ratelimit.ts';
import type { ParameterRange } from '../scheduler.ts';

/** Rule 1.1. */
export const creditsPerMs = 10;

/** Rule 3.1: ticks in a time slice. */
export const ticksPerSlice = (tsliceMs: number): number => (tsliceMs < 3 ? 1 : 3);

/** Rule 1.2: a domain's parameters. The cap's upper end is 100 for each vCPU. */
export const domainRanges = {
  weight: { min: 1, max: 65_535, standard: 256 },
  cap: { min: 0, max: 100, standard: 0 },
} as const satisfies Record<string, ParameterRange>;

export type CreditDomainParameters = { readonly [name in keyof typeof domainRanges]: number };

/** Rule 8.1: the scheduler's own parameters. A rate limit of 0, which is none, is allowed too. */
export const systemRanges = {
  tsliceMs: { min: 1, max: 1000, standard: 30 },
  ratelimitUs: { min: 100, max: 500_000, standard: 1000 },
  migrationDelayUs: { min: 0, max: 100_000, standard: 0 },
} as const satisfies Record<string, ParameterRange>;

export type CreditParameters = { readonly [name in keyof typeof systemRanges]: number };

export const defaultCreditParameters: CreditParameters = {
  tsliceMs: systemRanges.tsliceMs.standard,
  ratelimitUs: systemRanges.ratelimitUs.standard,
  migrationDelayUs: systemRanges.migrationDelayUs.standard,
};

const within = (value: number, { min, max }: ParameterRange): boolean => value >= min && value <= max;

const isRatelimit = (value: number): boolean => value === 0 || within(value, systemRanges.ratelimitUs);

/** Rule 8.2. */
export const areCreditParameters = ({ tsliceMs, ratelimitUs, migrationDelayUs }: CreditParameters): boolean =>
  within(tsliceMs, systemRanges.tsliceMs) &&
  isRatelimit(ratelimitUs) &&
  ratelimitUs <= tsliceMs * 1000 &&
  within(migrationDelayUs, systemRanges.migrationDelayUs);

const tsliceParameter = integerParameter('sched_credit_tslice_ms');
export const creditBootParameters = [tsliceParameter] as const;

/** Rule 8.3: the parameters that Xen boots with. */
export function creditParametersOf(commandLine: CommandLine): CreditParameters {
  const standard = defaultCreditParameters;
  const tslice = commandLine.get(tsliceParameter, standard.tsliceMs);
  const ratelimit = commandLine.get(ratelimitParameter, standard.ratelimitUs);
  const tsliceMs = within(tslice, systemRanges.tsliceMs) ? tslice : standard.tsliceMs;
  const limit = isRatelimit(ratelimit) ? ratelimit : standard.ratelimitUs;
  return { ...standard, tsliceMs, ratelimitUs: Math.min(limit, tsliceMs * 1000) };
}
