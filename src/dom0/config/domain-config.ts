import type { Brand } from '../../base/units.ts';
import type { Disk } from './devices/disk.ts';
import type { Fields } from './devices/fields.ts';
import type { UsbDevice } from './devices/passed-through.ts';

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

/** Frames of the host for a guest. */
export interface IomemRange {
  readonly first: bigint;
  readonly count: bigint;
  /** Where the guest has them; null for the same address. */
  readonly guest: bigint | null;
}

/** What a config gives the guest of the host. */
export interface Passthrough {
  readonly mode: string;
  readonly irqs: readonly number[];
  readonly iomem: readonly IomemRange[];
  readonly ioports: readonly Fields[];
}

/** The lists of devices in libxl_domain_config, by its names and in its order. Disks and USB devices are apart. */
export const deviceLists = [
  ...(['nics', 'pcidevs', 'dtdevs', 'vfbs', 'vkbs', 'vtpms', 'p9s', 'pvcallsifs', 'vdispls', 'vsnds'] as const),
  ...(['channels', 'usbctrls'] as const),
];
export type DeviceList = (typeof deviceLists)[number];

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
  readonly maxGrantVersion: number | null;
  readonly pool: string | null;
  /** Whether it has a security label, and one of its own while it is built. */
  readonly hasLabel: boolean;
  readonly hasExecLabel: boolean;
  readonly tee: string;
  /** This simulator's own: docs/xen/unaccelerated.md. */
  readonly isUnaccelerated: boolean;
  readonly nestedHvm: boolean;
  /** Whether a buffer for traces of the processor is asked for, which Arm does not have. */
  readonly tracesVm: boolean;
  readonly bootloader: string | null;
  readonly bootloaderArgs: readonly string[];
  readonly passthrough: Passthrough;
  readonly disks: readonly Disk[];
  readonly usbDevices: readonly UsbDevice[];
  readonly devices: Readonly<Record<DeviceList, readonly Fields[]>>;
}
