import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // For machines that do other things at the same time.
    testTimeout: 60_000,
    include: ['src/**/*.test.{ts,tsx}', 'rigs/**/*.test.ts', 'scripts/**/*.test.ts'],
    environment: 'node',
  },
});
