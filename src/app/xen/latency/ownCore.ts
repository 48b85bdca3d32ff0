import type { DomainInfo } from '../../../session/api/hypervisor.ts';

type Placed = Pick<DomainInfo, 'id' | 'name' | 'vcpus' | 'states'>;

/** What the way to a core of one's own depends on. */
export interface Placement {
  readonly domains: readonly Placed[];
  /** Per cent of a pCPU that each domain uses, by its number. */
  readonly shares: Readonly<Record<number, number>>;
  readonly cpus: number;
}

/** How a domain gets a core that no other guest may use. */
export interface OwnCore {
  /** The core that it has in the end. */
  readonly core: number;
  /** The xl commands that are left to do; none if the core is its own already. */
  readonly steps: readonly string[];
}

/** The pCPUs that a domain's vCPUs may run on. */
const coresOf = ({ vcpus }: Placed): ReadonlySet<number> => new Set(vcpus.flatMap(({ hardAffinity }) => hardAffinity));

/** A set of pCPUs as xl reads it: `2`, `0-1,3`. */
function asRange(cores: readonly number[]): string {
  const ranges: [first: number, last: number][] = [];
  for (const core of cores) {
    const last = ranges.at(-1);
    if (last && last[1] === core - 1) last[1] = core;
    else ranges.push([core, core]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

const pin = ({ name, vcpus }: Placed, cores: readonly number[]): string =>
  `xl vcpu-pin ${name} ${vcpus.length === 1 ? vcpus[0]?.id : 'all'} ${asRange(cores)}`;

/** Whether a domain has ended, and only its remains are listed. */
const hasEnded = ({ states }: Placed): boolean => states.includes('shutdown') || states.includes('dying');

/**
 * The shortest way to a core that a domain shares with no other guest: it moves to a free core, or its neighbours move
 * away. Domain-0 may run anywhere and counts as no neighbour; nobody is sent to pCPU 0, where it starts. Null if there
 * is no such domain, or no other core.
 */
export function wayToOwnCore(name: string, placement: Placement): OwnCore | null {
  const domain = placement.domains.find((each) => each.name === name);
  if (!domain) return null;
  const ways = Array.from({ length: placement.cpus }, (_, core) => wayTo(core, domain, placement));
  // Of two that are equally long, the one on which the domain stays where it is.
  return ways.reduce((best, way) => {
    if (!best || !way) return best ?? way;
    const shorter = way.steps.length - best.steps.length;
    return shorter < 0 || (shorter === 0 && way.stays && !best.stays) ? way : best;
  }, null);
}

interface Way extends OwnCore {
  readonly stays: boolean;
}

/** The steps that give a domain this core; null if they cannot. */
function wayTo(core: number, domain: Placed, placement: Placement): Way | null {
  const own = coresOf(domain);
  if (core === 0 && !own.has(0)) return null;
  const guests = placement.domains.filter((other) => other.id !== 0 && other !== domain && !hasEnded(other));
  const stays = own.size === 1 && own.has(core);
  const steps = stays ? [] : [pin(domain, [core])];
  for (const guest of guests.filter((other) => coresOf(other).has(core))) {
    const cores = coresBeside(guest, core, { ...placement, domains: guests });
    if (cores.length === 0) return null;
    steps.push(pin(guest, cores));
  }
  return { core, steps, stays };
}

/** The cores that a guest keeps when it leaves one; if it has no other, the least used of the others. */
function coresBeside(guest: Placed, left: number, { domains, shares, cpus }: Placement): readonly number[] {
  const kept = [...coresOf(guest)].filter((core) => core !== left).sort((a, b) => a - b);
  if (kept.length > 0) return kept;
  const load = (core: number): number =>
    domains.reduce((sum, other) => {
      const cores = coresOf(other);
      return other !== guest && cores.has(core) ? sum + (shares[other.id] ?? 0) / cores.size : sum;
    }, 0);
  const others = Array.from({ length: cpus }, (_, core) => core).filter((core) => core !== left);
  // Of equals the last, since Domain-0 starts on the first.
  return others.sort((a, b) => load(a) - load(b) || b - a).slice(0, 1);
}
