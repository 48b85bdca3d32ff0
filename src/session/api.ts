/**
 * What a front door (worker or command line) asks of a session and what it gets back.
 * Plain data only: everything here can be cloned between threads.
 */

import type { Translation } from '../arch/mmu/mmu-inspector.ts';
import type { CoreCounts } from '../arch/state/statistics.ts';
import type { LoadRequest, NamedFile } from '../boot/loader.ts';
import type { SymbolPlace } from '../boot/symbols.ts';
import type { DebugStop, StopPoint } from '../cluster/debugger.ts';
import type { Backtrace as AddressTrace } from '../cluster/inspect/backtrace.ts';
import type { PstateFields, SystemRegisterValue } from '../cluster/inspect/registers.ts';
import type { TranslatorStats } from '../engine/translator/translator.ts';
import type { XenStatus } from './xen/api.ts';

export type { DebugStop, NamedFile, PstateFields, StopPoint, SymbolPlace, SystemRegisterValue, Translation };

/** The machine to build: the ZCU102's processor system, within the sizes offered. */
export interface MachineOptions {
  /** Cortex-A53 cores present; the first starts, the others wait for PSCI CPU_ON. */
  readonly cpus: number;
  /** DRAM in MiB, from physical address 0. */
  readonly memoryMiB: number;
  /** Exception level in which the first core enters the kernel. */
  readonly el: 1 | 2;
}

export const maxCpus = 4;
/** The low DRAM region ends where the devices' address space begins (UG1085 table 10-1). */
export const maxMemoryMiB = 2048;
export const defaultMachine: MachineOptions = { cpus: 1, memoryMiB: maxMemoryMiB, el: 2 };

/** A kernel to start on a machine, and what goes to memory with it. */
export interface BootRequest extends LoadRequest {
  readonly machine: MachineOptions;
}

/**
 * `empty`: nothing loaded. `paused` and `running`: as the user asked.
 * `waiting`: running, but every core waits and no event is due: only input can wake the machine.
 * `ended`: see `Status.end`.
 */
export type MachineState = 'empty' | 'paused' | 'running' | 'waiting' | 'ended';

/** Why a machine ended by itself. */
export type MachineEnd = 'power-off' | 'reset';

export type CoreState = 'off' | 'running' | 'waiting';

export interface CoreStatus {
  readonly state: CoreState;
  /** Share of recent virtual time in which the core did not wait, 0 to 1. */
  readonly utilisation: number;
}

/** Where the machine stands; cheap enough to ask for at every frame. */
export interface Status {
  readonly state: MachineState;
  readonly end: MachineEnd | null;
  /** Where the debugger has stopped the machine, or null when it runs or was paused otherwise. */
  readonly stop: DebugStop | null;
  /** Name of the kernel's file, `Xen` where Xen runs, or null when nothing is loaded. */
  readonly kernel: string | null;
  /** What there is to know of a machine on which Xen runs. */
  readonly xen: XenStatus | null;
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
  /** Offset after the last byte printed on each console that has printed, since power-on. */
  readonly consoleEnd: Readonly<Partial<Record<ConsoleId, number>>>;
  /** Index after the last log entry. */
  readonly logEnd: number;
}

/** What a machine has done since power-on, counted. */
export interface Counts extends CoreCounts {
  readonly translations: Readonly<TranslatorStats>;
  /** Physical interrupts that cores have acknowledged at the GIC, by ID. */
  readonly interrupts: Readonly<Record<string, number>>;
}

/** `real-time`: virtual time never runs ahead of wall time. `unlimited`: as fast as it goes. */
export type Pace = 'real-time' | 'unlimited';

/**
 * A byte stream in and out: the UARTs at FF000000 and FF010000; with Xen also the terminal of Dom0's shell, and by its number
 * each domain's PV console and, if it has one, its virtual UART. Numbers of domains are never used twice.
 */
export type ConsoleId = 'serial' | 'serial1' | 'dom0' | `${number}/pv` | `${number}/vuart`;

/** Part of a console's byte stream. */
export interface ConsoleWindow {
  /** Offset of the first byte given: later than the one asked for when the ring no longer holds that. */
  readonly from: number;
  readonly bytes: Uint8Array;
  /** Offset after the last byte printed so far. */
  readonly end: number;
}

/** A message of the machine about itself: an unknown register, a firmware call, the loaded kernel. */
export interface LogEntry {
  readonly index: number;
  readonly virtualNs: number;
  /** The part that speaks: `uart0`, `psci`, `loader`... */
  readonly source: string;
  readonly text: string;
}

export interface LogWindow {
  readonly entries: readonly LogEntry[];
  readonly end: number;
}

/** A core's registers at one instant. */
export interface CoreRegisters {
  readonly core: number;
  readonly el: number;
  readonly pc: bigint;
  /** The stack pointer in use. */
  readonly sp: bigint;
  /** SP_EL0, SP_EL1 and SP_EL2. */
  readonly stackPointers: readonly bigint[];
  /** X0 to X30. */
  readonly x: readonly bigint[];
  /** V0 to V31, 128 bits each. */
  readonly v: readonly bigint[];
  /** NZCV in bits 31:28, DAIF in 9:6, as SPSR_ELx holds them. */
  readonly pstate: number;
  readonly pstateFields: PstateFields;
  readonly fpcr: number;
  readonly fpsr: number;
  /** The instruction word at PC, or null when it cannot be fetched. */
  readonly instruction: number | null;
  /** The same in GNU assembly syntax, or null. */
  readonly assembly: string | null;
}

/** An exception level whose view of memory is meant, or null for the core's present one. */
export type ViewLevel = 0 | 1 | 2 | null;

/** What a core sees as memory: by its virtual addresses, by the guest's intermediate physical ones, or by physical ones. */
export type AddressSpace = 'virtual' | 'ipa' | 'physical';

export interface MemoryRequest {
  readonly core: number;
  readonly space: AddressSpace;
  /** For virtual addresses. */
  readonly el: ViewLevel;
  readonly address: bigint;
  readonly length: number;
}

export interface TranslationRequest {
  readonly core: number;
  readonly el: ViewLevel;
  readonly address: bigint;
  readonly access: 'read' | 'write' | 'execute';
}

/** RAM from an address on, up to the first byte that is not mapped or no RAM. */
export interface MemoryWindow {
  readonly address: bigint;
  readonly bytes: Uint8Array;
}

/** A function that is being executed: where it goes on, and the nearest symbol of the kernel file. */
export interface Frame {
  readonly address: bigint;
  readonly symbol: SymbolPlace | null;
}

/** The calls that led to where a core is, the innermost first. */
export interface Backtrace {
  readonly frames: readonly Frame[];
  readonly end: AddressTrace['end'];
}

/** What a boot did: where the kernel went and where it starts. */
export interface BootSummary {
  readonly format: 'ELF' | 'Image';
  readonly entry: bigint;
  /** Bytes placed in DRAM. */
  readonly loaded: number;
}
