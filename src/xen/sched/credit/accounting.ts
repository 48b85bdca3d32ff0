/** The credit scheduler's accounting, once a time slice (xen/common/sched/credit.c, csched_acct). Credits are whole numbers. */
import { type CreditDomain, type CreditUnit, Priority, UnitFlag } from './state.ts';

export interface Accounting {
  /** Weights of all active units together. */
  readonly weightTotal: number;
  /** Credits of all pCPUs in a time slice. */
  readonly creditTotal: number;
  /** Credits of one pCPU in a time slice. */
  readonly creditsPerTslice: number;
  /** Sum of the credits after the accounting before. */
  readonly balance: number;
  park(unit: CreditUnit): void;
  unpark(unit: CreditUnit): void;
  /** The unit stops earning; it is taken off its domain's list. */
  deactivate(unit: CreditUnit): void;
}

const ceilDivide = (a: number, b: number): number => Math.floor((a + b - 1) / b);

/**
 * Hands out credits to the active units and sets their priorities. `active` may be reordered, and shrinks when a domain has
 * no active unit left. Returns the new balance, null when nothing is active.
 */
export function creditAccounting(active: CreditDomain[], accounting: Accounting): number | null {
  const { weightTotal, creditsPerTslice, balance } = accounting;
  if (weightTotal === 0) return null;
  let creditTotal = accounting.creditTotal - Math.min(balance, 0);
  let weightLeft = weightTotal;
  let someBelowPeak = false;
  let newBalance = 0;
  for (const domain of [...active]) {
    const count = domain.activeUnits.length;
    const weight = domain.weight * count;
    weightLeft -= weight;
    let peak = count * creditsPerTslice;
    if (balance < 0) peak += ceilDivide(-balance * weight, weightTotal);
    let capPerUnit = 0;
    if (domain.cap !== 0) {
      const cap = ceilDivide(domain.cap * creditsPerTslice, 100);
      peak = Math.min(peak, cap);
      capPerUnit = ceilDivide(cap, count);
    }
    let fair = ceilDivide(creditTotal * weight, weightTotal);
    if (fair < peak) someBelowPeak = true;
    else {
      // What it cannot use goes to the domains behind it; next time those before it have their turn.
      if (weightLeft !== 0) creditTotal += ceilDivide((fair - peak) * weightTotal, weightLeft);
      if (someBelowPeak) {
        active.splice(active.indexOf(domain), 1);
        active.unshift(domain);
      }
      fair = peak;
    }
    const share = ceilDivide(fair, count);
    for (const unit of [...domain.activeUnits]) {
      unit.credit += share;
      settle(unit, domain.cap !== 0 ? capPerUnit : null, accounting);
      newBalance += unit.credit;
    }
  }
  return newBalance;

  function settle(unit: CreditUnit, cap: number | null, { park, unpark, deactivate }: Accounting): void {
    if (unit.credit < 0) {
      unit.priority = Priority.over;
      if (cap !== null && unit.credit < -cap && (unit.flags & UnitFlag.parked) === 0) {
        unit.flags |= UnitFlag.parked;
        park(unit);
      }
      unit.credit = Math.max(unit.credit, -creditsPerTslice);
      return;
    }
    unit.priority = Priority.under;
    if ((unit.flags & UnitFlag.parked) !== 0) {
      // The flag goes after the wake-up, so that this earns no boost.
      unpark(unit);
      unit.flags &= ~UnitFlag.parked;
    }
    if (unit.credit > creditsPerTslice) {
      deactivate(unit);
      unit.credit = Math.trunc(unit.credit / 2);
    }
  }
}
