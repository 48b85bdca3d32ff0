/** `xl sched-credit` (tools/xl/xl_sched.c). */
import type { Domain } from '../../../xen/domain/domain.ts';
import { CreditScheduler } from '../../../xen/sched/credit/credit.ts';
import { systemRanges } from '../../../xen/sched/credit/parameters.ts';
import type { ParameterRange, ParameterValues } from '../../../xen/sched/scheduler.ts';
import { credit } from '../../libxl/schedulers/credit.ts';
import { atOnce, Exit, type Parsed, type Xl, type XlCommand } from '../command.ts';
import { allDomains, domainOf, nameOfDomain, pad } from '../domains.ts';

const schedCredit = atOnce((xl, { options }) => {
  const { out } = xl.context;
  const has = (letters: string): boolean => [...letters].some((letter) => options.has(letter));
  if (has('ps') && has('dwc'))
    throw new Exit('Specifying a cpupool or schedparam is not allowed with domain options.\n');
  if (!has('d') && has('wc')) throw new Exit('Must specify a domain.\n');
  if (!has('s') && has('trm')) throw new Exit('Must specify schedparam to set schedule parameter values.\n');
  const pool = options.get('p');
  if (pool !== undefined && pool !== 'Pool-0' && pool !== '0') throw new Exit(`unknown cpupool '${pool}'\n`);
  const { policy } = xl.libxl.xen.scheduling;
  // Pools of another scheduler are skipped.
  if (!(policy instanceof CreditScheduler)) return has('d') ? 1 : 0;
  if (has('s')) {
    if (has('trm')) setPool(policy, options);
    else out(poolLine(policy));
    return 0;
  }
  const lineOf = (domain: Domain): string => domainLine(xl, policy, domain);
  const qualifier = options.get('d');
  if (qualifier === undefined) {
    out([poolLine(policy), header, ...allDomains(xl).map(lineOf)].join(''));
    return 0;
  }
  const domain = domainOf(xl, qualifier);
  if (has('wc')) setDomain(xl, domain, options);
  else out(header + lineOf(domain));
  return 0;
});

const header = 'Name                                ID Weight  Cap\n';

function domainLine(xl: Xl, policy: CreditScheduler, domain: Domain): string {
  const { weight, cap } = policy.domainParameters(domain);
  return `${nameOfDomain(xl, domain).padEnd(33)} ${pad(domain.domainId, 4)} ${pad(weight, 6)} ${pad(cap, 4)}\n`;
}

function poolLine({ parameters: { tsliceMs, ratelimitUs, migrationDelayUs } }: CreditScheduler): string {
  return `Cpupool Pool-0: tslice=${tsliceMs}ms ratelimit=${ratelimitUs}us migration-delay=${migrationDelayUs}us\n`;
}

/** strtol: the number at the beginning of a text, or 0. */
const number = (text: string | undefined): number => Number.parseInt(text ?? '', 10) || 0;

function setDomain(xl: Xl, domain: Domain, options: Parsed['options']): void {
  const values: ParameterValues = {
    ...(options.has('w') && { weight: number(options.get('w')) }),
    ...(options.has('c') && { cap: number(options.get('c')) }),
  };
  const refusal = credit.refusal({ domid: domain.domainId, vcpus: domain.vcpus.length }, values);
  if (refusal !== null) throw new Exit(`${refusal}\nlibxl_domain_sched_params_set failed.\n`);
  xl.libxl.xen.scheduling.setDomainParameters(domain, values);
}

function setPool(policy: CreditScheduler, options: Parsed['options']): void {
  const before = policy.parameters;
  const value = (letter: string, old: number): number => (options.has(letter) ? number(options.get(letter)) : old);
  const tsliceMs = value('t', before.tsliceMs);
  const ratelimitUs = value('r', before.ratelimitUs);
  const migrationDelayUs = value('m', before.migrationDelayUs);
  const refuse = (line: number, text: string): never => {
    throw new Exit(
      `libxl: error: libxl_sched.c:${line}:libxl_sched_credit_params_set: ${text}\nlibxl_sched_credit_params_set failed.\n`,
    );
  };
  const { tsliceMs: slices, ratelimitUs: limits, migrationDelayUs: delays } = systemRanges;
  const isOutside = (given: number, { min, max }: ParameterRange): boolean => given < min || given > max;
  const range = ({ min, max }: ParameterRange): string => `valid range is from ${min} to ${max}`;
  if (isOutside(tsliceMs, slices)) refuse(311, `Time slice out of range, ${range(slices)}`);
  if (ratelimitUs !== 0 && isOutside(ratelimitUs, limits)) refuse(316, `Ratelimit out of range, ${range(limits)}`);
  if (ratelimitUs > tsliceMs * 1000) refuse(321, 'Ratelimit cannot be greater than timeslice');
  if (migrationDelayUs > delays.max) refuse(326, 'vcpu migration delay should be >= 0 and <= 100000us');
  policy.setParameters({ tsliceMs, ratelimitUs, migrationDelayUs });
}

export const schedCreditCommand: XlCommand = {
  name: 'sched-credit',
  summary: 'Get/set credit scheduler parameters',
  syntax: {
    global: 'f',
    usage: '[-d <Domain> [-w[=WEIGHT]|-c[=CAP]]] [-s [-t TSLICE] [-r RATELIMIT]] [-p CPUPOOL]',
    options: [
      '-d DOMAIN, --domain=DOMAIN        Domain to modify',
      '-w WEIGHT, --weight=WEIGHT        Weight (int)',
      '-c CAP, --cap=CAP                 Cap (int)',
      '-s         --schedparam           Query / modify scheduler parameters',
      '-t TSLICE, --tslice_ms=TSLICE     Set the timeslice, in milliseconds',
      '-r RLIMIT, --ratelimit_us=RLIMIT  Set the scheduling rate limit, in microseconds',
      '-m DLY, --migration_delay_us=DLY  Set the migration delay, in microseconds',
      '-p CPUPOOL, --cpupool=CPUPOOL     Restrict output to CPUPOOL',
    ],
    short: 'd:w:c:p:t:r:m:s',
    long: {
      domain: 'd',
      weight: 'w',
      cap: 'c',
      schedparam: 's',
      tslice_ms: 't',
      ratelimit_us: 'r',
      migration_delay_us: 'm',
      cpupool: 'p',
    },
  },
  run: schedCredit,
};
