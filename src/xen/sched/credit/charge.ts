/** Paying for time on a pCPU, and who takes part in accounting: docs/xen/credit.md, sections 1 and 3. */
import { defined } from '../../../base/assert.ts';
import { milliseconds, type Nanoseconds, nanoseconds } from '../../time/time.ts';
import { PauseFlag } from '../unit.ts';
import { creditsPerMs } from './parameters.ts';
import { pickCpu } from './placement.ts';
import { type CreditState, type CreditUnit, Priority } from './state.ts';

const millisecond = milliseconds(1);

/** Rules 1.3 and 1.4: takes the credits that the running unit owes for its time up to `now`. */
export function charge(state: CreditState, svc: CreditUnit, now: Nanoseconds): void {
  const time = now - svc.chargedUntil;
  if (time <= 0) return;
  const owed = time * creditsPerMs + svc.remainder;
  const credits = Math.floor(owed / millisecond);
  svc.remainder = owed % millisecond;
  svc.credit -= credits;
  state.creditChanged(svc, svc.credit + credits);
  svc.chargedUntil = nanoseconds(svc.chargedUntil + credits * (millisecond / creditsPerMs));
}

/** Rules 2.4, 3.1 to 3.3: what a tick does to the unit that it finds running. */
export function chargeAtTick(state: CreditState, cpu: number, svc: CreditUnit): void {
  if (svc.priority === Priority.boost) state.setPriority(svc, Priority.under);
  charge(state, svc, state.core.now());
  const domain = defined(svc.domain, 'domain of a unit that is not idle');
  if (!domain.activeUnits.includes(svc)) activate(state, svc);
  else if (pickCpu(state, svc.unit) !== cpu) {
    svc.unit.pauseFlags |= PauseFlag.migrating;
    state.core.raiseSchedule(cpu);
  }
}

/** Rule 3.2. */
function activate(state: CreditState, svc: CreditUnit): void {
  const domain = defined(svc.domain, 'domain of a unit that is not idle');
  domain.activeUnits.unshift(svc);
  state.weight += domain.weight;
  if (!state.active.includes(domain)) state.active.unshift(domain);
}

/** Rule 3.5. */
export function deactivate(state: CreditState, svc: CreditUnit): void {
  const domain = defined(svc.domain, 'domain of an active unit');
  domain.activeUnits.splice(domain.activeUnits.indexOf(svc), 1);
  state.weight -= domain.weight;
  if (domain.activeUnits.length === 0) state.active.splice(state.active.indexOf(domain), 1);
}
