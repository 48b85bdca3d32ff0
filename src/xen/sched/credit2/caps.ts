/** Caps: docs/xen/credit2.md, section 7. */
import { nanoseconds } from '../../time/time.ts';
import { maskOf } from '../cpu-mask.ts';
import { PauseFlag } from '../unit.ts';
import { type Credit2Options, shortestRun } from './parameters.ts';
import type { Credit2Domain, Credit2State, Credit2Unit } from './state.ts';

/** Rule 7.2: what a domain may use in each period. */
const refill = ({ capPeriod }: Credit2Options, { cap }: Credit2Domain): number => Math.floor((cap * capPeriod) / 100);

/** Rule 7.4: what a unit takes of it at once. */
export const quota = (options: Credit2Options, domain: Credit2Domain): number =>
  Math.max(Math.floor(refill(options, domain) / Math.max(domain.units.length, 1)), shortestRun);

/** Rule 7.4: whether a unit has budget, or gets some of its domain's. */
export function grabBudget({ options }: Credit2State, svc: Credit2Unit): boolean {
  const { domain } = svc;
  if (domain.cap === 0 || svc.budget > 0) return true;
  // What it has used beyond its part is its domain's debt.
  domain.budget += svc.budget;
  svc.budget = Math.max(Math.min(quota(options, domain), domain.budget), 0);
  domain.budget -= svc.budget;
  return svc.budget > 0;
}

/** Rule 7.5: a unit without budget may not run until there is some. It is on no queue. */
export function park(svc: Credit2Unit): void {
  svc.unit.pauseFlags |= PauseFlag.parked;
  svc.domain.parked.push(svc);
}

/** Rule 7.5: a domain has budget again. */
function unparkAll({ core }: Credit2State, domain: Credit2Domain): void {
  for (const svc of domain.parked.splice(0)) {
    svc.unit.pauseFlags &= ~PauseFlag.parked;
    core.wake(svc.unit);
  }
}

/** Rule 7.6: a unit has left its pCPU. */
export function returnBudget(state: Credit2State, svc: Credit2Unit): void {
  const { domain } = svc;
  if (domain.cap === 0) return;
  domain.budget += svc.budget;
  svc.budget = 0;
  if (domain.budget > 0) unparkAll(state, domain);
}

/** Rule 7.3: a period has ended. */
export function refillBudget(state: Credit2State, domain: Credit2Domain): void {
  const { options, core } = state;
  const now = core.now();
  const amount = refill(options, domain);
  do {
    domain.nextRefill = nanoseconds(domain.nextRefill + options.capPeriod);
    domain.budget = Math.min(domain.budget + amount, amount);
  } while (domain.nextRefill <= now);
  if (domain.budget > 0) unparkAll(state, domain);
  domain.refillTimer.set(domain.nextRefill);
}

/** Rule 7.1. */
export function setCap(state: Credit2State, domain: Credit2Domain, cap: number): void {
  if (cap === domain.cap) return;
  const { options, core } = state;
  const now = core.now();
  const hadCap = domain.cap !== 0;
  domain.cap = cap;
  if (cap === 0) {
    domain.refillTimer.stop();
    for (const svc of domain.units) svc.budget = 0;
    unparkAll(state, domain);
  } else if (!hadCap) {
    domain.budget = refill(options, domain);
    domain.nextRefill = nanoseconds(now + options.capPeriod);
    domain.refillTimer.set(domain.nextRefill);
    for (const svc of domain.units) {
      svc.budget = 0;
      // What runs takes its part at a decision.
      if (core.current(svc.unit.processor) !== svc.unit || !svc.queue) continue;
      svc.chargedUntil = now;
      svc.queue.tickled |= maskOf(svc.unit.processor);
      core.raiseSchedule(svc.unit.processor);
    }
  } else domain.budget = Math.min(domain.budget, refill(options, domain));
}
