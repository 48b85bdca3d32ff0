/** What a front door asks of a session with Xen and gets back: plain data. */
import type { ConsoleId, MachineOptions } from '../api.ts';

/** A file of Dom0's. */
export interface Dom0File {
  /** Absolute. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A machine with Xen and Dom0 on it. */
export interface XenRequest {
  readonly machine: MachineOptions;
  /** Xen's command line: `dom0_mem=512M sched_credit_tslice_ms=10 loglvl=all`. */
  readonly commandLine: string;
  /** Whether EL2 takes time, as counted in the real Xen. */
  readonly costs: boolean;
  /** From which UUIDs and the guests' seeds of randomness come. */
  readonly seed: number;
  /** Images in /guests. */
  readonly guests: readonly Dom0File[];
  /** The user's changes to Dom0's files. */
  readonly user: UserFiles;
  /** Whether Dom0 first runs its /etc/rc.local, which creates the domains of the first session. */
  readonly startsDomains: boolean;
  /** Then a script for Dom0's shell: its text, or null for none. */
  readonly script: string | null;
  /** Whether at last a shell waits for commands on Dom0's terminal. */
  readonly interactive: boolean;
}

/** How Dom0's files differ from those that it begins with. */
export interface UserFiles {
  readonly files: readonly Dom0File[];
  /** Paths of files that were there and have been removed. */
  readonly removed: readonly string[];
}

export const noUserFiles: UserFiles = { files: [], removed: [] };

/** Numbers that grow when there is something new to ask for, and little else. */
export interface XenStatus {
  /** Version of the list of domains: their coming, going, states, names, placement; not their times. */
  readonly domains: number;
  /** Number of changes to files. */
  readonly files: number;
  /** Virtual time of the last sample of utilisation, in nanoseconds. */
  readonly sampled: number;
  /** Exit code of the script, once it has ended. */
  readonly scriptCode: number | null;
  /** Memory in KiB that no domain has. */
  readonly freeKib: number;
}

export type VcpuState = 'running' | 'runnable' | 'blocked' | 'offline';

export interface VcpuInfo {
  readonly id: number;
  /** The pCPU that it runs on or ran on last; null where it was never on. */
  readonly pcpu: number | null;
  readonly state: VcpuState;
  /** CPU time, in nanoseconds. */
  readonly time: number;
  /** pCPUs that it may run on, and those where it would rather. */
  readonly hardAffinity: readonly number[];
  readonly softAffinity: readonly number[];
}

/** Why a domain has stopped. */
export type ShutdownWord = 'poweroff' | 'reboot' | 'suspend' | 'crash' | 'watchdog' | 'soft-reset';

export interface DomainInfo {
  readonly id: number;
  readonly name: string;
  /** Stays with the domain's name, through reboots: an index into a palette, 0 for Dom0. */
  readonly colour: number;
  /** As `xl list` shows it: six letters or dashes of rbpscd. */
  readonly letters: string;
  readonly states: readonly ('running' | 'blocked' | 'paused' | 'shutdown' | 'dying')[];
  readonly shutdown: ShutdownWord | null;
  /** KiB that it has. */
  readonly memoryKib: number;
  readonly vcpus: readonly VcpuInfo[];
  /** CPU time of all its vCPUs, in nanoseconds. */
  readonly time: number;
  readonly weight: number;
  /** Per cent of a pCPU; 0: no limit. */
  readonly cap: number;
  readonly consoles: readonly ConsoleId[];
  /** Whether Domain-0's terminal shows one of them, by `xl console` or `xl create -c`. */
  readonly attached: boolean;
}

export interface DomainList {
  readonly version: number;
  readonly domains: readonly DomainInfo[];
}

/** Whose use of a pCPU a series tells. */
export interface UtilisationSeries {
  readonly pcpu: number;
  /** `vcpu`: of a domain. `idle`: nobody's. `xen`: EL2's own time, which is part of the time of the vCPU that was left for it, or of idleness. */
  readonly kind: 'vcpu' | 'idle' | 'xen';
  /** Of the vCPU; -1 for the other kinds. */
  readonly domain: number;
  readonly vcpu: number;
  readonly name: string;
  readonly colour: number;
  /** Nanoseconds in each bucket. */
  readonly busy: Float64Array;
}

export interface UtilisationRequest {
  /** Virtual times in nanoseconds. */
  readonly from: number;
  readonly to: number;
  /** At most so many buckets. */
  readonly buckets: number;
}

/** Who used the pCPUs, in buckets of equal length. */
export interface Utilisation {
  /** Beginning of the first bucket: that asked for, or a little earlier, on the grid of samples. */
  readonly from: number;
  /** Length of a bucket in nanoseconds. */
  readonly step: number;
  readonly buckets: number;
  /** How much of each bucket has been sampled, in nanoseconds: less than `step` at the present and where samples are no longer kept. */
  readonly covered: Float64Array;
  readonly series: readonly UtilisationSeries[];
}

/** What a directory holds. */
export interface FileEntry {
  readonly path: string;
  readonly isDirectory: boolean;
  /** Bytes; 0 for a directory. */
  readonly size: number;
  /** Whether it differs from what Dom0 begins with. */
  readonly changed: boolean;
}

export interface FileChanges {
  /** Paths that have changed, come or gone, in order, the oldest first. */
  readonly paths: readonly string[];
  /** Number of changes so far, to ask from next time. */
  readonly end: number;
  /** There were more than are kept: anything may have changed. */
  readonly missed: boolean;
}
