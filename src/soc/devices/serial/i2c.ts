/**
 * An I2C controller of the Zynq UltraScale+: UG1085 chapter 22, registers as in the I2C module of UG1087. It is a master on a bus where nobody answers:
 * each address that it sends is not acknowledged, after the time that it takes on the wire. No other master addresses it as a slave.
 */
import { bit, bits } from '../../../base/bits.ts';
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
import { InterruptStatus, type InterruptStatusState } from '../../bus/interrupt-status.ts';

const Control = 0x00;
const Status = 0x04;
const Address = 0x08;
const Data = 0x0c;
const Interrupt_Status = 0x10;
const Transfer_Size = 0x14;
const Slave_Mon_Pause = 0x18;
const Time_Out = 0x1c;
const Intrpt_Mask = 0x20;
const Intrpt_Enable = 0x24;
const Intrpt_Disable = 0x28;
const Glitch_Filter = 0x2c;

/** Control. */
const MS = 1 << 1;
const SLVMON = 1 << 5;
const CLR_FIFO = 1 << 6;
/** Status: bytes wait to be sent; the bus is in use. */
const TXDV = 1 << 6;
const BA = 1 << 8;
/** Interrupt_Status. */
const NACK = 1 << 2;
const TX_OVF = 1 << 6;
const RX_UNF = 1 << 7;
const allInterrupts = 0x2ff;

const fifoSize = 16;
const inputHz = 100_000_000;
/** Bits of an address with its acknowledgement, and input clocks of a bit before both dividers. */
const addressBits = 9;
const clocksPerBit = 22;

export interface I2cState {
  readonly control: number;
  readonly address: number;
  readonly fifo: readonly number[];
  readonly transferSize: number;
  readonly pause: number;
  readonly timeOut: number;
  readonly glitchFilter: number;
  readonly interrupts: InterruptStatusState;
  /** When the address that is being sent is not acknowledged. */
  readonly nackTime: Cycles | null;
}

const atReset: I2cState = {
  control: 0,
  address: 0,
  fifo: [],
  transferSize: 0,
  pause: 0,
  timeOut: 0x1f,
  glitchFilter: 5,
  interrupts: { status: 0, mask: allInterrupts },
  nackTime: null,
};

export interface I2cWiring {
  readonly clock: DeviceClock;
  readonly log: MachineLog;
  interrupt(level: boolean): void;
}

export class I2c implements Device<I2cState> {
  readonly name: string;
  readonly size = 0x1000;
  readonly #clock: DeviceClock;
  readonly #unknown: UnknownRegisters;
  readonly #interrupts: InterruptStatus;
  #control = 0;
  #address = 0;
  #fifo: number[] = [];
  #transferSize = 0;
  #pause = 0;
  #timeOut = 0;
  #glitchFilter = 0;
  #nack: ScheduledEvent | null = null;

  constructor(name: string, { clock, log, interrupt }: I2cWiring) {
    this.name = name;
    this.#clock = clock;
    this.#unknown = new UnknownRegisters(name, log);
    this.#interrupts = new InterruptStatus(allInterrupts, interrupt);
    this.reset();
  }

  read(offset: number, size: 1 | 2 | 4): number {
    return readLanes(this.#read(offset & ~3), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    this.#write(offset & ~3, writeLanes(value, offset, size));
  }

  reset(): void {
    this.loadState(atReset);
  }

  saveState(): I2cState {
    return {
      control: this.#control,
      address: this.#address,
      fifo: [...this.#fifo],
      transferSize: this.#transferSize,
      pause: this.#pause,
      timeOut: this.#timeOut,
      glitchFilter: this.#glitchFilter,
      interrupts: this.#interrupts.saveState(),
      nackTime: this.#nack?.time ?? null,
    };
  }

  loadState(state: I2cState): void {
    this.#control = state.control;
    this.#address = state.address;
    this.#fifo = [...state.fifo];
    this.#transferSize = state.transferSize;
    this.#pause = state.pause;
    this.#timeOut = state.timeOut;
    this.#glitchFilter = state.glitchFilter;
    this.#interrupts.loadState(state.interrupts);
    this.#nack?.cancel();
    this.#nack = state.nackTime === null ? null : this.#nackAt(state.nackTime);
  }

  #read(register: number): number {
    switch (register) {
      case Control:
        return this.#control;
      case Status:
        return (this.#fifo.length > 0 ? TXDV : 0) | (this.#nack ? BA : 0);
      case Address:
        return this.#address;
      case Data:
        this.#interrupts.raise(RX_UNF); // nothing has been received
        return 0;
      case Interrupt_Status:
        return this.#interrupts.status;
      case Transfer_Size:
        return bit(this.#control, 0) ? this.#transferSize : this.#fifo.length;
      case Slave_Mon_Pause:
        return this.#pause;
      case Time_Out:
        return this.#timeOut;
      case Intrpt_Mask:
        return this.#interrupts.mask;
      case Glitch_Filter:
        return this.#glitchFilter;
      case Intrpt_Enable:
      case Intrpt_Disable:
        return 0; // write-only
      default:
        return this.#unknown.read(register);
    }
  }

  #write(register: number, value: number): void {
    switch (register) {
      case Control:
        this.#control = bits(value, 15, 0) & ~(CLR_FIFO | 0x80);
        if (value & CLR_FIFO) {
          this.#fifo = [];
          this.#transferSize = 0;
        }
        break;
      case Address:
        this.#address = bits(value, 9, 0);
        if (this.#control & MS) this.#send();
        break;
      case Data:
        if (this.#fifo.length < fifoSize) this.#fifo.push(bits(value, 7, 0));
        else this.#interrupts.raise(TX_OVF);
        break;
      case Interrupt_Status:
        this.#interrupts.clear(value);
        break;
      case Transfer_Size:
        this.#transferSize = bits(value, 7, 0);
        break;
      case Slave_Mon_Pause:
        this.#pause = bits(value, 3, 0);
        break;
      case Time_Out:
        this.#timeOut = bits(value, 7, 0);
        break;
      case Intrpt_Enable:
        this.#interrupts.enable(value);
        break;
      case Intrpt_Disable:
        this.#interrupts.disable(value);
        break;
      case Glitch_Filter:
        this.#glitchFilter = bits(value, 3, 0);
        break;
      case Status:
      case Intrpt_Mask:
        break; // read-only
      default:
        this.#unknown.write(register, value);
    }
  }

  /** Sends the address. The slave monitor would send it again and again, and hear as little. */
  #send(): void {
    if (this.#nack || this.#control & SLVMON) return;
    const divider = (bits(this.#control, 15, 14) + 1) * (bits(this.#control, 13, 8) + 1);
    const clocks = clocksPerBit * divider * addressBits;
    this.#nack = this.#nackAt(cycles(this.#clock.now + clocks * (this.#clock.hz / inputHz)));
  }

  #nackAt(time: Cycles): ScheduledEvent {
    return this.#clock.at(time, () => {
      this.#nack = null;
      this.#interrupts.raise(NACK);
    });
  }
}
