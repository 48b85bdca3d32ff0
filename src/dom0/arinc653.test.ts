import { expect, test } from 'vitest';
import { Dom0Bench } from './dom0-testing.ts';

test('arinc653-schedule sets the table of a pool, prints it, and says what is wrong with one', () => {
  const bench = new Dom0Bench({}, 2);
  bench.run(20);
  const told = (script: string): string => bench.script(script, 5_000).printed;
  expect(told('arinc653-schedule')).toContain('Pool-0: its scheduler is credit, which has no table');
  expect(told('arinc653-schedule -p x')).toContain('x: no such pool');
  told('xl cpupool-cpu-remove Pool-0 1');
  told(`xl cpupool-create 'name="x"' 'sched="arinc653"' 'cpus=["1"]'`);
  bench.dom0.files.write('/t', '# two slots\nmajor 10ms\nDomain-0 500us\nidle 2ms # nobody\n0.1 3ms\n');
  expect(told('arinc653-schedule -p x /t && arinc653-schedule -p x')).toBe(
    'major           10ms\nDomain-0        500us\nidle            2ms\nDomain-0.1      3ms\n',
  );
  for (const [text, message] of [
    ['Domain-0 1ms\n', 'a line with the major frame is missing'],
    ['major 10ms\n', '0 slots: a table has 1 to 64'],
    ['major 1ms\n0 2ms\n', 'the slots take 2ms together, more than the major frame of 1ms'],
    ['major 10ms\nnone 2ms\n', 'line 2: there is no domain none'],
    ['major 10ms\n0 2\n', 'line 2: write a name and a time, as in: 0 10ms'],
  ] as const) {
    bench.dom0.files.write('/t', text);
    expect(told('arinc653-schedule -p x /t')).toContain(message);
  }
  expect(told('arinc653-schedule -p x')).toContain('Domain-0        500us');
});
