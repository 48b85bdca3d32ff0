/** What is compared between the model of Xen and the real one: the same domains, made by the same commands, for the same time. */
import { checkConfig } from '../../dom0/config/check.ts';
import type { ExitKind } from '../api/domain-details.ts';
import type { Experiment, Figure } from '../stories/experiment.ts';
import { readStat } from '../stories/isolation/stat.ts';
import type { Operator, Steps } from '../stories/operator.ts';
import { type Quantity, quantities } from './differences.ts';

export interface ComparedDomain {
  readonly name: string;
  /** Its config in Domain-0. */
  readonly config: string;
  /** Whether it answers `stat` with the latencies of its control task (guests/xen/rtos). */
  readonly isRtos: boolean;
}

const units: Readonly<Record<Quantity, Figure['unit']>> = {
  share: '%',
  hypercalls: '/s',
  waits: '/s',
  p50: 'µs',
  p99: 'µs',
  max: 'µs',
};
const hows: Readonly<Record<Quantity, string>> = {
  share: 'CPU time, of one pCPU',
  hypercalls: 'hypercalls a second',
  waits: 'WFI and WFE that Xen has trapped, a second',
  p50: 'latency of the control task, median',
  p99: 'latency of the control task, 99th percentile',
  max: 'latency of the control task, largest',
};
const exits: readonly (readonly [Quantity, ExitKind])[] = [
  ['hypercalls', 'hypercall'],
  ['waits', 'wait'],
];
const isLatency = (quantity: Quantity): boolean => units[quantity] === 'µs';

/** Milliseconds until domains that were just made have settled. */
const settlingMs = 500;
/** Milliseconds that a command of Domain-0 may take. */
const limitMs = 30_000;

const dom0 = 'Domain-0';
const idOf = (domain: string, quantity: Quantity): string => `${quantity} ${domain}`;

/** The domain of a config; null if xl would refuse that. */
export function comparedDomain(config: string, text: string): ComparedDomain | null {
  const { config: read } = checkConfig(text, { source: config });
  return read && { name: read.name, config, isRtos: read.kernel?.endsWith('/rtos.img') ?? false };
}

/** Creates domains of their configs, lets them run for some seconds, and measures. */
export function comparison(domains: readonly ComparedDomain[], seconds: number): Experiment {
  const figures = [...domains, { name: dom0, isRtos: false }].flatMap(({ name, isRtos }) =>
    quantities
      .filter((quantity) => isRtos || !isLatency(quantity))
      .map(
        (quantity): Figure => ({
          id: idOf(name, quantity),
          label: `${name} ${quantity}`,
          unit: units[quantity],
          how: hows[quantity],
          bounds: [0, Number.POSITIVE_INFINITY],
        }),
      ),
  );
  return { figures, steps: (operator) => measure(operator, domains, seconds) };
}

function* measure(operator: Operator, domains: readonly ComparedDomain[], seconds: number): Steps<void> {
  const names = [...domains.map(({ name }) => name), dom0];
  const counted = () =>
    names.map((name) => ({
      time: operator.domain(name).time,
      exits: exits.map(([, kind]) => operator.exits(name).find((exit) => exit.kind === kind)?.count ?? null),
    }));
  yield* operator.ready(limitMs);
  for (const { config } of domains) yield* operator.command(`xl create ${config}`, limitMs);
  const rtoses = domains.filter(({ isRtos }) => isRtos).map(({ name }) => name);
  for (const name of names) yield* operator.until(() => operator.has(name), `There is no domain ${name}`);
  yield* operator.wait(settlingMs);
  for (const name of rtoses) operator.type(name, 'reset');
  const before = counted();
  yield* operator.wait(seconds * 1000);
  const after = counted();
  for (const [i, name] of names.entries()) {
    operator.record(idOf(name, 'share'), ((after[i]?.time ?? 0) - (before[i]?.time ?? 0)) / seconds / 1e7);
    for (const [n, [quantity]] of exits.entries()) {
      const [first, last] = [before[i]?.exits[n] ?? null, after[i]?.exits[n] ?? null];
      if (first !== null && last !== null) operator.record(idOf(name, quantity), (last - first) / seconds);
    }
  }
  for (const name of rtoses) {
    const stat = readStat((yield* operator.ask(name, 'stat', /^control: .*\n/m))[0]);
    if (!stat) continue;
    operator.record(idOf(name, 'p50'), stat.p50);
    operator.record(idOf(name, 'p99'), stat.p99);
    operator.record(idOf(name, 'max'), stat.max);
  }
}
