import type { Utilisation, UtilisationSeries } from '../../../session/api/hypervisor.ts';

/** The lanes of the plot: one for each pCPU, each domain, or each vCPU. */
export const groupings = ['pcpu', 'domain', 'vcpu'] as const;
export type Grouping = (typeof groupings)[number];

/** What one domain, or Xen, used of a lane. */
export interface Part {
  readonly name: string;
  /** -1 for EL2 itself, whose time is part of the others'. */
  readonly domain: number;
  readonly colour: number;
  /** Nanoseconds in each bucket. */
  readonly busy: Float64Array;
}

export interface Lane {
  readonly key: string;
  readonly label: string;
  /** The number of busy pCPUs that fills the lane. */
  readonly capacity: number;
  readonly parts: readonly Part[];
}

const partOf = ({ kind, domain, colour, name, busy }: UtilisationSeries): Part => ({
  name: kind === 'xen' ? 'Xen' : name,
  domain: kind === 'xen' ? -1 : domain,
  colour,
  busy,
});

const orderOf = ({ domain }: Part): number => (domain < 0 ? Number.POSITIVE_INFINITY : domain);

/** Adds up what each domain used on several pCPUs, or with several vCPUs. */
function sum(series: readonly UtilisationSeries[]): Part[] {
  const parts = new Map<number, Part>();
  for (const each of series) {
    const part = partOf(each);
    const present = parts.get(part.domain);
    if (present) for (let i = 0; i < part.busy.length; i++) present.busy[i]! += part.busy[i]!;
    else parts.set(part.domain, { ...part, busy: part.busy.slice() });
  }
  // Domain-0 at the bottom, Xen on top.
  return [...parts.values()].sort((a, b) => orderOf(a) - orderOf(b));
}

/** The lanes of a window of utilisation. */
export function lanesOf({ series, pools }: Utilisation, grouping: Grouping, pcpus: number): Lane[] {
  const used = series.filter(({ kind }) => kind !== 'idle');
  if (grouping === 'pcpu') {
    return Array.from({ length: pcpus }, (_, pcpu) => ({
      key: `pcpu ${pcpu}`,
      label: [used[0]?.kind === 'core' ? `CPU${pcpu}` : `pCPU${pcpu}`, pools?.[pcpu]].filter(Boolean).join(' '),
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

/**
 * Per cent of one pCPU that a part used in buckets `from` up to `to`.
 * @param covered the sampled nanoseconds of each bucket
 */
export function share({ busy }: Part, covered: Float64Array, from = 0, to = covered.length): number {
  let used = 0;
  let known = 0;
  for (let i = Math.max(0, from); i < Math.min(to, covered.length); i++) {
    used += busy[i] ?? 0;
    known += covered[i] ?? 0;
  }
  return known > 0 ? (used / known) * 100 : 0;
}

/** Per cent of one pCPU that all parts of a lane used; Xen's time is in the others'. */
export const laneShare = (lane: Lane, covered: Float64Array, from?: number, to?: number): number =>
  lane.parts.reduce((total, part) => total + (part.domain < 0 ? 0 : share(part, covered, from, to)), 0);

/** Each domain of some lanes once, by number, and Xen last. */
export function domainsOf(lanes: readonly Lane[]): Part[] {
  const parts = new Map(lanes.flatMap((lane) => lane.parts.map((part) => [part.domain, part] as const)));
  return [...parts.values()].sort((a, b) => orderOf(a) - orderOf(b));
}
