import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { guestFiles, XenSessionBench } from '../xen/xen-session-testing.ts';
import { type Experiment, formatValue, holds, isWithin } from './experiment.ts';
import { experiments } from './experiments.ts';
import type { Operator, Steps } from './operator.ts';
import { storyNames } from './stories.ts';

const figure = { id: 'lines', label: 'lines', unit: '', how: 'counted', bounds: [1, 3] } as const;

/** Does an experiment on a machine without domains. */
function experimentStatus(steps: (operator: Operator) => Steps<void>, seed = 1) {
  const bench = new XenSessionBench({ guests: guestFiles(readFileSync), interactive: true });
  const experiment: Experiment = { figures: [figure], steps };
  bench.session.experiment(experiment, seed);
  const look = () => {
    const status = bench.session.statusOf(experiment);
    if (!status) throw new Error('the experiment has gone');
    return status;
  };
  bench.until(() => look().state !== 'running');
  return { ...look(), bench };
}

test('an operator types, waits and reads what is shown', () => {
  const times: number[] = [];
  const { state, typed, figures, bench } = experimentStatus(function* (operator) {
    yield* operator.ready();
    operator.record('lines', (yield* operator.command('echo one; echo two')).split('\n').length - 1);
    times.push(operator.now);
    yield* operator.wait(20);
    times.push(operator.now);
    yield* operator.command('echo kept > /root/note');
    expect(operator.file('/root/note')).toBe('kept\n');
    expect(operator.file('/root/none')).toBe('');
    expect(operator.domain('Domain-0').id).toBe(0);
  });
  expect({ state, typed }).toEqual({ state: 'done', typed: 'dom0# echo kept > /root/note' });
  expect(figures).toEqual([{ ...figure, value: 2 }]);
  expect((times[1] as number) - (times[0] as number)).toBeGreaterThanOrEqual(20);
  const journal = bench.session.journal();
  expect(journal.ok && journal.value.inputs.map(({ input }) => input.kind)).toEqual(['keys', 'keys']);
});

test.each<[string, (operator: Operator) => Steps<void>]>([
  [
    "'sleep 5' has not ended within 1 s of virtual time.",
    function* (operator) {
      yield* operator.ready();
      yield* operator.command('sleep 5', 1000);
    },
  ],
  [
    'There is no domain rtos-a.',
    function* (operator) {
      yield* operator.ready();
      operator.type('rtos-a', 'stat');
    },
  ],
])('an experiment that cannot go on says why: %s', (sentence, steps) => {
  expect(experimentStatus(steps)).toMatchObject({ state: 'failed', error: sentence });
});

test('a seed decides moments', () => {
  const drawn = (seed: number) => {
    const numbers: number[] = [];
    experimentStatus(function* (operator) {
      numbers.push(operator.random(30), operator.random(30));
      yield* operator.ready();
    }, seed);
    return numbers;
  };
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
  for (const number of drawn(3)) expect(number >= 0 && number < 30).toBe(true);
});

test('an experiment holds if it has ended and each figure is within its bounds', () => {
  const status = { state: 'done', typed: '', error: null, plots: [] } as const;
  expect(holds({ ...status, figures: [{ ...figure, value: 3 }] })).toBe(true);
  expect(holds({ ...status, figures: [{ ...figure, value: 3.01 }] })).toBe(false);
  expect(holds({ ...status, state: 'running', figures: [{ ...figure, value: 3 }] })).toBe(false);
  expect(isWithin({ ...figure, value: null })).toBe(false);
});

test.each([
  [0, '0'],
  [3.1, '3.10'],
  [42.35, '42.4'],
  [1275.4, '1275'],
  [35_204_141, '35,204,141'],
])('%d is shown as %s', (value, text) => {
  expect(formatValue(value)).toBe(text);
});

const docs = readFileSync(new URL('../../../docs/stories.md', import.meta.url), 'utf8');

test.each(storyNames.filter((name) => experiments[name]))('docs/stories.md has the figures of %s', (name) => {
  for (const { label, unit, bounds, published } of experiments[name]?.figures ?? []) {
    const [least, most] = bounds.map(formatValue);
    const row = docs.split('\n').find((line) => line.startsWith(`| ${label} | `));
    expect(row, label).toContain(` | ${`${least === most ? least : `${least} to ${most}`} ${unit}`.trim()} | `);
    if (published) expect(row).toContain(published.value);
  }
});
