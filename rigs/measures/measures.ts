/** The measurements of `npm run measure`. */

import { storyNames, storyOf } from '../../src/session/stories/stories.ts';

export { latencyScenarios, recordedLatency } from '../../src/xen/sched/latency-scenarios.ts';
export { shareScenarios } from '../../src/xen/sched/share-scenarios.ts';
export { measureLatency } from './latency.ts';
export { measureNetwork } from './network.ts';
export { latencyPlot, latencyTable, measureSchedulers } from './schedulers.ts';
export { measureShares } from './shares.ts';

export const measuredStories = storyNames.filter((name) => storyOf(name).isMeasured);
