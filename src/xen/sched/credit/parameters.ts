/** The credit scheduler's parameters for the whole machine (xen/common/sched/credit.c, csched_sys_cntl and csched_init). */
import { type CommandLine, integerParameter } from '../../command-line.ts';
import type { CreditParameters } from '../scheduler.ts';

/** XEN_SYSCTL_SCHED_RATELIMIT_* and XEN_SYSCTL_CSCHED_* (public/sysctl.h). */
export const ratelimitUs = { min: 100, max: 500_000 };
const tsliceMs = { min: 1, max: 1000 };
const maxMigrationDelayUs = 100_000;

export const defaultCreditParameters: CreditParameters = { tsliceMs: 30, ratelimitUs: 1000, migrationDelayUs: 0 };

const within = (value: number, { min, max }: { readonly min: number; readonly max: number }): boolean =>
  value >= min && value <= max;

export const areCreditParameters = (parameters: CreditParameters): boolean =>
  within(parameters.tsliceMs, tsliceMs) &&
  (parameters.ratelimitUs === 0 || within(parameters.ratelimitUs, ratelimitUs)) &&
  parameters.ratelimitUs <= parameters.tsliceMs * 1000 &&
  within(parameters.migrationDelayUs, { min: 0, max: maxMigrationDelayUs });

const tsliceParameter = integerParameter('sched_credit_tslice_ms');
const ratelimitParameter = integerParameter('sched_ratelimit_us');
export const creditBootParameters = [tsliceParameter, ratelimitParameter] as const;

/** The parameters that Xen boots with. A value of the command line that is out of its range counts as not given. */
export function creditParametersOf(commandLine: CommandLine): CreditParameters {
  const standard = defaultCreditParameters;
  const tslice = commandLine.get(tsliceParameter, standard.tsliceMs);
  const ratelimit = commandLine.get(ratelimitParameter, standard.ratelimitUs);
  const chosen = within(tslice, tsliceMs) ? tslice : standard.tsliceMs;
  const limit = ratelimit === 0 || within(ratelimit, ratelimitUs) ? ratelimit : standard.ratelimitUs;
  return {
    tsliceMs: chosen,
    ratelimitUs: Math.min(limit, chosen * 1000),
    migrationDelayUs: standard.migrationDelayUs,
  };
}
