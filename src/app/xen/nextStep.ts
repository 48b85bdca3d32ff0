import type { DomainInfo } from '../../session/api/hypervisor.ts';

type Placed = Pick<DomainInfo, 'id' | 'name' | 'vcpus'>;

/** What a next step depends on. */
export interface Placement {
  readonly domains: readonly Placed[];
  /** Per cent of a pCPU that each domain uses, by its number. */
  readonly shares: Readonly<Record<number, number>>;
  readonly cpus: number;
}

/** A domain that uses more than this of a pCPU, in per cent, leaves too little to its neighbours. */
const heavy = 50;

const cpusOf = ({ vcpus }: Placed): readonly number[] => vcpus.flatMap(({ hardAffinity }) => hardAffinity);

const pin = ({ name, vcpus }: Placed, cpu: number): string =>
  `xl vcpu-pin ${name} ${vcpus.length === 1 ? vcpus[0]?.id : 'all'} ${cpu}`;

/**
 * The command that gives a domain a core of its own. If its heaviest neighbour takes most of the core, that neighbour
 * is moved; otherwise the domain itself moves, to a core that no other domain is bound to. Null if it shares no core,
 * or no core is free.
 */
export function nextStep(name: string, { domains, shares, cpus }: Placement): string | null {
  const domain = domains.find((each) => each.name === name);
  if (!domain) return null;
  const own = cpusOf(domain);
  // A domain that may run anywhere makes room by itself.
  const bound = domains.filter((each) => each.id !== 0 && each !== domain && cpusOf(each).length < cpus);
  const neighbours = bound.filter((other) => cpusOf(other).some((cpu) => own.includes(cpu)));
  if (neighbours.length === 0) return null;
  const isFree = (cpu: number): boolean =>
    cpu > 0 && !own.includes(cpu) && !bound.some((other) => cpusOf(other).includes(cpu));
  const free = Array.from({ length: cpus }, (_, cpu) => cpu).filter(isFree);
  const [first, last] = [free[0], free.at(-1)];
  if (first === undefined || last === undefined) return null;
  const share = ({ id }: Placed): number => shares[id] ?? 0;
  const heaviest = neighbours.reduce((a, b) => (share(b) > share(a) ? b : a));
  return share(heaviest) > heavy ? pin(heaviest, last) : pin(domain, first);
}
