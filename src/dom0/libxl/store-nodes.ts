/** What libxl writes into xenstore for a domain (Xen 4.17, tools/libs/light/libxl_create.c, libxl_dom.c, libxl_console.c). */
import { assert } from '../../base/assert.ts';
import { homeOf } from '../xenstore/paths.ts';
import type { Permissions } from '../xenstore/permissions.ts';
import type { Host } from './host.ts';

/** What every domain has of a console in Dom0. */
export const consoleLimit = 1_048_576;

export interface DomainNodes {
  readonly domid: number;
  readonly name: string;
  readonly uuid: string;
  readonly maxMemoryKib: number;
  readonly targetKib: number;
  readonly maxVcpus: number;
  readonly onlineVcpus: number;
  /** Seconds of Dom0's clock. */
  readonly startTime: string;
}

/** Dom0 owns it, the guest may read it. */
const readable = (domid: number): Permissions => [
  { domid: 0, access: 'n' },
  { domid, access: 'r' },
];
const owned = (domid: number): Permissions => [{ domid, access: 'n' }];

/** Writes a node that libxl can always write. */
const put = ({ store, dom0 }: Host, path: string, value: string, permissions?: Permissions): void => {
  const written = store.write(dom0, path, value);
  assert(written.ok, `Dom0 may write ${path}`);
  if (permissions) store.setPermissions(dom0, path, permissions);
};

/** libxl__domain_make and libxl__build_post. */
export function writeDomainNodes(host: Host, nodes: DomainNodes): void {
  const { domid } = nodes;
  const home = homeOf(domid);
  const vm = `/vm/${nodes.uuid}`;
  const dom = (path: string, value: string): void => put(host, `${home}/${path}`, value);
  put(host, home, '', readable(domid));
  dom('vm', vm);
  dom('name', nodes.name);
  for (let vcpu = 0; vcpu < nodes.maxVcpus; vcpu++) {
    dom(`cpu/${vcpu}/availability`, vcpu < nodes.onlineVcpus ? 'online' : 'offline');
  }
  dom('memory/static-max', String(nodes.maxMemoryKib));
  dom('memory/target', String(nodes.targetKib));
  dom('memory/videoram', '0');
  dom('device', '');
  put(host, `${home}/device/suspend/event-channel`, '', owned(domid));
  dom('control', '');
  for (const name of ['shutdown', 'feature-poweroff', 'feature-reboot', 'feature-suspend', 'sysrq'])
    put(host, `${home}/control/${name}`, '', owned(domid));
  dom('control/platform-feature-multiprocessor-suspend', '1');
  dom('control/platform-feature-xs_reset_watches', '1');
  for (const name of ['data', 'drivers', 'feature', 'attr', 'error']) put(host, `${home}/${name}`, '', owned(domid));
  dom('domid', String(domid));
  put(host, vm, '', readable(domid));
  put(host, `${vm}/name`, nodes.name);
  put(host, `${vm}/uuid`, nodes.uuid);
  put(host, `${vm}/start_time`, nodes.startTime);
  put(host, `/libxl/${domid}`, '');
}

/** libxl__device_console_add: the nodes of a console, or of the virtual UART. */
export function writeConsoleNodes(host: Host, domid: number, kind: 'console' | 'vuart'): void {
  const back = `${homeOf(0)}/backend/${kind}/${domid}/0`;
  const front = kind === 'console' ? `${homeOf(domid)}/console` : `${homeOf(domid)}/vuart/0`;
  const common: readonly (readonly [string, string])[] = [
    ['frontend-id', String(domid)],
    ['online', '1'],
    ['state', '1'],
    ['protocol', 'vt100'],
  ];
  const library = `/libxl/${domid}/device/${kind}/0`;
  put(host, `${library}/frontend`, front);
  put(host, `${library}/backend`, back);
  for (const [name, value] of common) put(host, `${library}/${name}`, value);
  put(host, back, '', readable(domid));
  put(host, `${back}/frontend`, front);
  for (const [name, value] of common) put(host, `${back}/${name}`, value);
  put(host, `${front}/backend`, back);
  if (kind === 'console') {
    put(host, `${front}/backend-id`, '0', [
      { domid, access: 'n' },
      { domid: 0, access: 'r' },
    ]);
  }
  put(host, `${front}/limit`, String(consoleLimit));
  put(host, `${front}/type`, 'xenconsoled');
  if (kind === 'console') put(host, `${front}/output`, 'pty');
  put(host, `${front}/tty`, '');
}

/** Where a guest finds a ring and its event channel. */
export function writeRing(host: Host, path: string, port: number, frame: number): void {
  put(host, `${path}/port`, String(port));
  put(host, `${path}/ring-ref`, String(frame));
}

export function writeType(host: Host, domid: number): void {
  put(host, `/libxl/${domid}/type`, 'pvh');
  put(host, `/libxl/${domid}/dm-version`, 'qemu_xen');
}

/** Takes away all that was written for a domain; what it wrote itself goes with it. */
export function removeNodes({ store, dom0 }: Host, domid: number, uuid: string): void {
  for (const path of [homeOf(domid), `/vm/${uuid}`, `/libxl/${domid}`]) store.rm(dom0, path);
  for (const kind of ['console', 'vuart']) {
    const backends = `${homeOf(0)}/backend/${kind}`;
    store.rm(dom0, `${backends}/${domid}`);
    const left = store.directory(dom0, backends);
    if (left.ok && left.value.length === 0) store.rm(dom0, backends);
  }
  const backend = store.directory(dom0, `${homeOf(0)}/backend`);
  if (backend.ok && backend.value.length === 0) store.rm(dom0, `${homeOf(0)}/backend`);
}

/** libxl__fill_dom0_memory_info: written when somebody first asks for Domain-0's memory. */
export function writeDom0Memory(host: Host, memoryKib: number): void {
  put(host, '/local/domain/0/memory/target', String(memoryKib));
  put(host, '/local/domain/0/memory/static-max', String(memoryKib));
}

/** What xen-init-dom0 and xl leave at boot. */
export function writeDom0Nodes(host: Host): void {
  put(host, '/tool/xenstored', '');
  put(host, '/local/domain/0/control/feature-poweroff', '1');
  put(host, '/local/domain/0/control/feature-reboot', '1');
  put(host, '/local/domain/0/control/feature-suspend', '1');
  put(host, '/local/domain/0/domid', '0');
  put(host, '/local/domain/0/name', 'Domain-0');
  put(host, '/local/pool/0/name', 'Pool-0');
  put(host, '/vm', '');
  put(host, '/libxl', '');
}
