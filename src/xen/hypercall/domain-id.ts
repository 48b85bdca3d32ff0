import type { Domain } from '../domain/domain.ts';
import type { Call } from './call.ts';

/** DOMID_SELF (public/xen.h). */
export const self = 0x7ff0;

/** The domain that a number stands for in a call, or undefined: rcu_lock_domain_by_any_id. */
export const anyDomain = ({ xen, domain }: Call, id: number): Domain | undefined =>
  id === self ? domain : xen.domains.get(id);

/** The number without DOMID_SELF. */
export const plainId = ({ domain }: Call, id: number): number => (id === self ? domain.domainId : id);
