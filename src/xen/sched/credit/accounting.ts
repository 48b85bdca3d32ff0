/** The accounting at the end of each time slice: docs/xen/credit.md, section 4. Credits are whole numbers. */
import { countCpus } from '../cpu-mask.ts';
import { deactivate } from './charge.ts';
import { creditsPerMs } from './parameters.ts';
import { type CreditDomain, type CreditState, type CreditUnit, Priority, UnitFlag } from './state.ts';

/** What a domain can use until the next accounting. */
interface Limits {
  readonly usable: number;
  /** Its cap for each active unit; null if it has none. */
  readonly capPerUnit: number | null;
}

const divideUp = (a: number, b: number): number => Math.ceil(a / b);

/** Rule 1.1: credits that one pCPU is worth in a time slice. */
export const creditsPerSlice = ({ parameters }: CreditState): number => creditsPerMs * parameters.tsliceMs;

/** Hands out a time slice's credits to the active units, and sets their priorities by what they then have. */
export function account(state: CreditState): void {
  if (state.weight === 0) {
    state.balance = 0;
    return;
  }
  const { active, weight: totalWeight } = state;
  const debt = Math.max(0, -state.balance);
  let pot = creditsPerSlice(state) * countCpus(state.online) + debt;
  let weightBehind = totalWeight;
  let wantsMore = false;
  let balance = 0;
  for (const domain of [...active]) {
    const units = [...domain.activeUnits];
    const weight = domain.weight * units.length;
    weightBehind -= weight;
    const { usable, capPerUnit } = limitsOf(domain, creditsPerSlice(state), divideUp(debt * weight, totalWeight));
    let granted = divideUp(pot * weight, totalWeight);
    if (granted < usable) wantsMore = true;
    else {
      // Rules 4.6 and 4.7.
      if (weightBehind > 0) pot += divideUp((granted - usable) * totalWeight, weightBehind);
      if (wantsMore) moveToHead(active, domain);
      granted = usable;
    }
    const share = divideUp(granted, units.length);
    for (const svc of units) {
      const before = svc.credit;
      svc.credit += share;
      settle(state, svc, capPerUnit);
      state.creditChanged(svc, before);
      balance += svc.credit;
    }
  }
  state.balance = balance;
  state.accountings++;
}

/** Rule 4.4. `debtShare`: credits by which the domain may go beyond its time, as all were in debt. */
function limitsOf(domain: CreditDomain, slice: number, debtShare: number): Limits {
  const count = domain.activeUnits.length;
  const usable = count * slice + debtShare;
  if (domain.cap === 0) return { usable, capPerUnit: null };
  const cap = divideUp(domain.cap * slice, 100);
  return { usable: Math.min(usable, cap), capPerUnit: divideUp(cap, count) };
}

function moveToHead(active: CreditDomain[], domain: CreditDomain): void {
  active.splice(active.indexOf(domain), 1);
  active.unshift(domain);
}

/** Rules 4.8 and 4.10. */
function settle(state: CreditState, svc: CreditUnit, capPerUnit: number | null): void {
  const slice = creditsPerSlice(state);
  const isParked = (svc.flags & UnitFlag.parked) !== 0;
  if (svc.credit < 0) {
    state.setPriority(svc, Priority.over);
    if (capPerUnit !== null && svc.credit < -capPerUnit && !isParked) {
      svc.flags |= UnitFlag.parked;
      state.core.pause(svc.unit);
    }
    svc.credit = Math.max(svc.credit, -slice);
    return;
  }
  state.setPriority(svc, Priority.under);
  if (isParked) {
    // The flag stays until the unit is awake, which keeps it from being boosted (rule 2.3).
    state.core.unpause(svc.unit);
    svc.flags &= ~UnitFlag.parked;
  }
  if (svc.credit > slice) {
    deactivate(state, svc);
    svc.credit = Math.trunc(svc.credit / 2);
  }
}
