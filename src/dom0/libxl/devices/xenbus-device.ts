/**
 * Devices of domains as libxl makes and removes them (libxl_device.c): three directories in xenstore, of front end, back
 * end and libxl itself, and the states of the back end that it waits for.
 */
import { assert } from '../../../base/assert.ts';
import { nanoseconds, seconds } from '../../../xen/time/time.ts';
import { Signal, type Task, untilTime } from '../../os/task.ts';
import { homeOf } from '../../xenstore/paths.ts';
import type { Permissions } from '../../xenstore/permissions.ts';
import type { LibxlContext } from '../context.ts';

/** How long libxl waits for a back end. */
const backendTimeout = seconds(10);

const State = { initialising: '1', initWait: '2', closing: '5', closed: '6' } as const;

/** Which device of which domain. */
export interface DeviceId {
  readonly kind: 'vif' | 'vbd';
  readonly domid: number;
  readonly devid: number;
  /** The domain of the back end. */
  readonly backend: number;
}

type Nodes = Readonly<Record<string, string>>;

export const backPath = ({ kind, domid, devid, backend }: DeviceId): string =>
  `${homeOf(backend)}/backend/${kind}/${domid}/${devid}`;
export const frontPath = ({ kind, domid, devid }: DeviceId): string => `${homeOf(domid)}/device/${kind}/${devid}`;
export const libxlPath = ({ kind, domid, devid }: DeviceId): string => `/libxl/${domid}/device/${kind}/${devid}`;

export const readNode = ({ store, connection }: LibxlContext, path: string): string | null => {
  const value = store.read(connection, path);
  return value.ok ? value.value : null;
};

/** The domain of the back end of a device that libxl knows; 0 for one that it does not know. */
export const backendIn = (ctx: LibxlContext, kind: DeviceId['kind'], domid: number, devid: number): number => {
  const path = readNode(ctx, `${libxlPath({ kind, domid, devid, backend: 0 })}/backend`) ?? '';
  return Number(/^\/local\/domain\/(\d+)\//.exec(path)?.[1] ?? 0);
};

/** Whether libxl knows the device already. */
export const exists = (ctx: LibxlContext, id: DeviceId): boolean => readNode(ctx, `${libxlPath(id)}/backend`) !== null;

/** The numbers of a domain's devices of a kind, in the order in which they were added. */
export const devidsOf = ({ store, connection }: LibxlContext, kind: DeviceId['kind'], domid: number): number[] => {
  const found = store.directory(connection, `/libxl/${domid}/device/${kind}`);
  return found.ok ? found.value.map(Number) : [];
};

/** The nodes that all back ends have. */
export const commonNodes = ({ domid }: DeviceId): Nodes => ({
  'frontend-id': String(domid),
  online: '1',
  state: State.initialising,
});

/** libxl__device_generic_add: writes the nodes of a device, in one transaction, `back` and `front` in their order. */
export function writeDevice({ store, connection }: LibxlContext, id: DeviceId, back: Nodes, front: Nodes): void {
  const { domid, backend } = id;
  const paths = { front: frontPath(id), back: backPath(id), libxl: libxlPath(id) };
  const started = store.startTransaction(connection);
  assert(started.ok, 'Dom0 may start a transaction');
  const transaction = started.value;
  const put = (directory: string, nodes: Nodes): void => {
    for (const [name, value] of Object.entries(nodes))
      store.write(connection, `${directory}/${name}`, value, transaction);
  };
  const make = (directory: string, owner: number, reader: number): void => {
    const permissions: Permissions = [
      { domid: owner, access: 'n' },
      { domid: reader, access: 'r' },
    ];
    store.mkdir(connection, directory, transaction);
    store.setPermissions(connection, directory, permissions, transaction);
  };
  put(paths.libxl, { frontend: paths.front, backend: paths.back, ...back });
  make(paths.front, domid, backend);
  put(paths.front, { backend: paths.back, 'backend-id': String(backend), state: State.initialising, ...front });
  make(paths.back, backend, domid);
  put(paths.back, { frontend: paths.front, ...back });
  store.endTransaction(connection, transaction, true);
}

/** Waits until a back end has a state, or is gone. False: it did not come to that in time. */
export function* waitForBackend(ctx: LibxlContext, id: DeviceId, state: 'initWait' | 'closed'): Task<boolean> {
  const { store } = ctx;
  const path = `${backPath(id)}/state`;
  const signal = new Signal(`state of ${id.kind} ${id.domid}/${id.devid}`);
  const isThere = (): boolean => {
    const value = readNode(ctx, path);
    return value === State[state] || (state === 'closed' && value === null);
  };
  if (isThere()) return true;
  const connection = store.connect(0, () => signal.raise());
  store.watch(connection, path, 'libxl');
  try {
    return yield* untilTime(signal, isThere, nanoseconds(ctx.now() + backendTimeout), () => ctx.now());
  } finally {
    store.disconnect(connection);
  }
}

/**
 * Asks the back end to close. With `force`, the front end's nodes go at once, so that the back end does not wait for the
 * guest.
 */
export function closeDevice({ store, connection }: LibxlContext, id: DeviceId, force: boolean): void {
  if (force) removeWithParents({ store, connection }, frontPath(id));
  store.write(connection, `${backPath(id)}/online`, '0');
  store.write(connection, `${backPath(id)}/state`, State.closing);
}

/** libxl__device_destroy: removes what is left of a device's nodes. */
export function removeNodes(ctx: LibxlContext, id: DeviceId): void {
  for (const path of [frontPath(id), libxlPath(id), backPath(id)]) removeWithParents(ctx, path);
}

/** libxl__xs_path_cleanup: removes a node, and those above it that are left empty. */
function removeWithParents({ store, connection }: Pick<LibxlContext, 'store' | 'connection'>, path: string): void {
  store.rm(connection, path);
  for (let at = path.slice(0, path.lastIndexOf('/')); at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
    const below = store.directory(connection, at);
    if (!below.ok || below.value.length > 0) return;
    store.rm(connection, at);
  }
}
