/** The state of a machine. Plain data. */
import type { CoreCounts } from '../../arch/state/statistics.ts';
import type { DebugStop } from '../../cluster/debugger.ts';
import type { TranslatorStats } from '../../engine/translator/translator.ts';
import type { ResetCause } from '../../soc/bus/reset-cause.ts';
import type { MachineOptions } from './boot.ts';
import type { ConsoleId } from './console.ts';
import type { Dom0Status } from './files.ts';
import type { HypervisorStatus } from './hypervisor.ts';
import type { TimeStatus } from './time.ts';

/**
 * `empty`: nothing loaded. `paused` and `running`: as the user asked.
 * `waiting`: running, but every core waits and no event is pending, so that only input can wake the machine.
 * `ended`: see `Status.end`.
 */
export type MachineState = 'empty' | 'paused' | 'running' | 'waiting' | 'ended';

/**
 * Why a machine ended by itself. `reset`: the user wants no restart. `reset-loop`: it was reset again and again without
 * getting anywhere, as `resetLoop` says.
 */
export type MachineEnd = 'power-off' | 'reset' | 'reset-loop';

/** So many resets within so much virtual time end a run. */
export const resetLoop = { resets: 100, seconds: 1 } as const;

/** The resets after which the machine started again, since power-on. */
export interface ResetStatus {
  readonly count: number;
  readonly last: { readonly cause: ResetCause; readonly virtualNs: number } | null;
}

export type { ResetCause };

/** `suspended`: powered down by its software, until an interrupt. */
export type CoreActivity = 'off' | 'suspended' | 'running' | 'waiting';

export interface CoreStatus {
  readonly state: CoreActivity;
  /** Share of recent virtual time in which the core did not wait, 0 to 1. */
  readonly utilisation: number;
}

/** The state of the machine. It is cheap enough for every frame: no domain is looked at for it. */
export interface Status {
  readonly state: MachineState;
  readonly end: MachineEnd | null;
  readonly resets: ResetStatus;
  /** Where the debugger has stopped the machine; null if it runs or was paused otherwise. */
  readonly stop: DebugStop | null;
  /** Name of the kernel's file, `Xen` if Xen runs, null if nothing is loaded. */
  readonly kernel: string | null;
  /** Null where no hypervisor is known. */
  readonly hypervisor: HypervisorStatus | null;
  /** Null where there is no model of Dom0. */
  readonly dom0: Dom0Status | null;
  readonly machine: MachineOptions;
  readonly pace: Pace;
  /** Virtual time since power-on, in nanoseconds. */
  readonly virtualNs: number;
  /** Instructions retired by all cores since power-on. */
  readonly instructions: number;
  /** Wall time spent simulating since power-on, in milliseconds. */
  readonly wallMs: number;
  /** Simulated instructions per microsecond of wall time, recently; 0 when not running. */
  readonly mips: number;
  /** Virtual time over wall time, recently; 0 when not running. */
  readonly speed: number;
  readonly cores: readonly CoreStatus[];
  /** Virtual time of the last sample of who used the cores, in nanoseconds. */
  readonly sampled: number;
  /** Offset after the last byte printed on each console that has printed, since power-on. */
  readonly consoleEnd: Readonly<Partial<Record<ConsoleId, number>>>;
  /** Index after the last log entry. */
  readonly logEnd: number;
  /** How many events the probe has recorded. */
  readonly eventEnd: number;
  /** How often what the guest has written to the SD card came to rest, since power-on. */
  readonly cardFlushes: number;
  /** How many inputs have entered. */
  readonly entered: number;
  /** Where the machine is in its time; null where no past is kept. */
  readonly time: TimeStatus | null;
}

/** What a machine has done since power-on, counted. */
export interface Counts extends CoreCounts {
  readonly translations: Readonly<TranslatorStats>;
  /** Physical interrupts that cores have acknowledged at the GIC, by ID. */
  readonly interrupts: Readonly<Record<string, number>>;
}

/** `real-time`: virtual time never runs ahead of wall time. `unlimited`: as fast as it goes. */
export type Pace = 'real-time' | 'unlimited';
