/** What a pCPU runs next: docs/xen/credit2.md, sections 4 to 6. */
import { microseconds, type Nanoseconds, nanoseconds } from '../../time/time.ts';
import { hasCpu, maskOf } from '../cpu-mask.ts';
import { balance } from './balance.ts';
import { grabBudget, park } from './caps.ts';
import { burn, resetCredits } from './credits.ts';
import { updateLoad } from './load.ts';
import { idleCredit, longestRun, moveBonus, shortestRun } from './parameters.ts';
import { allowed, dequeue, preferred } from './placement.ts';
import { type Credit2State, type Credit2Unit, type RunQueue, UnitFlag } from './state.ts';

/** What a decision has come to: null is the idle unit, which runs until something happens. */
interface Choice {
  readonly next: Credit2Unit | null;
  readonly slice: Nanoseconds | null;
}

/** Section 4: decides for a pCPU that runs `current` or, for null, idles. */
export function decide(state: Credit2State, cpu: number, current: Credit2Unit | null, now: Nanoseconds): Choice {
  const queue = state.queueOf(cpu);
  queue.tickled &= ~maskOf(cpu);
  if (current) {
    burn(state, current, now);
    // Rule 4.1.
    if (current.unit.runnable && !grabBudget(state, current)) park(current);
  }
  const next = choose(state, queue, cpu, current, now);
  if (current) current.flags &= ~UnitFlag.yields;
  if (current && current !== next && current.unit.runnable) current.flags |= UnitFlag.delayedAdd;
  if (!next) {
    // Rule 4.7: a unit that goes back to the queue may be taken by this pCPU again.
    if (current && (current.flags & UnitFlag.delayedAdd) !== 0) queue.idle &= ~maskOf(cpu);
    else queue.idle |= maskOf(cpu);
    return { next: null, slice: null };
  }
  if (next !== current) {
    dequeue(next);
    next.flags |= UnitFlag.scheduled;
    next.chargedUntil = now;
  }
  queue.idle &= ~maskOf(cpu);
  const head = queue.waiting[0];
  if (Math.max(next.credit, head?.credit ?? idleCredit) <= 0) {
    resetCredits(state, queue, next, now);
    balance(state, queue, now);
  }
  next.tickledCpu = -1;
  if (next.unit.processor !== cpu) {
    next.credit += moveBonus;
    next.unit.processor = cpu;
  }
  return { next, slice: runTime(state, queue, next, next === current, now) };
}

/** Rules 4.2 to 4.6. */
function choose(
  state: Credit2State,
  queue: RunQueue,
  cpu: number,
  current: Credit2Unit | null,
  now: Nanoseconds,
): Credit2Unit | null {
  const yields = current !== null && (current.flags & UnitFlag.yields) !== 0;
  const limit = microseconds(state.ratelimitUs);
  const goesOn = current?.unit.runnable ?? false;
  if (current && goesOn && !yields && now - current.unit.stateEntryTime < limit) return current;
  const otherwise = current && goesOn && !prefersElsewhere(state, queue, cpu, current) ? current : null;
  const least = otherwise?.credit ?? idleCredit;
  for (const svc of [...queue.waiting]) {
    if (svc.credit <= least && !yields) break;
    const { unit, tickledCpu } = svc;
    if (!hasCpu(allowed(state, unit), cpu)) continue;
    if (tickledCpu >= 0 && tickledCpu !== cpu && hasCpu(queue.tickled, tickledCpu)) continue;
    if (otherwise && unit.processor !== cpu && svc.credit < least + state.options.migrateResist) continue;
    if (!grabBudget(state, svc)) {
      dequeue(svc);
      updateLoad(state, svc, -1, now);
      park(svc);
      continue;
    }
    return svc;
  }
  return otherwise;
}

/** Rule 4.3: whether a unit runs where it would rather not, while a pCPU that it prefers idles. */
function prefersElsewhere(state: Credit2State, queue: RunQueue, cpu: number, { unit }: Credit2Unit): boolean {
  const wanted = preferred(state, unit);
  return wanted !== null && !hasCpu(wanted, cpu) && (wanted & queue.idle & ~queue.tickled) !== 0;
}

/** Section 6. */
function runTime(
  { ratelimitUs }: Credit2State,
  { waiting, maxWeight }: RunQueue,
  { credit, unit, domain, budget }: Credit2Unit,
  goesOn: boolean,
  now: Nanoseconds,
): Nanoseconds {
  const rival = Math.max(waiting[0]?.credit ?? 0, 0);
  const lead = Math.floor(((credit - rival) * domain.weight) / maxWeight);
  const ran = goesOn ? now - unit.stateEntryTime : 0;
  const least = Math.max(shortestRun, microseconds(ratelimitUs) - ran);
  const most = domain.cap === 0 ? lead : Math.min(lead, budget);
  return nanoseconds(Math.min(Math.max(most, least), longestRun));
}
