/** What `npm run measure` runs. */

export { shareScenarios } from '../../src/xen/sched/share-scenarios.ts';
export { latencyScenarios, measureLatency } from './latency.ts';
export { measureShares } from './shares.ts';
