/** Sessions that go to moments of their past. */
import { expect } from 'vitest';
import type { Session } from '../session.ts';
import { value } from '../snapshot/snapshot-testing.ts';

/** Lets a session that is on its way arrive. */
export function arrived(session: Session): void {
  while (session.advance(0) !== null && value(session.time).isSeeking);
}

/**
 * Goes to moments, in thousandths of the time that has passed, and back to the present: each is as it was at the visit
 * before, and the present too. `visited` is told of what each is like, and whether it is the first.
 */
export function visit(
  session: Session,
  jumps: readonly number[],
  outcome: (session: Session) => { readonly ns: number },
  visited: (now: unknown, isFirst: boolean) => void = () => {},
): void {
  const present = outcome(session);
  const time = value(session.time);
  const seen = new Map<number, unknown>();
  for (const jump of jumps) {
    value(time.goTo((session.status().time?.presentNs ?? 0) * (jump / 1000)));
    arrived(session);
    const now = outcome(session);
    expect(seen.get(now.ns) ?? now).toEqual(now);
    visited(now, seen.size === 0);
    seen.set(now.ns, now);
  }
  value(time.toPresent());
  expect(outcome(session)).toEqual(present);
  expect(time.isPast).toBe(false);
}
