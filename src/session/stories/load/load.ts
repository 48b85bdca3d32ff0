/** Servers that come and go with demand, beside one that has all cores, one for each core all day, and those beside one that takes what they leave. */
import { hours } from '../../../soc/net/clients/day.ts';
import type { Experiment, Figure, Plot } from '../experiment.ts';
import { ExperimentFailure, type Operator, type Steps } from '../operator.ts';
import { balancePath } from './files.ts';

/** A day in seconds of virtual time, and requests per second at its peak: 80 % of what three servers can do. */
const daySeconds = 3;
const peak = 2400;
const servedCpus = [1, 2, 3];

/** Who serves: the name of the plots' lines, the letters of the figures' ids. */
const ways = {
  balanced: { id: 'b', line: 'balance.sh', label: 'started and stopped by balance.sh' },
  fixed: { id: 'f', line: 'fixed', label: 'one domain with three pCPUs' },
  each: { id: 'e', line: 'worker-1, 2, 3', label: 'a domain for each pCPU all day' },
  light: { id: 'l', line: 'and batch, weight 16', label: 'the same, and batch with weight 16' },
  equal: { id: 'q', line: 'and batch, weight 256', label: 'the same, and batch with weight 256' },
} as const;
type Way = keyof typeof ways;

type Bounds = Figure['bounds'];
const report = 'clients report';
const accounts = 'Xen’s accounts of pCPU 1 to 3, over the day';

function figuresOf(
  way: Way,
  bounds: { answered: Bounds; p50: Bounds; p99: Bounds; idle: Bounds; servers?: Bounds; used?: Bounds },
): Figure[] {
  const { id, label } = ways[way];
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

const figures: readonly Figure[] = [
  ...figuresOf('balanced', {
    answered: [99, 100],
    p50: [1, 3],
    p99: [20, 150],
    servers: [1.8, 2.4],
    idle: [50, 62],
    used: [55, 70],
  }),
  ...figuresOf('fixed', {
    answered: [50, 70],
    p50: [200, 450],
    p99: [450, 560],
    servers: [0.9, 1],
    idle: [70, 78],
    used: [22, 30],
  }),
  ...figuresOf('each', {
    answered: [99, 100],
    p50: [1, 1.2],
    p99: [2, 5],
    servers: [2.9, 3],
    idle: [50, 60],
    used: [40, 50],
  }),
  ...figuresOf('light', { answered: [99, 100], p50: [1, 3], p99: [2, 20], idle: [0, 4] }),
  ...figuresOf('equal', { answered: [80, 100], p50: [1, 20], p99: [50, 560], idle: [0, 4] }),
];

const plots: readonly Plot[] = [
  { id: 'demand', label: 'requests', unit: '/s', x: 'hour' },
  { id: 'answered', label: 'answers', unit: '/s', x: 'hour' },
  { id: 'p99', label: 'response time, p99', unit: 'ms', x: 'hour' },
  { id: 'servers', label: 'domains', unit: '', x: 'hour' },
  { id: 'idle', label: 'three pCPUs idle (WFI)', unit: '%', x: 'hour' },
];

function* steps(operator: Operator): Steps<void> {
  yield* operator.ready();
  // worker-1 has come, and has its address.
  yield* operator.shows('worker-1', /A worker at/);
  yield* dayOf(operator, 'balanced', `sh ${balancePath}`);
  yield* operator.command('xl shutdown -a -w');
  yield* operator.command('xl create -q /etc/xen/fixed.cfg');
  yield* operator.shows('fixed', /A worker at/);
  yield* dayOf(operator, 'fixed', `sleep ${daySeconds}`);
  yield* operator.command('xl shutdown -a -w');
  yield* operator.command('for i in 1 2 3; do xl create -q /etc/xen/worker-$i.cfg; done');
  yield* operator.shows('worker-3', /A worker at/);
  yield* dayOf(operator, 'each', `sleep ${daySeconds}`);
  yield* operator.command('xl create -q /etc/xen/batch.cfg');
  yield* dayOf(operator, 'light', `sleep ${daySeconds}`);
  yield* operator.command('xl sched-credit -d batch -w 256');
  yield* dayOf(operator, 'equal', `sleep ${daySeconds}`);
}

/** A day of the clients, during which Domain-0 runs a command. */
function* dayOf(operator: Operator, way: Way, meanwhile: string): Steps<void> {
  const { id, line } = ways[way];
  yield* operator.wait(operator.random(100));
  yield* operator.command(`clients start --peak ${peak} --day ${daySeconds} --work 1000`);
  const start = operator.now;
  yield* operator.command(meanwhile, 3 * daySeconds * 1000);
  const idle = operator.idle(servedCpus, { from: start, to: start + daySeconds * 1000, buckets: hours });
  const { byHour, day } = readReport(yield* operator.command(report));
  const seconds = daySeconds / hours;
  byHour.forEach((hour, at) => {
    operator.plot('demand', line, at, hour.asked / seconds);
    operator.plot('answered', line, at, hour.answered / seconds);
    operator.plot('p99', line, at, hour.p99);
    operator.plot('servers', line, at, hour.servers);
  });
  idle.forEach((share, at) => {
    operator.plot('idle', line, at, share);
  });
  const meanIdle = idle.reduce((sum, share) => sum + share, 0) / idle.length;
  const pcpus = way === 'fixed' ? servedCpus.length : day.servers;
  operator.record(`${id}Answered`, (day.answered / day.asked) * 100);
  operator.record(`${id}P50`, day.p50);
  operator.record(`${id}P99`, day.p99);
  operator.record(`${id}Idle`, meanIdle);
  if (way === 'light' || way === 'equal') return;
  operator.record(`${id}Servers`, day.servers);
  operator.record(`${id}Used`, ((100 - meanIdle) * servedCpus.length) / pcpus);
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

export const load: Experiment = { figures, plots, steps };
