/** What is measured in which story. */
import { acceleration } from './acceleration.ts';
import type { Experiment } from './experiment.ts';
import { isolation } from './isolation/isolation.ts';
import { lifeCycle } from './life-cycle.ts';
import { load } from './load/load.ts';
import { loadLinux } from './load/load-linux.ts';
import { redundancy } from './redundancy/redundancy.ts';
import { revisions } from './revisions.ts';
import { scaling } from './scaling/scaling.ts';
import { smmu } from './smmu/smmu.ts';
import type { StoryName } from './stories.ts';

export const experiments: Readonly<Partial<Record<StoryName, Experiment>>> = {
  load,
  'load-linux': loadLinux,
  isolation,
  redundancy,
  scaling,
  smmu,
  revisions,
  'life-cycle': lifeCycle,
  acceleration,
};
