/**
 * An I2C controller of the Zynq UltraScale+: UG1085 chapter 22, registers as in the I2C module of UG1087. It is the
 * only master on a bus where nobody answers: no address that it sends is acknowledged, which it learns after the time
 * that the address takes on the wire.
 */
import { bit, bits } from '../../../base/bits.ts';
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
import { allMasked, InterruptStatus } from '../../bus/interrupt-status.ts';

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

const atReset = () => ({
  control: 0,
  address: 0,
  fifo: [] as number[],
  transferSize: 0,
  pause: 0,
  timeOut: 0x1f,
  glitchFilter: 5,
  interrupts: allMasked(allInterrupts),
  /** When the missing acknowledgement of the address shows. */
  nackTime: null as Cycles | null,
});

export class I2c extends StatefulDevice<ReturnType<typeof atReset>> {
  readonly #clock: DeviceClock;
  readonly #unknown: UnknownRegisters;
  readonly #interrupts: InterruptStatus;
  readonly #nack: DeviceEvent;

  constructor(name: string, { clock, log, interrupt }: DeviceWiring) {
    super(name, atReset());
    this.#clock = clock;
    this.#unknown = new UnknownRegisters(name, log);
    this.#interrupts = new InterruptStatus(this.state.interrupts, allInterrupts, interrupt);
    this.#nack = new DeviceEvent(clock, () => {
      this.state.nackTime = null;
      this.#interrupts.raise(NACK);
    });
  }

  read(offset: number, size: 1 | 2 | 4): number {
    return readLanes(this.#read(offset & ~3), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    this.#write(offset & ~3, writeLanes(value, offset, size));
  }

  protected override stateLoaded(): void {
    this.#interrupts.update();
    this.#nack.set(this.state.nackTime);
  }

  #read(register: number): number {
    switch (register) {
      case Control:
        return this.state.control;
      case Status:
        return (this.state.fifo.length > 0 ? TXDV : 0) | (this.#nack.isSet ? BA : 0);
      case Address:
        return this.state.address;
      case Data:
        this.#interrupts.raise(RX_UNF); // nothing has been received
        return 0;
      case Interrupt_Status:
        return this.#interrupts.status;
      case Transfer_Size:
        return bit(this.state.control, 0) ? this.state.transferSize : this.state.fifo.length;
      case Slave_Mon_Pause:
        return this.state.pause;
      case Time_Out:
        return this.state.timeOut;
      case Intrpt_Mask:
        return this.#interrupts.mask;
      case Glitch_Filter:
        return this.state.glitchFilter;
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
        this.state.control = bits(value, 15, 0) & ~(CLR_FIFO | 0x80);
        if (value & CLR_FIFO) {
          this.state.fifo.length = 0;
          this.state.transferSize = 0;
        }
        break;
      case Address:
        this.state.address = bits(value, 9, 0);
        if (this.state.control & MS) this.#send();
        break;
      case Data:
        if (this.state.fifo.length < fifoSize) this.state.fifo.push(bits(value, 7, 0));
        else this.#interrupts.raise(TX_OVF);
        break;
      case Interrupt_Status:
        this.#interrupts.clear(value);
        break;
      case Transfer_Size:
        this.state.transferSize = bits(value, 7, 0);
        break;
      case Slave_Mon_Pause:
        this.state.pause = bits(value, 3, 0);
        break;
      case Time_Out:
        this.state.timeOut = bits(value, 7, 0);
        break;
      case Intrpt_Enable:
        this.#interrupts.enable(value);
        break;
      case Intrpt_Disable:
        this.#interrupts.disable(value);
        break;
      case Glitch_Filter:
        this.state.glitchFilter = bits(value, 3, 0);
        break;
      case Status:
      case Intrpt_Mask:
        break; // read-only
      default:
        this.#unknown.write(register, value);
    }
  }

  /** Sends the address. The slave monitor would repeat it, and get no answer either. */
  #send(): void {
    if (this.#nack.isSet || this.state.control & SLVMON) return;
    const divider = (bits(this.state.control, 15, 14) + 1) * (bits(this.state.control, 13, 8) + 1);
    const clocks = clocksPerBit * divider * addressBits;
    this.state.nackTime = cycles(this.#clock.now + clocks * (this.#clock.hz / inputHz));
    this.#nack.set(this.state.nackTime);
  }
}
