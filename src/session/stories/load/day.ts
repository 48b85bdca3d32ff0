/** A day of the clients: what is measured of whoever serves them. */
import { hours } from '../../../soc/net/clients/day.ts';
import type { Figure, Plot } from '../experiment.ts';
import { ExperimentFailure, type Operator, type Steps } from '../operator.ts';

/** The pCPUs that serve; pCPU 0 is Domain-0's. */
const servedCpus = [1, 2, 3];
/** Requests per second at the peak: 80 % of what three servers can do. */
const peak = 2400;

/** Who serves. */
export interface Way {
  /** The letter with which its figures' ids begin. */
  readonly id: string;
  /** The name of its lines in the plots. */
  readonly line: string;
  readonly label: string;
  /** One domain has all pCPUs. */
  readonly isOne?: boolean;
}

type Bounds = Figure['bounds'];
const report = 'clients report';
const accounts = 'Xen’s accounts of pCPU 1 to 3, over the day';

export function figuresOf(
  { id, label }: Way,
  bounds: { answered: Bounds; p50: Bounds; p99: Bounds; idle: Bounds; servers?: Bounds; used?: Bounds },
): Figure[] {
  return [
    { id: `${id}Answered`, label: `${label}: requests answered`, unit: '%', how: report, bounds: bounds.answered },
    { id: `${id}P50`, label: `${label}: response time, p50`, unit: 'ms', how: report, bounds: bounds.p50 },
    { id: `${id}P99`, label: `${label}: response time, p99`, unit: 'ms', how: report, bounds: bounds.p99 },
    { id: `${id}Idle`, label: `${label}: three pCPUs idle (WFI)`, unit: '%', how: accounts, bounds: bounds.idle },
    ...(bounds.servers
      ? [
          {
            id: `${id}Servers`,
            label: `${label}: domains, mean`,
            unit: '' as const,
            how: report,
            bounds: bounds.servers,
          },
        ]
      : []),
    ...(bounds.used
      ? [
          {
            id: `${id}Used`,
            label: `${label}: use of the pCPUs that it has`,
            unit: '%' as const,
            how: `${accounts}; those without a domain are free for others`,
            bounds: bounds.used,
          },
        ]
      : []),
  ];
}

export const dayPlots: readonly Plot[] = [
  { id: 'demand', label: 'requests', unit: '/s', x: 'hour' },
  { id: 'answered', label: 'answers', unit: '/s', x: 'hour' },
  { id: 'p99', label: 'response time, p99', unit: 'ms', x: 'hour' },
  { id: 'servers', label: 'domains', unit: '', x: 'hour' },
  { id: 'used', label: 'use of the pCPUs that have a server', unit: '%', x: 'hour' },
  { id: 'idle', label: 'three pCPUs idle (WFI)', unit: '%', x: 'hour' },
];

/**
 * A day of the clients, during which Domain-0 runs a command.
 * @param isShared somebody else is on the servers' pCPUs, so that their use tells nothing of the servers
 */
export function* dayOf(
  operator: Operator,
  { id, line, isOne = false }: Way,
  { seconds, meanwhile, isShared = false }: { seconds: number; meanwhile: string; isShared?: boolean },
): Steps<void> {
  yield* operator.wait(operator.random(100));
  yield* operator.command(`clients start --peak ${peak} --day ${seconds} --work 1000`);
  const start = operator.now;
  yield* operator.command(meanwhile, 3 * seconds * 1000);
  const idle = operator.idle(servedCpus, { from: start, to: start + seconds * 1000, buckets: hours });
  const { byHour, day } = readReport(yield* operator.command(report));
  const hourSeconds = seconds / hours;
  /** Of the pCPUs that have a server. */
  const use = (idleShare: number, servers: number): number =>
    Math.min(((100 - idleShare) * servedCpus.length) / (isOne ? servedCpus.length : servers), 100);
  byHour.forEach((hour, at) => {
    operator.plot('demand', line, at, hour.asked / hourSeconds);
    operator.plot('answered', line, at, hour.answered / hourSeconds);
    operator.plot('p99', line, at, hour.p99);
    operator.plot('servers', line, at, hour.servers);
    if (!isShared) operator.plot('used', line, at, use(idle[at] ?? 0, hour.servers));
  });
  idle.forEach((share, at) => {
    operator.plot('idle', line, at, share);
  });
  const meanIdle = idle.reduce((sum, share) => sum + share, 0) / idle.length;
  operator.record(`${id}Answered`, (day.answered / day.asked) * 100);
  operator.record(`${id}P50`, day.p50);
  operator.record(`${id}P99`, day.p99);
  operator.record(`${id}Idle`, meanIdle);
  if (isShared) return;
  operator.record(`${id}Servers`, day.servers);
  operator.record(`${id}Used`, use(meanIdle, day.servers));
}

interface Counted {
  readonly asked: number;
  readonly answered: number;
  readonly p50: number;
  readonly p99: number;
  readonly servers: number;
}

function readReport(text: string): { readonly byHour: readonly Counted[]; readonly day: Counted } {
  const rows = text
    .trim()
    .split('\n')
    .slice(1)
    .map((row): Counted => {
      const [asked = 0, answered = 0, , p50 = 0, p99 = 0, servers = 0] = row.trim().split(/\s+/).slice(1).map(Number);
      return { asked, answered, p50, p99, servers };
    });
  const day = rows.at(-1);
  if (!day || rows.length !== hours + 1) throw new ExperimentFailure(`'${report}' has not shown ${hours} hours.`);
  return { byHour: rows.slice(0, hours), day };
}
