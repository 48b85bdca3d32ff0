/**
 * The Cadence UART of the Zynq UltraScale+: UG1085 chapter 21, registers as in the UART module of UG1087.
 *
 * Time: characters on the line arrive at the baud rate that the guest has set, the first at once. What the guest sends
 * leaves at once: at 115200 baud a core would spend 100,000 instructions on each character, and no driver sees the
 * difference, because the line may always be faster. So the transmit FIFO holds bytes only while the transmitter is
 * disabled, and SR.TACTIVE is never seen.
 *
 * Interrupts: a bit of CISR is an event, set when a word enters or leaves a FIFO and never while a level holds, so that
 * a bit which software has cleared stays clear until the next word (UG1087, Chnl_int_sts). Channel_sts has the levels.
 * The line has no errors and no breaks, and its modem signals never change.
 */
import { defined } from '../../../base/assert.ts';
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
import { InterruptOutput } from '../../bus/interrupt-output.ts';

/** Register offsets, by UG1087's names. */
const Control = 0x00;
const Intrpt_en = 0x08;
const Intrpt_dis = 0x0c;
const Intrpt_mask = 0x10;
const Chnl_int_sts = 0x14;
const Modem_sts = 0x28;
const Channel_sts = 0x2c;
const TX_RX_FIFO = 0x30;
const Rx_FIFO_byte_status = 0x48;

/** Control. The four enables come in pairs; the disabling one wins. */
const RXRES = 1 << 0;
const TXRES = 1 << 1;
const RXEN = 1 << 2;
const RXDIS = 1 << 3;
const TXEN = 1 << 4;
const TXDIS = 1 << 5;
const RSTTO = 1 << 6;

/** Chnl_int_sts and the mask registers; bits 4:0 are also those of Channel_sts. */
const RTRIG = 1 << 0;
const REMPTY = 1 << 1;
const RFUL = 1 << 2;
const TEMPTY = 1 << 3;
const TFUL = 1 << 4;
const ROVR = 1 << 5;
const TIMEOUT = 1 << 8;
const TTRIG = 1 << 10;
const TNFUL = 1 << 11;
const TOVR = 1 << 12;
const allInterrupts = 0x3fff;
/** Channel_sts only. */
const SR_FDELT = 1 << 12;
const SR_TTRIG = 1 << 13;
const SR_TNFUL = 1 << 14;

const fifoSize = 64;
/** What may wait on the line before `receive` declines. */
const lineCapacity = 65_536;
/** UART_REF_CLK of a ZCU102 (CRL_APB.UART0_REF_CTRL as its first stage boot loader leaves it). */
export const referenceHz = 100_000_000;

/** Values at reset, UG1087. */
const powerOn = () => ({
  control: 0x128,
  mode: 0,
  /** The interrupts that are enabled. */
  mask: 0,
  /** The reset has emptied both FIFOs. */
  status: REMPTY | TEMPTY,
  baudGenerator: 0x28b,
  baudDivider: 0xf,
  receiverTimeout: 0,
  receiverTrigger: 0x20,
  transmitterTrigger: 0x20,
  modemControl: 0,
  flowDelay: 0,
  receiveFifo: [] as number[],
  transmitFifo: [] as number[],
  /** Bytes on the line that have not arrived. */
  line: [] as number[],
  /** When the next of them can arrive. */
  nextArrival: cycles(0),
  timeoutTime: null as Cycles | null,
});
type UartState = ReturnType<typeof powerOn>;

/** Registers that are only remembered: offset, field of the state, and writable bits. */
const settingRows = [
  [0x04, ['mode', 0x3fff]],
  [0x18, ['baudGenerator', 0xffff]], // Baud_rate_gen
  [0x1c, ['receiverTimeout', 0xff]], // Rcvr_timeout
  [0x20, ['receiverTrigger', 0x3f]], // Rcvr_FIFO_trigger_level
  [0x24, ['modemControl', 0x23]], // Modem_ctrl
  [0x34, ['baudDivider', 0xff]], // Baud_rate_divider
  [0x38, ['flowDelay', 0x3f]], // Flow_delay
  [0x44, ['transmitterTrigger', 0x3f]], // Tx_FIFO_trigger_level
] as const;
const settings = new Map<number, (typeof settingRows)[number][1]>(settingRows);

type ChannelMode = 'normal' | 'echo' | 'local loopback' | 'remote loopback';
const channelModes: readonly ChannelMode[] = ['normal', 'echo', 'local loopback', 'remote loopback'];

export interface UartWiring extends DeviceWiring {
  /** A byte leaves on the line. */
  transmit(byte: number): void;
}

export class Uart extends StatefulDevice<UartState> {
  readonly #clock: DeviceClock;
  readonly #transmit: (byte: number) => void;
  readonly #unknown: UnknownRegisters;
  readonly #interrupt: InterruptOutput;
  readonly #arrival: DeviceEvent;
  readonly #timeout: DeviceEvent;

  constructor(name: string, { clock, log, transmit, interrupt }: UartWiring) {
    super(name, powerOn());
    this.#clock = clock;
    this.#transmit = transmit;
    this.#unknown = new UnknownRegisters(name, log);
    this.#interrupt = new InterruptOutput(interrupt);
    this.#arrival = new DeviceEvent(clock, () => this.#characterArrives(), 'arrival');
    this.#timeout = new DeviceEvent(
      clock,
      () => {
        this.state.timeoutTime = null;
        this.state.status |= TIMEOUT;
        this.#update();
      },
      'timeout',
    );
    this.#update();
  }

  /**
   * Bytes for the guest, in order. They arrive at the baud rate and wait while the receiver is disabled or its FIFO
   * full. Returns how many were taken.
   */
  receive(bytes: Uint8Array): number {
    const { line } = this.state;
    const taken = Math.min(bytes.length, lineCapacity - line.length);
    for (const byte of bytes.subarray(0, taken)) line.push(byte);
    this.#awaitArrival();
    return taken;
  }

  protected override stateLoaded(): void {
    this.#arrival.set(null);
    this.#timeout.set(this.state.timeoutTime);
    this.#awaitArrival();
    this.#update();
  }

  read(offset: number, size: 1 | 2 | 4): number {
    return readLanes(this.#readRegister(offset & ~3), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    this.#writeRegister(offset & ~3, writeLanes(value, offset, size));
    this.#update();
  }

  #readRegister(offset: number): number {
    switch (offset) {
      case Control:
        return this.state.control;
      case Intrpt_mask:
        return this.state.mask;
      case Chnl_int_sts:
        return this.state.status;
      case Channel_sts:
        return this.#channelStatus();
      case TX_RX_FIFO:
        return this.#takeReceived();
      case Intrpt_en:
      case Intrpt_dis:
        return 0; // write-only
      case Modem_sts: // no modem: all signals inactive and unchanged
      case Rx_FIFO_byte_status: // a line without errors
        return 0;
      default: {
        const setting = settings.get(offset);
        return setting ? this.state[setting[0]] : this.#unknown.read(offset);
      }
    }
  }

  #writeRegister(offset: number, value: number): void {
    const { state } = this;
    switch (offset) {
      case Control:
        state.control = bits(value, 8, 0) & ~(RXRES | TXRES | RSTTO); // these three clear themselves
        if (value & RXRES) this.#empty(state.receiveFifo, REMPTY);
        if (value & TXRES) this.#empty(state.transmitFifo, TEMPTY);
        if (value & RSTTO) this.#restartTimeout();
        this.#drain();
        this.#awaitArrival();
        break;
      case Intrpt_en:
        state.mask |= value & allInterrupts;
        break;
      case Intrpt_dis:
        state.mask &= ~value;
        break;
      case Chnl_int_sts:
        state.status &= ~value;
        break;
      case TX_RX_FIFO:
        this.#send(bits(value, 7, 0));
        break;
      case Intrpt_mask:
      case Modem_sts: // its change bits are never set, so there is nothing to clear
      case Channel_sts:
      case Rx_FIFO_byte_status:
        break; // read-only
      default: {
        const setting = settings.get(offset);
        if (setting) state[setting[0]] = value & setting[1];
        else this.#unknown.write(offset, value);
        this.#awaitArrival();
      }
    }
  }

  get #receiverEnabled(): boolean {
    return (this.state.control & (RXEN | RXDIS)) === RXEN;
  }

  get #transmitterEnabled(): boolean {
    return (this.state.control & (TXEN | TXDIS)) === TXEN;
  }

  get #canReceive(): boolean {
    return this.#receiverEnabled && this.state.baudGenerator !== 0 && this.state.receiveFifo.length < fifoSize;
  }

  get #channelMode(): ChannelMode {
    return channelModes[bits(this.state.mode, 9, 8)] ?? 'normal';
  }

  /** One bit on the line, or null when the baud rate generator stands still. */
  get #bitTime(): number | null {
    if (this.state.baudGenerator === 0) return null;
    const prescale = bit(this.state.mode, 0) ? 8 : 1;
    return ((prescale * this.state.baudGenerator * (this.state.baudDivider + 1)) / referenceHz) * this.#clock.hz;
  }

  /** Start, data, parity and stop bits of a character. */
  get #bitsPerCharacter(): number {
    const character = bits(this.state.mode, 2, 1);
    const data = character === 3 ? 6 : character === 2 ? 7 : 8;
    const parity = bits(this.state.mode, 5, 3) < 4 ? 1 : 0;
    const stop = [1, 1.5, 2, 2][bits(this.state.mode, 7, 6)] ?? 1;
    return 1 + data + parity + stop;
  }

  /** The guest's byte goes out, or comes back, by the channel mode. */
  #send(byte: number): void {
    switch (this.#channelMode) {
      case 'normal':
        this.#enqueue(byte);
        this.#drain();
        break;
      case 'local loopback':
        if (!this.#transmitterEnabled || !this.#receiverEnabled) break;
        this.#enqueue(byte);
        this.#empty(this.state.transmitFifo, TEMPTY);
        this.#arrive(byte);
        break;
      case 'echo':
      case 'remote loopback':
        break; // the transmitter belongs to the receiver's line
    }
  }

  /** A word enters the transmit FIFO. */
  #enqueue(byte: number): void {
    const { state } = this;
    const { transmitFifo, transmitterTrigger } = state;
    if (transmitFifo.length === fifoSize) {
      state.status |= TOVR;
      return;
    }
    transmitFifo.push(byte);
    const level = transmitFifo.length;
    if (transmitterTrigger > 0 && level >= transmitterTrigger) state.status |= TTRIG;
    if (level === fifoSize - 1) state.status |= TNFUL;
    if (level === fifoSize) state.status |= TFUL;
  }

  #drain(): void {
    if (!this.#transmitterEnabled) return;
    for (const byte of this.state.transmitFifo) this.#transmit(byte);
    this.#empty(this.state.transmitFifo, TEMPTY);
  }

  /** Removes all words of a FIFO; that it becomes empty is the event. */
  #empty(fifo: number[], event: number): void {
    if (fifo.length > 0) this.state.status |= event;
    fifo.length = 0;
  }

  #takeReceived(): number {
    const { receiveFifo } = this.state;
    if (receiveFifo.length === 1) this.state.status |= REMPTY;
    const byte = receiveFifo.shift() ?? 0;
    this.#awaitArrival();
    this.#update();
    return byte;
  }

  /**
   * Lets the first character on the line arrive once it can, and once a character's time has passed since the one
   * before.
   */
  #awaitArrival(): void {
    if (this.#arrival.isSet || this.state.line.length === 0 || !this.#canReceive) return;
    this.#arrival.set(cycles(Math.max(this.#clock.now, this.state.nextArrival)));
  }

  #characterArrives(): void {
    if (!this.#canReceive) return; // changed meanwhile: it arrives when it can
    const byte = defined(this.state.line.shift(), 'the character that arrives');
    const mode = this.#channelMode;
    if (mode === 'echo' || mode === 'remote loopback') this.#transmit(byte);
    if (mode === 'echo' || mode === 'normal') this.#arrive(byte);
    const bitTime = defined(this.#bitTime, 'the bit time of a receiver that can receive');
    this.state.nextArrival = cycles(this.#clock.now + Math.ceil(bitTime * this.#bitsPerCharacter));
    this.#awaitArrival();
    this.#update();
  }

  #arrive(byte: number): void {
    const { state } = this;
    const { receiveFifo, receiverTrigger } = state;
    if (receiveFifo.length === fifoSize) state.status |= ROVR;
    else {
      receiveFifo.push(byte);
      if (receiverTrigger > 0 && receiveFifo.length >= receiverTrigger) state.status |= RTRIG;
      if (receiveFifo.length === fifoSize) state.status |= RFUL;
    }
    this.#restartTimeout();
  }

  /** The receiver's timeout counts 4 x RTO bit periods of silence on the line; RTO = 0 disables it. */
  #restartTimeout(): void {
    const { receiverTimeout } = this.state;
    const bitTime = this.#bitTime;
    const isOff = receiverTimeout === 0 || bitTime === null;
    this.state.timeoutTime = isOff ? null : cycles(this.#clock.now + Math.ceil(bitTime * 4 * receiverTimeout));
    this.#timeout.set(this.state.timeoutTime);
  }

  #channelStatus(): number {
    const received = this.state.receiveFifo.length;
    const waiting = this.state.transmitFifo.length;
    let status = 0;
    if (this.state.receiverTrigger > 0 && received >= this.state.receiverTrigger) status |= RTRIG;
    if (received === 0) status |= REMPTY;
    if (received === fifoSize) status |= RFUL;
    if (waiting === 0) status |= TEMPTY;
    if (waiting === fifoSize) status |= TFUL;
    if (this.state.flowDelay >= 4 && received >= this.state.flowDelay) status |= SR_FDELT;
    if (this.state.transmitterTrigger > 0 && waiting >= this.state.transmitterTrigger) status |= SR_TTRIG;
    if (waiting === fifoSize - 1) status |= SR_TNFUL;
    return status;
  }

  #update(): void {
    this.#interrupt.set((this.state.status & this.state.mask) !== 0);
  }
}
