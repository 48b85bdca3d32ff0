/** Two real-time systems beside a neighbour that takes all it gets, hangs, crashes, and tries to break out; then under other schedulers. */
import type { Experiment, Figure } from '../experiment.ts';
import type { Operator, Steps } from '../operator.ts';
import { measureLatency } from './measure-latency.ts';
import { measureSchedulers, schedulerFigures, schedulerPlot } from './schedulers.ts';
import type { Stat } from './stat.ts';

/** Virtual time of a measurement in milliseconds, and so about how many releases of the RTOS's task. */
const windowMs = 500;
/** Over less, it matters how many of the scheduler's accounting periods begin in it. */
const shareMs = 2000;

const realXen = (value: string) => ({ value, source: 'Xen 4.17.7, QEMU (docs/measurements/xen-scheduling.md)' });
/** Martins and Pinto, Shedding Light on Static Partitioning Hypervisors for Arm-based Mixed-Criticality Systems, RTAS 2023. */
const zcu104 = (value: string) => ({
  value,
  source: 'Xen, ZCU104 (github.com/ESRGv3/shedding-light-static-partitioning-hypervisors)',
});

const latency = (id: string, label: string, bounds: Figure['bounds'], published?: Figure['published']): Figure => ({
  id,
  label: `rtos-a’s latency, ${label}`,
  unit: 'µs',
  how: `rtos-a’s stat after ${windowMs} releases`,
  bounds,
  ...(published && { published }),
});

const figures: readonly Figure[] = [
  latency('alone', 'rtos-b on its pCPU, idle: longest', [0, 60], realXen('336.6 µs')),
  latency('loaded', 'rtos-b on its pCPU, busy for 20 % of each 10 ms: p99', [1000, 2500]),
  latency('noisyP99', 'noisy on its pCPU: p99', [900, 1100], realXen('1015.8 µs')),
  latency('noisyMax', 'noisy on its pCPU: longest', [900, 31_000], realXen('1018.5 to 30086 µs')),
  {
    id: 'capShare',
    label: 'noisy’s share of a pCPU with cap 40',
    unit: '%',
    how: 'its CPU time, by Xen’s accounts',
    bounds: [37, 43],
    published: realXen('39.7 %'),
  },
  latency('capP99', 'noisy with cap 40: p99', [0, 1100]),
  latency('weightP99', 'noisy with weight 16: p99', [900, 1100]),
  latency('sharedHang', 'rtos-b hangs on its pCPU: p99', [900, 1100], realXen('1015.8 µs')),
  latency('pinned', 'on a pCPU of its own: longest', [0, 60], zcu104('3.26 to 3.44 µs')),
  latency('hang', 'on its own pCPU, rtos-b hangs: longest', [0, 60]),
  latency('crash', 'on its own pCPU, rtos-b crashes: longest', [0, 60]),
  latency('rogue', 'on its own pCPU, rogue attacks: longest', [0, 60]),
  {
    id: 'missed',
    label: 'releases that rtos-a misses on its own pCPU',
    unit: '',
    how: 'its stat, over the three neighbours',
    bounds: [0, 0],
  },
  {
    id: 'contained',
    label: 'attempts of rogue that were contained',
    unit: '%',
    how: 'what rogue’s console says of each',
    bounds: [100, 100],
  },
  ...schedulerFigures,
];

function* steps(operator: Operator): Steps<void> {
  let missed = 0;
  const latencyFor = function* (figure: string, of: (stat: Stat) => number): Steps<void> {
    const stat = yield* measureLatency(operator, windowMs);
    missed += stat.missed;
    operator.record(figure, of(stat));
  };
  yield* operator.ready();
  yield* operator.command('xl pause noisy');
  yield* latencyFor('loaded', ({ p99 }) => p99);
  operator.type('rtos-b', 'load 0');
  yield* latencyFor('alone', ({ max }) => max);
  yield* operator.command('xl unpause noisy');
  const shared = yield* measureLatency(operator, windowMs);
  operator.record('noisyP99', shared.p99);
  operator.record('noisyMax', shared.max);

  yield* operator.command('xl sched-credit -d noisy -c 40');
  operator.record('capShare', yield* operator.shareOf('noisy', shareMs));
  yield* latencyFor('capP99', ({ p99 }) => p99);
  yield* operator.command('xl sched-credit -d noisy -c 0 -w 16');
  yield* latencyFor('weightP99', ({ p99 }) => p99);
  yield* operator.command('xl vcpu-pin noisy 0 3');

  operator.type('rtos-b', 'hang');
  yield* latencyFor('sharedHang', ({ p99 }) => p99);
  yield* operator.command('xl destroy rtos-b; xl create /etc/xen/rtos-b.cfg');

  yield* operator.command('xl vcpu-pin rtos-a 0 2; xl vcpu-pin noisy 0 1');
  missed = 0;
  yield* latencyFor('pinned', ({ max }) => max);
  operator.type('rtos-b', 'hang');
  yield* latencyFor('hang', ({ max }) => max);
  yield* operator.command('xl destroy rtos-b; xl create /etc/xen/rtos-b.cfg');
  operator.type('rtos-b', 'crash');
  yield* latencyFor('crash', ({ max }) => max);
  yield* operator.command('xl create /etc/xen/rogue.cfg; xl vcpu-pin rogue all 1');
  yield* latencyFor('rogue', ({ max }) => max);
  operator.record('missed', missed);
  const [, contained = 0, attempts = 0] = yield* operator.shows('rogue', /(\d+) of (\d+) attempts were contained/);
  operator.record('contained', (Number(contained) / Number(attempts)) * 100);

  yield* operator.command('xl destroy rogue; xl destroy noisy; xl destroy rtos-a');
  yield* measureSchedulers(operator);
}

export const isolation: Experiment = { figures, plots: [schedulerPlot], steps };
