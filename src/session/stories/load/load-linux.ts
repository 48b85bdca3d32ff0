/** The same with Linux: domains that come and go with demand, beside one Linux with all cores, and one for each core all day. */
import type { Experiment, Figure } from '../experiment.ts';
import type { Operator, Steps } from '../operator.ts';
import { dayOf, dayPlots, figuresOf, type Way } from './day.ts';
import { balancePath } from './files.ts';

/** A day in seconds of virtual time: Linux boots in four of its hours. */
const seconds = 8;

const balanced: Way = { id: 'b', line: 'balance.sh', label: 'Linux started and stopped by balance.sh' };
const fixed: Way = { id: 'f', line: 'fixed', label: 'one Linux with three vCPUs', isOne: true };
const each: Way = { id: 'e', line: 'worker-1, 2, 3', label: 'a Linux for each pCPU all day' };

const figures: readonly Figure[] = [
  {
    id: 'boot',
    label: 'time from xl create until Linux serves',
    unit: 's',
    how: 'virtual time until its console says that it has joined the clients',
    bounds: [1, 2],
  },
  ...figuresOf(balanced, {
    answered: [99, 100],
    p50: [1, 3],
    p99: [80, 250],
    servers: [1.8, 2.4],
    idle: [45, 55],
    used: [68, 82],
  }),
  ...figuresOf(each, {
    answered: [99, 100],
    p50: [1, 1.2],
    p99: [2, 8],
    servers: [2.9, 3],
    idle: [50, 60],
    used: [40, 50],
  }),
  ...figuresOf(fixed, {
    answered: [99, 100],
    p50: [1, 1.2],
    p99: [2, 8],
    servers: [0.9, 1],
    idle: [50, 60],
    used: [40, 50],
  }),
];

function* steps(operator: Operator): Steps<void> {
  const serves = /has joined the clients/;
  const meanwhile = `sleep ${seconds}`;
  yield* operator.ready();
  yield* operator.shows('worker-1', serves);
  yield* dayOf(operator, balanced, { seconds, meanwhile: `sh ${balancePath}` });
  yield* operator.command('for i in 1 2 3; do xl create -q /etc/xen/worker-$i.cfg 2> /dev/null; done');
  for (const number of [1, 2, 3]) yield* operator.shows(`worker-${number}`, serves);
  yield* dayOf(operator, each, { seconds, meanwhile });
  yield* operator.command('xl shutdown -a -w');
  const created = operator.now;
  yield* operator.command('xl create -q /etc/xen/fixed.cfg');
  yield* operator.shows('fixed', serves);
  operator.record('boot', (operator.now - created) / 1000);
  yield* dayOf(operator, fixed, { seconds, meanwhile });
}

export const loadLinux: Experiment = { figures, plots: dayPlots, steps };
