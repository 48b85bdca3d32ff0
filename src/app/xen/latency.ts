import type { DomainInfo } from '../../session/api/hypervisor.ts';

/** What an RTOS's own console says of its control task's latency: the answer to `stat` (guests/xen/rtos). */
export interface Measurement {
  readonly domain: string;
  /** Virtual time at which the answer was read, in nanoseconds. */
  readonly at: number;
  readonly releases: number;
  readonly missed: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

const answer =
  /control: (\d+) releases, (\d+) missed; latency p50 ([\d.]+) us, p99 ([\d.]+) us, p99\.9 ([\d.]+) us, max ([\d.]+) us/;

/** Reads the answer to `stat` out of what a console shows; null where it is not there. */
export function readStat(text: string): Omit<Measurement, 'domain' | 'at'> | null {
  const found = text.match(answer);
  if (!found) return null;
  const [releases = 0, missed = 0, p50 = 0, p99 = 0, p999 = 0, max = 0] = found.slice(1).map(Number);
  return { releases, missed, p50, p99, p999, max };
}

/** A time as a person would say it: 4.1 µs, 38 µs, 30.2 ms, 1.2 s. */
export function formatMicroseconds(us: number): string {
  const [value, unit] = us < 1000 ? [us, 'µs'] : us < 1e6 ? [us / 1000, 'ms'] : [us / 1e6, 's'];
  return `${value >= 100 || (value >= 10 && unit === 'µs') ? value.toFixed(0) : value.toFixed(1)} ${unit}`;
}

type Placed = Pick<DomainInfo, 'id' | 'name' | 'vcpus'>;

const cpusOf = ({ vcpus }: Placed): readonly number[] => vcpus.flatMap(({ hardAffinity }) => hardAffinity);

/**
 * The command that gives a domain a core of its own: the noisy neighbour leaves it, or, where others share it still, the
 * domain itself moves to one that no other is bound to. Null where it has one, or none is left.
 */
export function nextStep(name: string, domains: readonly Placed[], cpus: number): string | null {
  const domain = domains.find((each) => each.name === name);
  if (!domain) return null;
  const own = cpusOf(domain);
  // One that may run anywhere gives way by itself.
  const others = domains.filter((each) => each.id !== 0 && each !== domain && cpusOf(each).length < cpus);
  const sharing = others.filter((other) => cpusOf(other).some((cpu) => own.includes(cpu)));
  if (sharing.length === 0) return null;
  const free = Array.from({ length: cpus }, (_, cpu) => cpu).filter(
    (cpu) => cpu > 0 && !others.some((other) => cpusOf(other).includes(cpu)) && !own.includes(cpu),
  );
  const noisy = sharing.find((other) => other.name === 'noisy');
  const [first, last] = [free[0], free.at(-1)];
  if (first === undefined || last === undefined) return null;
  return noisy ? `xl vcpu-pin noisy 0 ${last}` : `xl vcpu-pin ${name} 0 ${first}`;
}
