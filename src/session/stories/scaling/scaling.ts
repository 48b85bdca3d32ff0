/** More of the same on demand: one config, many domains; and what weights and caps do when a pCPU is full. */
import type { Experiment, Figure, Plot } from '../experiment.ts';
import type { Operator, Steps } from '../operator.ts';

/** Domains of the config, the first among them. */
const count = 32;
/** Over less, it matters how many of the scheduler's accounting periods begin in it, and what was owed before. */
const windowMs = 2000;
const settleMs = 300;

const accounts = 'its CPU time, by Xen’s accounts, beside three others on both pCPUs';
const figures: readonly Figure[] = [
  {
    id: 'first',
    label: 'time for the second domain',
    unit: 'ms',
    how: 'xl create, until the next prompt',
    bounds: [100, 300],
  },
  {
    id: 'last',
    label: 'time for the 32nd domain',
    unit: 'ms',
    how: 'xl create, until the next prompt',
    bounds: [100, 400],
  },
  {
    id: 'memory',
    label: 'memory of each further domain of 16 MiB',
    unit: 'MiB',
    how: 'xl info, free_memory',
    bounds: [16, 18],
  },
  {
    id: 'answers',
    label: 'domains that answer at their addresses',
    unit: '',
    how: 'ping from Domain-0',
    bounds: [count, count],
  },
  {
    id: 'idle',
    label: 'two pCPUs idle (WFI) with 32 domains that wait',
    unit: '%',
    how: 'Xen’s accounts',
    bounds: [90, 100],
  },
  {
    id: 'equal',
    label: 'share of a pCPU of one of four that want all of two',
    unit: '%',
    how: accounts,
    bounds: [46, 54],
  },
  { id: 'weight', label: 'the same with twice the weight', unit: '%', how: accounts, bounds: [72, 88] },
  { id: 'cap', label: 'the same with cap 10', unit: '%', how: accounts, bounds: [8, 12] },
];

const plots: readonly Plot[] = [
  { id: 'time', label: 'time for one more', unit: 'ms', x: 'domains' },
  { id: 'free', label: 'free memory', unit: 'MiB', x: 'domains' },
];

const line = 'xl create';

function* steps(operator: Operator): Steps<void> {
  yield* operator.ready();
  yield* operator.shows('copy-1', /eth0 has address/);
  const before = operator.freeMiB;
  operator.plot('free', line, 1, before);
  for (let number = 2; number <= count; number++) {
    yield* operator.wait(operator.random(5));
    const start = operator.now;
    yield* operator.command(
      `n=${number}; xl create -q /etc/xen/copy-1.cfg "name='copy-$n'" "extra='ip=10.0.0.$((100 + n))'"`,
    );
    const time = operator.now - start;
    operator.plot('time', line, number, time);
    operator.plot('free', line, number, operator.freeMiB);
    if (number === 2) operator.record('first', time);
    if (number === count) operator.record('last', time);
  }
  operator.record('memory', (before - operator.freeMiB) / (count - 1));
  yield* operator.shows(`copy-${count}`, /eth0 has address/);
  const answers = yield* operator.command(
    `n=0; while [ $n -lt ${count} ]; do n=$((n + 1)); ping -q -c 1 -W 2 10.0.0.$((100 + n)); done | grep -c ' 0% packet loss'`,
    120_000,
  );
  operator.record('answers', Number.parseInt(answers, 10));
  // Domain-0 has still to do with what the pings have caused.
  yield* operator.wait(1000);
  const start = operator.now;
  yield* operator.wait(500);
  const [idle = 0] = operator.idle([0, 1], { from: start, to: operator.now, buckets: 1 });
  operator.record('idle', idle);

  yield* operator.command(`for n in 1 2 3 4; do xl create -q /etc/xen/busy.cfg "name='busy-$n'"; done`);
  operator.record('equal', yield* operator.shareOf('busy-1', windowMs));
  yield* operator.command('xl sched-credit -d busy-1 -w 512');
  yield* operator.wait(settleMs);
  operator.record('weight', yield* operator.shareOf('busy-1', windowMs));
  yield* operator.command('xl sched-credit -d busy-1 -w 256 -c 10');
  yield* operator.wait(settleMs);
  operator.record('cap', yield* operator.shareOf('busy-1', windowMs));
}

export const scaling: Experiment = { figures, plots, steps };
