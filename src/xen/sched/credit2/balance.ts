/** Balancing run queues: docs/xen/credit2.md, section 8. */
import type { Nanoseconds } from '../../time/time.ts';
import { countCpus, cycleCpu } from '../cpu-mask.ts';
import { PauseFlag } from '../unit.ts';
import { assign, followQueue, unassign, updateLoad, wholeLoad } from './load.ts';
import { allowed, dequeue, enqueue, isQueued, tickle } from './placement.ts';
import { type Credit2State, type Credit2Unit, type RunQueue, UnitFlag } from './state.ts';

/** Rules 8.5 and 8.6: after a reset, a queue and the one that differs most from it exchange what makes them more alike. */
export function balance(state: Credit2State, queue: RunQueue, now: Nanoseconds): void {
  if (state.queues.length < 2) return;
  for (const each of state.queues) followQueue(state, each, now);
  const difference = (other: RunQueue): number => Math.abs(queue.expected.average - other.expected.average);
  let other: RunQueue | null = null;
  for (const each of state.queues)
    if (each !== queue && difference(each) > (other ? difference(other) : 0)) other = each;
  if (!other || difference(other) < threshold(state, queue, other)) return;
  const exchange = bestExchange(state, queue, other, now);
  if (exchange.push) moveTo(state, exchange.push, other, now);
  if (exchange.pull) moveTo(state, exchange.pull, queue, now);
}

/** Rule 8.5. */
function threshold({ options }: Credit2State, one: RunQueue, other: RunQueue): number {
  const load = Math.max(one.expected.average, other.expected.average);
  const cpus = Math.max(countCpus(one.cpus), countCpus(other.cpus));
  const isOverloaded = load >= cpus * wholeLoad(options);
  return wholeLoad(options) * 2 ** (isOverloaded ? options.balanceOver : options.balanceUnder);
}

interface Exchange {
  readonly push: Credit2Unit | null;
  readonly pull: Credit2Unit | null;
}

/** Rule 8.6: the push, pull or swap after which the loads differ least. */
function bestExchange(state: Credit2State, queue: RunQueue, other: RunQueue, now: Nanoseconds): Exchange {
  const movable = (from: RunQueue, to: RunQueue): (Credit2Unit | null)[] => {
    const units = from.units.filter(
      ({ unit, flags }) => (allowed(state, unit) & to.cpus) !== 0 && (flags & UnitFlag.moves) === 0,
    );
    for (const svc of units) updateLoad(state, svc, 0, now);
    return [null, ...units];
  };
  const excess = queue.expected.average - other.expected.average;
  let best: Exchange = { push: null, pull: null };
  let least = Math.abs(excess);
  const pulls = movable(other, queue);
  for (const push of movable(queue, other)) {
    for (const pull of pulls) {
      const left = Math.abs(excess - 2 * ((push?.load.average ?? 0) - (pull?.load.average ?? 0)));
      if (left >= least) continue;
      least = left;
      best = { push, pull };
    }
  }
  return best;
}

function moveTo(state: Credit2State, svc: Credit2Unit, to: RunQueue, now: Nanoseconds): void {
  const { unit } = svc;
  if ((svc.flags & UnitFlag.scheduled) !== 0) {
    // It leaves at the next decision of its pCPU.
    svc.flags |= UnitFlag.moves;
    svc.moveTo = to;
    unit.pauseFlags |= PauseFlag.migrating;
    state.core.raiseSchedule(unit.processor);
    return;
  }
  const waits = isQueued(svc);
  if (waits) {
    dequeue(svc);
    updateLoad(state, svc, -1, now);
  }
  unassign(svc);
  to.pickBias = cycleCpu(to.pickBias, allowed(state, unit) & to.cpus);
  unit.processor = to.pickBias;
  assign(svc, to);
  if (!waits) return;
  updateLoad(state, svc, 1, now);
  enqueue(svc, to);
  tickle(state, svc, now);
}
