import { expect, test } from 'vitest';
import { seconds } from '../../time/time.ts';
import { loadOf, SchedBench } from '../sched-testing.ts';
import { shareScenarios } from '../share-scenarios.ts';
import { CreditScheduler } from './credit.ts';

test.each(shareScenarios)('$name on $pcpus pCPU(s): as under the real Xen, within 3 % of a pCPU', (scenario) => {
  const bench = new SchedBench(scenario.pcpus, (core) => new CreditScheduler(core));
  const domains = scenario.domains.map(({ vcpus = 1, weight, cap, pin, ...load }, i) =>
    bench.domain(i + 1, vcpus, {
      parameters: { ...(weight !== undefined && { weight }), ...(cap !== undefined && { cap }) },
      ...(pin !== undefined && { pin }),
      ...loadOf(load),
    }),
  );
  bench.run(seconds(20));
  const order = (shares: readonly number[]): number[] =>
    scenario.whoeverComesFirst ? [...shares].sort((a, b) => a - b) : [...shares];
  const here = order(domains.map(({ units }) => bench.share(units)));
  for (const [i, real] of order(scenario.credit).entries())
    expect(Math.abs((here[i] as number) - real)).toBeLessThan(3);
});
