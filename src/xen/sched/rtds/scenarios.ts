/** Loads for RTDS and what they get by the rules of docs/xen/rtds.md. */
import { type CpuMask, maskOf } from '../cpu-mask.ts';
import type { RtdsParameters } from './parameters.ts';

/** A domain of guests/xen/spin. */
interface RtdsDomain extends Partial<RtdsParameters> {
  readonly vcpus?: number;
  readonly pin?: CpuMask;
  /** Computes for `run` µs of each `every` µs; without, always. */
  readonly run?: number;
  readonly every?: number;
}

export interface RtdsShareScenario {
  readonly name: string;
  readonly pcpus: number;
  readonly domains: readonly RtdsDomain[];
  /** CPU time of each domain, in percent of one pCPU. */
  readonly shares: readonly number[];
  /**
   * The same under Xen 4.17.5, built from Debian's source package with RTDS switched on, on this project's board for 2 s, as
   * Debian's xentop tells it.
   */
  readonly real?: readonly number[];
  /** Which of the domains has which of these shares depends on who came first. */
  readonly whoeverComesFirst?: boolean;
}

const server = (period: number, budget: number, extratime: 0 | 1) => ({ period, budget, extratime });

export const rtdsShareScenarios: readonly RtdsShareScenario[] = [
  { name: 'a budget of a quarter', pcpus: 1, domains: [server(10_000, 2_500, 0)], shares: [25], real: [25.1] },
  {
    name: 'a budget of a quarter and extratime, alone',
    pcpus: 1,
    domains: [server(10_000, 2_500, 1)],
    shares: [100],
    real: [100.0],
  },
  {
    name: 'extratime takes what is not reserved',
    pcpus: 1,
    domains: [server(10_000, 3_000, 1), server(10_000, 5_000, 0)],
    shares: [50, 50],
    real: [50.0, 50.0],
  },
  {
    name: 'all time is reserved, with different periods',
    pcpus: 1,
    domains: [server(4_000, 2_000, 0), server(10_000, 5_000, 0)],
    shares: [50, 50],
    real: [50.0, 50.0],
  },
  {
    name: 'more is reserved than there is',
    pcpus: 1,
    domains: [server(10_000, 6_000, 0), server(10_000, 6_000, 0)],
    shares: [40, 60],
    real: [40.1, 59.9],
    whoeverComesFirst: true,
  },
  { name: 'two as they are at first', pcpus: 1, domains: [{}, {}], shares: [50, 50], real: [50.0, 50.0] },
  {
    name: 'three reservations and an idle rest',
    pcpus: 1,
    domains: [server(10_000, 2_000, 0), server(10_000, 3_000, 0), server(20_000, 4_000, 0)],
    shares: [20, 30, 20],
    real: [20.0, 30.0, 20.0],
  },
  {
    name: 'two vCPUs with reservations, and one with extratime',
    pcpus: 1,
    domains: [{ vcpus: 2, ...server(10_000, 2_500, 0) }, server(10_000, 1_000, 1)],
    shares: [50, 50],
    real: [50.0, 50.0],
  },
  {
    name: 'busy for a fifth, and one that always computes',
    pcpus: 1,
    domains: [{ ...server(5_000, 1_500, 0), run: 1_000, every: 5_000 }, server(10_000, 4_000, 1)],
    shares: [20, 80],
    real: [20.1, 79.9],
  },
  {
    name: 'busy for more than its reservation',
    pcpus: 1,
    domains: [{ ...server(10_000, 2_000, 0), run: 3_000, every: 10_000 }, server(10_000, 4_000, 1)],
    shares: [20, 80],
    real: [20.0, 80.0],
  },
  {
    name: 'three as they are at first',
    pcpus: 1,
    domains: [{}, {}, {}],
    shares: [30, 30, 40],
    real: [30.1, 29.9, 40.0],
    whoeverComesFirst: true,
  },
  {
    name: 'extratime is given in turns of a whole budget',
    pcpus: 1,
    domains: [server(10_000, 2_000, 1), server(10_000, 6_000, 1)],
    shares: [30, 70],
    real: [30.0, 70.0],
  },
  {
    name: 'extratime with different periods',
    pcpus: 1,
    domains: [server(20_000, 10_000, 1), server(10_000, 1_000, 1)],
    shares: [90, 10],
    real: [90.0, 10.0],
  },
  {
    name: 'extratime for two of three',
    pcpus: 1,
    domains: [server(10_000, 2_500, 1), server(10_000, 2_500, 1), server(10_000, 2_500, 0)],
    shares: [37.5, 37.5, 25],
    real: [37.5, 37.4, 25.0],
  },
  {
    name: 'two that take all of a pCPU',
    pcpus: 1,
    domains: [server(10_000, 7_000, 0), server(5_000, 1_500, 0)],
    shares: [70, 30],
    real: [70.0, 30.0],
  },
  {
    name: 'four of 40 %, a pCPU each',
    pcpus: 4,
    domains: [1, 2, 3, 4].map(() => server(10_000, 4_000, 0)),
    shares: [40, 40, 40, 40],
  },
  {
    name: 'two pinned to one pCPU, one free',
    pcpus: 4,
    domains: [
      { pin: maskOf(1), ...server(10_000, 7_000, 0) },
      { pin: maskOf(1), ...server(5_000, 1_500, 0) },
      server(10_000, 1_000, 1),
    ],
    shares: [70, 30, 100],
  },
  {
    name: 'reserved on every pCPU, and one that takes the rest of one',
    pcpus: 2,
    domains: [
      { pin: maskOf(0), ...server(10_000, 6_000, 0) },
      { pin: maskOf(1), ...server(10_000, 8_000, 0) },
      { pin: maskOf(0), ...server(10_000, 1_000, 1) },
    ],
    shares: [60, 80, 40],
  },
];

export interface RtdsLatencyScenario {
  readonly name: string;
  readonly pcpus: number;
  /** Computes for `run` µs of each `every` µs. */
  readonly task: RtdsDomain & { readonly run: number; readonly every: number };
  /** They always compute, unless they have a load too. */
  readonly neighbours: readonly RtdsDomain[];
  /** At most so long, in µs, from when it should begin to when it begins, and from there to when it is done. */
  readonly latency: number;
  readonly response: number;
}

export const rtdsLatencyScenarios: readonly RtdsLatencyScenario[] = [
  {
    name: 'the shortest period goes before all',
    pcpus: 1,
    task: { ...server(1_000, 200, 0), run: 100, every: 1_000 },
    neighbours: [{}, {}],
    latency: 0,
    response: 100,
  },
  {
    name: 'a shorter period goes before it',
    pcpus: 1,
    task: { ...server(2_000, 300, 0), run: 100, every: 2_000 },
    neighbours: [server(500, 200, 0)],
    latency: 200,
    response: 300,
  },
  {
    name: 'a neighbour with as long a period goes first, once',
    pcpus: 1,
    task: { ...server(10_000, 4_000, 0), run: 1_000, every: 10_000 },
    neighbours: [server(10_000, 4_000, 1)],
    latency: 4_000,
    response: 5_000,
  },
  {
    name: 'it needs more than its budget: the rest waits for the next period',
    pcpus: 1,
    task: { ...server(10_000, 2_000, 0), run: 3_000, every: 20_000 },
    neighbours: [],
    latency: 0,
    response: 11_000,
  },
  {
    name: 'the same with extratime, alone',
    pcpus: 1,
    task: { ...server(10_000, 2_000, 1), run: 3_000, every: 20_000 },
    neighbours: [],
    latency: 0,
    response: 3_000,
  },
  {
    name: 'four that compute on four pCPUs',
    pcpus: 4,
    task: { ...server(2_000, 500, 0), run: 200, every: 2_000 },
    neighbours: [{}, {}, {}, {}],
    latency: 0,
    response: 200,
  },
  {
    name: 'pinned beside a longer period, whose deadline is the nearer one once in 100 ms',
    pcpus: 2,
    task: { ...server(5_000, 1_000, 0), pin: maskOf(1), run: 500, every: 5_000 },
    neighbours: [{ ...server(100_000, 90_000, 1), pin: maskOf(1) }],
    latency: 4_500,
    response: 5_000,
  },
];
