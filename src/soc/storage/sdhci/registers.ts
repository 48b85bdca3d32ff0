/**
 * Registers of the SD host controllers: the SDIO module of UG1087, which is the SD Host Controller Standard
 * Specification 3.00, chapter 2. A word holds up to four of the standard's registers.
 */
import { type DmaAddr, dmaAddr } from '../../../base/units.ts';

export const Register = {
  Argument2: 0x00,
  BlockSize: 0x04,
  Argument: 0x08,
  Command: 0x0c,
  Response: 0x10,
  BufferData: 0x20,
  PresentState: 0x24,
  HostControl: 0x28,
  ClockControl: 0x2c,
  InterruptStatus: 0x30,
  StatusEnable: 0x34,
  SignalEnable: 0x38,
  /** Status of automatic commands, and Host Control 2. */
  AutoError: 0x3c,
  ForceEvent: 0x50,
  AdmaError: 0x54,
  AdmaAddress: 0x58,
  Capabilities: 0x40,
  SlotInterrupt: 0xfc,
} as const;

/** Transfer Mode and Command, as one word. */
export const Command = {
  dma: 1 << 0,
  blockCount: 1 << 1,
  autoMask: 3 << 2,
  autoStop: 1 << 2,
  autoCount: 2 << 2,
  read: 1 << 4,
  multiple: 1 << 5,
  responseMask: 3 << 16,
  longResponse: 1 << 16,
  busyResponse: 3 << 16,
  checkCrc: 1 << 19,
  checkIndex: 1 << 20,
  data: 1 << 21,
} as const;

export const Present = {
  commandInhibit: 1 << 0,
  dataInhibit: 1 << 1,
  lineActive: 1 << 2,
  writing: 1 << 8,
  reading: 1 << 9,
  writeEnable: 1 << 10,
  readEnable: 1 << 11,
  inserted: 1 << 16,
  /** Debounced, and the card detect pin. */
  stable: 1 << 17,
  detected: 1 << 18,
  writable: 1 << 19,
  /** Data line 0 and the others, and the command line. */
  data0: 1 << 20,
  otherLines: 0x1e << 20,
} as const;

/** Host Control, Power Control, Block Gap Control and Wakeup Control, as one word. */
export const Host = { wide: 1 << 1, powered: 1 << 8, stopAtGap: 1 << 16, goOn: 1 << 17 } as const;

/** Clock Control, Timeout Control and Software Reset, as one word. */
export const Clock = {
  internal: 1 << 0,
  stable: 1 << 1,
  card: 1 << 2,
  resetAll: 1 << 24,
  resetCommand: 1 << 25,
  resetData: 1 << 26,
} as const;

/** Normal and error interrupts, as one word. */
export const Interrupt = {
  command: 1 << 0,
  transfer: 1 << 1,
  blockGap: 1 << 2,
  dma: 1 << 3,
  writeReady: 1 << 4,
  readReady: 1 << 5,
  inserted: 1 << 6,
  removed: 1 << 7,
  error: 1 << 15,
  commandTimeout: 1 << 16,
  commandCrc: 1 << 17,
  commandIndex: 1 << 19,
  dataTimeout: 1 << 20,
  autoCommand: 1 << 24,
  adma: 1 << 25,
  /** What a reset of the data lines clears. */
  allOfData: 0x3e,
} as const;

/** Auto CMD Error Status: what an automatic command has met. */
export const AutoError = { notExecuted: 1 << 0, timeout: 1 << 1 } as const;

/** Words that can be written: offset and bits. */
const writable: ReadonlyMap<number, number> = new Map([
  [Register.Argument2, 0xffff_ffff],
  [Register.BlockSize, 0xffff_7fff],
  [Register.Argument, 0xffff_ffff],
  [Register.Command, 0x3ffb_003f],
  [Register.HostControl, 0x070f_0fff],
  [Register.ClockControl, 0x000f_ffe5],
  [Register.StatusEnable, 0x03ff_7fff],
  [Register.SignalEnable, 0x03ff_7fff],
  [Register.AutoError, 0xc0ff_0000],
  [Register.AdmaAddress, 0xffff_ffff],
  [Register.AdmaAddress + 4, 0xffff_ffff],
]);

/** Capabilities: 3.3 V, 3.0 V and 1.8 V, ADMA2 with 64-bit addresses; the base clock in MHz is the board's. */
export const capabilitiesOf = (baseMHz: number): number => 0x37ec_0081 | (baseMHz << 8);

/** Words that describe the controller: further capabilities, presets for each speed. */
export const constants: ReadonlyMap<number, number> = new Map([
  [0x44, 0x2807],
  [0x48, 0],
  [0x4c, 0],
  [0x60, 0x4_0100],
  [0x64, 0x4_0002],
  [0x68, 0x1_0002],
  [0x6c, 0x2_0000],
]);
/** Version 3.00. */
export const version = 0x1002;

const words = [...writable.keys()];

/** The values of the words that can be written, in their order. */
export const wordsAtReset = (): number[] => words.map(() => 0);

/** What the first stage boot loader leaves as the controller's clock. */
const baseHz = 187_500_000;

/** The words that can be written, and what they say. `values` is part of the controller's state. */
export class SdhciWords {
  readonly #values: number[];

  constructor(values: number[]) {
    this.#values = values;
  }

  get(word: number): number {
    return this.#values[words.indexOf(word)] ?? 0;
  }

  set(word: number, value: number): void {
    this.#values[words.indexOf(word)] = value >>> 0;
  }

  has(word: number): boolean {
    return writable.has(word);
  }

  /** Changes the bits that software can write, in these byte lanes. */
  write(word: number, value: number, lanes: number): void {
    const changed = (writable.get(word) ?? 0) & lanes;
    if (changed !== 0) this.set(word, (this.get(word) & ~changed) | (value & changed));
  }

  get command(): number {
    return this.get(Register.Command);
  }

  get commandIndex(): number {
    return (this.command >>> 24) & 0x3f;
  }

  get isRead(): boolean {
    return (this.command & Command.read) !== 0;
  }

  get usesDma(): boolean {
    return (this.command & Command.dma) !== 0;
  }

  get isMultiple(): boolean {
    return (this.command & Command.multiple) !== 0;
  }

  /** Whether the block count ends the transfer. */
  get isCounted(): boolean {
    return this.isMultiple && (this.command & Command.blockCount) !== 0;
  }

  get blockSize(): number {
    return this.get(Register.BlockSize) & 0xfff;
  }

  get blockCount(): number {
    return this.get(Register.BlockSize) >>> 16;
  }

  set blockCount(count: number) {
    this.set(Register.BlockSize, (this.get(Register.BlockSize) & 0xffff) | (count << 16));
  }

  /** Host Control 1, DMA Select. */
  get dmaMode(): number {
    return (this.get(Register.HostControl) >>> 3) & 3;
  }

  /** SDMA's buffer boundary in bytes. */
  get boundary(): number {
    return 4096 << ((this.get(Register.BlockSize) >>> 12) & 7);
  }

  get descriptor(): DmaAddr {
    const high = this.get(Register.AdmaAddress + 4) & 0x1_ffff;
    return dmaAddr(high * 2 ** 32 + this.get(Register.AdmaAddress));
  }

  set descriptor(address: number) {
    this.set(Register.AdmaAddress, address % 2 ** 32);
    this.set(Register.AdmaAddress + 4, Math.floor(address / 2 ** 32));
  }

  /** Whether the card gets a clock and power. */
  get isCardPowered(): boolean {
    const clock = this.get(Register.ClockControl);
    return (
      (clock & Clock.internal) !== 0 &&
      (clock & Clock.card) !== 0 &&
      (this.get(Register.HostControl) & Host.powered) !== 0
    );
  }

  /** Seconds that so many clocks of SDCLK take. */
  clocks(count: number): number {
    const control = this.get(Register.ClockControl);
    const divider = ((control >>> 8) & 0xff) | ((control << 2) & 0x300);
    return (count * Math.max(1, 2 * divider)) / baseHz;
  }

  /** Seconds for a block with its CRC on the lines. */
  get blockTime(): number {
    const lines = this.get(Register.HostControl) & Host.wide ? 4 : 1;
    return this.clocks((this.blockSize * 8) / lines + 20);
  }

  /** The data timeout counter, in seconds. */
  get timeout(): number {
    return 2 ** (13 + ((this.get(Register.ClockControl) >>> 16) & 0xf)) / baseHz;
  }
}
