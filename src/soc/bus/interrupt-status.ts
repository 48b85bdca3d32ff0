import { InterruptOutput } from './interrupt-output.ts';

/** The registers, as part of a device's state. */
export interface InterruptStatusState {
  status: number;
  mask: number;
}

/**
 * The interrupt registers that most devices of the chip have: a status whose bits are cleared by writing ones, and a
 * mask that is changed by an enable and a disable register. A bit that is set in the mask is not passed on.
 */
export class InterruptStatus {
  readonly #state: InterruptStatusState;
  readonly #implemented: number;
  readonly #line: InterruptOutput;

  /**
   * `state` is part of the device's; `implemented` are the bits that exist. `drive` is told when the output changes.
   */
  constructor(state: InterruptStatusState, implemented: number, drive: (level: boolean) => void) {
    this.#state = state;
    this.#implemented = implemented;
    this.#line = new InterruptOutput(drive);
  }

  get status(): number {
    return this.#state.status;
  }

  get mask(): number {
    return this.#state.mask;
  }

  /** The bits that would interrupt if they were set now. */
  get awaited(): number {
    return (this.#implemented & ~this.#state.mask & ~this.#state.status) >>> 0;
  }

  raise(bits: number): void {
    this.#state.status = (this.#state.status | (bits & this.#implemented)) >>> 0;
    this.update();
  }

  clear(bits: number): void {
    this.#state.status = (this.#state.status & ~(bits & this.#implemented)) >>> 0;
    this.update();
  }

  enable(bits: number): void {
    this.#state.mask = (this.#state.mask & ~(bits & this.#implemented)) >>> 0;
    this.update();
  }

  disable(bits: number): void {
    this.#state.mask = (this.#state.mask | (bits & this.#implemented)) >>> 0;
    this.update();
  }

  /** Drives the output from the registers, after they have been loaded. */
  update(): void {
    this.#line.set((this.#state.status & ~this.#state.mask & this.#implemented) !== 0);
  }
}

/** The registers at reset: no bit is raised, and all are masked. */
export const allMasked = (implemented: number): InterruptStatusState => ({ status: 0, mask: implemented });
