/**
 * The system counter's two frames in the Zynq UltraScale+ (UG1085 chapter 14, "System Counter"; UG1087, modules
 * IOU_SCNTR and IOU_SCNTRS; the registers are the Arm ARM's, DDI 0487, I5.5): a read-only frame, and one with the
 * control. They show what the cores' timers count, which goes on whatever the control register says.
 */
import { assert } from '../../../base/assert.ts';
import { type Device, type MachineLog, readLanes, UnknownRegisters, writeLanes } from '../../bus/device.ts';

/** Control frame: CNTCR, CNTSR, CNTCV in two words, CNTFID0. The read frame has only the count, at its start. */
const CNTCR = 0x00;
const CNTSR = 0x04;
const countInControl = 0x08;
const CNTFID0 = 0x20;

const enable = 1;
const hz = 100_000_000;

export interface CounterWiring {
  readonly log: MachineLog;
  /** What the cores' timers count. */
  counter(): number;
}

export class SystemCounter implements Device {
  readonly name: string;
  readonly #controls: boolean;
  readonly #counter: () => number;
  readonly #unknown: UnknownRegisters;
  #control = enable;

  /** `frame`: which of the two this is. */
  constructor(name: string, frame: 'read' | 'control', { counter, log }: CounterWiring) {
    this.name = name;
    this.#controls = frame === 'control';
    this.#counter = counter;
    this.#unknown = new UnknownRegisters(name, log);
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const register = offset & ~3;
    const count = register - (this.#controls ? countInControl : 0);
    if (count === 0) return readLanes(this.#counter() % 2 ** 32, offset, size);
    if (count === 4) return readLanes(Math.floor(this.#counter() / 2 ** 32), offset, size);
    if (this.#controls) {
      if (register === CNTCR) return readLanes(this.#control, offset, size);
      if (register === CNTSR) return 0;
      if (register === CNTFID0) return readLanes(hz, offset, size);
    }
    return this.#unknown.read(offset);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const register = offset & ~3;
    if (this.#controls && register === CNTCR) this.#control = writeLanes(value, offset, size) & 3;
    else if (!this.#controls || register > CNTFID0) this.#unknown.write(offset, value);
  }

  reset(): void {
    this.#control = enable;
  }

  saveState(): number {
    return this.#control;
  }

  loadState(state: unknown): void {
    assert(typeof state === 'number', `the state that is loaded has ${typeof state} for ${this.name}`);
    this.#control = state;
  }
}
