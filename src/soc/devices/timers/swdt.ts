/**
 * A system watchdog timer of the Zynq UltraScale+: UG1085 chapter 14, registers as in the SWDT module of UG1087. It
 * counts down until software restarts it; at zero it interrupts, resets the system, or both. Every write needs the
 * register's key.
 *
 * The interrupt output gives a pulse, for an edge-triggered interrupt.
 *
 * It counts the 100 MHz of its domain's APB clock, whatever WDT_CLK_SEL says: the board has no other. Its reset output is
 * an error of the chip, whose action in the PMU firmware is a reset of the system; the reset comes at once. The lengths of
 * its pulses are not modelled.
 */
import { bits } from '../../../base/bits.ts';
import { type Cycles, cycles } from '../../../base/units.ts';
import {
  type DeviceClock,
  DeviceEvent,
  type DeviceWiring,
  readLanes,
  StatefulDevice,
  UnknownRegisters,
  writeLanes,
} from '../../bus/device.ts';
import type { ResetCause } from '../../bus/reset-cause.ts';

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

const atReset = () => ({
  mode: modeAtReset,
  control: controlAtReset,
  /** WDZ: the counter has come to zero. */
  zero: false,
  /** When the counter comes to zero; null while it does not count. */
  timeout: null as Cycles | null,
});

export interface SwdtWiring extends DeviceWiring {
  /** The system is reset. */
  resetSystem(cause: ResetCause): void;
}

export class Swdt extends StatefulDevice<ReturnType<typeof atReset>> {
  readonly #clock: DeviceClock;
  readonly #unknown: UnknownRegisters;
  readonly #end: DeviceEvent;

  constructor(name: string, { clock, log, interrupt, resetSystem }: SwdtWiring) {
    super(name, atReset());
    this.#clock = clock;
    this.#unknown = new UnknownRegisters(name, log);
    this.#end = new DeviceEvent(clock, () => {
      this.state.timeout = null;
      this.state.zero = true;
      log(name, 'nobody has restarted the watchdog in time');
      if (this.state.mode & IRQEN) {
        interrupt(true);
        interrupt(false);
      }
      if (this.state.mode & RSTEN) resetSystem('error');
    });
  }

  read(offset: number, size: 1 | 2 | 4): number {
    return readLanes(this.#read(offset & ~3), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const word = writeLanes(value, offset, size);
    switch (offset & ~3) {
      case MODE: {
        if (bits(word, 23, 12) !== modeKey) return;
        const wasOn = this.state.mode & WDEN;
        this.state.mode = bits(word, 8, 0);
        if ((this.state.mode & WDEN) !== wasOn) this.#restart();
        break;
      }
      case CONTROL:
        if (bits(word, 25, 14) === controlKey) this.state.control = bits(word, 13, 0);
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

  protected override stateLoaded(): void {
    this.#end.set(this.state.timeout);
  }

  #read(register: number): number {
    switch (register) {
      case MODE:
        return this.state.mode;
      case CONTROL:
        return this.state.control;
      case RESTART:
        return 0; // write-only
      case STATUS:
        return this.state.zero ? 1 : 0;
      default:
        return this.#unknown.read(register);
    }
  }

  /**
   * Starts the count again if it is on. The counter starts with CONTROL.CRV in the upper half of its 24 bits and ones
   * in the lower.
   */
  #restart(): void {
    const { state } = this;
    state.zero = false;
    const ticks = ((bits(state.control, 13, 2) << 12) | 0xfff) * (prescalers[bits(state.control, 1, 0)] as number);
    const time = cycles(this.#clock.now + ticks * (this.#clock.hz / inputHz));
    state.timeout = state.mode & WDEN ? time : null;
    this.#end.set(state.timeout);
  }
}
