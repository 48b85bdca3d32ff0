/**
 * Xenbus: the states by which the two ends of a device find each other in xenstore (Xen's public/io/xenbus.h), and what
 * a back end's driver has of its device.
 */
import type { Hasher } from '../../base/hasher.ts';
import type { BoundChannel, EventChannels } from '../libxl/context.ts';
import type { KernelLog } from '../os/kernel-log.ts';
import type { Process, Processes } from '../os/processes.ts';
import type { Task } from '../os/task.ts';
import type { StoreClient } from '../xenstore/client.ts';
import type { GrantedPage, Grants } from './grants.ts';
import { BackRing, ringSize } from './ring.ts';

export const XenbusState = {
  unknown: 0,
  initialising: 1,
  initWait: 2,
  initialised: 3,
  connected: 4,
  closing: 5,
  closed: 6,
  reconfiguring: 7,
  reconfigured: 8,
} as const;
export type XenbusState = (typeof XenbusState)[keyof typeof XenbusState];

/** Error numbers of Linux that drivers report. */
export const LinuxError = { ENOENT: -2, EIO: -5, EACCES: -13, EINVAL: -22, ERANGE: -34, EOPNOTSUPP: -95 } as const;

/** What the back ends work with. */
export interface BackendHost extends StoreClient, Pick<EventChannels, 'bind'> {
  readonly grants: Grants;
  readonly processes: Processes;
  readonly log: KernelLog;
  /** A thread of the device at a path cannot go on. */
  failed(path: string, code: number, message: string): void;
}

/** A driver of Dom0's kernel for one kind of back end. */
export interface BackendDriver {
  /** Its name in xenstore: `vbd`, `vif`. */
  readonly kind: string;
  /** A new device: writes what the back end can do, and returns what serves it. */
  probe(device: BackendDevice): Backend;
}

/** What serves one device. */
export interface Backend {
  /** Whether the hotplug script has done its part. */
  readonly isReady: boolean;
  /**
   * The front end has written where its rings are. Returns whether they could be connected; if not, it has said why by
   * `BackendDevice.fatal`.
   */
  connect(): boolean;
  /** Lets go of what `connect` has made and the device does not let go of itself. */
  disconnect(): void;
  /** The front end asks for other settings while it is connected. */
  reconfigure?(): void;
  /** The device is gone. */
  remove?(): void;
  fingerprint(hasher: Hasher): void;
}

/** A device with its back end in Dom0. */
export class BackendDevice {
  /** /local/domain/0/backend/KIND/DOMID/DEVID */
  readonly path: string;
  readonly kind: string;
  readonly domid: number;
  readonly devid: string;
  /** The front end's directory. */
  readonly frontPath: string;
  /** The back end's state: the driver's own, whatever is in xenstore. */
  state: XenbusState = XenbusState.initialising;
  private readonly host: BackendHost;
  private readonly pages = new Set<GrantedPage>();
  private readonly channels = new Set<BoundChannel>();
  private readonly threads = new Set<Process>();

  constructor(host: BackendHost, path: string, frontPath: string) {
    const [, , , , , kind = '', domid, devid = ''] = path.split('/');
    this.host = host;
    this.path = path;
    this.kind = kind;
    this.domid = Number(domid);
    this.devid = devid;
    this.frontPath = frontPath;
  }

  /** Its name in the kernel's messages. */
  get name(): string {
    return `${this.kind}-${this.domid}-${this.devid}`;
  }

  /** A node of the back end's directory, or null. */
  read(name: string): string | null {
    return this._read(`${this.path}/${name}`);
  }

  /** A node of the front end's directory, or null. The guest writes there what it likes. */
  readFront(name: string): string | null {
    return this._read(`${this.frontPath}/${name}`);
  }

  /** A number of the front end's: null if there is none, or if it is none of 32 bits. */
  frontNumber(name: string): number | null {
    const text = /^\s*(\d{1,10})/.exec(this.readFront(name) ?? '')?.[1];
    return text === undefined || Number(text) > 0xffff_ffff ? null : Number(text);
  }

  /** Writes a node of the back end's directory, as long as that is there. */
  write(name: string, value: string | number): void {
    const { store, connection } = this.host;
    if (this._read(this.path) !== null) store.write(connection, `${this.path}/${name}`, String(value));
  }

  /** The front end's state; `unknown` if it has none. */
  get frontState(): number {
    return this.frontNumber('state') ?? XenbusState.unknown;
  }

  /** Whether the toolstack wants the device: if not, it goes when the front end has closed. */
  get isOnline(): boolean {
    return this.read('online') === '1';
  }

  switchState(state: XenbusState): void {
    if (state === this.state) return;
    this.state = state;
    // A state that the toolstack has removed does not come back.
    if (this.read('state') !== null) this.write('state', state);
  }

  /** Says what is wrong, in the kernel's log and where the toolstack looks (xenbus_dev_error). */
  error(code: number, message: string): void {
    const { store, connection, log } = this.host;
    log.print(`${this.kind} ${this.name}: ${-code} ${message}`);
    store.write(connection, `error/backend/${this.kind}/${this.domid}/${this.devid}/error`, `${code} ${message}`);
  }

  /** The same, and gives up (xenbus_dev_fatal). A thread of the device calls `fail` instead. */
  fatal(code: number, message: string): void {
    this.error(code, message);
    this.disconnect();
    this.switchState(XenbusState.closing);
  }

  /** A thread of the device cannot go on: the device is disconnected soon. The thread then ends. */
  fail(code: number, message: string): void {
    this.host.failed(this.path, code, message);
  }

  log(message: string): void {
    this.host.log.print(message);
  }

  /** Maps a page of the guest, until it is unmapped or the device disconnects. Returns a GrantStatus if it cannot. */
  map(reference: number, readOnly = false): GrantedPage | number {
    const page = this.host.grants.map(this.domid, reference, readOnly);
    if (typeof page !== 'number') this.pages.add(page);
    return page;
  }

  unmap(page: GrantedPage): void {
    if (this.pages.delete(page)) this.host.grants.unmap(page);
  }

  /** Maps a ring. Null if the guest does not grant its pages, or if the ring's indices make no sense. */
  mapRing(references: readonly number[], entrySize: number): BackRing | null {
    const pages: GrantedPage[] = [];
    for (const reference of references) {
      const page = this.map(reference);
      if (typeof page === 'number') break;
      pages.push(page);
    }
    const ring = pages.length === references.length ? new BackRing(pages, entrySize) : null;
    if (ring && ring.waiting <= ringSize(pages.length, entrySize)) return ring;
    for (const page of pages) this.unmap(page);
    return null;
  }

  /** Binds to an event channel of the guest; null if the guest has none by this number. */
  bind(port: number, rang: () => void): BoundChannel | null {
    const channel = this.host.bind(this.domid, port, rang);
    if (channel) this.channels.add(channel);
    return channel;
  }

  /** Starts a thread of the kernel for the device, which ends at the latest when the device disconnects. */
  spawn(name: string, run: () => Task<number>): void {
    this.threads.add(this.host.processes.spawn([name], run));
  }

  /** Ends threads, channels and mappings. */
  disconnect(): void {
    for (const thread of this.threads) this.host.processes.kill(thread);
    this.threads.clear();
    for (const channel of this.channels) channel.close();
    this.channels.clear();
    for (const page of [...this.pages]) this.unmap(page);
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(
      this.path,
      this.frontPath,
      this.state,
      [...this.pages].map(({ handle }) => handle),
    );
    hasher.add(this.channels.size, this.threads.size);
  }

  private _read(path: string): string | null {
    const { store, connection } = this.host;
    const value = store.read(connection, path);
    return value.ok ? value.value : null;
  }
}
