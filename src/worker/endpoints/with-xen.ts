import type { Result } from '../../base/result.ts';
import type { Session } from '../../session/session.ts';
import type { XenSystem } from '../../session/xen/xen-system.ts';

/** Asks the Xen of a session; refuses where there is none. */
export function withXen<T>({ xen }: Session, ask: (xen: XenSystem) => Result<T>): Result<T> {
  return xen.ok ? ask(xen.value) : xen;
}
