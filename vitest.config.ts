import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

const cores = availableParallelism();

export default defineConfig({
  test: {
    // For machines that do other things at the same time.
    testTimeout: 60_000,
    // By default one core is left free: half of a machine with two.
    maxWorkers: Math.max(Math.min(cores, 2), cores - 1),
    // Tests of one file that run programs at the same time.
    maxConcurrency: 2,
    include: ['src/**/*.test.{ts,tsx}', 'rigs/**/*.test.ts', 'scripts/**/*.test.ts'],
    environment: 'node',
  },
});
