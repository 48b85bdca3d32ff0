import type { Brand } from '../../base/units.ts';

/** Memory as libxl counts it. */
export type KiB = Brand<number, 'KiB'>;
export const kib = (n: number): KiB => n as KiB;
/** Physical CPUs that a map allows, in ascending order. */
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

/** What xl hands to libxl to create a domain: the part of libxl_domain_config that means something on Arm. */
export interface DomainConfig {
  readonly name: string;
  /** Lower-case, 8-4-4-4-12; null for a random one. */
  readonly uuid: string | null;
  /** As written. libxl makes PVH of PV with three lines of warning, and wants an x86 firmware for HVM. */
  readonly type: 'pvh' | 'pv' | 'hvm';
  readonly kernel: string | null;
  readonly ramdisk: string | null;
  readonly deviceTree: string | null;
  readonly commandLine: string | null;
  /** At start; null when the config does not say, with which libxl cannot build. */
  readonly memory: KiB | null;
  readonly maxMemory: KiB | null;
  /** Those online at the start; null when the config does not say, which libxl takes for 1. */
  readonly vcpus: number | null;
  /** 0 lets libxl take 1. */
  readonly maxVcpus: number;
  /** Hard affinity of the first vCPUs; all CPUs for the others. */
  readonly hardAffinity: readonly CpuSet[];
  readonly softAffinity: readonly CpuSet[];
  /** The scheduler's parameters that the config gives, by the names that libxl has for them. */
  readonly scheduling: Readonly<Record<string, number>>;
  readonly onPoweroff: ShutdownAction;
  readonly onReboot: ShutdownAction;
  readonly onWatchdog: ShutdownAction;
  readonly onCrash: ShutdownAction;
  readonly onSoftReset: ShutdownAction;
  readonly vuart: boolean;
  readonly gicVersion: 'default' | 'v2' | 'v3';
  /** Most pages of the grant table and of its maptrack table; null is Xen's default. */
  readonly maxGrantFrames: number | null;
  readonly maxMaptrackFrames: number | null;
  readonly pool: string | null;
  /** As written: xl-disk-configuration(5). */
  readonly disks: readonly string[];
  /** As written: xl-network-configuration(5). */
  readonly interfaces: readonly string[];
}
