/**
 * A channel of the ZynqMP's general purpose DMA controllers: UG1085 chapter 19, registers as in the ZDMA module of
 * UG1087. The eight GDMA channels of the full-power domain have a bus of 128 bits, the eight ADMA channels of the
 * low-power domain one of 64.
 *
 * Time: one beat of the bus in each cycle of the channel's clock, with reads and writes at the same time, which is the
 * manuals' peak; with rate control at most one burst in RATE_CNTL.CNT cycles. Reading a descriptor takes 50 ns. Memory
 * changes page by page as the transfer proceeds.
 *
 * Flow control (FCI) does not hold the channel up. Caching, priority and issuing attributes are remembered and have no
 * effect.
 */
import { bit, bits } from '../../base/bits.ts';
import { type Cycles, cycles, type DmaAddr, dmaAddr } from '../../base/units.ts';
import {
  DeviceEvent,
  type DeviceWiring,
  readLanes,
  StatefulDevice,
  UnknownRegisters,
  writeLanes,
} from '../bus/device.ts';
import { allMasked, InterruptStatus } from '../bus/interrupt-status.ts';
import type { DmaOutcome, DmaPort } from './stream-port.ts';
import { allInterrupts, Command, Control, Ctrl0, Interrupt, registerTable, State, Zdma } from './zdma-registers.ts';

/** Core cycles that reading a descriptor takes. */
const descriptorCycles = 60;
const descriptorSize = 16;

/**
 * What the channel does next. `link` reads where the next descriptor lies, `descriptor` the descriptor; `end` follows
 * when a source descriptor's data have been moved.
 */
type Phase = 'idle' | 'paused' | 'descriptor' | 'link' | 'destination' | 'destinationLink' | 'data' | 'end';

interface Descriptor {
  /** Where the next byte is. */
  address: DmaAddr;
  /** Bytes left. */
  size: number;
  control: number;
}

const noDescriptor: Readonly<Descriptor> = { address: dmaAddr(0), size: 0, control: 0 };

const powerOn = () => ({
  registers: Uint32Array.from({ length: Zdma.CTRL2 / 4 + 1 }, (_, i) => registerTable.get(4 * i)?.[0] ?? 0),
  interrupts: allMasked(allInterrupts),
  phase: 'idle' as Phase,
  source: { ...noDescriptor },
  destination: { ...noDescriptor },
  /** When the next step is due; null while there is none. */
  due: null as Cycles | null,
  /** The interrupt with which a stalled access would fail, 0 when none is stalled. */
  stalled: 0,
});

export interface ZdmaWiring extends DeviceWiring {
  readonly port: DmaPort;
  /** Bytes of a beat. */
  readonly busBytes: 8 | 16;
  /** Core cycles of a beat: those of one cycle of the channel's clock. */
  readonly cyclesPerBeat: number;
}

export class ZdmaChannel extends StatefulDevice<ReturnType<typeof powerOn>> {
  readonly #wiring: ZdmaWiring;
  readonly #unknown: UnknownRegisters;
  readonly #interrupts: InterruptStatus;
  readonly #event: DeviceEvent;
  readonly #buffer = new Uint8Array(4096);

  constructor(name: string, wiring: ZdmaWiring) {
    super(name, powerOn());
    this.#wiring = wiring;
    this.#unknown = new UnknownRegisters(name, wiring.log);
    this.#interrupts = new InterruptStatus(this.state.interrupts, allInterrupts, (level) => wiring.interrupt(level));
    this.#event = new DeviceEvent(wiring.clock, () => {
      this.state.due = null;
      this.#step();
    });
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const register = offset & ~3;
    if (!registerTable.has(register)) {
      this.#interrupts.raise(Interrupt.INV_APB);
      return this.#unknown.read(offset);
    }
    const value = this.#readRegister(register);
    // The accounts are cleared by reading.
    if (register === Zdma.IRQ_SRC_ACCT || register === Zdma.IRQ_DST_ACCT) this.#set(register, 0);
    return readLanes(value, offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, narrow: number): void {
    const register = offset & ~3;
    const value = writeLanes(narrow, offset, size);
    const [, writable] = registerTable.get(register) ?? [];
    if (writable === undefined) {
      this.#unknown.write(offset, value);
      this.#interrupts.raise(Interrupt.INV_APB);
      return;
    }
    switch (register) {
      case Zdma.ISR:
        this.#interrupts.clear(value);
        break;
      case Zdma.IEN:
        this.#interrupts.enable(value);
        break;
      case Zdma.IDS:
        this.#interrupts.disable(value);
        break;
      case Zdma.TOTAL_BYTE:
        this.#set(register, this.#get(register) & ~value);
        break;
      default:
        this.#set(register, value & writable);
        if (register === Zdma.CTRL0 || register === Zdma.CTRL2) this.#control();
    }
  }

  /** The SMMU lets a stalled access be retried, or ends it as a bus error. */
  resume(terminate: boolean): void {
    const error = this.state.stalled;
    if (error === 0) return;
    this.state.stalled = 0;
    if (terminate) this.#fail(error);
    else this.#after(1);
  }

  protected override stateLoaded(): void {
    this.#interrupts.update();
    this.#event.set(this.state.due);
  }

  #get(register: number): number {
    return this.state.registers[register / 4] as number;
  }

  #set(register: number, value: number): void {
    this.state.registers[register / 4] = value;
  }

  #address(register: number): DmaAddr {
    return dmaAddr(this.#get(register + 4) * 2 ** 32 + this.#get(register));
  }

  #setAddress(register: number, address: number): void {
    this.#set(register, address % 2 ** 32);
    this.#set(register + 4, Math.floor(address / 2 ** 32) & 0x1_ffff);
  }

  get #isList(): boolean {
    return (this.#get(Zdma.CTRL0) & Ctrl0.POINT_TYPE) !== 0;
  }

  /** CTRL0.MODE, which counts only for transfers without a list. */
  get #mode(): 'copy' | 'write' | 'read' {
    const mode = this.#isList ? 0 : bits(this.#get(Zdma.CTRL0), 5, 4);
    return mode === 1 ? 'write' : mode === 2 ? 'read' : 'copy';
  }

  /** After a write to CTRL0 or CTRL2: starts, continues or stops. */
  #control(): void {
    const enabled = bit(this.#get(Zdma.CTRL2), 0) === 1;
    const control = this.#get(Zdma.CTRL0);
    if (this.state.phase === 'idle') {
      if (enabled) this.#start();
    } else if (this.state.phase === 'paused') {
      if ((control & Ctrl0.CONT) === 0) return;
      this.#set(Zdma.CTRL0, control & ~Ctrl0.CONT);
      if (!enabled) this.#stop(State.done);
      else if ((control & Ctrl0.CONT_ADDR) !== 0) this.#start();
      else this.#enter('link', descriptorCycles);
    } else if (!enabled) this.#stop(State.done);
  }

  #start(): void {
    if (this.#isList) {
      this.#setAddress(Zdma.SRC_CUR_DSCR_LSB, this.#address(Zdma.SRC_START_LSB));
      this.#setAddress(Zdma.DST_CUR_DSCR_LSB, this.#address(Zdma.DST_START_LSB));
      Object.assign(this.state.source, noDescriptor);
      this.#enter('destination', descriptorCycles);
      return;
    }
    const from = (words: number): Descriptor => ({
      address: this.#address(words),
      size: this.#get(words + 8),
      control: this.#get(words + 12),
    });
    const source = from(Zdma.SRC_DSCR_WORD0);
    const destination = from(Zdma.DST_DSCR_WORD0);
    // Without a list one size counts: the source's, or the destination's if the channel only writes.
    const { size } = this.#mode === 'write' ? destination : source;
    Object.assign(this.state.source, source, { size });
    Object.assign(this.state.destination, destination, { size });
    this.#enter('data', 1);
  }

  #stop(state: number): void {
    this.#due(null);
    this.state.phase = 'idle';
    this.state.stalled = 0;
    this.#set(Zdma.CTRL2, 0);
    this.#set(Zdma.STATUS, state);
  }

  #fail(interrupt: number): void {
    this.#stop(State.error);
    this.#interrupts.raise(interrupt);
  }

  #enter(phase: Phase, delay: number): void {
    this.state.phase = phase;
    this.#set(Zdma.STATUS, State.busy);
    this.#after(delay);
  }

  #after(delay: number): void {
    this.#due(cycles(this.#wiring.clock.now + Math.max(1, Math.ceil(delay))));
  }

  #due(time: Cycles | null): void {
    this.state.due = time;
    this.#event.set(time);
  }

  #step(): void {
    switch (this.state.phase) {
      case 'destination': {
        // The first destination is read before the first source; later ones when the one before is full.
        const descriptor = this.#fetch(Zdma.DST_CUR_DSCR_LSB, Interrupt.AXI_RD_DST_DSCR);
        if (!descriptor) return;
        Object.assign(this.state.destination, descriptor);
        this.#enter(this.state.source.size > 0 ? 'data' : 'descriptor', descriptorCycles);
        break;
      }
      case 'descriptor': {
        const descriptor = this.#fetch(Zdma.SRC_CUR_DSCR_LSB, Interrupt.AXI_RD_SRC_DSCR);
        if (!descriptor) return;
        Object.assign(this.state.source, descriptor);
        this.#enter('data', 1);
        break;
      }
      case 'link':
        if (this.#follow(Zdma.SRC_CUR_DSCR_LSB, this.state.source, Interrupt.AXI_RD_SRC_DSCR))
          this.#enter('descriptor', descriptorCycles);
        break;
      case 'destinationLink':
        if (this.#follow(Zdma.DST_CUR_DSCR_LSB, this.state.destination, Interrupt.AXI_RD_DST_DSCR))
          this.#enter('destination', descriptorCycles);
        break;
      case 'data':
        this.#move();
        break;
      case 'end':
        this.#end();
        break;
      case 'idle':
      case 'paused':
        break;
    }
  }

  /** Whether an access was made. If not, the channel fails or waits for the SMMU. */
  #made(outcome: DmaOutcome, error: number): boolean {
    if (outcome === 'error') this.#fail(error);
    if (outcome === 'stalled') this.state.stalled = error;
    return outcome === 'done';
  }

  #fetch(current: number, error: number): Descriptor | null {
    const at = this.#address(current);
    const bytes = new Uint8Array(descriptorSize);
    if (!this.#made(at % descriptorSize === 0 ? this.#wiring.port.read(at, bytes) : 'error', error)) return null;
    const view = new DataView(bytes.buffer);
    return {
      address: dmaAddr((view.getUint32(4, true) & 0x1_ffff) * 2 ** 32 + view.getUint32(0, true)),
      size: view.getUint32(8, true) & 0x3fff_ffff,
      control: view.getUint32(12, true),
    };
  }

  /**
   * Goes to the next descriptor: the one after this one, or in a linked list the one to which its third doubleword
   * points.
   */
  #follow(current: number, { control }: Descriptor, error: number): boolean {
    const next = dmaAddr(this.#address(current) + descriptorSize);
    if ((control & Control.TYPE) === 0) {
      this.#setAddress(current, next);
      return true;
    }
    const bytes = new Uint8Array(8);
    if (!this.#made(this.#wiring.port.read(next, bytes), error)) return false;
    const view = new DataView(bytes.buffer);
    this.#set(current, view.getUint32(0, true));
    this.#set(current + 4, view.getUint32(4, true) & 0x1_ffff);
    return true;
  }

  /** Moves the bytes that lie in one page of the source and in one of the destination. */
  #move(): void {
    const mode = this.#mode;
    const source = this.state.source;
    const destination = this.state.destination;
    if (source.size === 0) {
      this.#enter('end', 1);
      return;
    }
    if (destination.size === 0) {
      this.#enter('destinationLink', 1);
      return;
    }
    const attributes = this.#get(Zdma.DATA_ATTR);
    const sourceBeat = this.#fixed(source, bits(attributes, 27, 26));
    const destinationBeat = this.#fixed(destination, bits(attributes, 13, 12));
    let count = Math.min(source.size, destination.size, 4096);
    if (mode !== 'write' && sourceBeat === 0) count = Math.min(count, 4096 - (source.address % 4096));
    if (mode !== 'read' && destinationBeat === 0) count = Math.min(count, 4096 - (destination.address % 4096));

    const { port } = this.#wiring;
    const bytes = this.#buffer.subarray(0, count);
    if (mode === 'write') this.#pattern(bytes, source.size);
    else if (!this.#made(port.read(source.address, bytes, sourceBeat), Interrupt.AXI_RD_DATA)) return;
    if (mode !== 'read' && !this.#made(port.write(destination.address, bytes, destinationBeat), Interrupt.AXI_WR_DATA))
      return;
    // A transfer may write this channel's own registers.
    if (this.state.phase !== 'data') return;
    this.#setAddress(Zdma.SRC_CUR_PYLD_LSB, source.address);
    this.#setAddress(Zdma.DST_CUR_PYLD_LSB, destination.address);
    advance(this.state.source, sourceBeat === 0 ? count : 0, count);
    advance(this.state.destination, destinationBeat === 0 ? count : 0, count);
    this.#count(count);
    if (this.state.destination.size === 0 && (destination.control & Control.INTR) !== 0)
      this.#account(Zdma.IRQ_DST_ACCT, Interrupt.DST_DSCR_DONE, Interrupt.IRQ_DST_ACCT_ERR);
    this.#enter(this.state.source.size === 0 ? 'end' : 'data', this.#duration(count));
  }

  /** Bytes that a FIXED burst moves at a time; 0 for other bursts, and in lists, which have no FIXED bursts. */
  #fixed({ address }: Descriptor, burst: number): number {
    return burst === 0 && !this.#isList ? Math.min(this.#wiring.busBytes, 4096 - (address % 4096)) : 0;
  }

  /** Fills the bytes with the words of a write-only transfer, repeated; `left` is how many bytes it has left. */
  #pattern(bytes: Uint8Array, left: number): void {
    const words = new Uint8Array(this.state.registers.buffer, Zdma.WR_ONLY_WORD0, 16);
    const { busBytes } = this.#wiring;
    const start = this.#get(Zdma.DST_DSCR_WORD2) - left;
    for (let i = 0; i < bytes.length; i++) bytes[i] = words[(start + i) & (busBytes - 1)] as number;
  }

  #duration(count: number): number {
    const { busBytes, cyclesPerBeat } = this.#wiring;
    const beats = Math.ceil(count / busBytes);
    if ((this.#get(Zdma.CTRL0) & Ctrl0.RATE_CTRL) === 0) return beats * cyclesPerBeat;
    const burst = bits(this.#get(Zdma.DATA_ATTR), 17, 14) + 1;
    return Math.max(beats, Math.ceil(beats / burst) * this.#get(Zdma.RATE_CNTL)) * cyclesPerBeat;
  }

  #count(bytes: number): void {
    const total = this.#get(Zdma.TOTAL_BYTE) + bytes;
    this.#set(Zdma.TOTAL_BYTE, total);
    if (total >= 2 ** 32) this.#interrupts.raise(Interrupt.BYTE_CNT_OVRFL);
  }

  /** A descriptor that asks for an interrupt is done. */
  #account(register: number, done: number, overflow: number): void {
    const count = this.#get(register) + 1;
    this.#set(register, count & 0xff);
    this.#interrupts.raise(count > 0xff ? done | overflow : done);
  }

  #end(): void {
    const { control } = this.state.source;
    if ((control & Control.INTR) !== 0)
      this.#account(Zdma.IRQ_SRC_ACCT, Interrupt.SRC_DSCR_DONE, Interrupt.IRQ_SRC_ACCT_ERR);
    const command = bits(control, 4, 3);
    if (!this.#isList || command === Command.stop) {
      this.#stop(State.done);
      this.#interrupts.raise(Interrupt.DMA_DONE);
    } else if (command === Command.halt) {
      this.state.phase = 'paused';
      this.#set(Zdma.STATUS, State.pause);
      this.#interrupts.raise(Interrupt.DMA_PAUSE);
    } else this.#enter('link', descriptorCycles);
  }

  #readRegister(register: number): number {
    if (register === Zdma.ISR) return this.#interrupts.status;
    return register === Zdma.IMR ? this.#interrupts.mask : this.#get(register);
  }
}

const advance = (descriptor: Descriptor, step: number, count: number): void => {
  descriptor.address = dmaAddr(descriptor.address + step);
  descriptor.size -= count;
};
