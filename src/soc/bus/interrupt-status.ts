export interface InterruptStatusState {
  readonly status: number;
  readonly mask: number;
}

/**
 * The interrupt registers that most devices of the chip have: a status whose bits are cleared by writing ones, and a mask that is
 * changed by an enable and a disable register. A bit that is set in the mask is not passed on.
 */
export class InterruptStatus {
  readonly #implemented: number;
  readonly #drive: (level: boolean) => void;
  #status = 0;
  #mask: number;
  #level = false;

  /** `implemented`: the bits that exist. `drive` is told when the output changes. */
  constructor(implemented: number, drive: (level: boolean) => void) {
    this.#implemented = implemented;
    this.#mask = implemented;
    this.#drive = drive;
  }

  get status(): number {
    return this.#status >>> 0;
  }

  get mask(): number {
    return this.#mask >>> 0;
  }

  /** The bits that would interrupt if they were set now. */
  get awaited(): number {
    return (this.#implemented & ~this.#mask & ~this.#status) >>> 0;
  }

  raise(bits: number): void {
    this.#set(this.#status | (bits & this.#implemented), this.#mask);
  }

  clear(bits: number): void {
    this.#set(this.#status & ~bits, this.#mask);
  }

  enable(bits: number): void {
    this.#set(this.#status, this.#mask & ~bits);
  }

  disable(bits: number): void {
    this.#set(this.#status, this.#mask | (bits & this.#implemented));
  }

  reset(): void {
    this.#set(0, this.#implemented);
  }

  saveState(): InterruptStatusState {
    return { status: this.status, mask: this.mask };
  }

  loadState({ status, mask }: InterruptStatusState): void {
    this.#set(status, mask);
  }

  #set(status: number, mask: number): void {
    this.#status = status;
    this.#mask = mask;
    const level = (status & ~mask) !== 0;
    if (level === this.#level) return;
    this.#level = level;
    this.#drive(level);
  }
}
