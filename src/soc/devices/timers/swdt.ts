/**
 * A system watchdog timer of the Zynq UltraScale+: UG1085 chapter 14, registers as in the SWDT module of UG1087. It counts down from a value that software restarts
 * in time; at zero it interrupts, resets the system, or both. Every write needs the register's key.
 *
 * It counts the 100 MHz of its domain's APB clock, whatever WDT_CLK_SEL says: the board has no other. Its reset, which the platform management unit would carry
 * out, comes at once, and the lengths of its pulses are not modelled.
 */
import { bits } from '../../../base/bits.ts';
import type { ScheduledEvent } from '../../../base/events.ts';
import { type Cycles, cycles } from '../../../base/units.ts';
import {
  type Device,
  type DeviceClock,
  type MachineLog,
  readLanes,
  UnknownRegisters,
  writeLanes,
} from '../../bus/device.ts';

const MODE = 0x0;
const CONTROL = 0x4;
const RESTART = 0x8;
const STATUS = 0xc;

/** MODE. */
const WDEN = 1 << 0;
const RSTEN = 1 << 1;
const IRQEN = 1 << 2;
const modeKey = 0xabc;
const modeAtReset = 0x1c2;
const controlKey = 0x248;
const controlAtReset = 0x3ffc;
const restartKey = 0x1999;

const inputHz = 100_000_000;
/** CONTROL.CLKSEL: the prescaler. */
const prescalers = [8, 64, 512, 4096] as const;

export interface SwdtState {
  readonly mode: number;
  readonly control: number;
  /** WDZ: the counter has come to zero. */
  readonly zero: boolean;
  /** When the counter comes to zero; null while it does not count. */
  readonly timeout: Cycles | null;
}

const atReset: SwdtState = { mode: modeAtReset, control: controlAtReset, zero: false, timeout: null };

export interface SwdtWiring {
  readonly clock: DeviceClock;
  readonly log: MachineLog;
  /** A pulse on the interrupt output, which is to be sensed by its edge. */
  interrupt(): void;
  /** The system is reset. */
  bite(): void;
}

export class Swdt implements Device<SwdtState> {
  readonly name: string;
  readonly size = 0x1000;
  readonly #wiring: SwdtWiring;
  readonly #unknown: UnknownRegisters;
  #mode = modeAtReset;
  #control = controlAtReset;
  #zero = false;
  #timeout: ScheduledEvent | null = null;

  constructor(name: string, wiring: SwdtWiring) {
    this.name = name;
    this.#wiring = wiring;
    this.#unknown = new UnknownRegisters(name, wiring.log);
  }

  read(offset: number, size: 1 | 2 | 4): number {
    return readLanes(this.#read(offset & ~3), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const word = writeLanes(value, offset, size);
    switch (offset & ~3) {
      case MODE: {
        if (bits(word, 23, 12) !== modeKey) return;
        const wasOn = this.#mode & WDEN;
        this.#mode = bits(word, 8, 0);
        if ((this.#mode & WDEN) !== wasOn) this.#restart();
        break;
      }
      case CONTROL:
        if (bits(word, 25, 14) === controlKey) this.#control = bits(word, 13, 0);
        break;
      case RESTART:
        if (bits(word, 15, 0) === restartKey) this.#restart();
        break;
      case STATUS:
        break; // read-only
      default:
        this.#unknown.write(offset, value);
    }
  }

  reset(): void {
    this.loadState(atReset);
  }

  saveState(): SwdtState {
    return { mode: this.#mode, control: this.#control, zero: this.#zero, timeout: this.#timeout?.time ?? null };
  }

  loadState(state: SwdtState): void {
    this.#mode = state.mode;
    this.#control = state.control;
    this.#zero = state.zero;
    this.#timeout?.cancel();
    this.#timeout = state.timeout === null ? null : this.#timeoutAt(state.timeout);
  }

  #read(register: number): number {
    switch (register) {
      case MODE:
        return this.#mode;
      case CONTROL:
        return this.#control;
      case RESTART:
        return 0; // write-only
      case STATUS:
        return this.#zero ? 1 : 0;
      default:
        return this.#unknown.read(register);
    }
  }

  /** Begins to count again, if it is on: from CONTROL.CRV in the upper half of 24 bits and ones in the lower. */
  #restart(): void {
    const { clock } = this.#wiring;
    this.#timeout?.cancel();
    this.#timeout = null;
    this.#zero = false;
    if ((this.#mode & WDEN) === 0) return;
    const ticks = ((bits(this.#control, 13, 2) << 12) | 0xfff) * (prescalers[bits(this.#control, 1, 0)] as number);
    this.#timeout = this.#timeoutAt(cycles(clock.now + ticks * (clock.hz / inputHz)));
  }

  #timeoutAt(time: Cycles): ScheduledEvent {
    return this.#wiring.clock.at(time, () => {
      this.#timeout = null;
      this.#zero = true;
      this.#wiring.log(this.name, 'nobody has restarted the watchdog in time');
      if (this.#mode & IRQEN) this.#wiring.interrupt();
      if (this.#mode & RSTEN) this.#wiring.bite();
    });
  }
}
