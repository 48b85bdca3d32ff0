import { describe, expect, test } from 'vitest';
import type { Utilisation, UtilisationSeries } from '../../../session/api/hypervisor.ts';
import { laneShare, lanesOf, share } from './lanes.ts';

interface Used {
  readonly pcpu: number;
  readonly busy: readonly number[];
  readonly kind?: UtilisationSeries['kind'];
  /** The domain and its vCPU. */
  readonly by?: readonly [domain: number, vcpu: number];
}

const series = ({ pcpu, busy, kind = 'vcpu', by: [domain, vcpu] = [-1, -1] }: Used): UtilisationSeries => ({
  pcpu,
  kind,
  domain,
  vcpu,
  name: kind === 'vcpu' ? `d${domain}` : '',
  colour: Math.max(0, domain),
  busy: Float64Array.from(busy),
});

/** Two buckets of 100 ns; half of the second is known. */
const window: Utilisation = {
  from: 0,
  step: 100,
  buckets: 2,
  covered: Float64Array.of(100, 50),
  series: [
    series({ pcpu: 0, by: [0, 0], busy: [10, 10] }),
    series({ pcpu: 1, by: [3, 0], busy: [50, 20] }),
    series({ pcpu: 1, by: [3, 1], busy: [25, 5] }),
    series({ pcpu: 0, by: [3, 1], busy: [40, 0] }),
    series({ pcpu: 0, kind: 'idle', busy: [50, 40] }),
    series({ pcpu: 1, kind: 'xen', busy: [5, 5] }),
  ],
};

describe('lanes', () => {
  test('by pCPU stack each domain once and Xen last, without idle time', () => {
    const [first, second] = lanesOf(window, 'pcpu', 2);
    expect(first?.parts.map(({ name, busy }) => [name, ...busy])).toEqual([
      ['d0', 10, 10],
      ['d3', 40, 0],
    ]);
    expect(second?.parts.map(({ name, busy }) => [name, ...busy])).toEqual([
      ['d3', 75, 25],
      ['Xen', 5, 5],
    ]);
  });

  test('by domain and by vCPU add up all pCPUs', () => {
    const domains = lanesOf(window, 'domain', 2);
    expect(domains.map(({ label, capacity }) => [label, capacity])).toEqual([
      ['d0', 1],
      ['d3', 2],
    ]);
    expect([...(domains[1]?.parts[0]?.busy ?? [])]).toEqual([115, 25]);
    expect(lanesOf(window, 'vcpu', 2).map(({ label, parts }) => [label, ...(parts[0]?.busy ?? [])])).toEqual([
      ['d0 v0', 10, 10],
      ['d3 v0', 50, 20],
      ['d3 v1', 65, 5],
    ]);
  });

  test('shares are parts of the known time', () => {
    const lane = lanesOf(window, 'pcpu', 2)[1]!;
    expect(share(lane.parts[0]!, window.covered)).toBeCloseTo((100 / 150) * 100);
    expect(share(lane.parts[0]!, window.covered, 1, 2)).toBeCloseTo(50);
    expect(laneShare(lane, window.covered)).toBeCloseTo((100 / 150) * 100);
    expect(share(lane.parts[0]!, window.covered, 2, 2)).toBe(0);
  });
});
