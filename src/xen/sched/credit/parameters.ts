/** The credit scheduler's parameters for the whole machine (xen/common/sched/credit.c, csched_sys_cntl and csched_init). */
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

/** What Xen's command line says: sched_credit_tslice_ms and sched_ratelimit_us; out of their ranges they are as if not given. */
export function creditParametersOf(commandLine: string): CreditParameters {
  const last = (option: string): number => {
    const words = commandLine.split(/\s+/).filter((word) => word.startsWith(`${option}=`));
    return Number(words.at(-1)?.slice(option.length + 1) || Number.NaN);
  };
  const { tsliceMs: tslice, ratelimitUs: ratelimit, migrationDelayUs } = defaultCreditParameters;
  const given = { tslice: last('sched_credit_tslice_ms'), ratelimit: last('sched_ratelimit_us') };
  const chosen = within(given.tslice, tsliceMs) ? given.tslice : tslice;
  const limit = given.ratelimit === 0 || within(given.ratelimit, ratelimitUs) ? given.ratelimit : ratelimit;
  return { tsliceMs: chosen, ratelimitUs: Math.min(limit, chosen * 1000), migrationDelayUs };
}
