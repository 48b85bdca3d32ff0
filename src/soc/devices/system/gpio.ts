/**
 * The general purpose inputs and outputs of the Zynq UltraScale+: UG1085 chapter 27, registers as in the GPIO module of
 * UG1087. Banks 0 to 2 are the 78 pins of the MIO, banks 3 to 5 are 96 signals to and from the programmable logic,
 * which is empty.
 *
 * A pin belongs to the GPIO whatever the multiplexers of IOU_SLCR select.
 */
import { type DeviceWiring, readLanes, StatefulDevice, UnknownRegisters, writeLanes } from '../../bus/device.ts';
import { joined } from '../../bus/interrupt-output.ts';
import { InterruptStatus } from '../../bus/interrupt-status.ts';

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

/** A bank at reset; `all` has a bit for each of its pins. */
const atReset = (all: number) => ({
  data: 0,
  direction: 0,
  outputEnable: 0,
  /** Levels from outside. */
  inputs: 0,
  mask: 0,
  status: 0,
  type: all,
  polarity: 0,
  any: 0,
});
type BankState = ReturnType<typeof atReset>;

class Bank {
  readonly all: number;
  readonly #state: BankState;
  readonly #interrupts: InterruptStatus;
  /** Levels of the pins at the last look. */
  #levels = 0;

  /** `state` is part of the device's, as at reset. */
  constructor(state: BankState, drive: (level: boolean) => void) {
    this.all = state.type;
    this.#state = state;
    this.#interrupts = new InterruptStatus(state, this.all, drive);
    this.sense();
  }

  /** Levels of the pins: a driven pin has its output's, another the one from outside. */
  get levels(): number {
    const driven = this.#state.direction & this.#state.outputEnable;
    return ((this.#state.data & driven) | (this.#state.inputs & ~driven)) >>> 0;
  }

  get data(): number {
    return this.#state.data;
  }

  /** Changes the output bits in the mask. */
  setData(mask: number, value: number): void {
    this.#state.data = (((this.#state.data & ~mask) | (value & mask)) & this.all) >>> 0;
    this.sense();
  }

  setInputs(mask: number, value: number): void {
    this.#state.inputs = (((this.#state.inputs & ~mask) | (value & mask)) & this.all) >>> 0;
    this.sense();
  }

  /** The register at bank 0's offset; null where there is none. */
  read(register: number): number | null {
    switch (register) {
      case DIRM:
        return this.#state.direction;
      case OEN:
        return this.#state.outputEnable;
      case INT_MASK:
        return this.#interrupts.mask;
      case INT_EN:
      case INT_DIS:
        return 0; // write-only
      case INT_STAT:
        return this.#interrupts.status;
      case INT_TYPE:
        return this.#state.type;
      case INT_POLARITY:
        return this.#state.polarity;
      case INT_ANY:
        return this.#state.any;
      default:
        return null;
    }
  }

  /** False where there is no such register. */
  write(register: number, word: number): boolean {
    const value = (word & this.all) >>> 0;
    switch (register) {
      case DIRM:
        this.#state.direction = value;
        break;
      case OEN:
        this.#state.outputEnable = value;
        break;
      case INT_EN:
        this.#interrupts.enable(value);
        break;
      case INT_DIS:
        this.#interrupts.disable(value);
        break;
      case INT_STAT:
        this.#interrupts.clear(value);
        break;
      case INT_TYPE:
        this.#state.type = value;
        break;
      case INT_POLARITY:
        this.#state.polarity = value;
        break;
      case INT_ANY:
        this.#state.any = value;
        break;
      case INT_MASK:
        break; // read-only
      default:
        return false;
    }
    this.sense();
    return true;
  }

  /** Raises interrupts for edges since the last look, and for levels that hold. */
  sense(): void {
    const { levels } = this;
    const changed = levels ^ this.#levels;
    this.#levels = levels;
    const edges = this.#state.type & changed & (this.#state.any | ~(levels ^ this.#state.polarity));
    const held = ~this.#state.type & ~(levels ^ this.#state.polarity);
    this.#interrupts.raise(edges | held);
  }

  /** After the state has been loaded. */
  loaded(): void {
    this.#levels = this.levels;
    this.#interrupts.update();
  }
}

export class Gpio extends StatefulDevice<BankState[]> {
  readonly #unknown: UnknownRegisters;
  readonly #banks: readonly Bank[];

  constructor(name: string, { log, interrupt }: DeviceWiring) {
    super(
      name,
      bankWidths.map((width) => atReset(width === 32 ? 0xffff_ffff : 2 ** width - 1)),
    );
    this.#unknown = new UnknownRegisters(name, log);
    const output = joined(interrupt);
    this.#banks = this.state.map((state) => new Bank(state, output()));
  }

  /** Sets the level that a pin of the MIO has from outside. */
  setInput(pin: number, level: boolean): void {
    const [bank, mask] = this.#pin(pin);
    bank.setInputs(mask, level ? mask : 0);
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const value = this.#read(offset & ~3);
    return value === null ? this.#unknown.read(offset) : readLanes(value, offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    if (!this.#write(offset & ~3, writeLanes(value, offset, size))) this.#unknown.write(offset, value);
  }

  /** Levels from outside do not change. */
  override reset(): void {
    const inputs = this.state.map((bank) => bank.inputs);
    super.reset();
    for (const [i, bank] of this.#banks.entries()) bank.setInputs(bank.all, inputs[i] ?? 0);
  }

  protected override stateLoaded(): void {
    for (const bank of this.#banks) bank.loaded();
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
}

const bankOf = (register: number): number => Math.floor((register - DIRM) / bankStride);
const inBank = (register: number): number => DIRM + ((register - DIRM) % bankStride);
