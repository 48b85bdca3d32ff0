/** What a hypervisor view shows: domains, vCPUs and who used the pCPUs. Plain data. */
import type { ConsoleId } from './console.ts';

/** Numbers that grow when there is something new to ask for. */
export interface HypervisorStatus {
  /** The scheduler, by the name that Xen's command line has for it. */
  readonly scheduler: string;
  /** Grows when the list of domains changes in anything but times and who runs where. */
  readonly domains: number;
  /** KiB of free memory. */
  readonly freeKib: number;
}

export type VcpuState = 'running' | 'runnable' | 'blocked' | 'offline';

export interface VcpuInfo {
  readonly id: number;
  /** The pCPU that it runs on or ran on last; null while it is offline. */
  readonly pcpu: number | null;
  readonly state: VcpuState;
  /** CPU time, in nanoseconds. */
  readonly time: number;
  /** pCPUs that it may run on, and those that it prefers. */
  readonly hardAffinity: readonly number[];
  readonly softAffinity: readonly number[];
  /** Its own parameters under the scheduler of its pool, by their names there: period, budget and extratime under RTDS. */
  readonly scheduling: Readonly<Record<string, number>>;
  /** What credit or credit2 counts for it now, where that is read from the real Xen's memory. */
  readonly credit?: number | undefined;
}

/** Why a domain has stopped. */
export type ShutdownWord = 'poweroff' | 'reboot' | 'suspend' | 'crash' | 'watchdog' | 'soft-reset';

export interface DomainInfo {
  readonly id: number;
  readonly name: string;
  /** An index into a palette, 0 for Dom0. A domain that reboots keeps it, since it belongs to the name. */
  readonly colour: number;
  /** As `xl list` shows it: six letters or dashes of rbpscd. */
  readonly letters: string;
  readonly states: readonly ('running' | 'blocked' | 'paused' | 'shutdown' | 'dying')[];
  readonly shutdown: ShutdownWord | null;
  /** KiB of memory that it has. */
  readonly memoryKib: number;
  readonly vcpus: readonly VcpuInfo[];
  /** CPU time of all its vCPUs, in nanoseconds. */
  readonly time: number;
  /** The number of its pool. */
  readonly pool: number;
  /** Its parameters under the scheduler of its pool, by their names there: weight and cap under credit. */
  readonly scheduling: Readonly<Record<string, number>>;
  readonly consoles: readonly ConsoleId[];
  /** Whether Domain-0's terminal shows one of them, by `xl console` or `xl create -c`. */
  readonly attached: boolean;
}

/** A pool of pCPUs: docs/xen/cpupools.md. */
export interface PoolInfo {
  readonly id: number;
  readonly name: string;
  /** By the name that Xen's command line has for it. */
  readonly scheduler: string;
  readonly pcpus: readonly number[];
}

export interface DomainList {
  readonly version: number;
  /** Pool-0 first. */
  readonly pools: readonly PoolInfo[];
  readonly domains: readonly DomainInfo[];
}

/** A vCPU by its numbers. */
export interface VcpuName {
  readonly domain: number;
  readonly vcpu: number;
}

/** Where the stage 2 translation of a domain begins. */
export interface StageTwoRoot {
  readonly domain: number;
  readonly vmid: number;
  /** Physical address of the first table. */
  readonly table: bigint;
  /** What VTTBR_EL2 holds while the domain runs: both of these. */
  readonly vttbr: bigint;
}

/** How much one user has used of one pCPU. */
export interface UtilisationSeries {
  readonly pcpu: number;
  /**
   * The user: a vCPU, nobody, or EL2, whose time is also counted as that of the vCPU that it interrupted, or as idle. On
   * a board without a hypervisor that is known: whatever runs on the core.
   */
  readonly kind: 'vcpu' | 'idle' | 'xen' | 'core';
  /** Of the vCPU; -1 for the other kinds. */
  readonly domain: number;
  readonly vcpu: number;
  readonly name: string;
  readonly colour: number;
  /** Nanoseconds in each bucket. */
  readonly busy: Float64Array;
}

export interface UtilisationRequest {
  /** Virtual time in nanoseconds. */
  readonly from: number;
  readonly to: number;
  /** At most so many buckets. */
  readonly buckets: number;
}

/** Who used the pCPUs, in buckets of equal length. */
export interface Utilisation {
  /** Beginning of the first bucket: the time asked for, or that of the sample before it. */
  readonly from: number;
  /** Length of a bucket in nanoseconds. */
  readonly step: number;
  readonly buckets: number;
  /**
   * How much of each bucket has been sampled, in nanoseconds: less than `step` in the last one, and where samples are
   * no longer kept.
   */
  readonly covered: Float64Array;
  readonly series: readonly UtilisationSeries[];
  /** By pCPU: the name of its pool, or '' where it is free; left out if all pCPUs are in one pool. */
  readonly pools?: readonly string[];
}
