/** Configs under revision control: saved, compared, restored; and which revision runs. */
import type { Experiment } from './experiment.ts';
import type { Operator, Steps } from './operator.ts';

const figures: Experiment['figures'] = [
  {
    id: 'commits',
    label: 'revisions after two saves, the first one with the files of the start',
    unit: '',
    how: 'lines of git log --oneline in Domain-0',
    bounds: [3, 3],
  },
  {
    id: 'differs',
    label: 'lines that the second save changed',
    unit: '',
    how: 'lines of git diff HEAD~1 that begin with + or -',
    bounds: [2, 2],
  },
  {
    id: 'weight',
    label: 'rtos-b’s weight after it was created again',
    unit: '',
    how: 'xl sched-credit -d rtos-b',
    bounds: [512, 512],
  },
  {
    id: 'restored',
    label: 'its weight with the config of two revisions before',
    unit: '',
    how: 'xl sched-credit -d rtos-b',
    bounds: [256, 256],
  },
  {
    id: 'outage',
    label: 'time from xl destroy to the restored domain',
    unit: 'ms',
    how: 'virtual time until Domain-0’s prompt is back',
    bounds: [20, 1000],
  },
  {
    id: 'clone',
    label: 'revisions in a clone of the bundle',
    unit: '',
    how: 'lines of its git log',
    bounds: [4, 4],
  },
];

const lines = (text: string): number => text.split('\n').filter((line) => line.trim() !== '').length;

/** Until a save has become a commit, in milliseconds: Domain-0 waits until nothing more is written. */
const savedMs = 300;

function* weightOf(operator: Operator): Steps<number> {
  const shown = yield* operator.command('xl sched-credit -d rtos-b');
  return Number(/^rtos-b +\d+ +(\d+)/m.exec(shown)?.[1]);
}

function* count(operator: Operator, command: string): Steps<number> {
  return lines(yield* operator.command(command));
}

function* steps(operator: Operator): Steps<void> {
  yield* operator.ready();
  yield* operator.command('cd /etc/xen; echo "cpu_weight = 128" >> rtos-b.cfg');
  yield* operator.wait(savedMs + operator.random(100));
  yield* operator.command(
    'cp rtos-b.cfg /tmp/b; grep -v cpu_weight /tmp/b > rtos-b.cfg; echo "cpu_weight = 512" >> rtos-b.cfg',
  );
  yield* operator.wait(savedMs + operator.random(100));
  operator.record('commits', yield* count(operator, 'git log --oneline'));
  operator.record('differs', yield* count(operator, 'git diff HEAD~1 | grep -v "^[-+][-+]" | grep "^[-+]"'));
  yield* operator.command('xl destroy rtos-b; xl create rtos-b.cfg');
  operator.record('weight', yield* weightOf(operator));
  yield* operator.command('git checkout HEAD~2 -- rtos-b.cfg');
  yield* operator.wait(savedMs);
  const start = operator.now;
  yield* operator.command('xl destroy rtos-b; xl create rtos-b.cfg');
  operator.record('outage', operator.now - start);
  operator.record('restored', yield* weightOf(operator));
  yield* operator.command(
    'cd /etc/xen; git bundle create /root/xen.bundle --all; git clone /root/xen.bundle /root/copy',
  );
  operator.record('clone', yield* count(operator, 'cd /root/copy; git log --oneline'));
}

export const revisions: Experiment = { figures, steps };
