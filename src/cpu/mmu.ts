import { Core } from '../a64/layout.ts';
import { assert, defined } from '../base/assert.ts';
import type { PhysicalBus } from './bus.ts';
import type { CoreState } from './core.ts';
import { CoreMmu, type MmuHooks } from './core-mmu.ts';
import { slowAccess } from './slow-access.ts';

/** The MMUs of all cores: what generated code calls, and what reaches across cores. */
export class Mmu {
  readonly cores: readonly CoreMmu[];

  constructor(
    states: readonly CoreState[],
    readonly bus: PhysicalBus,
    readonly hooks: MmuHooks,
  ) {
    assert(states.length > 0, 'a cluster has cores');
    this.cores = states.map((state) => new CoreMmu(state, hooks));
  }

  /** The MMU of the core whose state begins at a host address. */
  at(cpu: number): CoreMmu {
    const index = (cpu - (this.cores[0] as CoreMmu).state.base) / Core.size;
    return defined(this.cores[index], 'core');
  }

  of(core: CoreState): CoreMmu {
    return defined(this.cores[core.index], 'core');
  }

  /** Host.fill: see CoreMmu.fill. */
  fill(cpu: number, size: number, count: number): number {
    return this.at(cpu).fill(size, count);
  }

  /** Host.access: see slowAccess. */
  access(cpu: number, size: number, count: number): number {
    return slowAccess(this.at(cpu), this.bus, size, count);
  }

  /** Host.fetch: see CoreMmu.fetch. */
  fetch(cpu: number): number {
    return this.at(cpu).fetch();
  }

  /** The core's level or a register that translation depends on has changed. */
  contextChanged(core: CoreState): void {
    this.of(core).contextChanged();
  }

  /** Makes stores to a physical page come to `access`: code is about to be translated from it. */
  protectPage(page: number): void {
    for (const core of this.cores) core.tlb.protectPage(page);
  }

  /** Empties the instruction TLBs: tables of code entries have moved. */
  flushCode(): void {
    for (const core of this.cores) core.tlb.flushCode();
  }

  /** Empties all TLBs: after reset, or when state has been loaded. */
  flushAll(): void {
    for (const core of this.cores) core.flushAll();
  }
}
