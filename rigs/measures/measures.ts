/** The measurements of `npm run measure`. */

export { shareScenarios } from '../../src/xen/sched/share-scenarios.ts';
export { latencyScenarios, measureLatency } from './latency.ts';
export { measureShares } from './shares.ts';
