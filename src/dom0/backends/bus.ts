/**
 * The back ends in Dom0's kernel: devices come and go as their nodes in xenstore do, and follow the state of their
 * front ends (what Linux does in drivers/xen/xenbus, and the same in each of its back ends).
 */
import type { Hasher } from '../../base/hasher.ts';
import type { EventChannels } from '../libxl/context.ts';
import { dom0Costs } from '../os/costs.ts';
import type { KernelLog } from '../os/kernel-log.ts';
import type { Processes } from '../os/processes.ts';
import { compute, quietly, Signal, type Task } from '../os/task.ts';
import { homeOf, isBelow } from '../xenstore/paths.ts';
import type { Connection, XenStore } from '../xenstore/store.ts';
import type { Grants } from './grants.ts';
import {
  type Backend,
  BackendDevice,
  type BackendDriver,
  type BackendHost,
  LinuxError,
  XenbusState,
} from './xenbus.ts';

const root = `${homeOf(0)}/backend`;
/** Nodes by which a hotplug script says that it has done its part. */
const hotplugNodes = ['physical-device', 'hotplug-status'];

interface Served {
  readonly device: BackendDevice;
  readonly backend: Backend;
}

type Event =
  | { readonly kind: 'backend' | 'frontend'; readonly path: string }
  | { readonly kind: 'failure'; readonly path: string; readonly code: number; readonly message: string };

/** Xenbus of Dom0's kernel: its thread `xenwatch`. */
export class BackendBus implements BackendHost {
  readonly store: XenStore;
  readonly connection: Connection;
  readonly grants: Grants;
  readonly processes: Processes;
  readonly log: KernelLog;
  readonly bind: EventChannels['bind'];
  private readonly drivers: readonly BackendDriver[];
  /** By path. */
  private readonly devices = new Map<string, Served>();
  private readonly events: Event[] = [];
  private readonly work = new Signal('xenwatch');

  constructor(host: Omit<BackendHost, 'failed' | 'connection'>, drivers: readonly BackendDriver[]) {
    this.store = host.store;
    this.grants = host.grants;
    this.processes = host.processes;
    this.log = host.log;
    this.bind = host.bind;
    this.drivers = drivers;
    this.connection = this.store.connect(0, (path, token) => {
      if (token === 'backend') this.sees(path);
      else this.push({ kind: 'frontend', path: token });
    });
  }

  failed(path: string, code: number, message: string): void {
    this.push({ kind: 'failure', path, code, message });
  }

  *run(): Task<number> {
    this.store.watch(this.connection, root, 'backend');
    return yield* this.serveAll();
  }

  private *serveAll(): Task<number> {
    for (;;) {
      yield* quietly(
        this.work,
        () => this.events.length > 0,
        () => this.serveAll(),
      );
      yield* compute(dom0Costs.xenbusEvent);
      const event = this.events.shift();
      if (event) this.serve(event);
    }
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(
      this.events.map((event) => ({ ...event })),
      this.devices.size,
    );
    for (const { device, backend } of this.devices.values()) {
      device.fingerprint(hasher);
      backend.fingerprint(hasher);
    }
  }

  /** A node at or below .../backend has changed. Most of them belong to programs: consoles, for example. */
  private sees(path: string): void {
    const [, , , , , kind] = path.split('/');
    const isOurs = kind === undefined ? this.devices.size > 0 : this.drivers.some((driver) => driver.kind === kind);
    if (isOurs) this.push({ kind: 'backend', path });
  }

  /** An event that already waits says all that there is to say: a guest cannot make the queue grow. */
  private push(event: Event): void {
    if (this.events.some(({ kind, path }) => kind === event.kind && path === event.path)) return;
    this.events.push(event);
    this.work.raise();
  }

  private serve(event: Event): void {
    switch (event.kind) {
      case 'backend':
        this.backendChanged(event.path);
        break;
      case 'frontend': {
        const served = this.devices.get(event.path);
        if (served) this.frontendChanged(served);
        break;
      }
      case 'failure': {
        const served = this.devices.get(event.path);
        if (!served) break;
        served.device.error(event.code, event.message);
        this.disconnect(served);
        served.device.switchState(XenbusState.closing);
      }
    }
  }

  /** A node at or below .../backend has changed. */
  private backendChanged(path: string): void {
    for (const served of [...this.devices.values()])
      if (isBelow(served.device.path, path) && served.device.read('state') === null) this.remove(served);
    const [, , , , , kind, domid, devid, node] = path.split('/');
    if (kind === undefined || domid === undefined || devid === undefined) return;
    const whole = `${root}/${kind}/${domid}/${devid}`;
    const known = this.devices.get(whole);
    if (!known) this.probe(whole, kind);
    else if (node !== undefined && hotplugNodes.includes(node)) this.connect(known);
  }

  private probe(path: string, kind: string): void {
    const driver = this.drivers.find((known) => known.kind === kind);
    const read = (name: string): string | null => {
      const value = this.store.read(this.connection, `${path}/${name}`);
      return value.ok ? value.value : null;
    };
    const frontPath = read('frontend');
    if (!driver || frontPath === null || read('state') !== String(XenbusState.initialising)) return;
    const device = new BackendDevice(this, path, frontPath);
    const served = { device, backend: driver.probe(device) };
    this.devices.set(path, served);
    device.switchState(XenbusState.initWait);
    this.store.watch(this.connection, `${frontPath}/state`, path);
  }

  /** What the front end's state asks for. */
  private frontendChanged(served: Served): void {
    const { device } = served;
    const { frontState } = device;
    switch (frontState) {
      case XenbusState.initialising:
        if (device.state !== XenbusState.closed) break;
        this.log.print(`${device.name}: prepare for reconnect`);
        device.switchState(XenbusState.initWait);
        break;
      case XenbusState.initialised:
      case XenbusState.connected:
        this.connect(served);
        break;
      case XenbusState.closing:
        device.switchState(XenbusState.closing);
        break;
      case XenbusState.closed:
        this.disconnect(served);
        device.switchState(XenbusState.closed);
        if (!device.isOnline) this.remove(served);
        break;
      case XenbusState.unknown:
        this.remove(served);
        break;
      case XenbusState.reconfiguring:
        served.backend.reconfigure?.();
        device.switchState(XenbusState.reconfigured);
        break;
      case XenbusState.initWait:
      case XenbusState.reconfigured:
        break;
      default:
        this.disconnect(served);
        device.fatal(LinuxError.EINVAL, `saw state ${frontState} at frontend`);
    }
  }

  /** Connects, if both the front end and the hotplug script have done their part. */
  private connect(served: Served): void {
    const { device, backend } = served;
    const { frontState } = device;
    if (frontState !== XenbusState.initialised && frontState !== XenbusState.connected) return;
    const waits = device.state === XenbusState.initWait || device.state === XenbusState.closed;
    if (!waits || !backend.isReady) return;
    if (backend.connect()) device.switchState(XenbusState.connected);
    else this.disconnect(served);
  }

  private disconnect({ device, backend }: Served): void {
    backend.disconnect();
    device.disconnect();
  }

  private remove(served: Served): void {
    const { device } = served;
    this.disconnect(served);
    this.store.unwatch(this.connection, `${device.frontPath}/state`, device.path);
    this.devices.delete(device.path);
    served.backend.remove?.();
    // The toolstack waits for this state.
    if (device.read('state') === String(XenbusState.closing)) device.write('state', XenbusState.closed);
  }
}
