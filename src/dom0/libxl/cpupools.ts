/** Pools of CPUs as libxl knows them (tools/libs/light/libxl_cpupool.c): their names are in xenstore, all else is Xen's. */
import type { Domain } from '../../xen/domain/domain.ts';
import { isOffCpus, pauseDomain, unpauseDomain } from '../../xen/domain/life.ts';
import { Errno } from '../../xen/public/errno.ts';
import { type SchedulerId, XEN_SCHEDULER } from '../../xen/public/hypercalls.ts';
import { hasCpu } from '../../xen/sched/cpu-mask.ts';
import type { CpuPool } from '../../xen/sched/cpupool.ts';
import { microseconds } from '../../xen/time/time.ts';
import { sleep, type Task } from '../os/task.ts';
import type { StoreClient } from '../xenstore/client.ts';
import type { LibxlContext } from './context.ts';
import { randomUuid } from './uuid.ts';

const nodesOf = (id: number): string => `/local/pool/${id}`;

/** The schedulers by the names that libxl has for them. */
export const schedulerIds: ReadonlyMap<string, SchedulerId> = new Map<string, SchedulerId>([
  ['credit', XEN_SCHEDULER.CREDIT],
  ['credit2', XEN_SCHEDULER.CREDIT2],
  ['arinc653', XEN_SCHEDULER.ARINC653],
  ['rtds', XEN_SCHEDULER.RTDS],
  ['null', XEN_SCHEDULER.NULL],
]);

/** libxl_cpupoolid_to_name. */
export const poolName = ({ store, connection }: StoreClient, id: number): string => {
  const name = store.read(connection, `${nodesOf(id)}/name`);
  return name.ok ? name.value : '(null)';
};

/** libxl_list_cpupool. */
export const allPools = ({ xen }: LibxlContext): readonly CpuPool[] => xen.scheduling.pools.all;

/** libxl_cpupool_qualifier_to_cpupoolid: a pool by its number or name; of equal names, the first. */
export const findPool = (ctx: LibxlContext, qualifier: string): CpuPool | null =>
  (/^\d+$/.test(qualifier)
    ? ctx.xen.scheduling.pools.byId(Number(qualifier))
    : allPools(ctx).find(({ id }) => poolName(ctx, id) === qualifier)) ?? null;

/** What strerror says of the errors of cpupool_op. */
const reasons: Readonly<Record<number, string>> = {
  [Errno.ENOENT]: 'No such file or directory',
  [Errno.EAGAIN]: 'Resource temporarily unavailable',
  [Errno.EBUSY]: 'Device or resource busy',
  [Errno.ENODEV]: 'No such device',
  [Errno.EINVAL]: 'Invalid argument',
  [Errno.EADDRNOTAVAIL]: 'Cannot assign requested address',
};

const failed = (line: number, where: string, text: string, result: number): string =>
  `libxl: error: libxl_cpupool.c:${line}:${where}: ${text}: ${reasons[-result] ?? 'Unknown error'}`;

/** libxl_cpupool_create: a pool with free CPUs. The answer is the error line, or null. */
export function createPool(
  ctx: LibxlContext,
  name: string,
  scheduler: SchedulerId,
  cpus: readonly number[],
): string | null {
  const { pools } = ctx.xen.scheduling;
  const made = pools.create(scheduler);
  if (!made.ok) return 'libxl: error: libxl_cpupool.c:157:libxl_cpupool_create: Could not create cpupool';
  for (const cpu of cpus) pools.addCpu(made.value, cpu);
  const { store, connection } = ctx;
  store.write(connection, nodesOf(made.value), '');
  store.write(connection, `${nodesOf(made.value)}/uuid`, randomUuid(ctx.random));
  renamePool(ctx, made.value, name);
  return null;
}

/** libxl_cpupool_rename. */
export const renamePool = ({ store, connection }: StoreClient, id: number, name: string): void => {
  store.write(connection, `${nodesOf(id)}/name`, name);
};

/** libxl_cpupool_destroy: whether the pool is gone. */
export function destroyPool({ xen, store, connection }: LibxlContext, id: number): boolean {
  if (xen.scheduling.pools.destroy(id) !== 0) return false;
  store.rm(connection, nodesOf(id));
  return true;
}

/** libxl_cpupool_cpuadd: the error line, or null. */
export function addCpu({ xen }: LibxlContext, id: number, cpu: number): string | null {
  const result = xen.scheduling.pools.addCpu(id, cpu);
  return result === 0 ? null : failed(302, 'libxl_cpupool_cpuadd', `Error moving cpu ${cpu} to cpupool`, result);
}

/** How long libxc waits until it asks Xen again. */
const retryAfter = microseconds(100);

/** libxl_cpupool_cpuremove: takes as long as what the CPU runs needs to leave it. The answer is the error line, or null. */
export function* removeCpu({ xen }: LibxlContext, id: number, cpu: number): Task<string | null> {
  let result = xen.scheduling.pools.removeCpu(id, cpu);
  while (result === -Errno.EAGAIN) {
    yield* sleep(retryAfter);
    result = xen.scheduling.pools.removeCpu(id, cpu);
  }
  return result === 0 ? null : failed(365, 'libxl_cpupool_cpuremove', `Error removing cpu ${cpu} from cpupool`, result);
}

/** libxl_cpupool_movedomain: Xen pauses the domain meanwhile. The answer is the error line, or null. */
export function* moveDomain({ xen }: LibxlContext, domain: Domain, id: number): Task<string | null> {
  const { domainId } = domain;
  let result = 0;
  if (domainId === 0) result = xen.scheduling.pools.moveDomain(domain, id);
  else {
    pauseDomain(xen, domain);
    while (!isOffCpus(domain)) yield* sleep(retryAfter);
    result = domain.life === 'alive' ? xen.scheduling.pools.moveDomain(domain, id) : -Errno.EBUSY;
    unpauseDomain(xen, domain);
  }
  const which = domainId === 0 ? '' : `Domain ${domainId}:`;
  const where = 'libxl_cpupool.c:437:libxl_cpupool_movedomain';
  return result === 0 ? null : `libxl: error: ${where}: ${which}Error moving domain to cpupool`;
}

/** libxl_get_freecpus. */
export const freeCpus = ({ xen }: LibxlContext): number[] =>
  Array.from({ length: xen.machine.cpus }, (_, cpu) => cpu).filter((cpu) => hasCpu(xen.scheduling.pools.free, cpu));
