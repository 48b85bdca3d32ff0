import type { RandomBytes } from '../../base/random.ts';
import type { Bridge } from '../../soc/net/bridge.ts';
import type { Network } from '../../soc/net/network.ts';
import type { Domain } from '../../xen/domain/domain.ts';
import type { Nanoseconds } from '../../xen/time/time.ts';
import type { Xen } from '../../xen/xen.ts';
import type { Grants } from '../backends/grants.ts';
import type { DomainConfig } from '../config/domain-config.ts';
import type { ConsoleDaemon } from '../console/daemon.ts';
import type { BlockDevices } from '../os/block-devices.ts';
import type { DeferredFiles } from '../os/deferred-files.ts';
import type { FileSystem } from '../os/files.ts';
import type { Processes } from '../os/processes.ts';
import type { Signal } from '../os/task.ts';
import type { StoreClient } from '../xenstore/client.ts';
import type { XenstoreDaemon } from '../xenstore/daemon.ts';

/** A domain as libxl knows it. */
export interface DomainRecord {
  readonly domain: Domain;
  config: DomainConfig;
  readonly uuid: string;
  /** The config file that it came from. */
  readonly source: string;
  /** The text of its config, with what the command line has added. */
  readonly text: string;
  /** Another text that xl config-update has given, for when the domain is made again. */
  update: string | null;
  /** Dom0's clock when the domain was created. */
  readonly startTime: Nanoseconds;
  /**
   * Made: without vCPUs for xl, and its boot loader runs, if it has one. Built: they are there, but its config is not kept yet.
   * Complete: it is.
   */
  stage: 'made' | 'built' | 'complete';
}

/** Dom0's end of an event channel. */
export interface BoundChannel {
  /** Notifies the guest. */
  notify(): void;
  close(): void;
}

/** Dom0's ends of event channels. */
export interface EventChannels {
  /**
   * Binds to a guest's port and calls `rang` whenever the guest notifies it. Returns null if the guest has no such
   * port for Dom0.
   */
  bind(domid: number, port: number, rang: () => void): BoundChannel | null;
  /** Closes all channels to a domain. */
  unbind(domid: number): void;
}

/** An interface that Dom0's kernel has made for a domain, as hotplug scripts work on it. */
export interface VirtualInterface {
  name: string;
  attach(bridge: Bridge): void;
  detach(): void;
}

export interface VirtualInterfaces {
  /** The interface of a device, by the path of its back end. */
  at(path: string): VirtualInterface | null;
  readonly interfaces: readonly VirtualInterface[];
}

/** What libxl works with: libxl_ctx. */
export interface LibxlContext extends StoreClient, EventChannels {
  readonly xen: Xen;
  readonly files: FileSystem;
  readonly deferred: DeferredFiles;
  readonly blockDevices: BlockDevices;
  readonly processes: Processes;
  readonly network: Network;
  readonly netback: VirtualInterfaces;
  readonly random: RandomBytes;
  readonly grants: Grants;
  readonly xenstored: XenstoreDaemon;
  readonly xenconsoled: ConsoleDaemon;
  /** By domain number, without Dom0. */
  readonly records: Map<number, DomainRecord>;
  /** Raised when a domain is created, shuts down or is destroyed. */
  readonly domainsChanged: Signal;
  /** Dom0's clock: time since power-on. */
  now(): Nanoseconds;
}

/** Where a program's messages go: its standard error. */
export type Complain = (line: string) => void;
