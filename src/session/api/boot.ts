/** What a front door starts: a kernel on a board, or Xen with Dom0. Plain data, which can be sent between threads. */
import type { LoadRequest, NamedFile } from '../../boot/loader.ts';
import type { Dom0File, UserFiles } from './files.ts';

export type { NamedFile };

/** The machine to build: the ZCU102's processor system, within the sizes offered. */
export interface MachineOptions {
  /** Cortex-A53 cores present; the first starts, the others wait for PSCI CPU_ON. */
  readonly cpus: number;
  /** DRAM in MiB, from physical address 0. */
  readonly memoryMiB: number;
  /** Exception level in which the first core enters the kernel. */
  readonly el: 1 | 2;
  /** What a reset by software or a watchdog does: the board starts again, as it does by default, or the run ends. */
  readonly onReset?: OnReset | undefined;
}

export type OnReset = 'restart' | 'end';

export const maxCpus = 4;

/** The low DRAM region ends where the devices' address space begins (UG1085 table 10-1). */
export const maxMemoryMiB = 2048;

export const defaultMachine: MachineOptions = { cpus: 1, memoryMiB: maxMemoryMiB, el: 2 };

/** A kernel to start on a machine, and the files that go to memory with it. */
export interface BootRequest extends LoadRequest {
  readonly machine: MachineOptions;
}

/** What a boot has done. */
export interface BootSummary {
  readonly format: 'ELF' | 'Image';
  readonly entry: bigint;
  /** Bytes placed in DRAM. */
  readonly loaded: number;
}

/** The unmodified Xen and what its Dom0 is made of, instead of the models. */
export interface RealXen {
  readonly xen: NamedFile;
  /** Xen's ELF file, or what is left of it with its symbols, which tells more of Xen; may be missing. */
  readonly symbols?: NamedFile | undefined;
  readonly kernel: NamedFile;
  readonly deviceTree: NamedFile;
  /** Archives that are laid over each other as Dom0's root. */
  readonly ramdisks: readonly NamedFile[];
  /** The program of guests/dom0. */
  readonly agent: Uint8Array;
}

/** A machine with Xen and Dom0 on it. */
export interface XenRequest {
  readonly machine: MachineOptions;
  /** The real Xen; the model without. */
  readonly real?: RealXen | undefined;
  /** Xen's command line: `dom0_mem=512M sched_credit_tslice_ms=10 loglvl=all`. */
  readonly commandLine: string;
  /** Whether EL2 takes the time that it takes in the real Xen. */
  readonly costs: boolean;
  /** UUIDs and the guests' random seeds come from it. */
  readonly seed: number;
  /** Images in /guests. */
  readonly guests: readonly Dom0File[];
  /** The user's changes to Dom0's files. */
  readonly user: UserFiles;
  /** Paths of files that come when a program of Dom0 needs one: `Dom0Status.wantsDeferred` says when. */
  readonly deferred?: readonly string[] | undefined;
  /** Whether Dom0 first runs its /etc/rc.local, which creates the domains of the first session. */
  readonly startsDomains: boolean;
  /** A script that Dom0's shell runs then; null for none. */
  readonly script: string | null;
  /** Whether after that a shell waits for commands on Dom0's terminal. */
  readonly interactive: boolean;
}

/** A word of Xen's command line, and what it does here. */
export interface CommandLineWord {
  readonly name: string;
  readonly value: string;
  /**
   * `ignored`: Xen has it, but it changes nothing on this model. `unknown`: there is no such parameter. `overridden`: a
   * later word sets it again. `wrong`: Xen does not start here with this value.
   */
  readonly effect: 'used' | 'ignored' | 'unknown' | 'overridden' | 'wrong';
  /** The values that it takes; null if it is unknown. */
  readonly takes: string | null;
}

export interface CommandLineCheck {
  readonly words: readonly CommandLineWord[];
  /** Why Xen does not start with it, in one sentence for the user; null if it does. */
  readonly error: string | null;
  /** Memory of Domain-0; null where there is an error. */
  readonly dom0MiB: number | null;
  /** The names of all parameters that have an effect. */
  readonly parameters: readonly string[];
}

/** What was started: enough to build the same machine again. */
export type Recipe =
  | { readonly kind: 'kernel'; readonly request: BootRequest }
  | { readonly kind: 'xen'; readonly request: XenRequest };
