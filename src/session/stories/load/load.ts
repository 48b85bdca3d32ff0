/**
 * Servers that come and go with demand, beside one that has all cores, one for each core all day, and those beside one that
 * takes what they leave.
 */
import type { Experiment, Figure } from '../experiment.ts';
import type { Operator, Steps } from '../operator.ts';
import { dayOf, dayPlots, figuresOf, type Way } from './day.ts';
import { balancePath } from './files.ts';

/** A day in seconds of virtual time. */
const seconds = 3;

const balanced: Way = { id: 'b', line: 'balance.sh', label: 'started and stopped by balance.sh' };
const fixed: Way = { id: 'f', line: 'fixed', label: 'one domain with three pCPUs', isOne: true };
const each: Way = { id: 'e', line: 'worker-1, 2, 3', label: 'a domain for each pCPU all day' };
const light: Way = { id: 'l', line: 'and batch, weight 16', label: 'the same, and batch with weight 16' };
const equal: Way = { id: 'q', line: 'and batch, weight 256', label: 'the same, and batch with weight 256' };

const figures: readonly Figure[] = [
  ...figuresOf(balanced, {
    answered: [99, 100],
    p50: [1, 3],
    p99: [20, 150],
    servers: [1.8, 2.4],
    idle: [50, 62],
    used: [55, 70],
  }),
  ...figuresOf(fixed, {
    answered: [50, 70],
    p50: [200, 450],
    p99: [450, 560],
    servers: [0.9, 1],
    idle: [70, 78],
    used: [22, 30],
  }),
  ...figuresOf(each, {
    answered: [99, 100],
    p50: [1, 1.2],
    p99: [2, 5],
    servers: [2.9, 3],
    idle: [50, 60],
    used: [40, 50],
  }),
  ...figuresOf(light, { answered: [99, 100], p50: [1, 3], p99: [2, 20], idle: [0, 4] }),
  ...figuresOf(equal, { answered: [80, 95], p50: [50, 200], p99: [250, 450], idle: [0, 4] }),
];

function* steps(operator: Operator): Steps<void> {
  const serves = /A worker at/;
  const meanwhile = `sleep ${seconds}`;
  yield* operator.ready();
  yield* operator.shows('worker-1', serves);
  yield* dayOf(operator, balanced, { seconds, meanwhile: `sh ${balancePath}` });
  yield* operator.command('xl shutdown -a -w');
  yield* operator.command('xl create -q /etc/xen/fixed.cfg');
  yield* operator.shows('fixed', serves);
  yield* dayOf(operator, fixed, { seconds, meanwhile });
  yield* operator.command('xl shutdown -a -w');
  yield* operator.command('for i in 1 2 3; do xl create -q /etc/xen/worker-$i.cfg; done');
  yield* operator.shows('worker-3', serves);
  yield* dayOf(operator, each, { seconds, meanwhile });
  yield* operator.command('xl create -q /etc/xen/batch.cfg');
  yield* dayOf(operator, light, { seconds, meanwhile, isShared: true });
  yield* operator.command('xl sched-credit -d batch -w 256');
  yield* dayOf(operator, equal, { seconds, meanwhile, isShared: true });
}

export const load: Experiment = { figures, plots: dayPlots, steps };
