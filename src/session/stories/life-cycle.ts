/** A domain's whole life: created, paused, resized, rebooted, crashed, dumped, preserved, restarted, destroyed. */
import type { Experiment } from './experiment.ts';
import { ExperimentFailure, type Operator, type Steps } from './operator.ts';

const figures: Experiment['figures'] = [
  {
    id: 'create',
    label: 'time of xl create',
    unit: 'ms',
    how: 'virtual time until the prompt is back',
    bounds: [15, 500],
  },
  {
    id: 'paused',
    label: 'CPU time of a paused domain',
    unit: '%',
    how: 'its CPU time over 300 ms, by Xen’s accounts',
    bounds: [0, 0],
  },
  {
    id: 'reboot',
    label: 'time from the guest’s reboot to its next start',
    unit: 's',
    how: 'xl waits for two seconds in it',
    bounds: [2, 3],
  },
  { id: 'preserved', label: 'domains preserved after a crash', unit: '', how: 'xl list, state c', bounds: [1, 1] },
  {
    id: 'dump',
    label: 'size of the crashed domain’s core, of 16 MiB',
    unit: 'MiB',
    how: 'xl dump-core, ls -l',
    bounds: [16, 16.1],
  },
  {
    id: 'restart',
    label: 'time from a crash to the next start with coredump-restart',
    unit: 's',
    how: 'its core is written first',
    bounds: [2, 3],
  },
  {
    id: 'absent',
    label: 'commands of xl save, restore, migrate that Arm’s xl has',
    unit: '',
    how: 'exit codes that are 0',
    bounds: [0, 0],
  },
  {
    id: 'destroy',
    label: 'time of xl destroy',
    unit: 'ms',
    how: 'virtual time until the prompt is back',
    bounds: [10, 500],
  },
  {
    id: 'free',
    label: 'memory that is missing after all',
    unit: 'MiB',
    how: 'free_memory of xl info, before and after',
    bounds: [0, 0],
  },
];

function* freeMemory(operator: Operator): Steps<number> {
  return Number(/free_memory +: (\d+)/.exec(yield* operator.command('xl info'))?.[1]);
}

function* timed(operator: Operator, command: string): Steps<number> {
  const start = operator.now;
  yield* operator.command(command);
  return operator.now - start;
}

/** How long until the domain of a name has another number, in seconds. */
function* untilNext(operator: Operator, name: string, cause: string): Steps<number> {
  const before = operator.domain(name).id;
  const start = operator.now;
  operator.type(name, cause);
  const isNext = (): boolean => operator.domains.some((each) => each.name === name && each.id !== before);
  yield* operator.until(isNext, `${name} has not been made again`);
  return (operator.now - start) / 1000;
}

const config = '/etc/xen/life.cfg';

function* steps(operator: Operator): Steps<void> {
  yield* operator.ready();
  yield* operator.command(
    `echo 'name = "life"' > ${config}; echo 'kernel = "/guests/rtos.img"' >> ${config}; echo 'memory = 16' >> ${config}`,
  );
  yield* operator.command(`cp ${config} /etc/xen/dump.cfg`);
  yield* operator.command(
    `echo 'on_crash = "preserve"' >> ${config}; echo 'on_crash = "coredump-restart"' >> /etc/xen/dump.cfg`,
  );
  const free = yield* freeMemory(operator);
  operator.record('create', yield* timed(operator, `xl create ${config}`));
  yield* operator.wait(200 + operator.random(100));
  yield* operator.command('xl pause life');
  operator.record('paused', yield* operator.shareOf('life', 300));
  yield* operator.command('xl unpause life');
  const before = operator.domain('life').id;
  const start = operator.now;
  yield* operator.command('xl reboot life');
  yield* operator.until(
    () => operator.domains.some(({ name, id }) => name === 'life' && id !== before),
    'life has not been made again',
  );
  operator.record('reboot', (operator.now - start) / 1000);
  yield* operator.wait(200);

  operator.type('life', 'crash');
  yield* operator.wait(300);
  const list = yield* operator.command('xl list');
  operator.record('preserved', [...list.matchAll(/^life +\d+ +\d+ +\d+ +---sc-/gm)].length);
  yield* operator.command('xl dump-core life /root/life.core');
  const size = /(\d+) life\.core/.exec(yield* operator.command('ls -l /root'))?.[1];
  if (size === undefined) throw new ExperimentFailure('There is no core.');
  operator.record('dump', Number(size) / 2 ** 20);
  yield* operator.command('xl destroy life; rm /root/life.core; xl create /etc/xen/dump.cfg');
  yield* operator.wait(200);
  operator.record('restart', yield* untilNext(operator, 'life', 'crash'));
  const absent = yield* operator.command('for c in save restore migrate; do xl $c life x; echo "code $?"; done');
  operator.record('absent', [...absent.matchAll(/code 0/g)].length);
  operator.record('destroy', yield* timed(operator, 'xl destroy life'));
  operator.record('free', free - (yield* freeMemory(operator)));
}

export const lifeCycle: Experiment = { figures, steps };
