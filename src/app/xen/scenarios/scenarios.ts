export const scenarioNames = ['noisy', 'weights', 'rogue', 'redundancy', 'linux', 'network'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

/** A system to learn from: Xen with domains that Domain-0's /etc/rc.local creates. */
export interface Scenario {
  readonly name: ScenarioName;
  /** pCPUs of the machine, where the lesson depends on them; otherwise what the user has chosen for the next start. */
  readonly cpus?: number;
  /** The configs of its domains, in /etc/xen. */
  readonly domains: readonly string[];
  /** Whether it needs the Linux that `npm run images` fetches. */
  readonly needsLinux?: boolean;
}

const all: Readonly<Record<ScenarioName, Omit<Scenario, 'name'>>> = {
  noisy: { domains: ['rtos-a', 'rtos-b', 'noisy'] },
  weights: {
    cpus: 1,
    domains: ['light', 'heavy'],
  },
  rogue: { domains: ['rtos-a', 'rogue'] },
  redundancy: {
    domains: ['channel-a', 'channel-b'],
  },
  linux: { domains: ['rtos-a', 'linux'], needsLinux: true },
  network: { domains: ['linux-a', 'linux-b'], needsLinux: true },
};

export const scenarioOf = (name: ScenarioName): Scenario => ({ name, ...all[name] });

/** The scenario of a link to the page: `#scenario=weights`. */
export function scenarioIn(hash: string): Scenario | null {
  const name = scenarioNames.find((each) => hash === `#scenario=${each}`);
  return name ? scenarioOf(name) : null;
}

/** Domain-0's script of that name, which only a scenario replaces. */
export const bootScript = '/etc/rc.local';
