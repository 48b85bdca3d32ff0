/** `xl sched-credit2` (tools/xl/xl_sched.c). */
import { XEN_SCHEDULER } from '../../../xen/public/hypercalls.ts';
import { isRatelimit } from '../../../xen/sched/credit2/parameters.ts';
import { atOnce, Exit, type XlCommand } from '../command.ts';
import { domainOf } from '../domains.ts';
import {
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
  id: XEN_SCHEDULER.CREDIT2,
  name: 'credit2',
  title: 'Credit2',
  getLine: 362,
  header: '  ID Weight  Cap',
  pool: ({ ratelimitUs }) => `ratelimit=${ratelimitUs}us`,
  domain: weightAndCap,
};

const schedCredit2 = atOnce((xl, { options }) => {
  const has = (letters: string): boolean => [...letters].some((letter) => options.has(letter));
  if (has('p') && has('dwc')) throw new Exit('Specifying a cpupool is not allowed with other options.\n');
  if (!has('d') && has('wc')) throw new Exit('Must specify a domain.\n');
  if (has('s')) {
    const pool = poolOption(xl, options.get('p'));
    if (!has('r')) {
      xl.context.out(poolLine(xl, output, pool));
      return 0;
    }
    const ratelimitUs = number(options.get('r'));
    if (!isRatelimit(ratelimitUs)) {
      throw new Exit(
        'libxl: error: libxl_sched.c:270:sched_ratelimit_check: Ratelimit out of range, valid range is from 100 to 500000\nlibxl_sched_credit2_params_set failed.\n',
      );
    }
    if (setPool(xl, output, pool, { ratelimitUs })) return 0;
    throw new Exit(
      'libxl: error: libxl_sched.c:389:libxl_sched_credit2_params_set: Setting Credit2 scheduler parameters: Invalid argument\nlibxl_sched_credit2_params_set failed.\n',
    );
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

export const schedCredit2Command: XlCommand = {
  name: 'sched-credit2',
  summary: 'Get/set credit2 scheduler parameters',
  syntax: {
    global: 'f',
    usage: '[-d <Domain> [-w[=WEIGHT]]] [-p CPUPOOL]',
    options: [
      '-d DOMAIN, --domain=DOMAIN     Domain to modify',
      '-w WEIGHT, --weight=WEIGHT     Weight (int)',
      '-c CAP,    --cap=CAP           Cap (int)',
      '-s         --schedparam        Query / modify scheduler parameters',
      '-r RLIMIT, --ratelimit_us=RLIMIT Set the scheduling rate limit, in microseconds',
      '-p CPUPOOL, --cpupool=CPUPOOL  Restrict output to CPUPOOL',
    ],
    short: 'd:w:c:p:r:s',
    long: { domain: 'd', weight: 'w', cap: 'c', schedparam: 's', ratelimit_us: 'r', cpupool: 'p' },
  },
  run: schedCredit2,
};
