/** Loads on which the shares of domains are compared with real Xen's: `npm run measure -- shares`, docs/fidelity.md. */

export interface ShareDomain {
  readonly vcpus?: number;
  readonly weight?: number;
  /** Percent of one pCPU. */
  readonly cap?: number;
  /** As in `cpus=`. */
  readonly cpus?: string;
  /** Busy for `load` percent of each `period` ms; without, always. */
  readonly load?: number;
  readonly period?: number;
}

export interface ShareScenario {
  readonly name: string;
  readonly pcpus: number;
  readonly domains: readonly ShareDomain[];
}

export const shareScenarios: readonly ShareScenario[] = [
  { name: 'one-weights', pcpus: 1, domains: [{ weight: 256 }, { weight: 512 }, { weight: 1024 }] },
  { name: 'one-caps', pcpus: 1, domains: [{ cap: 25 }, { cap: 50 }] },
  { name: 'one-duty', pcpus: 1, domains: [{}, { load: 30, period: 7 }] },
  { name: 'one-duty-three', pcpus: 1, domains: [{}, { weight: 512 }, { load: 30, period: 7 }] },
  { name: 'one-cap-weight', pcpus: 1, domains: [{ weight: 1024, cap: 40 }, {}, {}] },
  { name: 'one-two-vcpus', pcpus: 1, domains: [{ vcpus: 2 }, {}] },
  {
    name: 'four-six-weights',
    pcpus: 4,
    domains: [{}, {}, { weight: 512 }, { weight: 512 }, { weight: 1024 }, { weight: 1024 }],
  },
  { name: 'four-caps', pcpus: 4, domains: [{ cap: 25 }, { cap: 50 }, { vcpus: 2, cap: 150 }, {}] },
  { name: 'four-pinned', pcpus: 4, domains: [{ cpus: '1' }, { weight: 512, cpus: '1' }, {}] },
  { name: 'four-pinned-full', pcpus: 4, domains: [{ cpus: '1' }, { weight: 512, cpus: '1' }, { vcpus: 4 }] },
  { name: 'four-two-vcpus', pcpus: 4, domains: [{ vcpus: 2 }, { vcpus: 2 }, {}, {}] },
  {
    name: 'four-duty',
    pcpus: 4,
    domains: [{ load: 30, period: 7 }, { load: 60, period: 13 }, { vcpus: 2 }, { vcpus: 2, weight: 512 }],
  },
  { name: 'four-under', pcpus: 4, domains: [{}, { vcpus: 2, weight: 1024 }] },
  {
    name: 'four-half',
    pcpus: 4,
    domains: [{ cpus: '0-1' }, { weight: 512, cpus: '0-1' }, { weight: 1024, cpus: '0-1' }, { vcpus: 2 }],
  },
];
