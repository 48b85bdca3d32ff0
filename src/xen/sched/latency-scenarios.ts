/**
 * How late the 1 kHz task of guests/xen/rtos begins beside a neighbour, in a pool of one pCPU: recorded with the real Xen on this project's
 * board, and compared with the model: `npm run measure -- --what latency`, docs/measurements/xen-scheduling.md.
 */
import type { ParameterValues } from './scheduler.ts';

/** As the RTOS tells it, in µs and per cent. */
export interface ReleaseLatency {
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly missed: number;
}

export interface LatencyScenario {
  readonly scheduler: 'credit' | 'credit2' | 'rtds' | 'null' | 'arinc653';
  readonly name: string;
  /** The guest beside it; null if it is alone. */
  readonly neighbour: 'rtos' | 'spin' | null;
  /** Text typed on the neighbour's console. */
  readonly command?: 'load 50' | 'hang';
  /** Keys of the neighbour's config. */
  readonly config?: { readonly vcpus?: number; readonly cpu_weight?: number; readonly cap?: number };
  /** Parameters of the scheduler. */
  readonly pool?: ParameterValues;
  /** RTDS's parameters of the RTOS and of its neighbour. */
  readonly servers?: readonly [task: ParameterValues, neighbour?: ParameterValues];
  /** ARINC 653's table: the major frame and the slots in µs. */
  readonly table?: {
    readonly major: number;
    readonly slots: readonly (readonly [whose: 'task' | 'neighbour', us: number, vcpu?: number])[];
  };
  /** The pool has two pCPUs; without, one. */
  readonly pcpus?: 2;
  /** To which of the pool's pCPUs, 0 or 1, each domain is pinned. */
  readonly pins?: readonly [task: 0 | 1, neighbour?: 0 | 1];
}

const spin = { neighbour: 'spin' } as const;
const three = { ...spin, config: { vcpus: 3 } } as const;
const load = { neighbour: 'rtos', command: 'load 50' } as const;
const hang = { neighbour: 'rtos', command: 'hang' } as const;
const apart = { pcpus: 2, pins: [1, 0] } as const;

const shared = (scheduler: 'credit' | 'credit2'): readonly LatencyScenario[] => [
  { scheduler, name: 'alone', neighbour: null },
  { scheduler, name: 'a second RTOS', neighbour: 'rtos' },
  { scheduler, name: 'load 50', ...load },
  { scheduler, name: 'hang', ...hang },
  { scheduler, name: 'spin', ...spin },
  { scheduler, name: 'spin, cap 50', ...spin, config: { cap: 50 } },
  { scheduler, name: 'spin, weight 16', ...spin, config: { cpu_weight: 16 } },
  { scheduler, name: 'spin, three vCPUs', ...three },
  { scheduler, name: 'spin, rate limit 100 µs', ...spin, pool: { ratelimitUs: 100 } },
  { scheduler, name: 'spin, each pinned to a pCPU of its own', ...spin, ...apart },
  { scheduler, name: 'spin, both pinned to one of two pCPUs', ...spin, pcpus: 2, pins: [1, 1] },
  { scheduler, name: 'spin, three vCPUs on two pCPUs, the RTOS pinned', ...three, pcpus: 2, pins: [1] },
];

const server = (period: number, budget: number, extratime: number): ParameterValues => ({ period, budget, extratime });
const tight = [server(1000, 300, 0)] as const;

export const latencyScenarios: readonly LatencyScenario[] = [
  ...shared('credit'),
  { scheduler: 'credit', name: 'spin, slices of 5 ms', ...spin, pool: { tsliceMs: 5 } },
  ...shared('credit2'),
  { scheduler: 'rtds', name: 'alone', neighbour: null, servers: tight },
  { scheduler: 'rtds', name: 'load 50', ...load, servers: tight },
  { scheduler: 'rtds', name: 'hang', ...hang, servers: tight },
  { scheduler: 'rtds', name: 'spin', ...spin, servers: tight },
  { scheduler: 'rtds', name: 'spin, three vCPUs', ...three, servers: tight },
  { scheduler: 'rtds', name: 'spin, both with 4 of 10 ms and extratime', ...spin },
  {
    scheduler: 'rtds',
    name: 'spin, both with 4 of 10 ms',
    ...spin,
    servers: [server(10_000, 4000, 0), server(10_000, 4000, 0)],
  },
  { scheduler: 'rtds', name: 'spin, each pinned to a pCPU of its own', ...spin, ...apart, servers: tight },
  {
    scheduler: 'rtds',
    name: 'spin, three vCPUs on two pCPUs, the RTOS pinned',
    ...three,
    pcpus: 2,
    pins: [1],
    servers: tight,
  },
  { scheduler: 'null', name: 'alone', neighbour: null, pcpus: 2 },
  { scheduler: 'null', name: 'a second RTOS', neighbour: 'rtos', pcpus: 2 },
  { scheduler: 'null', name: 'load 50', ...load, pcpus: 2 },
  { scheduler: 'null', name: 'hang', ...hang, pcpus: 2 },
  { scheduler: 'null', name: 'spin', ...spin, pcpus: 2 },
  { scheduler: 'null', name: 'spin, three vCPUs, of which two wait', ...three, pcpus: 2 },
  { scheduler: 'null', name: 'spin, each pinned to a pCPU of its own', ...spin, ...apart },
  {
    scheduler: 'arinc653',
    name: 'alone, 300 µs of each ms',
    neighbour: null,
    table: { major: 1000, slots: [['task', 300]] },
  },
  {
    scheduler: 'arinc653',
    name: 'load 50, 300 and 600 µs of each ms',
    ...load,
    table: {
      major: 1000,
      slots: [
        ['task', 300],
        ['neighbour', 600],
      ],
    },
  },
  {
    scheduler: 'arinc653',
    name: 'hang, 300 and 600 µs of each ms',
    ...hang,
    table: {
      major: 1000,
      slots: [
        ['task', 300],
        ['neighbour', 600],
      ],
    },
  },
  {
    scheduler: 'arinc653',
    name: 'spin, two vCPUs, 300 µs each of each ms',
    ...spin,
    config: { vcpus: 2 },
    table: {
      major: 1000,
      slots: [
        ['task', 300],
        ['neighbour', 300, 0],
        ['neighbour', 300, 1],
      ],
    },
  },
  {
    scheduler: 'arinc653',
    name: 'spin, pinned to two pCPUs, 300 and 600 µs of each ms',
    ...spin,
    ...apart,
    table: {
      major: 1000,
      slots: [
        ['task', 300],
        ['neighbour', 600],
      ],
    },
  },
  {
    scheduler: 'arinc653',
    name: 'spin, 300 and 600 µs of each ms',
    ...spin,
    table: {
      major: 1000,
      slots: [
        ['task', 300],
        ['neighbour', 600],
      ],
    },
  },
  {
    scheduler: 'arinc653',
    name: 'spin, 5 and 5 ms of each 10',
    ...spin,
    table: {
      major: 10_000,
      slots: [
        ['task', 5000],
        ['neighbour', 5000],
      ],
    },
  },
  {
    scheduler: 'arinc653',
    name: 'spin, each ms of 4 in turn',
    ...spin,
    table: {
      major: 4000,
      slots: [
        ['task', 1000],
        ['neighbour', 1000],
        ['task', 1000],
        ['neighbour', 1000],
      ],
    },
  },
];

/**
 * What the RTOS told under the real Xen on this project's board, in windows of 1.2 to 3 s: the median, 99 %, the longest and what it missed.
 * credit and credit2 are those of Debian's Xen 4.17.7; for the others, Xen 4.17.5 was built from Debian's source package with them switched on.
 */
const recorded: Readonly<Record<string, readonly [p50: number, p99: number, longest: number, missed: number]>> = {
  'credit: alone': [3.6, 3.6, 3.6, 0],
  'credit: a second RTOS': [3.4, 43, 54.3, 0],
  'credit: load 50': [3.4, 4891, 4891, 40],
  'credit: hang': [524.2, 1001, 1001, 0.3],
  'credit: spin': [557, 1001.1, 1001.1, 0.3],
  'credit: spin, cap 50': [3.7, 1002.6, 1002.6, 0.7],
  'credit: spin, weight 16': [589.8, 1001.6, 1001.6, 0.2],
  'credit: spin, three vCPUs': [557, 1002.2, 1002.2, 0.3],
  'credit: spin, rate limit 100 µs': [3.7, 61.4, 104.2, 0],
  'credit: spin, each pinned to a pCPU of its own': [3.7, 3.7, 8.6, 0],
  'credit: spin, both pinned to one of two pCPUs': [557, 1001.7, 1001.7, 0.3],
  'credit: spin, three vCPUs on two pCPUs, the RTOS pinned': [524.2, 1001.3, 1001.3, 0.2],
  'credit: spin, slices of 5 ms': [524.2, 1001.9, 1001.9, 0.2],
  'credit2: alone': [3.8, 3.8, 15.8, 0],
  'credit2: a second RTOS': [3.5, 15.3, 52.5, 0],
  'credit2: load 50': [21.5, 4625.6, 4625.6, 34.1],
  'credit2: hang': [9437.1, 10_001.4, 10_001.4, 86.2],
  'credit2: spin': [9961.4, 10_001.5, 10_001.5, 89.4],
  'credit2: spin, cap 50': [3.5, 4089.3, 4089.3, 40],
  'credit2: spin, weight 16': [786.4, 1000.7, 1000.7, 0.5],
  'credit2: spin, three vCPUs': [753.6, 1003.3, 1003.3, 0.1],
  'credit2: spin, rate limit 100 µs': [5.1, 507.9, 526.8, 0],
  'credit2: spin, each pinned to a pCPU of its own': [3.7, 3.7, 5.9, 0],
  'credit2: spin, both pinned to one of two pCPUs': [9961.4, 10_002.6, 10_002.6, 89.7],
  'credit2: spin, three vCPUs on two pCPUs, the RTOS pinned': [753.6, 1015.8, 1251.7, 0.9],
  'rtds: alone': [3.8, 3.8, 34.2, 0],
  'rtds: load 50': [3.5, 6.6, 52.1, 0],
  'rtds: hang': [4.6, 7.9, 53.6, 0],
  'rtds: spin': [4.6, 4.6, 53, 0],
  'rtds: spin, three vCPUs': [4.3, 69.6, 69.6, 0],
  'rtds: spin, both with 4 of 10 ms and extratime': [4.3, 1900.5, 1906.7, 20],
  'rtds: spin, both with 4 of 10 ms': [3.1, 3986.5, 3986.5, 30],
  'rtds: spin, each pinned to a pCPU of its own': [3.9, 3.9, 50.2, 0],
  'rtds: spin, three vCPUs on two pCPUs, the RTOS pinned': [4.6, 9.2, 54.5, 0],
  'null: alone': [2.5, 2.5, 2.5, 0],
  'null: a second RTOS': [2.5, 2.5, 2.5, 0],
  'null: load 50': [2.5, 2.5, 2.5, 0],
  'null: hang': [2.5, 2.5, 2.5, 0],
  'null: spin': [2.5, 2.5, 2.5, 0],
  'null: spin, three vCPUs, of which two wait': [2.5, 2.5, 2.5, 0],
  'null: spin, each pinned to a pCPU of its own': [2.5, 2.5, 2.5, 0],
  'arinc653: alone, 300 µs of each ms': [360.4, 712.6, 712.6, 0],
  'arinc653: load 50, 300 and 600 µs of each ms': [311.2, 707.5, 707.5, 0],
  'arinc653: hang, 300 and 600 µs of each ms': [360.4, 713.4, 713.4, 0],
  'arinc653: spin, two vCPUs, 300 µs each of each ms': [360.4, 705.4, 705.4, 0],
  'arinc653: spin, pinned to two pCPUs, 300 and 600 µs of each ms': [294.9, 715.5, 715.5, 0],
  'arinc653: spin, 300 and 600 µs of each ms': [360.4, 705.4, 705.4, 0],
  'arinc653: spin, 5 and 5 ms of each 10': [3, 5004.9, 5004.9, 40.4],
  'arinc653: spin, each ms of 4 in turn': [59.3, 1005.3, 1005.3, 0.7],
};

/** What was recorded of a scenario; null if it was not. */
export function recordedLatency({ scheduler, name }: LatencyScenario): ReleaseLatency | null {
  const figures = recorded[`${scheduler}: ${name}`];
  if (!figures) return null;
  const [p50, p99, longest, missed] = figures;
  return { p50, p99, longest, missed };
}
