import { expect, test } from 'vitest';
import { milliseconds, nanoseconds, seconds } from '../../time/time.ts';
import { loadOf, SchedBench } from '../sched-testing.ts';
import { shareScenarios } from '../share-scenarios.ts';
import { Credit2Scheduler } from './credit2.ts';
import { defaultOptions } from './parameters.ts';

test.each(shareScenarios)(
  '$name on $pcpus pCPU(s): as under credit2 of the real Xen, within 3 % of a pCPU',
  (scenario) => {
    const bench = new SchedBench(scenario.pcpus, (core) => new Credit2Scheduler(core, defaultOptions));
    if (scenario.pcpus > 1)
      bench.domain(0, 1, { load: { run: milliseconds(2), block: nanoseconds(seconds(1) - milliseconds(2)) } });
    const domains = scenario.domains.map(({ vcpus = 1, weight, cap, pin, ...load }, i) => {
      // As long as xl takes: the periods of caps begin when they are set.
      bench.run(milliseconds(251.7 * (i + 1)));
      return bench.domain(i + 1, vcpus, {
        parameters: { ...(weight !== undefined && { weight }), ...(cap !== undefined && { cap }) },
        ...(pin !== undefined && { pin }),
        ...loadOf(load),
      });
    });
    bench.run(seconds(2));
    const used = (): number[] =>
      domains.map(({ units }) => units.reduce((sum, unit) => sum + unit.runstate(bench.now).times[0], 0));
    const before = used();
    const start = bench.now;
    bench.run(seconds(6));
    const shares = used().map((time, i) => ((time - (before[i] as number)) / (bench.now - start)) * 100);
    for (const [i, share] of shares.entries())
      expect(Math.abs(share - (scenario.credit2[i] as number)), `${shares}`).toBeLessThan(3);
  },
);
