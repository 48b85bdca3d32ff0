import type { Domain } from '../domain/domain.ts';
import { DOMID_SELF } from '../public/hypercalls.ts';
import type { Call } from './call.ts';

/** The domain that a number names in a call; undefined if there is none. */
export const anyDomain = ({ xen, domain }: Call, id: number): Domain | undefined =>
  id === DOMID_SELF ? domain : xen.domains.get(id);

/** The number of that domain, whether or not it exists. */
export const plainId = ({ domain }: Call, id: number): number => (id === DOMID_SELF ? domain.domainId : id);
