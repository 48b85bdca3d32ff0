/** What the scheduling timeline shows: who ran where, who waited, and what happened. Plain data; times are in nanoseconds. */
import type { VcpuName } from './hypervisor.ts';

/** The kinds of marks on lanes, with what their numbers `a` and `b` are. */
export const markClasses = [
  /** A physical interrupt is taken: its ID; the vCPU that it meets. */
  'interrupt',
  /** A vCPU makes a hypercall: its number; the vCPU. */
  'hypercall',
  /** A guest’s access faults in stage 2, for a device that Xen emulates or for good: the vCPU. */
  'abort',
  /** A pCPU is asked to look at its run queue: for which vCPU. */
  'tickle',
  /** A vCPU can run again: the pCPU where that was found, and the vCPU there. */
  'wake',
  /** A vCPU lets others go first: the pCPU. */
  'yield',
  /** A vCPU moves to another run queue: from that pCPU, to this one. */
  'migrate',
  /** An interrupt is made pending for a vCPU: its ID. */
  'injected',
  /** The guest takes it: its ID. */
  'virtual',
  /** The SMMU refuses an access: the stream. */
  'smmuFault',
  /** A domain comes, stops, or goes: 0, 1 or 2; its ID. */
  'domain',
  /** The board is reset. */
  'reset',
] as const;
export type MarkClass = (typeof markClasses)[number];

/** Why a vCPU began to wait. */
export const waitCauses = ['woken', 'preempted', 'yielded', 'moved'] as const;
export type WaitCause = (typeof waitCauses)[number];

/** Pseudo class of exceptions: a core goes on in EL2 after it waited there. */
export const resumedClass = 0x7e;

/** Names by number. */
export interface TraceNames {
  readonly exceptions: readonly string[];
  readonly hypercalls: readonly string[];
}

/** What is looked for in the timeline: where a vCPU runs, or marks of a class, of a vCPU and with a number if these are given. */
export interface TraceSearch {
  /** It begins behind this time; with `isBack`, before it. */
  readonly from: number;
  readonly isBack: boolean;
  readonly mark: MarkClass | null;
  /** vCPUs as domain in bits 31-16 and number in bits 15-0; none for any. */
  readonly vcpus: readonly number[];
  readonly number: number | null;
}

export interface TraceFound {
  readonly kind: LaneKind;
  /** The lane's. */
  readonly id: number;
  /** The numbers of a mark, or the vCPU that runs. */
  readonly value: number;
  readonly b: number;
  readonly start: number;
  readonly end: number;
}

/** What is asked of the timeline. */
export interface TraceRequest {
  readonly from: number;
  readonly to: number;
  /** Into how many parts the width of the view is divided. */
  readonly pixels: number;
}

/** Slices as a view draws them: one of the lane, or several that are too short to be told apart. */
export interface TraceSlices {
  readonly start: Float64Array<ArrayBuffer>;
  readonly end: Float64Array<ArrayBuffer>;
  /** The value, or that of most of the time. */
  readonly value: Uint32Array<ArrayBuffer>;
  /** How many slices it is. */
  readonly count: Uint32Array<ArrayBuffer>;
  /** How much of the time between start and end is in slices, 0 to 1. */
  readonly share: Float32Array<ArrayBuffer>;
}

/** Marks as a view draws them: the last of those that are too close to be told apart. */
export interface TraceMarks {
  readonly time: Float64Array<ArrayBuffer>;
  readonly a: Uint32Array<ArrayBuffer>;
  readonly b: Uint32Array<ArrayBuffer>;
  /** How many it is. */
  readonly count: Uint32Array<ArrayBuffer>;
}

export type LaneKind = 'core' | 'vcpu' | 'machine';

export interface TraceLane {
  readonly kind: LaneKind;
  /** The core; a vCPU as domain in bits 31-16 and number in bits 15-0; 0 for the machine. */
  readonly id: number;
  /**
   * Of a core: the vCPU that it ran, or on a board the exception level. Of a vCPU: its waits for a pCPU, with the pCPU in bits
   * 7-0 and the cause (`waitCauses`) in bits 15-8.
   */
  readonly slices: TraceSlices;
  /** Of a core: when Xen worked, with the class of the exception in bits 31-24, the domain in 23-8 and the vCPU in 7-0. */
  readonly xen: TraceSlices | null;
  readonly marks: Readonly<Partial<Record<MarkClass, TraceMarks>>>;
  /** What the scheduler counts for a vCPU, as signed numbers in `a`. */
  readonly credit: TraceMarks | null;
  readonly priority: TraceMarks | null;
}

/** How far the record goes. */
export interface TraceCoverage {
  /** Nothing is missing after this time. */
  readonly since: number;
  readonly now: number;
  /** Slices and marks that are kept. */
  readonly events: number;
  readonly bytes: number;
  readonly limit: number;
}

export interface TraceWindow extends TraceCoverage {
  /** Whether lanes show who runs under a hypervisor, or the levels of a board's cores. */
  readonly shows: 'vcpus' | 'levels';
  readonly lanes: readonly TraceLane[];
}

export interface VcpuFigures extends VcpuName {
  /** Nanoseconds that it ran, and in how many slices. */
  readonly ran: number;
  readonly slices: number;
  /** Waits for a pCPU that ended or lasted in the window: how many, in all, and the longest. */
  readonly waits: number;
  readonly waited: number;
  readonly longestWait: number;
  /** How often it left for Xen, by class of exception. */
  readonly exits: Readonly<Record<string, number>>;
}

/** A part of the timeline in figures. */
export interface TraceFigures {
  readonly from: number;
  readonly to: number;
  readonly vcpus: readonly VcpuFigures[];
  /** By core: nanoseconds that it ran something, and that Xen worked on it. */
  readonly cores: readonly { readonly core: number; readonly busy: number; readonly xen: number }[];
}

/** Who used a pCPU while a vCPU waited for it. */
export interface RanMeanwhile extends VcpuName {
  readonly ran: number;
  readonly slices: number;
  readonly longest: number;
  readonly priority: number | null;
  readonly credit: number | null;
}

export interface TraceWait extends VcpuName {
  readonly start: number;
  readonly end: number;
  readonly core: number;
  readonly cause: WaitCause;
  /** Whether it waits still. */
  readonly lasts: boolean;
  /** What the scheduler counted for it when it began to wait; null where that is not known. */
  readonly priority: number | null;
  readonly credit: number | null;
  /** The longest first. */
  readonly ran: readonly RanMeanwhile[];
}
