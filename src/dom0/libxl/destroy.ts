import { destroyDomain } from '../../xen/domain/life.ts';
import { milliseconds } from '../../xen/time/time.ts';
import { dom0Costs } from '../costs.ts';
import { compute, sleep, type Task } from '../os/task.ts';
import type { Host } from './host.ts';
import { removeNodes } from './store-nodes.ts';

/** libxl_domain_destroy: takes away a domain with all that it has in Xen, in xenstore and in Dom0. */
export function* destroyRecord(host: Host, domid: number): Task {
  const record = host.records.get(domid);
  if (!record) return;
  yield* compute(dom0Costs.destroyDomain);
  // Two may want it at once: xl, and what waits for the domain's death.
  if (!host.records.delete(domid)) return;
  host.xenconsoled.remove(domid);
  host.xenstored.release(domid);
  host.unbind(domid);
  removeNodes(host, domid, record.uuid);
  // Its vCPUs leave their pCPUs soon.
  while (!destroyDomain(host.xen, record.domain)) yield* sleep(milliseconds(1));
  host.domainsChanged.raise();
}
