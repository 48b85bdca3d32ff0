/** Two channels that control one plant, and a monitor that lets the other take over when one fails. */
import type { Experiment, Figure } from '../experiment.ts';
import type { Operator, Steps } from '../operator.ts';

/** What the supervisor in Domain-0 does for a channel that fails (/etc/xen/scripts/redundancy). */
type Mode = 'none' | 'restart' | 'cold' | 'warm';

/** How long a plant without help is watched, in milliseconds of virtual time. */
const unhelpedMs = 1000;

const faults = [
  ['hang', 'channel-a hangs'],
  ['crash', 'channel-a crashes'],
  ['livelock', 'a task of channel-a runs away'],
  ['corrupt', 'channel-a’s memory is overwritten'],
  ['lose', 'channel-a loses its timer’s interrupt'],
] as const;

const outage = (id: string, label: string, bounds: Figure['bounds']): Figure => ({
  id,
  label: `outage, ${label}`,
  unit: 'ms',
  how: 'from the last output to the next one, by the monitor',
  bounds,
});

const figures: readonly Figure[] = [
  ...faults.map(([fault, what]) => outage(fault, `warm spare: ${what}`, [0, 5])),
  {
    id: 'warmMissed',
    label: 'outputs missed with a warm spare, at most',
    unit: '',
    how: 'by the monitor, over the five faults',
    bounds: [0, 4],
  },
  {
    id: 'bystander',
    label: 'releases that channel-b misses meanwhile',
    unit: '',
    how: 'its stat, over the five faults',
    bounds: [0, 0],
  },
  {
    id: 'hogged',
    label: 'outputs missed with a domain that spins on channel-a’s pCPU',
    unit: '',
    how: 'by the monitor, in a second',
    bounds: [0, 40],
  },
  outage('cold', 'cold spare: channel-a hangs', [5, 100]),
  outage('restart', 'restart: channel-a hangs', [20, 250]),
  outage('none', `no help: channel-a hangs, after ${unhelpedMs} ms`, [unhelpedMs - 50, unhelpedMs + 50]),
  {
    id: 'dom0',
    label: 'outage, Domain-0 crashes: the machine starts again',
    unit: 'ms',
    how: 'from the crash until the monitor’s first output',
    bounds: [5000, 7000],
  },
];

function* steps(operator: Operator): Steps<void> {
  let missed = 0;
  let bystander = 0;
  yield* operator.ready();
  for (const [index, [fault]] of faults.entries()) {
    // The story has started as a warm pair.
    if (index > 0) yield* setUp(operator, 'warm');
    const failed = yield* failover(operator, fault);
    operator.record(fault, failed.ms);
    missed = Math.max(missed, failed.missed);
    const [, lost] = yield* operator.ask('channel-b', 'stat', /(\d+) missed;/);
    bystander += Number(lost);
  }
  operator.record('warmMissed', missed);
  operator.record('bystander', bystander);

  yield* setUp(operator, 'warm');
  yield* controls(operator);
  yield* operator.command('xl create /etc/xen/noisy.cfg');
  operator.type('monitor', 'r');
  yield* operator.wait(1000);
  operator.record('hogged', Number((yield* operator.ask('monitor', 's', /(\d+) missed/))[1]));
  yield* operator.command('xl destroy noisy');

  for (const mode of ['cold', 'restart'] as const) {
    yield* setUp(operator, mode);
    operator.record(mode, (yield* failover(operator, 'hang')).ms);
  }
  yield* setUp(operator, 'none');
  yield* controls(operator);
  operator.type('channel-a', 'hang');
  yield* operator.wait(unhelpedMs);
  operator.record('none', Number((yield* operator.ask('monitor', 's', /last output ([\d.]+) ms ago/))[1]));
  operator.record('dom0', yield* crashDom0(operator));
}

/**
 * Domain-0's kernel panics: Xen stops all domains, waits 5 s, and restarts the machine, whose /etc/rc.local then starts the
 * system again.
 */
function* crashDom0(operator: Operator): Steps<number> {
  const crashed = operator.now;
  operator.type('Domain-0', 'echo c > /proc/sysrq-trigger');
  yield* operator.until(() => operator.domains.length < 2, 'The machine has not restarted');
  yield* operator.until(
    () => operator.domains.some(({ name, consoles }) => name === 'monitor' && consoles.length > 0),
    'The monitor has not started',
  );
  yield* operator.shows('monitor', /Channel 0 controls the plant\./);
  return operator.now - crashed;
}

/** Starts the monitor and the channels anew, with a supervisor of this mode. */
function* setUp(operator: Operator, mode: Mode): Steps<void> {
  yield* operator.command('kill %1; xl destroy channel-a; xl destroy channel-b; xl destroy monitor');
  const spare = mode === 'cold' ? 'xl create -p' : 'xl create';
  yield* operator.command('xl create /etc/xen/monitor.cfg; xl create /etc/xen/channel-a.cfg');
  // The periods of both begin at any time.
  yield* operator.command(`sleep ${(operator.random(10) / 1000).toFixed(6)}; ${spare} /etc/xen/channel-b.cfg`);
  yield* operator.command(`sh /etc/xen/scripts/redundancy ${mode} &`);
  if (mode === 'warm') yield* operator.shows('channel-b', /Monitored by/);
}

/** Waits until a channel controls the plant, and has for a while, so that a fault comes at any time of its period. */
function* controls(operator: Operator): Steps<void> {
  yield* operator.shows('monitor', /Channel 0 controls the plant\./);
  yield* operator.wait(50 + operator.random(20));
}

/** Injects a fault into channel-a and waits until the plant is controlled again. */
function* failover(operator: Operator, fault: string): Steps<{ readonly ms: number; readonly missed: number }> {
  yield* controls(operator);
  operator.type('channel-a', fault);
  const [, ms, missed] = yield* operator.shows(
    'monitor',
    /Channel 0 has failed[\s\S]*?no output for ([\d.]+) ms, (\d+) missed/,
  );
  return { ms: Number(ms), missed: Number(missed) };
}

export const redundancy: Experiment = { figures, steps };
