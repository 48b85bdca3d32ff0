import { CodeTlb, Core, codeTlbIndex } from '../a64/layout.ts';
import type { Clock } from '../arch/state/clock.ts';
import type { CoreState } from '../arch/state/core.ts';
import { ExitRequest, requestExit, withdrawExit } from '../arch/state/exit-request.ts';
import { StopPage } from '../arch/state/memory.ts';
import { assert } from '../base/assert.ts';

/**
 * The debugger outside the machine: it stops all cores at breakpoints, watchpoints and the ends of steps. The guest
 * cannot notice it; the guest's own debug registers are in debug.ts. A run that was stopped and continued is the same,
 * to the bit, as one that was not stopped.
 *
 * While nothing is set it costs nothing. With breakpoints, code is translated page by page, so that every way into a
 * page goes through the instruction TLB. Pages with breakpoints have no lasting entry there, and their code is
 * interpreted, with a check of StopPage before each instruction. Pages with watchpoints have no entry in the data TLB,
 * so that all accesses take the slow path.
 */

/** What a stop point may be confined to. */
interface Confined {
  /** One virtual machine, by its VMID: EL0 and EL1 while that is in VTTBR_EL2. */
  readonly vmid?: number | undefined;
}

/** Stops a core before it executes the instruction at a virtual address, at one exception level or any (null). */
export interface Breakpoint extends Confined {
  readonly kind: 'breakpoint';
  readonly id: number;
  readonly address: bigint;
  readonly el: 0 | 1 | 2 | null;
}

/**
 * Stops a core after an instruction that accesses any of `length` bytes at a virtual address, in every address
 * space that it is not confined from.
 */
export interface Watchpoint extends Confined {
  readonly kind: 'watchpoint';
  readonly id: number;
  readonly address: bigint;
  readonly length: number;
  readonly access: 'read' | 'write' | 'any';
}

export type StopPoint = Breakpoint | Watchpoint;

/** Why and where the debugger has stopped the machine; `pc` is the core's next instruction. */
export type DebugStop =
  | { readonly kind: 'breakpoint'; readonly core: number; readonly pc: bigint; readonly id: number }
  | {
      readonly kind: 'watchpoint';
      readonly core: number;
      readonly pc: bigint;
      readonly id: number;
      /** The access: its address, its bytes in all, and whether it was a store. */
      readonly address: bigint;
      readonly size: number;
      readonly write: boolean;
    }
  | { readonly kind: 'step'; readonly core: number; readonly pc: bigint };

/** The destination of a step: an address and a level, with a stack no deeper than `sp`. */
export interface Destination {
  readonly address: bigint;
  readonly el: number;
  readonly sp: bigint;
}

/** The end of a step of one core. */
type Goal = { readonly core: CoreState } & ({ readonly retired: number } | Destination);

/** What the debugger asks of the cores' MMUs. */
export interface DebuggedMmu {
  /** Empties the instruction TLBs. */
  flushCode(): void;
  /** Empties a core's data TLB. */
  watchpointsChanged(core: CoreState): void;
}

export class Debugger {
  readonly #cores: readonly CoreState[];
  readonly #clock: Clock;
  readonly #mmu: DebuggedMmu;
  #breakpoints: readonly Breakpoint[] = [];
  #watchpoints: readonly Watchpoint[] = [];
  #goal: Goal | undefined;
  /** Pages, by address >> 12, of breakpoints and of a step's destination. */
  #pages: ReadonlySet<number> = new Set();
  /** The page that StopPage describes. */
  #mapped: number | undefined;
  /** The context in which the running core may currently fetch from a page with breakpoints. */
  #passable: number | undefined;
  #stop: DebugStop | undefined;
  /** By core: the instruction at which it was last stopped. It does not stop there again at once. */
  readonly #passing: ({ readonly pc: bigint; readonly retired: number } | undefined)[];

  constructor(cores: readonly CoreState[], clock: Clock, mmu: DebuggedMmu) {
    this.#cores = cores;
    this.#clock = clock;
    this.#mmu = mmu;
    this.#passing = cores.map(() => undefined);
  }

  /** Why the machine has been stopped, until `resume`. */
  get stop(): DebugStop | undefined {
    return this.#stop;
  }

  /** Replaces all breakpoints and watchpoints. Must not be called while the cores run. */
  setPoints(points: readonly StopPoint[]): void {
    this.#breakpoints = points.filter((point) => point.kind === 'breakpoint');
    this.#watchpoints = points.filter((point) => point.kind === 'watchpoint');
    for (const { address } of this.#breakpoints) assert((address & 3n) === 0n, 'a breakpoint is at an instruction');
    for (const core of this.#cores) this.#mmu.watchpointsChanged(core);
    this.#updatePages();
  }

  /** Lets the next runs end when a core has retired this many more instructions, or waits. */
  stepBy(core: CoreState, instructions: number): void {
    this.#step({ core, retired: this.#clock.retired(core) + instructions });
  }

  /** Lets the next runs end when a core has reached a destination. */
  stepTo(core: CoreState, destination: Destination): void {
    this.#step({ core, ...destination });
  }

  /** Cancels a step that has not ended. */
  cancelStep(): void {
    if (!this.#goal) return;
    this.#goal = undefined;
    this.#updatePages();
  }

  #step(goal: Goal): void {
    this.#goal = goal;
    // A step does not stop at the instruction where it starts.
    this.#pass(goal.core);
    this.#updatePages();
  }

  #updatePages(): void {
    const pages = new Set(this.#addresses().map((address) => Number(address >> 12n)));
    if (pages.size === 0 && this.#pages.size === 0) return;
    this.#pages = pages;
    this.#mapped = undefined;
    this.#mmu.flushCode();
  }

  /** The machine is at another moment, where the debugger has stopped it, or not. */
  moved(stop: DebugStop | undefined): void {
    this.cancelStep();
    this.#passing.fill(undefined);
    this.#stop = stop;
    const core = stop && this.#cores[stop.core];
    if (core) this.#pass(core);
  }

  // For the MMU

  /** Whether translated code must stay in its page. */
  get confinesCode(): boolean {
    return this.#pages.size > 0;
  }

  /** Whether a core must leave to the run loop before it fetches at its pc. */
  holdsFetch(core: CoreState): boolean {
    if (!this.#isInPage(core) || core.word(Core.context) === this.#passable) return false;
    requestExit(core, ExitRequest.debugger);
    return true;
  }

  /** Whether the page of an address is watched: then it must have no entry in the data TLB. */
  watches(low: number, high: number): boolean {
    if (this.#watchpoints.length === 0) return false;
    const first = withoutTag(whole(low & ~0xfff, high));
    return this.#watchpoints.some((point) => overlaps(point, first, 4096));
  }

  /** An instruction has read bytes in a page that may be watched. */
  wasRead(core: CoreState, low: number, high: number, size: number): void {
    if (this.#watchpoints.length > 0) this.#accessed(core, whole(low, high), size, 'read');
  }

  /** An instruction has written bytes in a page that may be watched. */
  wasWritten(core: CoreState, low: number, high: number, size: number): void {
    if (this.#watchpoints.length > 0) this.#accessed(core, whole(low, high), size, 'write');
  }

  #accessed(core: CoreState, address: bigint, size: number, access: 'read' | 'write'): void {
    if (this.#stop) return;
    const untagged = withoutTag(address);
    const hit = this.#watchpoints.find(
      (point) =>
        (point.access === access || point.access === 'any') && overlaps(point, untagged, size) && isMeant(point, core),
    );
    if (!hit) return;
    // The instruction is still being executed: pc is filled in when it is done.
    const write = access === 'write';
    this.#stop = { kind: 'watchpoint', core: core.index, pc: 0n, id: hit.id, address, size, write };
    requestExit(core, ExitRequest.debugger);
  }

  // For the run loop

  /** The machine goes on. */
  resume(): void {
    this.#stop = undefined;
  }

  /**
   * The machine has been reset and starts again. A step ends there, and so does the instruction that has reset it if the
   * debugger was to stop after it: before the first core's first instruction.
   */
  restarted(): void {
    this.#passing.fill(undefined);
    const [first] = this.#cores;
    if (!first || (!this.#goal && !this.#stop)) return;
    this.#stop = { ...(this.#stop ?? { kind: 'step' }), core: first.index, pc: first.pc };
    this.cancelStep();
  }

  /** Instructions that a core may execute before the next check. */
  instructionsLeft(core: CoreState): number {
    const goal = this.#goal;
    if (!goal || goal.core !== core || !('retired' in goal)) return Number.POSITIVE_INFINITY;
    return Math.max(0, goal.retired - this.#clock.retired(core));
  }

  /**
   * Whether a core that has finished an instruction, or waits, stops there: at a watchpoint or at the end of a step.
   */
  stopsAfter(core: CoreState, waits: boolean): boolean {
    if (this.#stop) {
      withdrawExit(core, ExitRequest.debugger);
      this.#stop = { ...this.#stop, pc: core.pc };
      this.cancelStep();
      return true;
    }
    if (waits ? this.isStepped(core) : this.instructionsLeft(core) === 0) {
      this.endStep();
      return true;
    }
    return false;
  }

  /** Whether a core is stepping a number of instructions. */
  isStepped(core: CoreState): boolean {
    return this.instructionsLeft(core) !== Number.POSITIVE_INFINITY;
  }

  /** Ends the step. */
  endStep(): void {
    const goal = this.#goal;
    assert(goal, 'a step ends');
    this.#pass(goal.core);
    this.#stop = { kind: 'step', core: goal.core.index, pc: goal.core.pc };
    this.cancelStep();
  }

  /** Whether a core stops before the instruction at its pc: at a breakpoint or at the end of a step. */
  stopsBefore(core: CoreState): boolean {
    withdrawExit(core, ExitRequest.debugger);
    if (!this.#isInPage(core)) return false;
    const { pc, el } = core;
    const goal = this.#goal;
    const passing = this.#passing[core.index];
    if (passing?.pc === pc && passing.retired === this.#clock.retired(core)) return false;
    const hit = this.#breakpoints.find(
      (point) => point.address === pc && (point.el ?? el) === el && isMeant(point, core),
    );
    if (hit) {
      this.#pass(core);
      this.#stop = { kind: 'breakpoint', core: core.index, pc, id: hit.id };
      this.cancelStep();
      return true;
    }
    if (!goal || goal.core !== core || !('address' in goal)) return false;
    if (goal.address !== pc || goal.el !== el || core.sp < goal.sp) return false;
    this.endStep();
    return true;
  }

  /** Whether the core may stop before the instruction at its pc; also true outside pages with stops. */
  isStop(core: CoreState): boolean {
    if (!this.#isInPage(core)) return true;
    const { u8, u64 } = core.memory;
    const page = pageOf(core);
    if (this.#mapped !== page) {
      this.#mapped = page;
      u64[StopPage.address / 8] = core.pc & ~0xfffn;
      u8.fill(0, StopPage.stops, StopPage.stops + StopPage.instructions);
      for (const address of this.#addresses())
        if (Number(address >> 12n) === page) u8[StopPage.stops + (Number(address & 0xfffn) >>> 2)] = 1;
    }
    return u8[StopPage.stops + ((core.word(Core.pc) & 0xfff) >>> 2)] !== 0;
  }

  /** Lets a core execute code of its page, even if the page has breakpoints. */
  letThrough(core: CoreState, execute: () => void): void {
    const held = this.#isInPage(core);
    const context = core.word(Core.context);
    const entry = Core.codeTlb + codeTlbIndex(core.word(Core.pc), context) * CodeTlb.entrySize;
    this.#passable = context;
    execute();
    this.#passable = undefined;
    if (held) core.setLong(entry + CodeTlb.tag, neverTag);
  }

  #isInPage(core: CoreState): boolean {
    return this.#pages.size > 0 && this.#pages.has(pageOf(core));
  }

  /** Where a core may have to stop: at breakpoints and at a step's destination. */
  #addresses(): bigint[] {
    const addresses = this.#breakpoints.map((point) => point.address);
    if (this.#goal && 'address' in this.#goal) addresses.push(this.#goal.address);
    return addresses;
  }

  #pass(core: CoreState): void {
    this.#passing[core.index] = { pc: core.pc, retired: this.#clock.retired(core) };
  }
}

/** Whether a core is where a stop point is confined to. */
const isMeant = ({ vmid }: Confined, core: CoreState): boolean =>
  vmid === undefined || (core.el < 2 && ((core.systemHigh('VTTBR_EL2') >>> 16) & 0xff) === vmid);

/** A tag of the instruction TLB that no pc has: its low bits say "unaligned". */
const neverTag = 0xffff_ffff_ffff_ffffn;

/** The page of a core's pc: bits [63:12]. */
const pageOf = (core: CoreState): number => core.word(Core.pc + 4) * 2 ** 20 + (core.word(Core.pc) >>> 12);

const whole = (low: number, high: number): bigint => (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);

/** An address without its top byte, which translation may ignore (TCR_ELx.TBI). */
const withoutTag = (address: bigint): bigint => BigInt.asUintN(56, address);

/** Whether a watchpoint and `size` bytes from an untagged address on have a byte in common. */
const overlaps = (point: Watchpoint, address: bigint, size: number): boolean => {
  const distance = BigInt.asUintN(56, address - point.address);
  return distance < BigInt(point.length) || BigInt.asUintN(56, -distance) < BigInt(size);
};
