/** docs/xen/null.md, section 4: what a guest that waits costs. */
import { expect, test } from 'vitest';
import { XenBench } from '../../xen-testing.ts';

/** Waits for its timer each millisecond, and counts how often it did. */
const sleeper = `
    movz x19, #0x4010, lsl #16
    mrs  x1, cntfrq_el0
    mov  x2, #1000
    udiv x1, x1, x2
1:  msr  cntv_tval_el0, x1
    mov  x0, #1
    msr  cntv_ctl_el0, x0
2:  wfi
    mrs  x0, cntv_ctl_el0
    tbz  x0, #2, 2b
    ldr  x0, [x19]
    add  x0, x0, #1
    str  x0, [x19]
    b    1b`;

const statesAfter = (commandLine: string) => {
  const bench = new XenBench({ commandLine });
  const domain = bench.guest(sleeper);
  bench.run(100);
  const { times } = domain.vcpu(0).unit.runstate(bench.xen.machine.now());
  const [running, runnable, blocked] = times;
  return {
    waits: Number(bench.peek(domain, 0x4010_0000)),
    runs: Math.round((running * 100) / (running + runnable + blocked)),
  };
};

test('vwfi=trap: a guest that waits blocks', () => {
  const { waits, runs } = statesAfter('sched=null');
  expect(waits).toBeGreaterThan(90);
  expect(runs).toBeLessThan(10);
});

test('vwfi=native: it keeps its pCPU, and wakes by its timer all the same', () => {
  const { waits, runs } = statesAfter('sched=null vwfi=native');
  expect(waits).toBeGreaterThan(90);
  expect(runs).toBe(100);
});

test('any other word means trap', () => {
  expect(statesAfter('sched=null vwfi=nothing').runs).toBeLessThan(10);
});
