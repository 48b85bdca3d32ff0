/** The stories: systems of Xen's domains to learn from. The page loads this list at its start, so it has names only. */

export const storyNames = [
  'load',
  'load-linux',
  'isolation',
  'weights',
  'rogue',
  'redundancy',
  'scaling',
  'smmu',
  'revisions',
  'life-cycle',
  'acceleration',
  'linux',
  'network',
] as const;
export type StoryName = (typeof storyNames)[number];

/** A machine with domains that Domain-0's /etc/rc.local creates. `experiments` has what is measured on it. */
export interface Story {
  readonly name: StoryName;
  /** pCPUs of the machine, where the lesson depends on them. */
  readonly cpus?: number;
  /** Words behind Xen's command line. */
  readonly xenWords?: string;
  /** The configs of its domains, in /etc/xen. */
  readonly domains: readonly string[];
  /** A script in /etc/xen/scripts that runs in the background, with its arguments. */
  readonly service?: readonly [name: 'redundancy', ...args: readonly string[]];
  /** Whether there are figures to measure. */
  readonly isMeasured?: boolean;
  /** Whether it needs the Linux that `npm run images` fetches. */
  readonly needsLinux?: boolean;
}

const all: Readonly<Record<StoryName, Omit<Story, 'name'>>> = {
  load: { domains: ['worker-1'], isMeasured: true },
  'load-linux': { domains: ['worker-1'], isMeasured: true, needsLinux: true },
  isolation: { domains: ['rtos-a', 'rtos-b', 'noisy'], isMeasured: true },
  weights: { cpus: 1, domains: ['light', 'heavy'] },
  rogue: { domains: ['rtos-a', 'rogue'] },
  redundancy: {
    xenWords: 'xsm=dummy',
    domains: ['monitor', 'channel-a', 'channel-b'],
    service: ['redundancy', 'warm'],
    isMeasured: true,
  },
  scaling: { cpus: 2, domains: ['copy-1'], isMeasured: true },
  smmu: { domains: ['neighbour', 'dma', 'rtos-a'], isMeasured: true },
  revisions: { domains: ['rtos-a', 'rtos-b'], isMeasured: true },
  'life-cycle': { domains: ['rtos-a'], isMeasured: true },
  acceleration: { domains: ['fast', 'slow'], isMeasured: true },
  linux: { domains: ['rtos-a', 'linux'], needsLinux: true },
  network: { domains: ['linux-a', 'linux-b'], needsLinux: true },
};

/** The story of a link to the page: `#story=weights`. */
export function storyIn(hash: string): Story | null {
  const name = storyNames.find((each) => hash === `#story=${each}`);
  return name ? storyOf(name) : null;
}

export const storyOf = (name: StoryName): Story => ({ name, ...all[name] });
