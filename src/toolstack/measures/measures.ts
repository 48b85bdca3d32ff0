/** What `npm run measure` runs. */

export { latencyScenarios, measureLatency } from './latency.ts';
export { shareScenarios } from './share-scenarios.ts';
export { measureShares } from './shares.ts';
