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
   * CPU time of each domain under real Xen 4.17.7 on QEMU, in percent of one pCPU. With one pCPU it is exact, by `-icount`; the time
   * slice is the usual one of 30 ms. With four, QEMU's threads come late by some milliseconds: time slices, and the periods of loads,
   * were 6.7 times as long (200 ms), for caps 1000 ms, so that this counts as little as on the board.
   */
  readonly real: readonly number[];
  /** What Domain-0 used meanwhile. */
  readonly dom0: number;
  /** The same on this project's board, in 2 or 3 s, with slices of 30 ms, one pCPU as a cpupool; Domain-0 used 0.2 %. Not all were recorded there. */
  readonly board?: readonly number[];
  /**
   * The same under credit2 of real Xen 4.17.7, in 3 or 4 s on this project's board. With one pCPU this is a cpupool of its own, with four
   * Domain-0 used 0.2 %.
   */
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
    real: [14.8, 28.7, 55.9],
    dom0: 0,
    board: [14.4, 28.5, 57.2],
    credit2: [14.3, 28.6, 57.1],
  },
  {
    name: 'caps 25, 50',
    pcpus: 1,
    domains: [{ cap: 25 }, { cap: 50 }],
    real: [24.9, 49.8],
    dom0: 0.5,
    board: [25.5, 49.1],
    credit2: [25.0, 50.0],
  },
  {
    name: 'one spins, one is busy for 30 %',
    pcpus: 1,
    domains: [{}, { load: 30, period: 7 }],
    real: [69.8, 29.9],
    dom0: 0.2,
    board: [70.0, 30.0],
    credit2: [70.0, 30.0],
  },
  {
    name: 'weights 256 and 512 spin, one is busy for 30 %',
    pcpus: 1,
    domains: [{}, { weight: 512 }, { load: 30, period: 7 }],
    real: [25.1, 49.9, 25.1],
    dom0: 0.2,
    board: [25.2, 49.5, 25.3],
    credit2: [27.9, 56.0, 16.1],
  },
  {
    name: 'weight 1024 with cap 40, two others',
    pcpus: 1,
    domains: [{ weight: 1024, cap: 40 }, {}, {}],
    real: [39.7, 29.7, 29.7],
    dom0: 0.5,
    board: [39.4, 30.0, 30.7],
    credit2: [40.0, 30.0, 30.0],
  },
  {
    name: 'two vCPUs and one',
    pcpus: 1,
    domains: [{ vcpus: 2 }, {}],
    real: [66.6, 32.8],
    dom0: 0,
    board: [67.0, 33.0],
    credit2: [66.7, 33.3],
  },
  {
    name: 'weights 256, 256, 512, 512, 1024, 1024',
    pcpus: 4,
    domains: [{}, {}, { weight: 512 }, { weight: 512 }, { weight: 1024 }, { weight: 1024 }],
    real: [34.3, 33.4, 64.6, 64.4, 100.0, 99.5],
    dom0: 3.9,
    board: [34.5, 33.1, 65.6, 66.6, 100.0, 100.0],
    credit2: [33.2, 33.1, 66.8, 66.9, 99.9, 99.9],
  },
  {
    name: 'caps 25, 50, 150 (two vCPUs), none',
    pcpus: 4,
    domains: [{ cap: 25 }, { cap: 50 }, { vcpus: 2, cap: 150 }, {}],
    real: [24.5, 49.0, 149.0, 99.9],
    dom0: 2.6,
    board: [25.0, 50.9, 149.0, 100.0],
    credit2: [25.0, 50.0, 150.0, 100.0],
  },
  {
    name: 'two pinned to one pCPU (256, 512), one free',
    pcpus: 4,
    domains: [{ pin: maskOf(1) }, { weight: 512, pin: maskOf(1) }, {}],
    real: [50.1, 50.1, 100.1],
    dom0: 2.2,
    credit2: [48.8, 51.2, 100.0],
  },
  {
    name: 'two pinned to one pCPU (256, 512), four vCPUs free',
    pcpus: 4,
    domains: [{ pin: maskOf(1) }, { weight: 512, pin: maskOf(1) }, { vcpus: 4 }],
    real: [50.1, 49.8, 297.3],
    dom0: 2.5,
    credit2: [40.6, 59.4, 299.9],
  },
  {
    name: 'two of two vCPUs, two of one',
    pcpus: 4,
    domains: [{ vcpus: 2 }, { vcpus: 2 }, {}, {}],
    real: [131.6, 133.0, 67.0, 65.7],
    dom0: 2.6,
    credit2: [133.1, 133.5, 66.6, 66.6],
  },
  {
    name: 'busy for 30 % and 60 %, two vCPUs of 256, two of 512',
    pcpus: 4,
    domains: [{ load: 30, period: 7 }, { load: 60, period: 13 }, { vcpus: 2 }, { vcpus: 2, weight: 512 }],
    real: [26.0, 51.9, 122.4, 196.6],
    dom0: 3.1,
    credit2: [28.8, 45.1, 128.2, 197.7],
  },
  {
    name: 'fewer vCPUs than pCPUs',
    pcpus: 4,
    domains: [{}, { vcpus: 2, weight: 1024 }],
    real: [100.0, 200.0],
    dom0: 5.7,
    credit2: [100.0, 200.0],
  },
  {
    name: 'three pinned to two pCPUs (256, 512, 1024), two vCPUs free',
    pcpus: 4,
    domains: [{ pin: upper }, { weight: 512, pin: upper }, { weight: 1024, pin: upper }, { vcpus: 2 }],
    real: [49.8, 100.0, 50.0, 196.8],
    dom0: 3.4,
    credit2: [48.0, 53.8, 98.2, 199.9],
    whoeverComesFirst: true,
  },
];
