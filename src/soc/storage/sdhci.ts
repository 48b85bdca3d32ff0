/**
 * An SD/SDIO/eMMC host controller of the Zynq UltraScale+ with no card: UG1085 chapter 26, registers as in the SDIO
 * module of UG1087 and in the SD Host Controller Standard Specification 3.00, chapter 2. A command gets no answer and
 * times out at once.
 */
import { type DeviceWiring, readLanes, StatefulDevice, UnknownRegisters, writeLanes } from '../bus/device.ts';
import { InterruptOutput } from '../bus/interrupt-output.ts';

/** Words of the register map; most hold two or four registers of the standard. */
const Command = 0x0c;
const Response = 0x10;
const BufferData = 0x20;
const PresentState = 0x24;
const ClockControl = 0x2c;
const InterruptStatus = 0x30;
const StatusEnable = 0x34;
const SignalEnable = 0x38;
const ForceEvent = 0x50;
const AdmaError = 0x54;
const SlotInterrupt = 0xfc;

/** PresentState: debounced; no card, not write-protected, all lines high. */
const noCard = 0x1fa_0000;
/** ClockControl: the clock is enabled, it is stable; a reset that clears itself. */
const clockEnable = 1 << 0;
const clockStable = 1 << 1;
const resetAll = 1 << 24;
/** InterruptStatus. */
const errorInterrupt = 1 << 15;
const commandTimeout = 1 << 16;

/** Words that can be written: offset and bits. */
const writable: ReadonlyMap<number, number> = new Map([
  [0x00, 0xffff_ffff],
  [0x04, 0xffff_7fff],
  [0x08, 0xffff_ffff],
  [Command, 0x3ffb_003f],
  [0x28, 0x070f_0fff],
  [ClockControl, 0x000f_ffe5],
  [StatusEnable, 0x03ff_7fff],
  [SignalEnable, 0x03ff_7fff],
  [0x3c, 0xc0ff_0000],
  [0x58, 0xffff_ffff],
  [0x5c, 0xffff_ffff],
]);

/**
 * Words that describe the controller: 3.3 V, 3.0 V and 1.8 V, ADMA2 with 64-bit addresses, 200 MHz; presets for each
 * speed; version 3.00.
 */
const constants: ReadonlyMap<number, number> = new Map([
  [0x40, 0x37ec_6481],
  [0x44, 0x2807],
  [0x48, 0],
  [0x4c, 0],
  [0x60, 0x4_0100],
  [0x64, 0x4_0002],
  [0x68, 0x1_0002],
  [0x6c, 0x2_0000],
]);
const version = 0x1002;

const words = [...writable.keys()];

const atReset = () => ({
  /** Of the words that can be written, in their order. */
  words: words.map(() => 0),
  status: 0,
});

export class Sdhci extends StatefulDevice<ReturnType<typeof atReset>> {
  readonly #interrupt: InterruptOutput;
  readonly #unknown: UnknownRegisters;

  constructor(name: string, { log, interrupt }: DeviceWiring) {
    super(name, atReset());
    this.#interrupt = new InterruptOutput(interrupt);
    this.#unknown = new UnknownRegisters(name, log);
  }

  read(offset: number, size: 1 | 2 | 4): number {
    return readLanes(this.#read(offset & ~3), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const lanes = writeLanes(size === 4 ? 0xffff_ffff : size === 2 ? 0xffff : 0xff, offset, size);
    this.#write(offset & ~3, writeLanes(value, offset, size), lanes);
    this.#update();
  }

  protected override stateLoaded(): void {
    this.#update();
  }

  #word(word: number): number {
    return this.state.words[words.indexOf(word)] ?? 0;
  }

  #read(word: number): number {
    switch (word) {
      case PresentState:
        return noCard;
      case ClockControl: {
        const control = this.#word(ClockControl);
        return control & clockEnable ? control | clockStable : control;
      }
      case InterruptStatus:
        return this.state.status;
      case BufferData:
      case ForceEvent:
      case AdmaError:
        return 0;
      case SlotInterrupt:
        return (version << 16) | (this.#interrupt.level ? 1 : 0);
      default:
        if (word >= Response && word < BufferData) return 0;
        return this.state.words[words.indexOf(word)] ?? constants.get(word) ?? this.#unknown.read(word);
    }
  }

  #write(word: number, value: number, lanes: number): void {
    const bits = writable.get(word);
    if (bits !== undefined) {
      const changed = bits & lanes;
      this.state.words[words.indexOf(word)] = ((this.#word(word) & ~changed) | (value & changed)) >>> 0;
    }
    switch (word) {
      case Command:
        // A write of the byte with the command's index starts the command.
        if (lanes >>> 24) this.#raise(commandTimeout);
        break;
      case ClockControl:
        // Resets of the command or the data line alone have nothing to undo.
        if (value & resetAll) this.reset();
        break;
      case InterruptStatus:
        this.state.status &= ~(value & ~errorInterrupt);
        this.#settle();
        break;
      case ForceEvent:
        this.#raise(value & 0x3ff_0000);
        break;
      default:
        if (bits === undefined && !isReadOnly(word)) this.#unknown.write(word, value);
    }
  }

  /** Sets the errors that the status enable register lets through. */
  #raise(errors: number): void {
    this.state.status |= errors & this.#word(StatusEnable);
    this.#settle();
  }

  /** Updates the summary of all errors. */
  #settle(): void {
    this.state.status =
      this.state.status & 0xffff_0000 ? this.state.status | errorInterrupt : this.state.status & ~errorInterrupt;
    this.state.status >>>= 0;
  }

  #update(): void {
    this.#interrupt.set((this.state.status & this.#word(SignalEnable)) !== 0);
  }
}

const isReadOnly = (word: number): boolean =>
  (word >= Response && word <= PresentState) || word === AdmaError || word === SlotInterrupt || constants.has(word);
