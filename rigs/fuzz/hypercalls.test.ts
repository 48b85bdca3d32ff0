import { expect, test } from 'vitest';
import { Hypercall } from '../../src/xen/public/hypercalls.ts';
import { HypercallFuzz } from './hypercalls.ts';

test('random hypercalls break nothing and change nothing that belongs to others', () => {
  const fuzz = new HypercallFuzz(1);
  fuzz.run(5000);
  const { coverage } = fuzz;
  // The other domain, and three callers one after the other.
  expect(coverage.count('domain', 'created')).toBe(4);
  expect(coverage.count('domain', 'destroyed')).toBe(3);
  for (const name of [...Object.keys(Hypercall), 'unknown'])
    expect(coverage.count('called', name), `calls of ${name}`).toBeGreaterThan(100);
  const least = {
    memory_op: 10,
    multicall: 50,
    xen_version: 30,
    grant_table_op: 10,
    vm_assist: 5,
    vcpu_op: 5,
    sched_op: 30,
    event_channel_op: 5,
    hvm_op: 1,
  };
  for (const [name, count] of Object.entries(least))
    expect(coverage.count('succeeded', name), `${name} that succeeded`).toBeGreaterThanOrEqual(count);
  // Only Dom0 may make these.
  for (const name of ['console_io', 'sysctl', 'domctl', 'unknown'])
    expect(coverage.count('succeeded', name), `${name} that succeeded`).toBe(0);
});
