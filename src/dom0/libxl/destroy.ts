import { destroyDomain } from '../../xen/domain/lifetime.ts';
import { milliseconds } from '../../xen/time/time.ts';
import { dom0Costs } from '../os/costs.ts';
import { compute, sleep, type Task } from '../os/task.ts';
import type { LibxlContext } from './context.ts';
import { removeNodes } from './store-nodes.ts';

/** libxl_domain_destroy: takes away a domain with all that it has in Xen, in xenstore and in Dom0. */
export function* destroyRecord(ctx: LibxlContext, domid: number): Task {
  const record = ctx.records.get(domid);
  if (!record) return;
  yield* compute(dom0Costs.destroyDomain);
  // Two may want it at once: xl, and what waits for the domain's death.
  if (!ctx.records.delete(domid)) return;
  ctx.xenconsoled.remove(domid);
  ctx.xenstored.release(domid);
  ctx.unbind(domid);
  removeNodes(ctx, domid, record.uuid);
  // Its vCPUs leave their pCPUs soon.
  while (!destroyDomain(ctx.xen, record.domain)) yield* sleep(milliseconds(1));
  ctx.domainsChanged.raise();
}
