import type { Hasher } from '../../base/hasher.ts';
import { configureShared, deactivate, disableShared, enableShared, targetShared } from '../machine/gic.ts';
import type { Machine } from '../machine/machine.ts';

/**
 * A shared interrupt of the board that belongs to a domain. The guest enables, disables and ends it; its end deactivates it
 * at the GIC too, because the list register names it.
 */
export class PhysicalLine {
  private readonly machine: Machine;
  /** Xen has taken it, and has not seen yet that the guest has ended it. */
  isInProgress = false;

  constructor(
    machine: Machine,
    readonly id: number,
    isEdge: boolean,
  ) {
    this.machine = machine;
    configureShared(machine, id, isEdge);
  }

  enable(cpu: number): void {
    this.target(cpu);
    enableShared(this.machine, this.id);
  }

  disable(): void {
    disableShared(this.machine, this.id);
  }

  /** Has a pCPU take it from now on: the one that the guest's vCPU is on. */
  target(cpu: number): void {
    targetShared(this.machine, this.id, cpu);
  }

  /** The domain is gone. */
  release(): void {
    this.disable();
    if (this.isInProgress) deactivate(this.machine, this.id);
    this.isInProgress = false;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this.id, this.isInProgress);
  }
}
