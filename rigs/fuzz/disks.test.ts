import { expect, test } from 'vitest';
import { DiskFuzz } from './disks.ts';

test('random contents of a disk’s ring break nothing, and another guest notices nothing', () => {
  for (const seed of [1, 2]) {
    const fuzz = new DiskFuzz(seed);
    fuzz.run(2000);
    const { coverage } = fuzz;
    // Each operation succeeds, and is refused. An indirect request is answered by the operation that it asks for.
    for (const operation of [0, 1, 2, 3, 5]) {
      expect(coverage.count('answered', `${operation}:0`), `operation ${operation}`).toBeGreaterThan(4);
      expect(coverage.count('answered', `${operation}:-1`), `operation ${operation}`).toBeGreaterThan(0);
    }
    expect(coverage.count('answered', 'other:-2')).toBeGreaterThan(4);
    expect(coverage.count('connected', 'again')).toBeGreaterThan(4);
    expect(coverage.count('disconnected', '5')).toBeGreaterThan(3);
  }
});
