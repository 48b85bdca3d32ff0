import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Session } from '../session.ts';

const kernel = (name: string) => ({
  name,
  bytes: new Uint8Array(readFileSync(new URL(`../../../guests/build/${name}`, import.meta.url))),
});

/** Runs a guest on two cores for so many milliseconds; the share of each core in the samples. */
function shares(name: string, ms: number): number[] {
  let wall = 0;
  const session = new Session(() => wall++);
  const booted = session.boot({ kernel: kernel(name), machine: { cpus: 2, memoryMiB: 128, el: 1 } });
  if (!booted.ok) throw new Error(booted.error);
  session.run();
  while (session.virtualNs < ms * 1e6 && session.state === 'running') session.advance(0);
  const view = session.usage;
  if (!view.ok) throw new Error(view.error);
  const { series, covered } = view.value.utilisation({ from: 0, to: view.value.sampled, buckets: 1 });
  expect(view.value.sampled).toBe(session.status().sampled);
  return series.map(({ busy }) => (busy[0] ?? 0) / (covered[0] ?? 1));
}

test('a core that computes is busy, and one that is off is not', () => {
  const [first, second] = shares('primes.elf', 30);
  expect(first).toBeGreaterThan(0.99);
  expect(first).toBeLessThanOrEqual(1);
  expect(second ?? 0).toBe(0);
});
