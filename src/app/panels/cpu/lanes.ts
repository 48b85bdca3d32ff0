import type { Utilisation, UtilisationSeries } from '../../../session/api/hypervisor.ts';

/** How the use of the pCPUs is shown. */
export const groupings = ['pcpu', 'domain', 'vcpu'] as const;
export type Grouping = (typeof groupings)[number];

/** One user's part of a lane. */
export interface Part {
  readonly name: string;
  /** -1: EL2 itself, whose time is part of what the others had. */
  readonly domain: number;
  readonly colour: number;
  /** Nanoseconds in each bucket. */
  readonly busy: Float64Array;
}

export interface Lane {
  readonly key: string;
  readonly label: string;
  /** pCPUs that fill the lane. */
  readonly capacity: number;
  readonly parts: readonly Part[];
}

const partOf = ({ kind, domain, colour, name, busy }: UtilisationSeries): Part => ({
  name: kind === 'xen' ? 'Xen' : name,
  domain: kind === 'xen' ? -1 : domain,
  colour,
  busy,
});

/** Puts what one user had on several pCPUs, or by several vCPUs, together. */
function sum(series: readonly UtilisationSeries[]): Part[] {
  const parts = new Map<number, Part>();
  for (const each of series) {
    const part = partOf(each);
    const present = parts.get(part.domain);
    if (present) for (let i = 0; i < part.busy.length; i++) present.busy[i]! += part.busy[i]!;
    else parts.set(part.domain, { ...part, busy: part.busy.slice() });
  }
  // Domain-0 below, the others by their numbers, Xen on top.
  const order = ({ domain }: Part): number => (domain < 0 ? Number.POSITIVE_INFINITY : domain);
  return [...parts.values()].sort((a, b) => order(a) - order(b));
}

/** What a window of utilisation shows, lane by lane. */
export function lanesOf({ series }: Utilisation, grouping: Grouping, pcpus: number): Lane[] {
  const used = series.filter(({ kind }) => kind !== 'idle');
  if (grouping === 'pcpu') {
    return Array.from({ length: pcpus }, (_, pcpu) => ({
      key: `pcpu ${pcpu}`,
      label: `pCPU${pcpu}`,
      capacity: 1,
      parts: sum(used.filter((each) => each.pcpu === pcpu)),
    }));
  }
  const vcpus = used.filter(({ kind }) => kind === 'vcpu');
  const keyOf = ({ domain, vcpu }: UtilisationSeries): string =>
    grouping === 'domain' ? `${domain}` : `${domain} ${vcpu}`;
  const groups = new Map<string, UtilisationSeries[]>();
  for (const each of vcpus.toSorted((a, b) => a.domain - b.domain || a.vcpu - b.vcpu))
    groups.set(keyOf(each), [...(groups.get(keyOf(each)) ?? []), each]);
  return [...groups].map(([key, members]) => {
    const [{ name = '', vcpu = 0 } = {}] = members;
    return {
      key,
      label: grouping === 'domain' ? name : `${name} v${vcpu}`,
      capacity: grouping === 'domain' ? Math.max(1, new Set(members.map((m) => m.vcpu)).size) : 1,
      parts: sum(members),
    };
  });
}

/** Per cent of one pCPU that a part had in buckets `from` to before `to`, of which `covered` has the nanoseconds. */
export function share({ busy }: Part, covered: Float64Array, from = 0, to = covered.length): number {
  let used = 0;
  let known = 0;
  for (let i = Math.max(0, from); i < Math.min(to, covered.length); i++) {
    used += busy[i] ?? 0;
    known += covered[i] ?? 0;
  }
  return known > 0 ? (used / known) * 100 : 0;
}

/** Per cent of one pCPU that all of a lane's users had. Xen's time is part of theirs. */
export const laneShare = (lane: Lane, covered: Float64Array, from?: number, to?: number): number =>
  lane.parts.reduce((total, part) => total + (part.domain < 0 ? 0 : share(part, covered, from, to)), 0);
