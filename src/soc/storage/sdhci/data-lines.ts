/**
 * The data lines of an SD host controller: blocks between the card, the buffer and memory or the processor. SD Host
 * Controller Standard Specification 3.00, 1.7 and 1.13.
 */
import { type Cycles, cycles } from '../../../base/units.ts';
import { DeviceEvent, type DeviceWiring } from '../../bus/device.ts';
import type { DmaPort } from '../../dma/stream-port.ts';
import type { SdCard } from '../card/card.ts';
import { sectorSize } from '../disk.ts';
import { dmaAtReset, SdhciDma } from './dma.ts';
import { Host, Interrupt, Register, type SdhciWords } from './registers.ts';

/** Times of the card in seconds: before the first block that it sends, and after the last that it gets. */
const accessTime = 100e-6;
export const programTime = 250e-6;
/** Between two blocks, or two steps of DMA. */
const gapTime = 5e-6;

/**
 * What happens. `fromCard` and `toCard`: a block is on its way. `toMemory` and `fromMemory`: DMA moves it. `read` and
 * `fill`: the processor does. `boundary`: SDMA waits for an address. `gap`: stopped between blocks. `expired`: nothing
 * comes, until the time is over.
 */
type Phase =
  | 'idle'
  | 'fromCard'
  | 'toCard'
  | 'toMemory'
  | 'fromMemory'
  | 'read'
  | 'fill'
  | 'boundary'
  | 'gap'
  | 'busy'
  | 'expired';

export const dataAtReset = () => ({
  phase: 'idle' as Phase,
  due: null as Cycles | null,
  /** The block in the buffer, and how much of it has been moved. */
  buffer: new Uint8Array(sectorSize),
  position: 0,
  isStalled: false,
  dma: dmaAtReset(),
});

export interface DataLinesWiring {
  readonly words: SdhciWords;
  readonly clock: DeviceWiring['clock'];
  readonly port: DmaPort;
  card(): SdCard | null;
  raise(interrupts: number): void;
  /** The controller's output may have changed. */
  update(): void;
  /** All blocks of the command have been moved. */
  ended(): void;
}

export class DataLines {
  readonly #state: ReturnType<typeof dataAtReset>;
  readonly #wiring: DataLinesWiring;
  readonly #words: SdhciWords;
  readonly #dma: SdhciDma;
  readonly #event: DeviceEvent;

  /** `state` is part of the controller's. */
  constructor(state: ReturnType<typeof dataAtReset>, wiring: DataLinesWiring) {
    this.#state = state;
    this.#wiring = wiring;
    this.#words = wiring.words;
    this.#dma = new SdhciDma(state.dma, wiring.port, wiring.words, () => wiring.raise(Interrupt.dma));
    this.#event = new DeviceEvent(
      wiring.clock,
      () => {
        state.due = null;
        this.#step();
        wiring.update();
      },
      'data',
    );
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  get dmaError(): number {
    return this.#dma.error;
  }

  stateLoaded(): void {
    this.#event.set(this.#state.due);
  }

  /** The command has been answered: its data begin. */
  begin(): void {
    this.#state.position = 0;
    if (this.#words.usesDma) this.#dma.start();
    if (this.#words.isCounted && this.#words.blockCount === 0) this.#wiring.raise(Interrupt.transfer);
    else if (this.#words.isRead) this.#enter('fromCard', accessTime + this.#words.blockTime);
    else this.#fill();
  }

  /** The card is busy; then the transfer is complete. */
  busy(seconds: number): void {
    this.#enter('busy', seconds);
  }

  /** The card has gone: what is under way gets no answer. */
  cardGone(): void {
    if (this.#state.phase !== 'idle') this.#enter('expired', this.#words.timeout);
  }

  stop(): void {
    this.#state.phase = 'idle';
    this.#state.isStalled = false;
    this.#after(null);
  }

  reset(): void {
    this.stop();
    this.#dma.start();
  }

  /** Software has given SDMA its next buffer. */
  continueDma(): void {
    if (this.#state.phase !== 'boundary') return;
    this.#dma.continue();
    this.#enter(this.#words.isRead ? 'toMemory' : 'fromMemory', gapTime);
  }

  /** Software lets a transfer that stopped between blocks go on. */
  leaveGap(): void {
    if (this.#state.phase === 'gap') this.#nextBlock();
  }

  /** The SMMU lets a stalled access be retried, or makes it fail. */
  resume(terminate: boolean): void {
    if (!this.#state.isStalled) return;
    this.#state.isStalled = false;
    if (terminate) this.#dmaFailed();
    else this.#after(gapTime);
  }

  /** The processor reads the buffer. */
  read(size: 1 | 2 | 4): number {
    const state = this.#state;
    if (state.phase !== 'read') return 0;
    let value = 0;
    for (let i = 0; i < size; i++) value |= (state.buffer[state.position + i] ?? 0) << (8 * i);
    state.position += size;
    if (state.position >= this.#words.blockSize) this.#blockDone();
    return value >>> 0;
  }

  /** The processor fills the buffer. */
  write(size: 1 | 2 | 4, value: number): void {
    const state = this.#state;
    if (state.phase !== 'fill') return;
    for (let i = 0; i < size; i++) state.buffer[state.position + i] = value >>> (8 * i);
    state.position += size;
    if (state.position >= this.#words.blockSize) this.#enter('toCard', this.#words.blockTime);
  }

  /** The next block for the card is to come from memory, or from the processor. */
  #fill(): void {
    if (this.#words.usesDma) this.#enter('fromMemory', gapTime);
    else {
      this.#state.phase = 'fill';
      this.#wiring.raise(Interrupt.writeReady);
    }
  }

  /** What is due. */
  #step(): void {
    const state = this.#state;
    const card = this.#wiring.card();
    switch (state.phase) {
      case 'fromCard': {
        const block = card?.send(this.#words.blockSize);
        if (block) this.#received(block);
        else this.#enter('expired', this.#words.timeout);
        break;
      }
      case 'toMemory':
      case 'fromMemory':
        this.#move();
        break;
      case 'toCard':
        if (card?.receive(state.buffer.subarray(0, this.#words.blockSize))) this.#blockDone();
        else this.#enter('expired', this.#words.timeout);
        break;
      case 'busy':
        this.stop();
        this.#wiring.raise(Interrupt.transfer);
        break;
      case 'expired':
        this.stop();
        this.#wiring.raise(Interrupt.dataTimeout);
        break;
    }
  }

  #received(block: Uint8Array): void {
    const state = this.#state;
    state.buffer.set(block);
    state.phase = this.#words.usesDma ? 'toMemory' : 'read';
    if (this.#words.usesDma) this.#move();
    else this.#wiring.raise(Interrupt.readReady);
  }

  /** Moves the block in the buffer to or from memory, as far as it goes. */
  #move(): void {
    const state = this.#state;
    const toMemory = state.phase === 'toMemory';
    const size = Math.min(this.#words.blockSize, sectorSize);
    while (state.position < size) {
      const moved = this.#dma.move(state.buffer.subarray(state.position, size), toMemory);
      if (typeof moved === 'number') state.position += moved;
      else {
        if (moved === 'again') this.#after(gapTime);
        else if (moved === 'stalled') state.isStalled = true;
        else if (moved === 'boundary') state.phase = 'boundary';
        else this.#dmaFailed();
        return;
      }
    }
    if (toMemory) this.#blockDone();
    else this.#enter('toCard', this.#words.blockTime);
  }

  #dmaFailed(): void {
    this.stop();
    this.#wiring.raise(Interrupt.adma);
  }

  /** A whole block has been moved. */
  #blockDone(): void {
    const words = this.#words;
    this.#state.position = 0;
    if (words.isCounted) words.blockCount--;
    if (!words.isMultiple || (words.isCounted && words.blockCount === 0)) {
      this.#wiring.ended();
      if (words.isRead) {
        this.stop();
        this.#wiring.raise(Interrupt.transfer);
      } else this.#enter('busy', programTime);
    } else if (words.get(Register.HostControl) & Host.stopAtGap) {
      this.#state.phase = 'gap';
      this.#wiring.raise(Interrupt.blockGap | Interrupt.transfer);
    } else this.#nextBlock();
  }

  #nextBlock(): void {
    if (this.#words.isRead) this.#enter('fromCard', this.#words.blockTime);
    else this.#fill();
  }

  #enter(phase: Phase, delay: number): void {
    this.#state.phase = phase;
    this.#after(delay);
  }

  #after(seconds: number | null): void {
    const { clock } = this.#wiring;
    this.#state.due = seconds === null ? null : cycles(clock.now + Math.max(1, Math.ceil(seconds * clock.hz)));
    this.#event.set(this.#state.due);
  }
}
