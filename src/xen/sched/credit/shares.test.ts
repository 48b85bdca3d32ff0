import { expect, test } from 'vitest';
import { milliseconds, nanoseconds, seconds } from '../../time/time.ts';
import { loadOf, SchedBench } from '../sched-testing.ts';
import { shareScenarios } from '../share-scenarios.ts';
import { CreditScheduler } from './credit.ts';

test.each(shareScenarios)('$name on $pcpus pCPU(s): as under real Xen, within 3 % of a pCPU', (scenario) => {
  const bench = new SchedBench(scenario.pcpus, (core) => new CreditScheduler(core));
  // Under real Xen, what Dom0 used it used in one go, for the xl that told the figures.
  const dom0 = milliseconds(10 * scenario.dom0);
  if (dom0 > 0) bench.domain(0, 1, { load: { run: dom0, block: nanoseconds(seconds(1) - dom0) } });
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
  for (const recorded of [scenario.real, scenario.board]) {
    if (!recorded) continue;
    const real = order(recorded);
    for (const [i, share] of here.entries()) expect(Math.abs(share - (real[i] as number))).toBeLessThan(3);
  }
});
