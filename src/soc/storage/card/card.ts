/**
 * An SDHC card behind its pins: commands, their responses and blocks of data, by the SD Physical Layer Simplified
 * Specification 6.00, chapter 4. It has default and high speed, one or four data lines and no lock. Time is its
 * host's: a card answers at once, and says how long it would be busy.
 */
import { type Disk, sectorSize } from '../disk.ts';
import { CardStatus, cid, csd, keep, Ocr, scr, sdStatus, switchStatus } from './registers.ts';

/** States by their number in the card status (4.10.1); `inactive` has none. */
const State = { idle: 0, ready: 1, ident: 2, standby: 3, transfer: 4, data: 5, receive: 6, program: 7 } as const;
const inactive = 9;

/** Data that a command has begun, as the card's next blocks. */
const Data = { none: 0, readSectors: 1, writeSectors: 2, register: 3 } as const;

export const cardAtPowerOn = () => ({
  state: State.idle as number,
  /** Errors and flags that the next response reports. */
  status: 0,
  /** The command before was CMD55. */
  expectsApp: false,
  rca: 0,
  /** ACMD41 has begun the initialisation. */
  initialising: false,
  isWide: false,
  isHighSpeed: false,
  data: Data.none as number,
  /** The next block, and how many there may be; null without a limit. */
  sector: 0,
  blocks: null as number | null,
  /** CMD23's count for the next command, 0 for none. */
  count: 0,
  /** Bytes of a register that is to be read. */
  register: [] as number[],
  /** Blocks written by the last command, for ACMD22. */
  written: 0,
  eraseStart: null as number | null,
  eraseEnd: null as number | null,
});
export type CardState = ReturnType<typeof cardAtPowerOn>;

/** R1, R1b, R2 (136 bits), R3, R6 and R7 (4.9). `bytes`: its contents without index and CRC. */
export interface Response {
  readonly kind: 'R1' | 'R1b' | 'R2' | 'R3' | 'R6' | 'R7';
  readonly bytes: Uint8Array;
}

/** What a command does; null where the card does not answer. */
type Handler = (card: SdCard, argument: number) => Response | null;

export class SdCard {
  readonly #state: CardState;
  readonly #disk: Disk;

  /** `state` is part of the host's. */
  constructor(state: CardState, disk: Disk) {
    this.#state = state;
    this.#disk = disk;
  }

  get isReadOnly(): boolean {
    return this.#disk.isReadOnly;
  }

  /** The card expects blocks, and is busy after each. */
  get receives(): boolean {
    return this.#state.data === Data.writeSectors;
  }

  /** A command from the host. Null if the card does not answer. */
  command(index: number, argument: number): Response | null {
    const state = this.#state;
    const isApp = state.expectsApp;
    state.expectsApp = false;
    if (state.state === inactive) return null;
    const handler = (isApp && appCommands.get(index)) || commands.get(index);
    if (!handler?.states.includes(state.state)) {
      this.#flag(CardStatus.ILLEGAL_COMMAND);
      return null;
    }
    // A block count is for the next command alone (4.7.4).
    const count = state.count;
    const response = handler.run(this, argument);
    if (index !== 23) state.count = index === 55 || index === 13 ? count : 0;
    return response;
  }

  /** The next block of what a command reads, of this length; null if the card sends nothing. */
  send(length: number): Uint8Array | null {
    const state = this.#state;
    if (state.data === Data.register) {
      const bytes = Uint8Array.from(state.register);
      this.#endData();
      return bytes.length === length ? bytes : null;
    }
    if (state.data !== Data.readSectors || length !== sectorSize || !this.#hasNext()) return null;
    const bytes = new Uint8Array(sectorSize);
    this.#disk.read(state.sector, bytes);
    this.#next();
    return bytes;
  }

  /** A block that a command writes; false if the card does not take it. */
  receive(bytes: Uint8Array): boolean {
    const state = this.#state;
    if (state.data !== Data.writeSectors || bytes.length !== sectorSize || !this.#hasNext()) return false;
    if (this.isReadOnly) this.#flag(CardStatus.WP_VIOLATION);
    else {
      this.#disk.write(state.sector, bytes);
      state.written++;
    }
    this.#next();
    return true;
  }

  // What the handlers below do.

  reset(): null {
    Object.assign(this.#state, cardAtPowerOn());
    return null;
  }

  enter(state: number): this {
    this.#state.state = state;
    return this;
  }

  deactivate(): null {
    this.#state.state = inactive;
    return null;
  }

  r1(kind: 'R1' | 'R1b' = 'R1', state = this.#state.state): Response {
    const { status } = this.#state;
    this.#state.status = 0;
    return { kind, bytes: word(status | (state << 9) | CardStatus.READY_FOR_DATA) };
  }

  /** OCR, or the beginning of the initialisation (4.2.3.1): only a host that supports high capacity sees its end. */
  operatingConditions(argument: number): Response {
    const state = this.#state;
    const answer = (ocr: number): Response => ({ kind: 'R3', bytes: word(ocr) });
    if ((argument & Ocr.voltages) === 0) return answer(Ocr.voltages);
    if (!state.initialising || (argument & Ocr.highCapacity) === 0) {
      state.initialising = true;
      return answer(Ocr.voltages);
    }
    state.state = State.ready;
    return answer(Ocr.voltages | Ocr.highCapacity | Ocr.poweredUp);
  }

  publishAddress(): Response {
    const state = this.#state;
    state.rca = (state.rca % 0xffff) + 1;
    const status = state.status | (state.state << 9) | CardStatus.READY_FOR_DATA;
    state.status = 0;
    state.state = State.standby;
    // Bits 23, 22, 19 and 12 to 0 of the card status (4.9.5).
    const short = ((status >>> 8) & 0xc000) | ((status >>> 6) & 0x2000) | (status & 0x1fff);
    return { kind: 'R6', bytes: word((state.rca << 16) | short) };
  }

  select(argument: number): Response | null {
    const state = this.#state;
    const before = state.state;
    if (this.isAddressed(argument)) {
      if (before !== State.standby) return this.#illegal();
      state.state = State.transfer;
      return this.r1('R1b', before);
    }
    state.state = State.standby;
    this.#stopData();
    return null;
  }

  isAddressed(argument: number): boolean {
    return argument >>> 16 === this.#state.rca;
  }

  /** The card's specific data or identification, for an addressed card. */
  r2(argument: number, bytes: () => Uint8Array): Response | null {
    return this.isAddressed(argument) ? { kind: 'R2', bytes: bytes() } : null;
  }

  csd(): Uint8Array {
    return csd(this.#disk.sectors, this.isReadOnly, this.#state.isHighSpeed);
  }

  announceApp(argument: number): Response | null {
    const state = this.#state;
    if (!this.isAddressed(argument)) return null;
    state.expectsApp = true;
    state.status |= CardStatus.APP_CMD;
    return this.r1();
  }

  /** An application command answers with APP_CMD set. */
  app(): Response {
    this.#state.status |= CardStatus.APP_CMD;
    return this.r1();
  }

  setBlockLength(length: number): Response {
    if (length > sectorSize) this.#flag(CardStatus.BLOCK_LEN_ERROR);
    return this.r1();
  }

  setBlockCount(count: number): Response {
    this.#state.count = count;
    return this.r1();
  }

  /** Begins to read or write sectors. */
  sectors(argument: number, kind: 'read' | 'write', isMultiple: boolean): Response {
    const state = this.#state;
    const count = isMultiple ? state.count || null : 1;
    if (argument >= this.#disk.sectors) {
      this.#flag(CardStatus.OUT_OF_RANGE);
      return this.r1();
    }
    const response = this.r1();
    state.sector = argument;
    state.blocks = count;
    if (kind === 'write') state.written = 0;
    state.data = kind === 'read' ? Data.readSectors : Data.writeSectors;
    state.state = kind === 'read' ? State.data : State.receive;
    return response;
  }

  /** Begins to read a register. */
  register(bytes: Uint8Array, isApp: boolean): Response {
    const response = isApp ? this.app() : this.r1();
    this.#state.register = [...bytes];
    this.#state.data = Data.register;
    this.#state.state = State.data;
    return response;
  }

  switchFunction(argument: number): Response {
    const { status, speed } = switchStatus(argument, this.#state.isHighSpeed);
    if (argument >>> 31 && speed !== keep) this.#state.isHighSpeed = speed === 1;
    return this.register(status, false);
  }

  status(): Response {
    return this.register(sdStatus(this.#state.isWide), true);
  }

  writtenBlocks(): Response {
    return this.register(word(this.#state.written), true);
  }

  setWidth(argument: number): Response {
    const width = argument & 3;
    if (width === 0 || width === 2) this.#state.isWide = width === 2;
    else this.#flag(CardStatus.OUT_OF_RANGE);
    return this.app();
  }

  stop(): Response {
    const response = this.r1('R1b');
    this.#stopData();
    this.#state.state = State.transfer;
    return response;
  }

  /** The sectors to erase, from the first to the last (4.3.5). */
  eraseBound(which: 'eraseStart' | 'eraseEnd', argument: number): Response {
    const state = this.#state;
    if (argument >= this.#disk.sectors) this.#flag(CardStatus.OUT_OF_RANGE);
    else if (which === 'eraseEnd' && state.eraseStart === null) this.#flag(CardStatus.ERASE_SEQ_ERROR);
    else state[which] = argument;
    return this.r1();
  }

  erase(): Response {
    const state = this.#state;
    const { eraseStart: first, eraseEnd: last } = state;
    state.eraseStart = null;
    state.eraseEnd = null;
    if (first === null || last === null) this.#flag(CardStatus.ERASE_SEQ_ERROR);
    else if (last < first) this.#flag(CardStatus.ERASE_PARAM);
    else if (this.isReadOnly) this.#flag(CardStatus.WP_VIOLATION);
    else this.#disk.discard(first, last - first + 1);
    return this.r1('R1b');
  }

  #illegal(): null {
    this.#flag(CardStatus.ILLEGAL_COMMAND);
    return null;
  }

  #flag(bits: number): void {
    this.#state.status |= bits;
  }

  /** Whether there is a next sector. One behind the end is an error. */
  #hasNext(): boolean {
    if (this.#state.sector < this.#disk.sectors) return true;
    this.#flag(CardStatus.OUT_OF_RANGE);
    return false;
  }

  #next(): void {
    const state = this.#state;
    state.sector++;
    if (state.blocks !== null && --state.blocks === 0) this.#endData();
  }

  #endData(): void {
    this.#stopData();
    this.#state.state = State.transfer;
  }

  #stopData(): void {
    const state = this.#state;
    state.data = Data.none;
    state.blocks = null;
    state.register = [];
  }
}

/** The four bytes of a word as they are sent. */
function word(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

const { idle, ready, ident, standby, transfer, data, receive, program } = State;
const anywhere = [idle, ready, ident, standby, transfer, data, receive, program];
const selected = [transfer, data, receive, program];
const addressable = [standby, ...selected];

/** A command: the states in which it is legal (4.8), and what it does. */
const row = (
  index: number,
  states: readonly number[],
  run: Handler,
): [number, { states: readonly number[]; run: Handler }] => [index, { states, run }];

/** Voltage 2.7 to 3.6 V in CMD8's argument (4.3.13). */
const supplied = 1;

const commands = new Map([
  row(0, anywhere, (card) => card.reset()),
  row(2, [ready], (card) => ({ kind: 'R2', bytes: card.enter(ident) && cid })),
  row(3, [ident, standby], (card) => card.publishAddress()),
  row(6, [transfer], (card, argument) => card.switchFunction(argument)),
  row(7, addressable, (card, argument) => card.select(argument)),
  row(8, [idle], (_, argument) =>
    ((argument >>> 8) & 0xf) === supplied ? { kind: 'R7', bytes: word(argument & 0xfff) } : null,
  ),
  row(9, [standby], (card, argument) => card.r2(argument, () => card.csd())),
  row(10, [standby], (card, argument) => card.r2(argument, () => cid)),
  row(12, [data, receive], (card) => card.stop()),
  row(13, addressable, (card, argument) => (card.isAddressed(argument) ? card.r1() : null)),
  row(15, addressable, (card, argument) => (card.isAddressed(argument) ? card.deactivate() : null)),
  row(16, [transfer], (card, argument) => card.setBlockLength(argument)),
  row(17, [transfer], (card, argument) => card.sectors(argument, 'read', false)),
  row(18, [transfer], (card, argument) => card.sectors(argument, 'read', true)),
  row(23, [transfer], (card, argument) => card.setBlockCount(argument)),
  row(24, [transfer], (card, argument) => card.sectors(argument, 'write', false)),
  row(25, [transfer], (card, argument) => card.sectors(argument, 'write', true)),
  row(32, [transfer], (card, argument) => card.eraseBound('eraseStart', argument)),
  row(33, [transfer], (card, argument) => card.eraseBound('eraseEnd', argument)),
  row(38, [transfer], (card) => card.erase()),
  row(55, [idle, ...addressable], (card, argument) => card.announceApp(argument)),
]);

const appCommands = new Map([
  row(6, [transfer], (card, argument) => card.setWidth(argument)),
  row(13, [transfer], (card) => card.status()),
  row(22, [transfer], (card) => card.writtenBlocks()),
  row(23, [transfer], (card) => card.app()), // how many blocks to erase before a write: it needs not
  row(41, [idle], (card, argument) => card.operatingConditions(argument)),
  row(42, [transfer], (card) => card.app()), // the pull-up of the card detect line
  row(51, [transfer], (card) => card.register(scr, true)),
]);
