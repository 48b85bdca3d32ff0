import type { Brand } from '../../base/units.ts';

/** Memory in libxl's unit. */
export type KiB = Brand<number, 'KiB'>;
export const kib = (n: number): KiB => n as KiB;
/** The physical CPUs of a set, in ascending order. */
export type CpuSet = readonly number[];

export const shutdownActions = [
  'destroy',
  'restart',
  'rename-restart',
  'preserve',
  'coredump-destroy',
  'coredump-restart',
  'soft-reset',
] as const;
export type ShutdownAction = (typeof shutdownActions)[number];

/** What xl passes to libxl to create a domain: the part of libxl_domain_config that has a meaning on Arm. */
export interface DomainConfig {
  readonly name: string;
  /** Lower-case, 8-4-4-4-12; null for a random one. */
  readonly uuid: string | null;
  /** As written. libxl turns PV into PVH with three lines of warning, and needs an x86 firmware for HVM. */
  readonly type: 'pvh' | 'pv' | 'hvm';
  readonly kernel: string | null;
  readonly ramdisk: string | null;
  readonly deviceTree: string | null;
  readonly commandLine: string | null;
  /** At the start; null if the config does not say, and then libxl cannot build the domain. */
  readonly memory: KiB | null;
  readonly maxMemory: KiB | null;
  /** vCPUs online at the start; null if the config does not say, which libxl takes as 1. */
  readonly vcpus: number | null;
  /** libxl takes 0 as 1. */
  readonly maxVcpus: number;
  /** Hard affinity of the first vCPUs; the others have all CPUs. */
  readonly hardAffinity: readonly CpuSet[];
  readonly softAffinity: readonly CpuSet[];
  /** The scheduling parameters that the config gives, by libxl's names. */
  readonly scheduling: Readonly<Record<string, number>>;
  readonly onPoweroff: ShutdownAction;
  readonly onReboot: ShutdownAction;
  readonly onWatchdog: ShutdownAction;
  readonly onCrash: ShutdownAction;
  readonly onSoftReset: ShutdownAction;
  readonly vuart: boolean;
  readonly gicVersion: 'default' | 'v2' | 'v3';
  /** Limits of the grant table and the maptrack table in pages; null for Xen's default. */
  readonly maxGrantFrames: number | null;
  readonly maxMaptrackFrames: number | null;
  readonly pool: string | null;
  /** As written: xl-disk-configuration(5). */
  readonly disks: readonly string[];
  /** As written: xl-network-configuration(5). */
  readonly interfaces: readonly string[];
}
