/**
 * An SD host controller of the Zynq UltraScale+: UG1085 chapter 26, registers as in the SDIO module of UG1087 and in the
 * SD Host Controller Standard Specification 3.00, chapter 2. It moves blocks through its buffer by the processor, or
 * by SDMA and ADMA2. A card that is not there does not answer, so commands time out.
 *
 * Time: commands and data take the clocks of SDCLK that their bits need. The card needs 100 µs before the first block
 * that it sends, and is busy for 250 µs after the last that it gets.
 */
import { assert } from '../../../base/assert.ts';
import type { Hasher } from '../../../base/hasher.ts';
import { type Cycles, cycles } from '../../../base/units.ts';
import {
  DeviceEvent,
  type DeviceWiring,
  readLanes,
  StatefulDevice,
  UnknownRegisters,
  writeLanes,
} from '../../bus/device.ts';
import { InterruptOutput } from '../../bus/interrupt-output.ts';
import { savedState } from '../../bus/state.ts';
import type { DmaPort, StreamPort } from '../../dma/stream-port.ts';
import { cardAtPowerOn, type Response, SdCard } from '../card/card.ts';
import { capacityUnit } from '../card/registers.ts';
import { type Disk, sectorSize } from '../disk.ts';
import { DataLines, dataAtReset, programTime } from './data-lines.ts';
import {
  AutoError,
  Clock,
  Command,
  capabilitiesOf,
  constants,
  Host,
  Interrupt,
  Present,
  Register,
  SdhciWords,
  version,
  wordsAtReset,
} from './registers.ts';

/** How long a card is busy after a command without data, in seconds. */
const busyTime = 10e-6;
/** Without a request for so long, what was written is flushed. */
const quietTime = 10e-3;

const atReset = () => ({
  words: wordsAtReset(),
  status: 0,
  autoError: 0,
  response: [0, 0, 0, 0],
  /** When the command in flight is answered. */
  commandDue: null as Cycles | null,
  data: dataAtReset(),
  /** When written sectors are flushed. */
  flushDue: null as Cycles | null,
  card: cardAtPowerOn(),
});

export interface SdhciWiring extends DeviceWiring {
  readonly port: DmaPort & Pick<StreamPort, 'resumed'>;
  /** What the capabilities say of the base clock (IOU_SLCR.SD_CONFIG_REG1, SDx_BASECLK). */
  readonly baseMHz: number;
}

export class Sdhci extends StatefulDevice<ReturnType<typeof atReset>> {
  readonly #clock: DeviceWiring['clock'];
  readonly #interrupt: InterruptOutput;
  readonly #unknown: UnknownRegisters;
  readonly #words: SdhciWords;
  readonly #data: DataLines;
  readonly #command: DeviceEvent;
  readonly #flush: DeviceEvent;
  readonly #baseMHz: number;
  #disk: Disk | null = null;
  #flushes = 0;
  #card: SdCard | null = null;

  constructor(name: string, { log, interrupt, clock, port, baseMHz }: SdhciWiring) {
    super(name, atReset());
    const { state } = this;
    this.#clock = clock;
    this.#baseMHz = baseMHz;
    this.#interrupt = new InterruptOutput(interrupt);
    this.#unknown = new UnknownRegisters(name, log);
    this.#words = new SdhciWords(state.words);
    this.#data = new DataLines(state.data, {
      words: this.#words,
      clock,
      port,
      card: () => this.#card,
      raise: (interrupts) => this.#raise(interrupts),
      update: () => this.#update(),
      ended: () => this.#dataEnded(),
    });
    port.resumed = (terminate) => {
      this.#data.resume(terminate);
      this.#update();
    };
    this.#command = new DeviceEvent(
      clock,
      () => {
        state.commandDue = null;
        this.#execute();
        this.#update();
      },
      'command',
    );
    this.#flush = new DeviceEvent(
      clock,
      () => {
        state.flushDue = null;
        this.#disk?.flush();
        this.#flushes++;
      },
      'flush',
    );
  }

  /** The card in the slot. */
  get disk(): Disk | null {
    return this.#disk;
  }

  /** How often what was written to a card has been flushed. */
  get flushes(): number {
    return this.#flushes;
  }

  /** Puts a card into the empty slot, whose size `isCardSize` allows. */
  insert(disk: Disk): void {
    assert(this.#disk === null && isCardSize(disk.sectors), 'a card fits into the slot');
    this.#setCard(disk);
    this.#raise(Interrupt.inserted);
    this.#update();
  }

  /** Takes the card out, whatever it is doing. */
  eject(): void {
    if (this.#disk === null) return;
    this.#disk.flush();
    this.#flushAt(null);
    this.#setCard(null);
    this.#data.cardGone();
    this.#raise(Interrupt.removed);
    this.#update();
  }

  /** The card stays in the slot. */
  override reset(): void {
    this.#disk?.flush();
    super.reset();
  }

  override resetByLine(): void {
    const { card, flushDue } = this.state;
    this.loadState(savedState({ ...atReset(), card, flushDue }));
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const word = offset & ~3;
    if (word !== Register.BufferData) return readLanes(this.#read(word), offset, size);
    const value = this.#data.read(size);
    this.#update();
    return value;
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const word = offset & ~3;
    const lanes = writeLanes(size === 4 ? 0xffff_ffff : size === 2 ? 0xffff : 0xff, offset, size);
    if (word === Register.BufferData) this.#data.write(size, value);
    else this.#write(word, writeLanes(value, offset, size), lanes);
    this.#update();
  }

  /** Adds the card's contents. */
  fingerprint(hasher: Hasher): void {
    this.#disk?.fingerprint(hasher);
  }

  protected override stateLoaded(): void {
    this.#command.set(this.state.commandDue);
    this.#data.stateLoaded();
    this.#flush.set(this.state.flushDue);
    this.#update();
  }

  #setCard(disk: Disk | null): void {
    Object.assign(this.state.card, cardAtPowerOn());
    this.#disk = disk;
    this.#card = disk && new SdCard(this.state.card, disk);
  }

  #read(word: number): number {
    switch (word) {
      case Register.PresentState:
        return this.#present;
      case Register.ClockControl: {
        const control = this.#words.get(word);
        return control & Clock.internal ? control | Clock.stable : control;
      }
      case Register.InterruptStatus:
        return this.state.status;
      case Register.AutoError:
        return this.#words.get(word) | this.state.autoError;
      case Register.Capabilities:
        return capabilitiesOf(this.#baseMHz);
      case Register.ForceEvent:
        return 0;
      case Register.AdmaError:
        return this.#data.dmaError;
      case Register.SlotInterrupt:
        return (version << 16) | (this.#interrupt.level ? 1 : 0);
      default:
        if (isResponse(word)) return this.state.response[(word - Register.Response) / 4] ?? 0;
        return this.#words.has(word) ? this.#words.get(word) : (constants.get(word) ?? this.#unknown.read(word));
    }
  }

  get #present(): number {
    const { phase } = this.#data;
    const isCommand = this.state.commandDue !== null;
    const usesData = phase !== 'idle' || (isCommand && (this.#words.command & Command.data) !== 0);
    const transfers = phase !== 'idle' && phase !== 'busy' && phase !== 'expired';
    return (
      (isCommand ? Present.commandInhibit : 0) |
      (usesData ? Present.dataInhibit | Present.lineActive : 0) |
      (transfers ? (this.#words.isRead ? Present.reading : Present.writing) : 0) |
      (phase === 'fill' ? Present.writeEnable : 0) |
      (phase === 'read' ? Present.readEnable : 0) |
      (this.#disk ? Present.inserted | Present.detected : 0) |
      Present.stable |
      (this.#disk?.isReadOnly ? 0 : Present.writable) |
      (phase === 'busy' ? 0 : Present.data0) |
      Present.otherLines
    );
  }

  #write(word: number, value: number, lanes: number): void {
    // A command in flight keeps its word.
    if (word === Register.Command && this.state.commandDue !== null) return;
    this.#words.write(word, value, lanes);
    switch (word) {
      case Register.Argument2:
        // The byte that is written last gives SDMA its next buffer.
        if (lanes >>> 24) this.#data.continueDma();
        break;
      case Register.Command:
        // A write of the byte with the command's index starts the command.
        if (lanes >>> 24) this.#issue();
        break;
      case Register.HostControl:
        if (value & Host.goOn) this.#data.leaveGap();
        break;
      case Register.ClockControl:
        this.#softwareReset(value);
        break;
      case Register.InterruptStatus:
        this.state.status &= ~(value & ~Interrupt.error);
        this.#settle();
        break;
      case Register.ForceEvent:
        this.state.autoError |= value & 0x9f;
        this.#raise(value & 0x3ff_0000);
        break;
      default:
        if (!this.#words.has(word) && !isReadOnly(word)) this.#unknown.write(word, value);
    }
  }

  /** Software Reset: of all but the card, or of what belongs to the command or to the data lines. */
  #softwareReset(value: number): void {
    const { state } = this;
    if (value & Clock.resetAll) {
      this.resetByLine();
      return;
    }
    if (value & Clock.resetCommand) {
      state.commandDue = null;
      this.#command.set(null);
      state.status &= ~Interrupt.command;
    }
    if (value & Clock.resetData) {
      this.#data.reset();
      state.status &= ~Interrupt.allOfData;
    }
    this.#settle();
  }

  /** Sets the interrupts that the status enable register lets through. */
  #raise(interrupts: number): void {
    this.state.status |= interrupts & this.#words.get(Register.StatusEnable);
    this.#settle();
  }

  /** Updates the summary of all errors. */
  #settle(): void {
    const { state } = this;
    const rest = state.status & ~Interrupt.error;
    state.status = (rest & 0xffff_0000 ? rest | Interrupt.error : rest) >>> 0;
  }

  #update(): void {
    this.#interrupt.set((this.state.status & this.#words.get(Register.SignalEnable)) !== 0);
  }

  #at(seconds: number): Cycles {
    return cycles(this.#clock.now + Math.ceil(seconds * this.#clock.hz));
  }

  /** A command leaves, unless its lines are in use. CMD12 may end what uses them. */
  #issue(): void {
    const { command, commandIndex } = this.#words;
    const type = command & Command.responseMask;
    const usesData = (command & Command.data) !== 0 || type === Command.busyResponse;
    if (usesData && commandIndex !== stopTransmission && this.#data.phase !== 'idle') return;
    this.state.autoError = 0;
    const bits = 48 + 16 + (type === Command.longResponse ? 136 : 48);
    this.state.commandDue = this.#at(this.#words.clocks(bits));
    this.#command.set(this.state.commandDue);
  }

  /** The card gets the command and answers. */
  #execute(): void {
    const { command, commandIndex } = this.#words;
    const isData = (command & Command.data) !== 0;
    if (isData && (command & Command.autoMask) === Command.autoCount) {
      if (this.#send(setBlockCount, this.#words.get(Register.Argument2)) === null) {
        this.state.autoError = AutoError.timeout | AutoError.notExecuted;
        this.#raise(Interrupt.autoCommand);
        return;
      }
    }
    const response = this.#send(commandIndex, this.#words.get(Register.Argument));
    const type = command & Command.responseMask;
    if (type !== 0) {
      const error = response ? mismatch(command, response) : Interrupt.commandTimeout;
      if (!response || error !== 0) {
        this.#raise(error);
        return;
      }
      this.#setResponse(response);
    }
    this.#raise(Interrupt.command);
    if (isData) this.#data.begin();
    else if (type === Command.busyResponse) this.#data.busy(commandIndex === erase ? programTime : busyTime);
    else if (commandIndex === stopTransmission) this.#data.stop();
  }

  /** A command to the card, if there is one that has power and a clock. */
  #send(index: number, argument: number): Response | null {
    if (!this.#card || !this.#words.isCardPowered) return null;
    if (index === erase || (index === stopTransmission && this.#card.receives)) this.#flushAt(this.#at(quietTime));
    return this.#card.command(index, argument);
  }

  /** Bits 127 to 8 of a long response, or 39 to 8 of a short one (2.2.7). */
  #setResponse({ kind, bytes }: Response): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const { response } = this.state;
    if (kind !== 'R2') {
      response[0] = view.getUint32(0);
      return;
    }
    for (let i = 0; i < 3; i++) response[i] = view.getUint32(11 - 4 * i);
    response[3] = view.getUint32(0) >>> 8;
  }

  /** All blocks have been moved: the controller may stop the card by itself. */
  #dataEnded(): void {
    if (!this.#words.isRead) this.#flushAt(this.#at(quietTime));
    if ((this.#words.command & Command.autoMask) !== Command.autoStop) return;
    const response = this.#send(stopTransmission, 0);
    if (response) this.state.response[3] = new DataView(response.bytes.buffer).getUint32(0);
    else {
      this.state.autoError = AutoError.timeout;
      this.#raise(Interrupt.autoCommand);
    }
  }

  #flushAt(due: Cycles | null): void {
    this.state.flushDue = due;
    this.#flush.set(due);
  }
}

/** Commands that the controller knows. */
const stopTransmission = 12;
const setBlockCount = 23;
const erase = 38;

/** Whether a card can have so many sectors. */
export const isCardSize = (sectors: number): boolean => sectors > 0 && (sectors * sectorSize) % capacityUnit === 0;

/** What the checks of a response find: a response of another length, index or CRC than the command says. */
function mismatch(command: number, { kind }: Response): number {
  if ((kind === 'R2') !== ((command & Command.responseMask) === Command.longResponse)) return Interrupt.commandCrc;
  // R2 and R3 have no index, R3 has no CRC (SD Physical Layer 4.9).
  if (command & Command.checkIndex && (kind === 'R2' || kind === 'R3')) return Interrupt.commandIndex;
  return command & Command.checkCrc && kind === 'R3' ? Interrupt.commandCrc : 0;
}

const isResponse = (word: number): boolean => word >= Register.Response && word < Register.BufferData;
const isReadOnly = (word: number): boolean =>
  isResponse(word) ||
  word === Register.PresentState ||
  word === Register.AdmaError ||
  word === Register.Capabilities ||
  word === Register.SlotInterrupt ||
  constants.has(word);
