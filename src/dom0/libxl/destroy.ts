import { ReservedGrant } from '../../xen/domain/guest-layout.ts';
import { pauseByToolstack } from '../../xen/domain/life.ts';
import { destroyDomain } from '../../xen/domain/lifetime.ts';
import { milliseconds } from '../../xen/time/time.ts';
import { dom0Costs } from '../os/costs.ts';
import { compute, sleep, type Task } from '../os/task.ts';
import type { LibxlContext } from './context.ts';
import { removeDisks } from './devices/disks.ts';
import { removeNics } from './devices/nics.ts';
import { removeNodes } from './store-nodes.ts';
import { removeConfig } from './userdata.ts';

/** libxl_domain_destroy: removes a domain from Xen, xenstore and Dom0. Returns libxl's lines about what fails. */
export function* destroyRecord(ctx: LibxlContext, domid: number): Task<string[]> {
  const record = ctx.records.get(domid);
  if (!record) return [];
  yield* compute(dom0Costs.destroyDomain);
  // xl and the process that waits for the domain's end may both destroy it.
  if (!ctx.records.delete(domid)) return [];
  pauseByToolstack(ctx.xen, record.domain);
  const lines = [...(yield* removeDisks(ctx, domid)), ...(yield* removeNics(ctx, domid))];
  ctx.xenconsoled.remove(domid);
  ctx.xenstored.release(domid);
  for (const reference of Object.values(ReservedGrant)) ctx.grants.unmapAll(domid, reference);
  ctx.unbind(domid);
  removeNodes(ctx, domid, record.uuid);
  removeConfig(ctx, record);
  // Wait until its vCPUs have left their pCPUs.
  while (!destroyDomain(ctx.xen, record.domain)) yield* sleep(milliseconds(1));
  ctx.domainsChanged.raise();
  return lines;
}
