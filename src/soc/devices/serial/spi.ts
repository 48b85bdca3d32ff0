/**
 * A serial peripheral interface of the Zynq UltraScale+: UG1085 chapter 23, registers as in the SPI module of UG1087.
 * It is a master on a bus where nobody drives the return line, so that each byte sent brings back 0xFF. Bytes go out at
 * once. As a slave it is never selected.
 */
import { bits } from '../../../base/bits.ts';
import { type DeviceWiring, readLanes, StatefulDevice, UnknownRegisters, writeLanes } from '../../bus/device.ts';
import { InterruptStatus } from '../../bus/interrupt-status.ts';

const Config = 0x00;
const Intr_status = 0x04;
const Intrpt_en = 0x08;
const Intrpt_dis = 0x0c;
const Intrpt_mask = 0x10;
const En = 0x14;
const Delay = 0x18;
const Tx_data = 0x1c;
const Rx_data = 0x20;
const Slave_Idle_count = 0x24;
const TX_thres = 0x28;
const RX_thres = 0x2c;
const Mod_id = 0xfc;

/** Config. */
const MODE_SEL = 1 << 0;
const Man_start_en = 1 << 15;
const Man_start_com = 1 << 16;
const configAtReset = 0x2_0000;
/** Intr_status; the thresholds' bits follow the FIFOs, the others are cleared by writing ones. */
const RX_OVERFLOW = 1 << 0;
const TX_FIFO_not_full = 1 << 2;
const TX_FIFO_full = 1 << 3;
const RX_FIFO_not_empty = 1 << 4;
const RX_FIFO_full = 1 << 5;
const conditions = TX_FIFO_not_full | TX_FIFO_full | RX_FIFO_not_empty | RX_FIFO_full;
const allInterrupts = 0x7f;

const fifoSize = 128;
const identity = 0x9_0106;

const atReset = () => ({
  config: configAtReset,
  enabled: false,
  delay: 0,
  idleCount: 0xff,
  transmitThreshold: 1,
  receiveThreshold: 1,
  transmitFifo: 0,
  /** Bytes received, each 0xFF. */
  receiveFifo: 0,
  interrupts: { status: TX_FIFO_not_full, mask: allInterrupts },
});

export class Spi extends StatefulDevice<ReturnType<typeof atReset>> {
  readonly #unknown: UnknownRegisters;
  readonly #interrupts: InterruptStatus;

  constructor(name: string, { log, interrupt }: DeviceWiring) {
    super(name, atReset());
    this.#unknown = new UnknownRegisters(name, log);
    this.#interrupts = new InterruptStatus(this.state.interrupts, allInterrupts, interrupt);
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const value = readLanes(this.#read(offset & ~3), offset, size);
    this.#update();
    return value;
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    this.#write(offset & ~3, writeLanes(value, offset, size));
    this.#update();
  }

  protected override stateLoaded(): void {
    this.#interrupts.update();
  }

  #read(register: number): number {
    switch (register) {
      case Config:
        return this.state.config;
      case Intr_status:
        return this.#interrupts.status;
      case Intrpt_mask:
        return this.#interrupts.mask;
      case En:
        return this.state.enabled ? 1 : 0;
      case Delay:
        return this.state.delay;
      case Rx_data:
        if (this.state.receiveFifo === 0) return 0;
        this.state.receiveFifo--;
        return 0xff;
      case Slave_Idle_count:
        return this.state.idleCount;
      case TX_thres:
        return this.state.transmitThreshold;
      case RX_thres:
        return this.state.receiveThreshold;
      case Mod_id:
        return identity;
      case Intrpt_en:
      case Intrpt_dis:
      case Tx_data:
        return 0; // write-only
      default:
        return this.#unknown.read(register);
    }
  }

  #write(register: number, value: number): void {
    switch (register) {
      case Config:
        this.state.config = bits(value, 17, 0) & ~Man_start_com;
        if ((this.state.config & Man_start_en) === 0 || value & Man_start_com) this.#send();
        break;
      case Intr_status:
        this.#interrupts.clear(value & ~conditions);
        break;
      case Intrpt_en:
        this.#interrupts.enable(value);
        break;
      case Intrpt_dis:
        this.#interrupts.disable(value);
        break;
      case En:
        this.state.enabled = (value & 1) !== 0;
        // Disabling empties both FIFOs.
        if (!this.state.enabled) {
          this.state.transmitFifo = 0;
          this.state.receiveFifo = 0;
        }
        if ((this.state.config & Man_start_en) === 0) this.#send();
        break;
      case Delay:
        this.state.delay = value;
        break;
      case Tx_data:
        if (this.state.transmitFifo < fifoSize) this.state.transmitFifo++;
        if ((this.state.config & Man_start_en) === 0) this.#send();
        break;
      case Slave_Idle_count:
        this.state.idleCount = bits(value, 7, 0);
        break;
      case TX_thres:
        this.state.transmitThreshold = bits(value, 6, 0);
        break;
      case RX_thres:
        this.state.receiveThreshold = bits(value, 6, 0);
        break;
      case Intrpt_mask:
      case Rx_data:
      case Mod_id:
        break; // read-only
      default:
        this.#unknown.write(register, value);
    }
  }

  #send(): void {
    if (!this.state.enabled || (this.state.config & MODE_SEL) === 0) return;
    const received = this.state.receiveFifo + this.state.transmitFifo;
    if (received > fifoSize) this.#interrupts.raise(RX_OVERFLOW);
    this.state.receiveFifo = Math.min(received, fifoSize);
    this.state.transmitFifo = 0;
  }

  #update(): void {
    let now = 0;
    if (this.state.transmitFifo < this.state.transmitThreshold) now |= TX_FIFO_not_full;
    if (this.state.transmitFifo === fifoSize) now |= TX_FIFO_full;
    if (this.state.receiveFifo >= this.state.receiveThreshold) now |= RX_FIFO_not_empty;
    if (this.state.receiveFifo === fifoSize) now |= RX_FIFO_full;
    this.#interrupts.clear(conditions & ~now);
    this.#interrupts.raise(now);
  }
}
