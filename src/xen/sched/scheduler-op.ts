/**
 * XEN_SYSCTL_scheduler_op and XEN_DOMCTL_scheduler_op (public/sysctl.h, public/domctl.h), as Dom0's model calls them: each names
 * a scheduler, which has to be the one of the pool or of the domain's pool. What the values are called and mean is up to it.
 */
import { err, ok, type Result } from '../../base/result.ts';
import { Errno } from '../public/errno.ts';
import type { SchedulerId } from '../public/hypercalls.ts';
import type { Scheduling } from './schedule.ts';
import type { ParameterValues } from './scheduler.ts';
import type { SchedDomain } from './unit.ts';

/** XEN_SYSCTL_SCHEDOP_getinfo: the parameters of a pool's scheduler. */
export function poolParameters(scheduling: Scheduling, pool: number, id: SchedulerId): Result<ParameterValues, Errno> {
  const policy = scheduling.pools.byId(pool)?.policy;
  if (!policy) return err(Errno.ESRCH);
  return policy.id === id ? ok(policy.parameters) : err(Errno.EINVAL);
}

/** XEN_SYSCTL_SCHEDOP_putinfo: 0, or a negated error. */
export function setPoolParameters(
  scheduling: Scheduling,
  pool: number,
  id: SchedulerId,
  values: ParameterValues,
): number {
  const policy = scheduling.pools.byId(pool)?.policy;
  if (!policy) return -Errno.ESRCH;
  return policy.id === id ? (policy.setParameters?.(values) ?? 0) : -Errno.EINVAL;
}

/** XEN_DOMCTL_SCHEDOP_putinfo: 0, or a negated error. */
export function setDomainParameters(
  scheduling: Scheduling,
  domain: SchedDomain,
  id: SchedulerId,
  values: ParameterValues,
): number {
  return scheduling.policyOf(domain).id === id ? scheduling.setDomainParameters(domain, values) : -Errno.EINVAL;
}
