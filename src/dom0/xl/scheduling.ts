/** xl's commands for scheduling: vcpu-pin, sched-credit (tools/xl/xl_vcpu.c, xl_sched.c). */
import type { Domain } from '../../xen/domain/domain.ts';
import { parseCpus } from '../config/affinity.ts';
import { atOnce, Exit, type Xl, type XlCommand } from './command.ts';
import { allDomains, domainOf, nameOfDomain, pad } from './domains.ts';

/** A set of CPUs as a mask; null for `-`, which leaves things as they are. */
function cpuMask({ libxl }: Xl, text: string | undefined): number | null {
  if (text === undefined || text === '-') return null;
  const set = parseCpus(text, libxl.xen.machine.cpus);
  if (!set.ok) throw new Exit(`${set.error.line}\n`);
  return set.value.reduce((mask, cpu) => mask | (1 << cpu), 0);
}

const vcpuPin = atOnce((xl, { options, operands: [qualifier = '', which = '', hardText = '', softText] }) => {
  const { xen } = xl.libxl;
  const domain = domainOf(xl, qualifier);
  if (!/^\d+/.test(which) && which !== 'all') throw new Exit(`Error: Invalid argument ${which} as VCPU.\n`);
  if (which === 'all' && options.has('f')) throw new Exit("Error: --force and 'all' as VCPU not allowed.\n");
  const hard = cpuMask(xl, hardText);
  const soft = cpuMask(xl, softText);
  const present = 2 ** xen.machine.cpus - 1;
  if (hard !== null && (hard & present) === 0) throw new Exit('vcpu hard affinity map is empty\n');
  const number = Number.parseInt(which, 10);
  const vcpus = which === 'all' ? domain.vcpus : domain.vcpus.filter(({ id }) => id === number);
  if (vcpus.length === 0) {
    throw new Exit(
      `libxl: error: libxl_sched.c:62:libxl__set_vcpuaffinity: Domain ${domain.domainId}:Setting vcpu affinity: Invalid argument\nCould not set affinity for vcpu \`${number}'.\n`,
    );
  }
  const within = (mask: number | null): number | null => (mask === null ? null : mask & present);
  for (const { unit } of vcpus) xen.scheduling.setAffinity(unit, within(hard), within(soft));
  return 0;
});

const creditLine = (xl: Xl, domain: Domain): string => {
  const { weight, cap } = xl.libxl.xen.scheduling.policy.domainParameters(domain);
  return `${nameOfDomain(xl, domain).padEnd(33)} ${pad(domain.domainId, 4)} ${pad(weight, 6)} ${pad(cap, 4)}\n`;
};
const creditHeader = 'Name                                ID Weight  Cap\n';

const poolLine = ({ libxl }: Xl): string => {
  const { tsliceMs, ratelimitUs, migrationDelayUs } = libxl.xen.scheduling.policy.parameters;
  return `Cpupool Pool-0: tslice=${tsliceMs}ms ratelimit=${ratelimitUs}us migration-delay=${migrationDelayUs}us\n`;
};

/** strtol: a number at the beginning of a text, else 0. */
const number = (text: string | undefined): number => Number.parseInt(text ?? '', 10) || 0;

const sched = 'libxl: error: libxl_sched.c';

const schedCredit = atOnce((xl, { options }) => {
  const { out } = xl.context;
  const has = (letters: string): boolean => [...letters].some((letter) => options.has(letter));
  if (has('ps') && has('dwc'))
    throw new Exit('Specifying a cpupool or schedparam is not allowed with domain options.\n');
  if (!has('d') && has('wc')) throw new Exit('Must specify a domain.\n');
  if (!has('s') && has('trm')) throw new Exit('Must specify schedparam to set schedule parameter values.\n');
  const pool = options.get('p');
  if (pool !== undefined && pool !== 'Pool-0' && pool !== '0') throw new Exit(`unknown cpupool '${pool}'\n`);
  if (has('s')) {
    if (has('trm')) setPool(xl, options);
    else out(poolLine(xl));
    return 0;
  }
  const qualifier = options.get('d');
  if (qualifier === undefined) {
    out(
      poolLine(xl) +
        creditHeader +
        allDomains(xl)
          .map((domain) => creditLine(xl, domain))
          .join(''),
    );
    return 0;
  }
  const domain = domainOf(xl, qualifier);
  if (has('wc')) setDomain(xl, domain, options);
  else out(creditHeader + creditLine(xl, domain));
  return 0;
});

function setDomain(xl: Xl, domain: Domain, options: ReadonlyMap<string, string>): void {
  const weight = options.has('w') ? number(options.get('w')) : undefined;
  const cap = options.has('c') ? number(options.get('c')) : undefined;
  const refuse = (line: string): never => {
    throw new Exit(`${sched}:${line}\nlibxl_domain_sched_params_set failed.\n`);
  };
  if (weight !== undefined && (weight < 1 || weight > 65535))
    refuse('238:sched_credit_domain_set: Cpu weight out of range, valid values are within range from 1 to 65535');
  if (cap !== undefined && (cap < 0 || cap > 100 * domain.vcpus.length)) {
    refuse(
      `248:sched_credit_domain_set: Domain ${domain.domainId}:Cpu cap out of range, valid range is from 0 to 100 for specified number of vcpus`,
    );
  }
  xl.libxl.xen.scheduling.policy.setDomainParameters(domain, {
    ...(weight !== undefined && { weight }),
    ...(cap !== undefined && { cap }),
  });
}

function setPool(xl: Xl, options: ReadonlyMap<string, string>): void {
  const { policy } = xl.libxl.xen.scheduling;
  const before = policy.parameters;
  const value = (letter: string, old: number): number => (options.has(letter) ? number(options.get(letter)) : old);
  const tsliceMs = value('t', before.tsliceMs);
  const ratelimitUs = value('r', before.ratelimitUs);
  const migrationDelayUs = value('m', before.migrationDelayUs);
  const refuse = (line: string): never => {
    throw new Exit(`${sched}:${line}\nlibxl_sched_credit_params_set failed.\n`);
  };
  if (tsliceMs < 1 || tsliceMs > 1000)
    refuse('311:libxl_sched_credit_params_set: Time slice out of range, valid range is from 1 to 1000');
  if (ratelimitUs !== 0 && (ratelimitUs < 100 || ratelimitUs > 500_000))
    refuse('316:libxl_sched_credit_params_set: Ratelimit out of range, valid range is from 100 to 500000');
  if (ratelimitUs > tsliceMs * 1000)
    refuse('321:libxl_sched_credit_params_set: Ratelimit cannot be greater than timeslice');
  if (migrationDelayUs > 100_000)
    refuse('326:libxl_sched_credit_params_set: vcpu migration delay should be >= 0 and <= 100000us');
  policy.setParameters({ tsliceMs, ratelimitUs, migrationDelayUs });
}

export const vcpuPinCommand: XlCommand = {
  name: 'vcpu-pin',
  summary: 'Set which CPUs a VCPU can use',
  takesDomain: true,
  syntax: {
    global: 'fN',
    usage: '[option] <Domain> <VCPU|all> <Hard affinity|-|all> <Soft affinity|-|all>',
    options: [
      '-f, --force        undo an override pinning done by the kernel',
      '--ignore-global-affinity-masks Ignore global masks in xl.conf',
    ],
    short: 'fi',
    long: { force: 'f', 'ignore-global-affinity-masks': 'i' },
    required: 3,
  },
  run: vcpuPin,
};

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
