/**
 * What libxl writes into xenstore for a domain (Xen 4.17, tools/libs/light/libxl_create.c, libxl_dom.c,
 * libxl_console.c).
 */
import { assert } from '../../base/assert.ts';
import type { StoreClient } from '../xenstore/client.ts';
import { homeOf } from '../xenstore/paths.ts';
import type { Permissions } from '../xenstore/permissions.ts';

/** The limit of a console's buffer in Dom0, in bytes. */
export const consoleLimit = 1_048_576;

/** A domain that is made: what can be known before it is built. */
export interface DomainNodes {
  readonly domid: number;
  readonly name: string;
  readonly uuid: string;
}

/** A domain that is built. */
export interface BuiltNodes {
  readonly domid: number;
  readonly uuid: string;
  readonly maxMemoryKib: number;
  readonly targetKib: number;
  readonly maxVcpus: number;
  readonly onlineVcpus: number;
  /** Seconds of Dom0's clock. */
  readonly startTime: string;
}

/** Owned by Dom0 and readable by the guest. */
const readable = (domid: number): Permissions => [
  { domid: 0, access: 'n' },
  { domid, access: 'r' },
];
const owned = (domid: number): Permissions => [{ domid, access: 'n' }];

/** Writes a node. Dom0 may write every node. */
const put = ({ store, connection }: StoreClient, path: string, value: string, permissions?: Permissions): void => {
  const written = store.write(connection, path, value);
  assert(written.ok, `Dom0 may write ${path}`);
  if (permissions) store.setPermissions(connection, path, permissions);
};

/** libxl__domain_make. */
export function writeDomainNodes(client: StoreClient, { domid, name, uuid }: DomainNodes): void {
  const home = homeOf(domid);
  const vm = `/vm/${uuid}`;
  const dom = (path: string, value: string): void => put(client, `${home}/${path}`, value);
  put(client, home, '', readable(domid));
  dom('vm', vm);
  dom('name', name);
  for (const path of ['cpu', 'memory', 'device']) dom(path, '');
  put(client, `${home}/device/suspend/event-channel`, '', owned(domid));
  dom('control', '');
  for (const path of ['shutdown', 'feature-poweroff', 'feature-reboot', 'feature-suspend', 'sysrq'])
    put(client, `${home}/control/${path}`, '', owned(domid));
  dom('control/platform-feature-multiprocessor-suspend', '1');
  dom('control/platform-feature-xs_reset_watches', '1');
  for (const path of ['data', 'drivers', 'feature', 'attr', 'error']) put(client, `${home}/${path}`, '', owned(domid));
  put(client, vm, '', readable(domid));
  put(client, `${vm}/name`, name);
  put(client, `${vm}/uuid`, uuid);
  put(client, `/libxl/${domid}`, '');
  put(client, `/libxl/${domid}/device`, '');
  put(client, `/libxl/${domid}/type`, 'pvh');
  put(client, `/libxl/${domid}/dm-version`, 'qemu_xen');
}

/** libxl__build_post. */
export function writeBuiltNodes(client: StoreClient, nodes: BuiltNodes): void {
  const { domid } = nodes;
  const home = homeOf(domid);
  const dom = (path: string, value: string): void => put(client, `${home}/${path}`, value);
  dom('memory/static-max', String(nodes.maxMemoryKib));
  dom('memory/target', String(nodes.targetKib));
  dom('memory/videoram', '0');
  dom('domid', String(domid));
  for (let vcpu = 0; vcpu < nodes.maxVcpus; vcpu++) {
    dom(`cpu/${vcpu}/availability`, vcpu < nodes.onlineVcpus ? 'online' : 'offline');
  }
  put(client, `/vm/${nodes.uuid}/start_time`, nodes.startTime);
}

/** A console's ring and event channel. */
export interface ConsoleRingPlace {
  readonly port: number;
  readonly frame: number;
}

/** libxl__device_console_add: the nodes of a console, or of the virtual UART. */
export function writeConsoleNodes(
  client: StoreClient,
  domid: number,
  kind: 'console' | 'vuart',
  { port, frame }: ConsoleRingPlace,
): void {
  const back = `${homeOf(0)}/backend/${kind}/${domid}/0`;
  const front = kind === 'console' ? `${homeOf(domid)}/console` : `${homeOf(domid)}/vuart/0`;
  const common: readonly (readonly [string, string])[] = [
    ['frontend-id', String(domid)],
    ['online', '1'],
    ['state', '1'],
    ['protocol', 'vt100'],
  ];
  const library = `/libxl/${domid}/device/${kind}/0`;
  put(client, `${library}/frontend`, front);
  put(client, `${library}/backend`, back);
  for (const [name, value] of common) put(client, `${library}/${name}`, value);
  put(client, back, '', readable(domid));
  put(client, `${back}/frontend`, front);
  for (const [name, value] of common) put(client, `${back}/${name}`, value);
  put(client, `${front}/backend`, back);
  if (kind === 'console') {
    put(client, `${front}/backend-id`, '0', [
      { domid, access: 'n' },
      { domid: 0, access: 'r' },
    ]);
  }
  if (kind === 'vuart') writeRing(client, front, port, frame);
  put(client, `${front}/limit`, String(consoleLimit));
  put(client, `${front}/type`, 'xenconsoled');
  if (kind === 'console') put(client, `${front}/output`, 'pty');
  put(client, `${front}/tty`, '');
  if (kind === 'console') writeRing(client, front, port, frame);
}

/** xenconsoled: where a console's pseudo-terminal is. */
export function writeTerminal(client: StoreClient, domid: number, kind: 'console' | 'vuart', path: string): void {
  put(client, `${homeOf(domid)}/${kind === 'console' ? 'console' : 'vuart/0'}/tty`, path);
}

/** The nodes by which a guest finds a ring and its event channel. */
export function writeRing(client: StoreClient, path: string, port: number, frame: number): void {
  put(client, `${path}/port`, String(port));
  put(client, `${path}/ring-ref`, String(frame));
}

/** Removes a domain's nodes, with those that the domain wrote below them. */
export function removeNodes({ store, connection }: StoreClient, domid: number, uuid: string): void {
  for (const path of [homeOf(domid), `/vm/${uuid}`, `/libxl/${domid}`]) store.rm(connection, path);
  for (const kind of ['console', 'vuart']) {
    const backends = `${homeOf(0)}/backend/${kind}`;
    store.rm(connection, `${backends}/${domid}`);
    const left = store.directory(connection, backends);
    if (left.ok && left.value.length === 0) store.rm(connection, backends);
  }
  const backend = store.directory(connection, `${homeOf(0)}/backend`);
  if (backend.ok && backend.value.length === 0) store.rm(connection, `${homeOf(0)}/backend`);
}

/** libxl__fill_dom0_memory_info: written when a program first asks for Domain-0's memory. */
export function writeDom0Memory(client: StoreClient, memoryKib: number): void {
  put(client, '/local/domain/0/memory/target', String(memoryKib));
  put(client, '/local/domain/0/memory/static-max', String(memoryKib));
}

/** The nodes that xen-init-dom0 and xl write at boot. */
export function writeDom0Nodes(client: StoreClient): void {
  put(client, '/tool/xenstored', '');
  put(client, '/local/domain/0/control/feature-poweroff', '1');
  put(client, '/local/domain/0/control/feature-reboot', '1');
  put(client, '/local/domain/0/control/feature-suspend', '1');
  put(client, '/local/domain/0/domid', '0');
  put(client, '/local/domain/0/name', 'Domain-0');
  put(client, '/local/pool/0/name', 'Pool-0');
  put(client, '/vm', '');
  put(client, '/libxl', '');
}
