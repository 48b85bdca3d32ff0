/**
 * Loads for which the shares of domains are compared with those of the real Xen: `npm run measure -- --what shares`,
 * docs/measurements/xen-scheduling.md.
 */

import { type CpuMask, maskOf } from './cpu-mask.ts';

/** A domain of guests/xen/spin. */
export interface ShareDomain {
  readonly vcpus?: number;
  readonly weight?: number;
  /** Percent of one pCPU. */
  readonly cap?: number;
  /** Where it may run. */
  readonly pin?: CpuMask;
  /** Busy for `load` percent of each `period` ms; without, always. */
  readonly load?: number;
  readonly period?: number;
}

export interface ShareScenario {
  readonly name: string;
  readonly pcpus: number;
  readonly domains: readonly ShareDomain[];
  /**
   * CPU time of each domain under the unmodified Xen 4.17.7 on this project's board, in percent of one pCPU, with each scheduler in
   * windows of 3 to 6 s. With one pCPU this is a cpupool of its own, with four Domain-0 used 0.1 to 0.2 %.
   */
  readonly credit: readonly number[];
  readonly credit2: readonly number[];
  /** Which of the domains has which of these shares depends on where they were first put. */
  readonly whoeverComesFirst?: boolean;
}

const upper = maskOf(0) | maskOf(1);

export const shareScenarios: readonly ShareScenario[] = [
  {
    name: 'weights 256, 512, 1024',
    pcpus: 1,
    domains: [{ weight: 256 }, { weight: 512 }, { weight: 1024 }],
    credit: [14.3, 28.5, 57.2],
    credit2: [14.3, 28.6, 57.1],
  },
  {
    name: 'caps 25, 50',
    pcpus: 1,
    domains: [{ cap: 25 }, { cap: 50 }],
    credit: [25.0, 50.0],
    credit2: [25.0, 50.0],
  },
  {
    name: 'one spins, one is busy for 30 %',
    pcpus: 1,
    domains: [{}, { load: 30, period: 7 }],
    credit: [70.0, 30.0],
    credit2: [70.0, 30.0],
  },
  {
    name: 'weights 256 and 512 spin, one is busy for 30 %',
    pcpus: 1,
    domains: [{}, { weight: 512 }, { load: 30, period: 7 }],
    credit: [25.4, 49.5, 25.1],
    credit2: [27.9, 56.0, 16.1],
  },
  {
    name: 'weight 1024 with cap 40, two others',
    pcpus: 1,
    domains: [{ weight: 1024, cap: 40 }, {}, {}],
    credit: [40.0, 30.0, 30.0],
    credit2: [40.0, 30.0, 30.0],
  },
  {
    name: 'two vCPUs and one',
    pcpus: 1,
    domains: [{ vcpus: 2 }, {}],
    credit: [66.8, 33.2],
    credit2: [66.7, 33.3],
  },
  {
    name: 'weights 256, 256, 512, 512, 1024, 1024',
    pcpus: 4,
    domains: [{}, {}, { weight: 512 }, { weight: 512 }, { weight: 1024 }, { weight: 1024 }],
    credit: [33.7, 33.9, 66.0, 66.3, 100.0, 100.0],
    credit2: [33.2, 33.1, 66.8, 66.9, 99.9, 99.9],
  },
  {
    name: 'caps 25, 50, 150 (two vCPUs), none',
    pcpus: 4,
    domains: [{ cap: 25 }, { cap: 50 }, { vcpus: 2, cap: 150 }, {}],
    credit: [25.2, 49.5, 149.0, 100.0],
    credit2: [25.0, 50.0, 150.0, 100.0],
  },
  {
    name: 'two pinned to one pCPU (256, 512), one free',
    pcpus: 4,
    domains: [{ pin: maskOf(1) }, { weight: 512, pin: maskOf(1) }, {}],
    credit: [50.1, 49.9, 100.0],
    credit2: [48.8, 51.2, 100.0],
  },
  {
    name: 'two pinned to one pCPU (256, 512), four vCPUs free',
    pcpus: 4,
    domains: [{ pin: maskOf(1) }, { weight: 512, pin: maskOf(1) }, { vcpus: 4 }],
    credit: [50.1, 49.9, 299.9],
    credit2: [40.6, 59.4, 299.9],
  },
  {
    name: 'two of two vCPUs, two of one',
    pcpus: 4,
    domains: [{ vcpus: 2 }, { vcpus: 2 }, {}, {}],
    credit: [134.1, 131.2, 68.8, 65.8],
    credit2: [133.1, 133.5, 66.6, 66.6],
  },
  {
    name: 'busy for 30 % and 60 %, two vCPUs of 256, two of 512',
    pcpus: 4,
    domains: [{ load: 30, period: 7 }, { load: 60, period: 13 }, { vcpus: 2 }, { vcpus: 2, weight: 512 }],
    credit: [28.0, 51.2, 120.7, 200.0],
    credit2: [28.8, 45.1, 128.2, 197.7],
  },
  {
    name: 'fewer vCPUs than pCPUs',
    pcpus: 4,
    domains: [{}, { vcpus: 2, weight: 1024 }],
    credit: [100.0, 200.0],
    credit2: [100.0, 200.0],
  },
  {
    name: 'three pinned to two pCPUs (256, 512, 1024), two vCPUs free',
    pcpus: 4,
    domains: [{ pin: upper }, { weight: 512, pin: upper }, { weight: 1024, pin: upper }, { vcpus: 2 }],
    credit: [49.9, 100.0, 50.1, 199.9],
    credit2: [48.0, 53.8, 98.2, 199.9],
    whoeverComesFirst: true,
  },
];
