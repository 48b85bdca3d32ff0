/**
 * The Cadence UART of the Zynq UltraScale+: UG1085 chapter 21, registers as in the UART module of UG1087.
 *
 * Time: characters on the line arrive at the baud rate that the guest has set, the first at once. What the guest sends leaves at once: at 115200 baud a core would
 * spend 100,000 instructions on each character, and no driver sees the difference, because the line may always be faster. So the transmit FIFO
 * holds bytes only while the transmitter is disabled, and SR.TACTIVE is never seen.
 *
 * Interrupts: the FIFO conditions in CISR are set again after a clear for as long as they hold.
 * The line has no errors, no breaks, and its modem signals never change.
 */
import { defined } from '../../../base/assert.ts';
import { bit, bits } from '../../../base/bits.ts';
import type { Events, ScheduledEvent } from '../../../base/events.ts';
import { type Cycles, cycles } from '../../../base/units.ts';
import type { Device, MachineLog } from '../../bus/device.ts';
import { readLanes, UnknownRegisters, writeLanes } from '../../bus/device.ts';

/** Register offsets, by UG1087's names. */
const Control = 0x00;
const Mode = 0x04;
const Intrpt_en = 0x08;
const Intrpt_dis = 0x0c;
const Intrpt_mask = 0x10;
const Chnl_int_sts = 0x14;
const Baud_rate_gen = 0x18;
const Rcvr_timeout = 0x1c;
const Rcvr_FIFO_trigger_level = 0x20;
const Modem_ctrl = 0x24;
const Modem_sts = 0x28;
const Channel_sts = 0x2c;
const TX_RX_FIFO = 0x30;
const Baud_rate_divider = 0x34;
const Flow_delay = 0x38;
const Tx_FIFO_trigger_level = 0x44;
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
const referenceHz = 100_000_000;

type ChannelMode = 'normal' | 'echo' | 'local loopback' | 'remote loopback';
const channelModes: readonly ChannelMode[] = ['normal', 'echo', 'local loopback', 'remote loopback'];

export interface UartState {
  readonly control: number;
  readonly mode: number;
  readonly mask: number;
  readonly status: number;
  readonly baudGenerator: number;
  readonly baudDivider: number;
  readonly receiverTimeout: number;
  readonly receiverTrigger: number;
  readonly transmitterTrigger: number;
  readonly modemControl: number;
  readonly flowDelay: number;
  readonly receiveFifo: readonly number[];
  readonly transmitFifo: readonly number[];
  /** Bytes on the line that have not arrived. */
  readonly line: readonly number[];
  /** When the next of them can have arrived. */
  readonly nextArrival: Cycles;
  readonly timeoutTime: Cycles | null;
}

/** Values at reset, UG1087. */
const powerOn: UartState = {
  control: 0x128,
  mode: 0,
  mask: 0,
  status: 0,
  baudGenerator: 0x28b,
  baudDivider: 0xf,
  receiverTimeout: 0,
  receiverTrigger: 0x20,
  transmitterTrigger: 0x20,
  modemControl: 0,
  flowDelay: 0,
  receiveFifo: [],
  transmitFifo: [],
  line: [],
  nextArrival: cycles(0),
  timeoutTime: null,
};

export interface UartWiring {
  readonly events: Events;
  /** Frequency of the events' clock. */
  readonly clockHz: number;
  readonly log: MachineLog;
  /** A byte leaves on the line. */
  transmit(byte: number): void;
  /** The interrupt output changes. */
  interrupt(level: boolean): void;
}

export class Uart implements Device<UartState> {
  readonly name: string;
  readonly size = 0x1000;
  readonly #wiring: UartWiring;
  readonly #unknown: UnknownRegisters;

  #control = 0;
  #mode = 0;
  #mask = 0;
  #status = 0;
  #baudGenerator = 0;
  #baudDivider = 0;
  #receiverTimeout = 0;
  #receiverTrigger = 0;
  #transmitterTrigger = 0;
  #modemControl = 0;
  #flowDelay = 0;
  #receiveFifo: number[] = [];
  #transmitFifo: number[] = [];
  #line: number[] = [];
  #nextArrival = cycles(0);
  #arrival: ScheduledEvent | null = null;
  #timeout: ScheduledEvent | null = null;
  #interrupt = false;

  constructor(name: string, wiring: UartWiring) {
    this.name = name;
    this.#wiring = wiring;
    this.#unknown = new UnknownRegisters(name, wiring.log);
    this.reset();
  }

  /** Bytes for the guest, in order. They arrive at the baud rate and wait while the receiver is disabled or its FIFO full. Returns how many were taken. */
  receive(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, lineCapacity - this.#line.length);
    for (const byte of bytes.subarray(0, taken)) this.#line.push(byte);
    this.#awaitArrival();
    return taken;
  }

  reset(): void {
    this.loadState(powerOn);
  }

  saveState(): UartState {
    return {
      control: this.#control,
      mode: this.#mode,
      mask: this.#mask,
      status: this.#status,
      baudGenerator: this.#baudGenerator,
      baudDivider: this.#baudDivider,
      receiverTimeout: this.#receiverTimeout,
      receiverTrigger: this.#receiverTrigger,
      transmitterTrigger: this.#transmitterTrigger,
      modemControl: this.#modemControl,
      flowDelay: this.#flowDelay,
      receiveFifo: [...this.#receiveFifo],
      transmitFifo: [...this.#transmitFifo],
      line: [...this.#line],
      nextArrival: this.#nextArrival,
      timeoutTime: this.#timeout?.time ?? null,
    };
  }

  loadState(state: UartState): void {
    this.#control = state.control;
    this.#mode = state.mode;
    this.#mask = state.mask;
    this.#status = state.status;
    this.#baudGenerator = state.baudGenerator;
    this.#baudDivider = state.baudDivider;
    this.#receiverTimeout = state.receiverTimeout;
    this.#receiverTrigger = state.receiverTrigger;
    this.#transmitterTrigger = state.transmitterTrigger;
    this.#modemControl = state.modemControl;
    this.#flowDelay = state.flowDelay;
    this.#receiveFifo = [...state.receiveFifo];
    this.#transmitFifo = [...state.transmitFifo];
    this.#line = [...state.line];
    this.#arrival?.cancel();
    this.#arrival = null;
    this.#nextArrival = state.nextArrival;
    this.#timeout?.cancel();
    this.#timeout = state.timeoutTime === null ? null : this.#timeoutAt(state.timeoutTime);
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
        return this.#control;
      case Mode:
        return this.#mode;
      case Intrpt_en:
      case Intrpt_dis:
        return 0; // write-only
      case Intrpt_mask:
        return this.#mask;
      case Chnl_int_sts:
        return this.#status;
      case Baud_rate_gen:
        return this.#baudGenerator;
      case Rcvr_timeout:
        return this.#receiverTimeout;
      case Rcvr_FIFO_trigger_level:
        return this.#receiverTrigger;
      case Modem_ctrl:
        return this.#modemControl;
      case Modem_sts:
        return 0; // no modem: all signals inactive and unchanged
      case Channel_sts:
        return this.#channelStatus();
      case TX_RX_FIFO:
        return this.#takeReceived();
      case Baud_rate_divider:
        return this.#baudDivider;
      case Flow_delay:
        return this.#flowDelay;
      case Tx_FIFO_trigger_level:
        return this.#transmitterTrigger;
      case Rx_FIFO_byte_status:
        return 0; // a line without errors
      default:
        return this.#unknown.read(offset);
    }
  }

  #writeRegister(offset: number, value: number): void {
    switch (offset) {
      case Control:
        this.#control = bits(value, 8, 0) & ~(RXRES | TXRES | RSTTO); // these three clear themselves
        if (value & RXRES) this.#receiveFifo = [];
        if (value & TXRES) this.#transmitFifo = [];
        if (value & RSTTO) this.#restartTimeout();
        this.#drain();
        this.#awaitArrival();
        break;
      case Mode:
        this.#mode = bits(value, 13, 0);
        break;
      case Intrpt_en:
        this.#mask |= value & allInterrupts;
        break;
      case Intrpt_dis:
        this.#mask &= ~value;
        break;
      case Intrpt_mask:
      case Modem_sts: // its change bits are never set, so there is nothing to clear
      case Channel_sts:
      case Rx_FIFO_byte_status:
        break; // read-only
      case Chnl_int_sts:
        this.#status &= ~value;
        break;
      case Baud_rate_gen:
        this.#baudGenerator = bits(value, 15, 0);
        this.#awaitArrival();
        break;
      case Rcvr_timeout:
        this.#receiverTimeout = bits(value, 7, 0);
        break;
      case Rcvr_FIFO_trigger_level:
        this.#receiverTrigger = bits(value, 5, 0);
        break;
      case Modem_ctrl:
        this.#modemControl = value & 0x23;
        break;
      case TX_RX_FIFO:
        this.#send(bits(value, 7, 0));
        break;
      case Baud_rate_divider:
        this.#baudDivider = bits(value, 7, 0);
        break;
      case Flow_delay:
        this.#flowDelay = bits(value, 5, 0);
        break;
      case Tx_FIFO_trigger_level:
        this.#transmitterTrigger = bits(value, 5, 0);
        break;
      default:
        this.#unknown.write(offset, value);
    }
  }

  get #receiverEnabled(): boolean {
    return (this.#control & (RXEN | RXDIS)) === RXEN;
  }

  get #transmitterEnabled(): boolean {
    return (this.#control & (TXEN | TXDIS)) === TXEN;
  }

  get #canReceive(): boolean {
    return this.#receiverEnabled && this.#baudGenerator !== 0 && this.#receiveFifo.length < fifoSize;
  }

  get #channelMode(): ChannelMode {
    return channelModes[bits(this.#mode, 9, 8)] ?? 'normal';
  }

  /** One bit on the line, or null when the baud rate generator stands still. */
  get #bitTime(): number | null {
    if (this.#baudGenerator === 0) return null;
    const prescale = bit(this.#mode, 0) ? 8 : 1;
    return ((prescale * this.#baudGenerator * (this.#baudDivider + 1)) / referenceHz) * this.#wiring.clockHz;
  }

  /** Start, data, parity and stop bits of a character. */
  get #bitsPerCharacter(): number {
    const character = bits(this.#mode, 2, 1);
    const data = character === 3 ? 6 : character === 2 ? 7 : 8;
    const parity = bits(this.#mode, 5, 3) < 4 ? 1 : 0;
    const stop = [1, 1.5, 2, 2][bits(this.#mode, 7, 6)] ?? 1;
    return 1 + data + parity + stop;
  }

  /** The guest's byte goes out, or comes back, by the channel mode. */
  #send(byte: number): void {
    switch (this.#channelMode) {
      case 'normal':
        if (this.#transmitFifo.length < fifoSize) this.#transmitFifo.push(byte);
        else this.#status |= TOVR;
        this.#drain();
        break;
      case 'local loopback':
        if (this.#transmitterEnabled && this.#receiverEnabled) this.#arrive(byte);
        break;
      case 'echo':
      case 'remote loopback':
        break; // the transmitter belongs to the receiver's line
    }
  }

  #drain(): void {
    if (!this.#transmitterEnabled) return;
    for (const byte of this.#transmitFifo) this.#wiring.transmit(byte);
    this.#transmitFifo = [];
  }

  #takeReceived(): number {
    const byte = this.#receiveFifo.shift() ?? 0;
    this.#awaitArrival();
    this.#update();
    return byte;
  }

  /** Lets the first character on the line arrive when there is one, it can, and the one before is a character's time ago. */
  #awaitArrival(): void {
    if (this.#arrival || this.#line.length === 0 || !this.#canReceive) return;
    const { events } = this.#wiring;
    this.#arrival = events.at(cycles(Math.max(events.now, this.#nextArrival)), () => {
      this.#arrival = null;
      if (!this.#canReceive) return; // changed meanwhile: it arrives when it can
      const byte = defined(this.#line.shift(), 'the character that arrives');
      const mode = this.#channelMode;
      if (mode === 'echo' || mode === 'remote loopback') this.#wiring.transmit(byte);
      if (mode === 'echo' || mode === 'normal') this.#arrive(byte);
      const bitTime = defined(this.#bitTime, 'the bit time of a receiver that can receive');
      this.#nextArrival = cycles(events.now + Math.ceil(bitTime * this.#bitsPerCharacter));
      this.#awaitArrival();
      this.#update();
    });
  }

  #arrive(byte: number): void {
    if (this.#receiveFifo.length < fifoSize) this.#receiveFifo.push(byte);
    else this.#status |= ROVR;
    this.#restartTimeout();
  }

  /** The receiver's timeout counts 4 x RTO bit periods of silence on the line; RTO = 0 disables it. */
  #restartTimeout(): void {
    this.#timeout?.cancel();
    const bitTime = this.#bitTime;
    this.#timeout =
      this.#receiverTimeout === 0 || bitTime === null
        ? null
        : this.#timeoutAt(cycles(this.#wiring.events.now + Math.ceil(bitTime * 4 * this.#receiverTimeout)));
  }

  #timeoutAt(time: Cycles): ScheduledEvent {
    return this.#wiring.events.at(time, () => {
      this.#timeout = null;
      this.#status |= TIMEOUT;
      this.#update();
    });
  }

  #channelStatus(): number {
    const received = this.#receiveFifo.length;
    const waiting = this.#transmitFifo.length;
    let status = 0;
    if (this.#receiverTrigger > 0 && received >= this.#receiverTrigger) status |= RTRIG;
    if (received === 0) status |= REMPTY;
    if (received === fifoSize) status |= RFUL;
    if (waiting === 0) status |= TEMPTY;
    if (waiting === fifoSize) status |= TFUL;
    if (this.#flowDelay >= 4 && received >= this.#flowDelay) status |= SR_FDELT;
    if (this.#transmitterTrigger > 0 && waiting >= this.#transmitterTrigger) status |= SR_TTRIG;
    if (waiting === fifoSize - 1) status |= SR_TNFUL;
    return status;
  }

  /** Latches the FIFOs' conditions in CISR and drives the interrupt line. */
  #update(): void {
    const status = this.#channelStatus();
    this.#status |= status & (RTRIG | REMPTY | RFUL | TEMPTY | TFUL);
    if (status & SR_TTRIG) this.#status |= TTRIG;
    if (status & SR_TNFUL) this.#status |= TNFUL;
    const interrupt = (this.#status & this.#mask) !== 0;
    if (interrupt === this.#interrupt) return;
    this.#interrupt = interrupt;
    this.#wiring.interrupt(interrupt);
  }
}
