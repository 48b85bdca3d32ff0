/** `xl sched-credit` (tools/xl/xl_sched.c). */
import { XEN_SCHEDULER } from '../../../xen/public/hypercalls.ts';
import { systemRanges } from '../../../xen/sched/credit/parameters.ts';
import type { ParameterRange } from '../../../xen/sched/scheduler.ts';
import { poolParameters } from '../../../xen/sched/scheduler-op.ts';
import { atOnce, Exit, type Parsed, type Xl, type XlCommand } from '../command.ts';
import { domainOf } from '../domains.ts';
import {
  noPoolParameters,
  number,
  poolLine,
  poolOption,
  type SchedulerOutput,
  setDomain,
  setPool,
  showDomain,
  showPools,
  weightAndCap,
} from './output.ts';

const output: SchedulerOutput = {
  id: XEN_SCHEDULER.CREDIT,
  name: 'credit',
  title: 'Credit',
  getLine: 287,
  header: '  ID Weight  Cap',
  pool: ({ tsliceMs, ratelimitUs, migrationDelayUs }) =>
    `tslice=${tsliceMs}ms ratelimit=${ratelimitUs}us migration-delay=${migrationDelayUs}us`,
  domain: weightAndCap,
};

const schedCredit = atOnce((xl, { options }) => {
  const has = (letters: string): boolean => [...letters].some((letter) => options.has(letter));
  if (has('ps') && has('dwc'))
    throw new Exit('Specifying a cpupool or schedparam is not allowed with domain options.\n');
  if (!has('d') && has('wc')) throw new Exit('Must specify a domain.\n');
  if (!has('s') && has('trm')) throw new Exit('Must specify schedparam to set schedule parameter values.\n');
  if (has('s')) {
    const pool = poolOption(xl, options.get('p'));
    if (has('trm')) return setParameters(xl, pool, options);
    xl.context.out(poolLine(xl, output, pool));
    return 0;
  }
  const qualifier = options.get('d');
  if (qualifier === undefined) return showPools(xl, output, has('p') ? poolOption(xl, options.get('p')) : null);
  const domain = domainOf(xl, qualifier);
  if (!has('wc')) return showDomain(xl, output, domain);
  return setDomain(xl, output, domain, {
    ...(has('w') && { weight: number(options.get('w')) }),
    ...(has('c') && { cap: number(options.get('c')) }),
  });
});

function setParameters(xl: Xl, pool: number, options: Parsed['options']): number {
  const before = poolParameters(xl.libxl.xen.scheduling, pool, output.id);
  if (!before.ok) throw new Exit(noPoolParameters(output));
  const value = (letter: string, name: string): number =>
    options.has(letter) ? number(options.get(letter)) : (before.value[name] ?? 0);
  const tsliceMs = value('t', 'tsliceMs');
  const ratelimitUs = value('r', 'ratelimitUs');
  const migrationDelayUs = value('m', 'migrationDelayUs');
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
  setPool(xl, output, pool, { tsliceMs, ratelimitUs, migrationDelayUs });
  return 0;
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
