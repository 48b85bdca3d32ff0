/** Credits: docs/xen/credit2.md, sections 1 and 5. They are nanoseconds of the domain with the largest weight. */
import type { Nanoseconds } from '../../time/time.ts';
import { cpusOf } from '../cpu-mask.ts';
import { fullCredit, leastCredit, mostCredit } from './parameters.ts';
import type { Credit2State, Credit2Unit, RunQueue } from './state.ts';

/** Rules 1.4, 1.5 and 7.4: takes what a running unit owes for its time up to `now`. */
export function burn(state: Credit2State, svc: Credit2Unit, now: Nanoseconds): void {
  const time = now - svc.chargedUntil;
  if (time <= 0) return;
  const { weight, cap } = svc.domain;
  const owed = time * (svc.queue?.maxWeight ?? weight) + svc.residual;
  const before = svc.credit;
  svc.credit = Math.max(svc.credit - Math.floor(owed / weight), leastCredit);
  svc.residual = owed % weight;
  if (cap !== 0) svc.budget -= time;
  svc.chargedUntil = now;
  state.creditChanged(svc, before);
}

/** Rule 1.2: after units or weights have changed. */
export function updateMaxWeight(queue: RunQueue): void {
  queue.maxWeight = queue.units.reduce((most, { domain }) => Math.max(most, domain.weight), 1);
}

/** Rule 5.2: all units of a queue begin anew. `chosen` has none left. */
export function resetCredits(state: Credit2State, queue: RunQueue, chosen: Credit2Unit, now: Nanoseconds): void {
  for (const cpu of cpusOf(queue.cpus)) {
    const running = state.current(cpu);
    if (running && running.queue === queue) burn(state, running, now);
  }
  const more = chosen.credit <= leastCredit ? 2 * fullCredit : fullCredit;
  for (const svc of queue.units) {
    const before = svc.credit;
    svc.credit = Math.min(svc.credit + more, mostCredit);
    state.creditChanged(svc, before);
  }
}
