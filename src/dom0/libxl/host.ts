import type { Random } from '../../base/random.ts';
import type { Domain } from '../../xen/domain/domain.ts';
import type { Nanoseconds } from '../../xen/time/time.ts';
import type { Xen } from '../../xen/xen.ts';
import type { DomainConfig } from '../config/domain-config.ts';
import type { ConsoleDaemon } from '../console/daemon.ts';
import type { FileSystem } from '../os/files.ts';
import type { Processes } from '../os/processes.ts';
import type { Signal } from '../os/task.ts';
import type { XenstoreDaemon } from '../xenstore/daemon.ts';
import type { Connection, XenStore } from '../xenstore/store.ts';

/** A domain as libxl knows it. */
export interface DomainRecord {
  readonly domain: Domain;
  config: DomainConfig;
  readonly uuid: string;
  /** Dom0's clock when it was made. */
  readonly startTime: Nanoseconds;
}

/** What Dom0's programs share. */
export interface Host {
  readonly xen: Xen;
  readonly store: XenStore;
  /** The toolstack's own connection. */
  readonly dom0: Connection;
  readonly files: FileSystem;
  readonly processes: Processes;
  readonly random: Random;
  readonly xenstored: XenstoreDaemon;
  readonly xenconsoled: ConsoleDaemon;
  /** By domain number. Dom0 is not among them. */
  readonly records: Map<number, DomainRecord>;
  /** Raised when a domain has come, stopped or gone. */
  readonly domainsChanged: Signal;
  now(): Nanoseconds;
  /** Binds Dom0's end of a guest's event channel, has `rang` called when it rings, and returns how to ring the guest's. */
  bind(domid: number, port: number, rang: () => void): () => void;
  /** Ends what `bind` has begun for a domain. */
  unbind(domid: number): void;
}

/** Where a program's messages go: its standard error. */
export type Complain = (line: string) => void;
