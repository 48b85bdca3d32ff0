import { expect, test } from 'vitest';
import type { Domain } from './domain/domain.ts';
import { XenBench } from './xen-testing.ts';

/** Nanoseconds that a domain's vCPU has run. */
const ran = (bench: XenBench, domain: Domain): number =>
  Number(domain.vcpu(0).unit.runstate(bench.xen.machine.now()).times[0]);

/** Begins with vectors that do nothing and return, so that the instruction at `storm` is executed for ever. */
const returning = (storm: string, prepare = ''): string => `
  adr  x0, vectors
  msr  vbar_el1, x0
  mov  x9, #0x9000000000
  ${prepare}
storm:
  ${storm}
  b    storm
  .align 11
vectors:
  .rept 16
  .rept 24
  nop
  .endr
  eret
  .align 7
  .endr`;

// Storms that stay at EL1, and storms into Xen.
test.each([
  ['BRK', returning('brk #0')],
  ['undefined instructions', returning('.word 0')],
  ['accesses that are not aligned', returning('ldr x1, [x9]', 'adr x9, vectors\nadd x9, x9, #1')],
  ['addresses that stage 2 does not map', returning('ldr x1, [x9]')],
  ['a vector that cannot be fetched', 'mov x0, #0x9000000000\nmsr vbar_el1, x0\nbrk #0'],
  ['an exception return to a state that does not exist', returning('eret', 'mov x0, #0xf\nmsr spsr_el1, x0')],
  ['hypercalls that do not exist', returning('hvc #0xea1')],
  ['trapped registers', returning('mrs x1, actlr_el1')],
])('does a domain keep its share while another does nothing but %s?', (_, source) => {
  const bench = new XenBench({ dramMiB: 32, commandLine: 'sched_credit_tslice_ms=1' });
  const storm = bench.guest(source);
  const neighbour = bench.guest('1: add x0, x0, #1\nb 1b');
  bench.run(6);
  const before = [storm, neighbour].map((domain) => ran(bench, domain));
  bench.run(18);
  const [ofStorm = 0, ofNeighbour = 0] = [storm, neighbour].map((domain, i) => ran(bench, domain) - (before[i] ?? 0));
  expect(ofStorm + ofNeighbour).toBeGreaterThan(0.99 * 18e6);
  expect(Math.abs(ofNeighbour / (ofStorm + ofNeighbour) - 0.5)).toBeLessThan(0.06);
});
