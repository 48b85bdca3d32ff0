import { defineConfig } from '@playwright/test';
import { findChromium } from './scripts/chromium.mjs';

// scripts/test.mjs picks a free port; by hand (`npm run e2e`) the default serves.
const port = Number(process.env.EL2LAB_PORT ?? 4173);
const executablePath = findChromium();

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  // One simulated machine at a time: each keeps a processor busy.
  workers: 1,
  // For computers several times as slow: what passes does not wait.
  timeout: 90_000,
  expect: { timeout: 20_000 },
  forbidOnly: Boolean(process.env.CI),
  reporter: [['list']],
  use: {
    baseURL: `http://localhost:${port}`,
    viewport: { width: 1440, height: 900 },
    locale: 'en-US',
    // Only the tests of it need the service worker, which would fetch the whole page for each test.
    serviceWorkers: 'block',
    trace: 'retain-on-failure',
    launchOptions: executablePath ? { executablePath } : {},
  },
  webServer: {
    command: `node scripts/serve.mjs ${port}`,
    url: `http://localhost:${port}`,
    reuseExistingServer: false,
  },
});
