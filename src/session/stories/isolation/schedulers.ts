/** The same real-time system and neighbours under each scheduler, in a pool of CPUs that they share or have alone. */
import type { Figure, Plot } from '../experiment.ts';
import type { Operator, Steps } from '../operator.ts';
import { measureLatency } from './measure-latency.ts';

interface Setting {
  /** The letters of its figures’ ids. */
  readonly id: string;
  /** As the plot names it. */
  readonly name: string;
  readonly scheduler: string;
  /** pCPUs of rtos-a’s pool. */
  readonly cpus: string;
  /** Whether the neighbours are in Pool-0, on pCPU 1, and not in rtos-a’s pool. */
  readonly apart?: boolean;
  /** What makes rtos-a a real-time domain to the scheduler. */
  readonly command?: string;
  /** The longest latency that is allowed beside each neighbour, in µs. */
  readonly bounds: readonly [noisy: Figure['bounds'], load: Figure['bounds'], hang: Figure['bounds']];
  /** The longest that was recorded with the real Xen, in µs. */
  readonly real?: readonly [noisy: number, load: number, hang: number];
}

const late = [900, 31_000] as const;
const turn = [900, 10_200] as const;
const soon = [0, 100] as const;

const settings: readonly Setting[] = [
  { id: 'credit', name: 'credit', scheduler: 'credit', cpus: '1', bounds: [late, late, late] },
  {
    id: 'credit2',
    name: 'credit2',
    scheduler: 'credit2',
    cpus: '1',
    bounds: [turn, turn, turn],
    real: [10_001.5, 4625.6, 10_001.4],
  },
  {
    id: 'rtds',
    name: 'RTDS',
    scheduler: 'rtds',
    cpus: '1',
    command: 'xl sched-rtds -d rtos-a -v all -p 1000 -b 300 -e 0',
    bounds: [soon, soon, soon],
  },
  { id: 'null', name: 'null', scheduler: 'null', cpus: '1-2', bounds: [soon, soon, soon] },
  { id: 'own', name: 'own pool', scheduler: 'credit2', cpus: '2', apart: true, bounds: [soon, soon, soon] },
];

/** The letters of the figures’ ids, the label, and the name of the plot’s line. */
const neighbours = [
  ['Noisy', 'noisy', 'noisy'],
  ['Load', 'rtos-b busy for half of each 10 ms', 'rtos-b: load 50'],
  ['Hang', 'rtos-b hangs', 'rtos-b: hang'],
] as const;

/** Virtual time of a measurement in milliseconds. */
const windowMs = 300;

export const schedulerFigures: readonly Figure[] = settings.flatMap(({ id, name, bounds, real }) =>
  neighbours.map(([letters, neighbour], n): Figure => {
    const longest = real?.[n];
    return {
      id: id + letters,
      label: `rtos-a’s latency, ${name}, ${neighbour}: longest`,
      unit: 'µs',
      how: `rtos-a’s stat after ${windowMs} ms`,
      bounds: bounds[n] ?? soon,
      ...(longest !== undefined && {
        published: { value: `${longest} µs`, source: 'Xen on this board (docs/measurements/xen-scheduling.md)' },
      }),
    };
  }),
);

export const schedulerPlot: Plot = {
  id: 'schedulers',
  label: 'rtos-a’s latency, longest (logarithmic)',
  unit: 'µs',
  x: settings.map(({ name }) => name),
};

export function* measureSchedulers(operator: Operator): Steps<void> {
  for (const [at, setting] of settings.entries()) {
    const { id, scheduler, cpus, apart = false, command } = setting;
    const measure = function* (neighbour: number): Steps<void> {
      const [letters, , line] = neighbours[neighbour] ?? neighbours[0];
      const { max } = yield* measureLatency(operator, windowMs);
      operator.record(id + letters, max);
      operator.plot(schedulerPlot.id, line, at, max);
    };
    const inPool = `'pool="rt"' 'cpus="${cpus}"'`;
    const beside = apart ? '' : inPool;
    yield* operator.command(
      `xl cpupool-cpu-remove Pool-0 ${cpus}; xl cpupool-create 'name="rt"' 'sched="${scheduler}"' 'cpus="${cpus}"'`,
    );
    yield* operator.command(`xl create -q /etc/xen/rtos-a.cfg ${inPool}`);
    if (command !== undefined) yield* operator.command(command);
    yield* operator.command(`xl create -q /etc/xen/noisy.cfg ${beside}`);
    yield* measure(0);
    yield* operator.command(`xl destroy noisy; xl create -q /etc/xen/rtos-b.cfg ${beside}`);
    operator.type('rtos-b', 'load 50');
    yield* measure(1);
    operator.type('rtos-b', 'hang');
    yield* measure(2);
    yield* operator.command(
      `xl destroy rtos-b; xl destroy rtos-a; xl cpupool-destroy rt; xl cpupool-cpu-add Pool-0 ${cpus}`,
    );
  }
}
