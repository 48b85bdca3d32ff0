/**
 * The general purpose inputs and outputs of the Zynq UltraScale+: UG1085 chapter 27, registers as in the GPIO module of UG1087. Banks 0 to 2 are the 78 pins of
 * the MIO, banks 3 to 5 are 96 signals to and from the programmable logic, where nothing is.
 *
 * A pin is the GPIO's whatever the multiplexers of IOU_SLCR say.
 */
import { type Device, type MachineLog, readLanes, UnknownRegisters, writeLanes } from '../../bus/device.ts';

/** Pins of each bank. */
const bankWidths = [26, 26, 26, 32, 32, 32] as const;

/** Registers of all banks: MASK_DATA_0_LSW and those after it, DATA_0, DATA_0_RO. */
const MASK_DATA = 0x000;
const DATA = 0x040;
const DATA_RO = 0x060;
/** Registers of bank 0; those of the others follow at this distance. */
const bankStride = 0x40;
const DIRM = 0x204;
const OEN = 0x208;
const INT_MASK = 0x20c;
const INT_EN = 0x210;
const INT_DIS = 0x214;
const INT_STAT = 0x218;
const INT_TYPE = 0x21c;
const INT_POLARITY = 0x220;
const INT_ANY = 0x224;

interface BankState {
  readonly data: number;
  readonly direction: number;
  readonly outputEnable: number;
  /** Levels from outside. */
  readonly inputs: number;
  readonly mask: number;
  readonly status: number;
  readonly type: number;
  readonly polarity: number;
  readonly any: number;
}

export type GpioState = readonly BankState[];

class Bank {
  readonly all: number;
  #data = 0;
  #direction = 0;
  #outputEnable = 0;
  #inputs = 0;
  #mask = 0;
  #status = 0;
  #type = 0;
  #polarity = 0;
  #any = 0;
  /** Levels of the pins when they were last looked at. */
  #levels = 0;

  constructor(width: number) {
    this.all = width === 32 ? 0xffff_ffff : 2 ** width - 1;
    this.reset();
  }

  /** Pins that are driven have their output's level, others that from outside. */
  get levels(): number {
    const driven = this.#direction & this.#outputEnable;
    return ((this.#data & driven) | (this.#inputs & ~driven)) >>> 0;
  }

  /** What the pins that are driven give; 0 for the others. */
  get outputs(): number {
    return (this.#data & this.#direction & this.#outputEnable) >>> 0;
  }

  get data(): number {
    return this.#data >>> 0;
  }

  get interrupts(): boolean {
    return (this.#status & ~this.#mask) !== 0;
  }

  /** Changes the bits of the outputs that the mask names. */
  setData(mask: number, value: number): void {
    this.#data = ((this.#data & ~mask) | (value & mask)) & this.all;
    this.sense();
  }

  setInputs(mask: number, value: number): void {
    this.#inputs = ((this.#inputs & ~mask) | (value & mask)) & this.all;
    this.sense();
  }

  /** The register at bank 0's offset; null where there is none. */
  read(register: number): number | null {
    switch (register) {
      case DIRM:
        return this.#direction;
      case OEN:
        return this.#outputEnable;
      case INT_MASK:
        return this.#mask;
      case INT_EN:
      case INT_DIS:
        return 0; // write-only
      case INT_STAT:
        return this.#status;
      case INT_TYPE:
        return this.#type;
      case INT_POLARITY:
        return this.#polarity;
      case INT_ANY:
        return this.#any;
      default:
        return null;
    }
  }

  /** False where there is no such register. */
  write(register: number, word: number): boolean {
    const value = word & this.all;
    switch (register) {
      case DIRM:
        this.#direction = value;
        break;
      case OEN:
        this.#outputEnable = value;
        break;
      case INT_EN:
        this.#mask &= ~value;
        break;
      case INT_DIS:
        this.#mask |= value;
        break;
      case INT_STAT:
        this.#status &= ~value;
        break;
      case INT_TYPE:
        this.#type = value;
        break;
      case INT_POLARITY:
        this.#polarity = value;
        break;
      case INT_ANY:
        this.#any = value;
        break;
      case INT_MASK:
        break; // read-only
      default:
        return false;
    }
    this.sense();
    return true;
  }

  /** Notes edges since the last look, and levels that hold. */
  sense(): void {
    const { levels } = this;
    const changed = levels ^ this.#levels;
    this.#levels = levels;
    const edges = this.#type & changed & (this.#any | ~(levels ^ this.#polarity));
    const held = ~this.#type & ~(levels ^ this.#polarity);
    this.#status |= (edges | held) & this.all;
  }

  /** Back to power-on, but for the levels from outside. */
  reset(): void {
    this.loadState({
      data: 0,
      direction: 0,
      outputEnable: 0,
      inputs: this.#inputs,
      mask: 0,
      status: 0,
      type: this.all,
      polarity: 0,
      any: 0,
    });
  }

  saveState(): BankState {
    return {
      data: this.#data >>> 0,
      direction: this.#direction >>> 0,
      outputEnable: this.#outputEnable >>> 0,
      inputs: this.#inputs >>> 0,
      mask: this.#mask >>> 0,
      status: this.#status >>> 0,
      type: this.#type >>> 0,
      polarity: this.#polarity >>> 0,
      any: this.#any >>> 0,
    };
  }

  loadState(state: BankState): void {
    this.#data = state.data;
    this.#direction = state.direction;
    this.#outputEnable = state.outputEnable;
    this.#inputs = state.inputs;
    this.#mask = state.mask;
    this.#status = state.status;
    this.#type = state.type;
    this.#polarity = state.polarity;
    this.#any = state.any;
    this.#levels = this.levels;
  }
}

export interface GpioWiring {
  readonly log: MachineLog;
  interrupt(level: boolean): void;
}

export class Gpio implements Device<GpioState> {
  readonly name = 'gpio';
  readonly size = 0x1000;
  readonly #interrupt: (level: boolean) => void;
  readonly #unknown: UnknownRegisters;
  readonly #banks: readonly Bank[] = bankWidths.map((width) => new Bank(width));
  #level = false;

  constructor({ log, interrupt }: GpioWiring) {
    this.#interrupt = interrupt;
    this.#unknown = new UnknownRegisters(this.name, log);
  }

  /** What a pin of the MIO is driven to; low while it is an input. */
  output(pin: number): boolean {
    const [bank, mask] = this.#pin(pin);
    return (bank.outputs & mask) !== 0;
  }

  /** Sets the level that a pin of the MIO has from outside. */
  setInput(pin: number, level: boolean): void {
    const [bank, mask] = this.#pin(pin);
    bank.setInputs(mask, level ? mask : 0);
    this.#update();
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const value = this.#read(offset & ~3);
    return value === null ? this.#unknown.read(offset) : readLanes(value, offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    if (!this.#write(offset & ~3, writeLanes(value, offset, size))) this.#unknown.write(offset, value);
    this.#update();
  }

  reset(): void {
    for (const bank of this.#banks) bank.reset();
    this.#update();
  }

  saveState(): GpioState {
    return this.#banks.map((bank) => bank.saveState());
  }

  loadState(state: GpioState): void {
    for (const [i, bank] of this.#banks.entries()) bank.loadState(state[i] as BankState);
    this.#update();
  }

  /** The bank of a pin, and its bit there. */
  #pin(pin: number): readonly [Bank, number] {
    return [this.#banks[Math.floor(pin / bankWidths[0])] as Bank, 2 ** (pin % bankWidths[0])];
  }

  #read(register: number): number | null {
    if (register < DATA) {
      const bank = this.#banks[(register - MASK_DATA) >> 3];
      return bank ? (register & 4 ? bank.data >>> 16 : bank.data & 0xffff) : null;
    }
    if (register < DATA_RO) return this.#banks[(register - DATA) >> 2]?.data ?? null;
    if (register < DIRM) return this.#banks[(register - DATA_RO) >> 2]?.levels ?? null;
    return this.#banks[bankOf(register)]?.read(inBank(register)) ?? null;
  }

  #write(register: number, value: number): boolean {
    if (register < DATA) {
      const bank = this.#banks[(register - MASK_DATA) >> 3];
      // The upper half says which pins keep their value.
      const shift = register & 4 ? 16 : 0;
      bank?.setData((~value >>> 16) << shift, (value & 0xffff) << shift);
      return bank !== undefined;
    }
    if (register < DATA_RO) {
      const bank = this.#banks[(register - DATA) >> 2];
      bank?.setData(bank.all, value);
      return bank !== undefined;
    }
    if (register < DIRM) return this.#banks[(register - DATA_RO) >> 2] !== undefined; // read-only
    return this.#banks[bankOf(register)]?.write(inBank(register), value) ?? false;
  }

  #update(): void {
    const level = this.#banks.some((bank) => bank.interrupts);
    if (level === this.#level) return;
    this.#level = level;
    this.#interrupt(level);
  }
}

const bankOf = (register: number): number => Math.floor((register - DIRM) / bankStride);
const inBank = (register: number): number => DIRM + ((register - DIRM) % bankStride);
