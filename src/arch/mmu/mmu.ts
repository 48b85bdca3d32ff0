import { Core } from '../../a64/layout.ts';
import { defined } from '../../base/assert.ts';
import type { PhysicalBus } from '../state/bus.ts';
import type { CoreState } from '../state/core.ts';
import { type AtName, translateAddress } from './address-translate.ts';
import { CoreMmu, type MmuHooks } from './core-mmu.ts';
import { MmuInspector } from './mmu-inspector.ts';
import { SlowAccess } from './slow-access.ts';
import { invalidate, type TlbiName } from './tlb/tlb-maintenance.ts';
import { viewOf } from './walk.ts';

/** The MMUs of all cores: the entry points of generated code, and operations that reach other cores. */
export class Mmu {
  readonly cores: readonly CoreMmu[];
  readonly #slow: readonly SlowAccess[];
  readonly #u32: Uint32Array;

  constructor(
    states: readonly CoreState[],
    readonly bus: PhysicalBus,
    readonly hooks: MmuHooks,
  ) {
    this.cores = states.map((state) => new CoreMmu(state, hooks));
    this.#slow = this.cores.map((core) => new SlowAccess(core, bus));
    this.#u32 = defined(states[0], 'core').memory.u32;
  }

  /** Number of the core whose state begins at a host address. */
  #index(cpu: number): number {
    return this.#u32[(cpu + Core.index) >>> 2] as number;
  }

  of(core: CoreState): CoreMmu {
    return defined(this.cores[core.index], 'core');
  }

  /** HostFunction.fill: see CoreMmu.fill. */
  fill(cpu: number, size: number, count: number): number {
    return (this.cores[this.#index(cpu)] as CoreMmu).fill(size, count);
  }

  /** HostFunction.access: see SlowAccess.access. */
  access(cpu: number, size: number, count: number): number {
    return (this.#slow[this.#index(cpu)] as SlowAccess).access(size, count);
  }

  /** HostFunction.abort: see CoreMmu.abort. */
  abort(cpu: number): number {
    return (this.cores[this.#index(cpu)] as CoreMmu).abort();
  }

  /** HostFunction.fetch: see CoreMmu.fetch. */
  fetch(cpu: number): number {
    return (this.cores[this.#index(cpu)] as CoreMmu).fetch();
  }

  /** The core's level has changed. */
  levelChanged(core: CoreState): void {
    (this.cores[core.index] as CoreMmu).levelChanged();
  }

  /** The core goes on after others may have changed its tables: see CoreMmu.forgetFailure. */
  forgetFailure(core: CoreState): void {
    (this.cores[core.index] as CoreMmu).forgetFailure();
  }

  /** A register that translation depends on has changed. */
  contextChanged(core: CoreState): void {
    this.of(core).contextChanged();
  }

  /** The watched addresses have changed: drops the entries that bypass watchpoints. */
  watchpointsChanged(core: CoreState): void {
    this.of(core).tlb.flush();
  }

  /** The word at the core's pc, or null if it cannot be fetched: for the syndrome of its abort. */
  instructionAt(core: CoreState): number | null {
    return this.of(core).instructionAt();
  }

  /** DC ZVA at Core.accessAddress; returns a Status. */
  zero(core: CoreState): number {
    return defined(this.#slow[core.index], 'core').zero();
  }

  /** DC or IC by VA at Core.accessAddress: see CoreMmu.maintain. */
  maintain(core: CoreState, discards: boolean): number {
    return this.of(core).maintain(discards);
  }

  /** AT for Core.accessAddress: see translateAddress. */
  translateAddress(core: CoreState, operation: AtName): number {
    return translateAddress(this.of(core), operation);
  }

  /** TLBI with its Xt in two halves: see invalidate. */
  invalidate(core: CoreState, operation: TlbiName, low: number, high: number): void {
    invalidate(this.cores, this.of(core), operation, { low, high });
  }

  /** Inspects a core's memory and tables without a trace. */
  inspector(core: CoreState): MmuInspector {
    const { memory, base } = core;
    return new MmuInspector(memory, memory.u32, base >>> 2, () => viewOf(core.el));
  }

  /** Makes stores to a physical page come to `access`: code is about to be translated from it. */
  protectPage(page: number): void {
    for (const core of this.cores) core.tlb.protectPage(page);
  }

  /** Makes stores to all pages come to `fill`: what they hold is to be kept first. */
  protectAll(): void {
    for (const core of this.cores) core.tlb.protectAll();
  }

  /** Empties the instruction TLBs: tables of code entries have moved. */
  flushCode(): void {
    for (const core of this.cores) {
      core.tlb.flushCode();
      core.failedWalks.forget();
    }
  }

  /** Empties all TLBs: after reset, or when state has been loaded. */
  flushAll(): void {
    for (const core of this.cores) core.flushAll();
  }
}
