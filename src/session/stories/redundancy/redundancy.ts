/** Two channels that control one plant, and a monitor that lets the other take over when one fails. */
import type { Experiment, Figure, Plot } from '../experiment.ts';
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

/** The fault of which no channel is the cause: another domain takes all of channel-a's pCPU. */
const hogged = 'pCPU hogged';
const places = [...faults.map(([fault]) => fault), hogged];
/** How long the plant is watched while the pCPU is hogged, in milliseconds of virtual time. */
const hoggedMs = 1000;

const plots: readonly Plot[] = [
  { id: 'outages', label: `outage within ${unhelpedMs} ms (logarithmic)`, unit: 'ms', x: places },
  { id: 'losses', label: 'outputs missed meanwhile (logarithmic)', unit: '', x: places },
];

const missedOf = (mode: Mode, what: string, most: number): Figure => ({
  id: `${mode}Missed`,
  label: `outputs missed with ${what}, at most`,
  unit: '',
  how: 'by the monitor, over the five faults',
  bounds: [0, most],
});

const outage = (id: string, label: string, bounds: Figure['bounds']): Figure => ({
  id,
  label: `outage, ${label}`,
  unit: 'ms',
  how: 'from the last output to the next one, by the monitor',
  bounds,
});

const figures: readonly Figure[] = [
  ...faults.map(([fault, what]) => outage(fault, `warm spare: ${what}`, [0, 5])),
  missedOf('warm', 'a warm spare', 4),
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
  outage('cold', 'cold spare: the longest of the five faults', [5, 100]),
  missedOf('cold', 'a cold spare', 100),
  outage('restart', 'restart: the longest of the five faults', [20, 250]),
  missedOf('restart', 'a restart', 250),
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
  let bystander = 0;
  yield* operator.ready();
  const plot = (mode: Mode, at: number, { ms, missed }: Outage): void => {
    operator.plot('outages', mode, at, ms);
    operator.plot('losses', mode, at, missed);
  };
  for (const mode of ['warm', 'cold', 'restart'] as const) {
    let longest = 0;
    let most = 0;
    for (const [at, [fault]] of faults.entries()) {
      // The story has started as a warm pair.
      if (mode !== 'warm' || at > 0) yield* setUp(operator, mode);
      const failed = yield* failover(operator, fault);
      plot(mode, at, failed);
      longest = Math.max(longest, failed.ms);
      most = Math.max(most, failed.missed);
      if (mode !== 'warm') continue;
      operator.record(fault, failed.ms);
      const [, lost] = yield* operator.ask('channel-b', 'stat', /(\d+) missed;/);
      bystander += Number(lost);
    }
    if (mode !== 'warm') operator.record(mode, longest);
    operator.record(`${mode}Missed`, most);
  }
  operator.record('bystander', bystander);

  // Nobody fails by that, so it does not matter who would help.
  yield* setUp(operator, 'warm');
  yield* controls(operator);
  yield* operator.command('xl create /etc/xen/noisy.cfg');
  operator.type('monitor', 'r');
  yield* operator.wait(hoggedMs);
  const late = yield* outageOf(operator);
  operator.record('hogged', late.missed);
  plot('warm', faults.length, late);
  yield* operator.command('xl destroy noisy');

  for (const [at, [fault]] of faults.entries()) {
    yield* setUp(operator, 'none');
    yield* controls(operator);
    operator.type('channel-a', fault);
    yield* operator.wait(unhelpedMs);
    const ms = Number((yield* operator.ask('monitor', 's', /last output ([\d.]+) ms ago/))[1]);
    if (fault === 'hang') operator.record('none', ms);
    plot('none', at, { ms, missed: Math.floor(ms) });
  }
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

/** How long the plant got no output, and how many outputs it missed. */
interface Outage {
  readonly ms: number;
  readonly missed: number;
}

/** Injects a fault into channel-a and waits until the plant is controlled again. */
function* failover(operator: Operator, fault: string): Steps<Outage> {
  yield* controls(operator);
  operator.type('channel-a', fault);
  const [, ms, missed] = yield* operator.shows(
    'monitor',
    /Channel 0 has failed[\s\S]*?no output for ([\d.]+) ms, (\d+) missed/,
  );
  return { ms: Number(ms), missed: Number(missed) };
}

/** The monitor's count since it began anew. */
function* outageOf(operator: Operator): Steps<Outage> {
  const [, missed, ms] = yield* operator.ask('monitor', 's', /(\d+) missed; longest ([\d.]+) ms/);
  return { ms: Number(ms), missed: Number(missed) };
}

export const redundancy: Experiment = { figures, plots, steps };
