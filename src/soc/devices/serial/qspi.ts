/**
 * The quad serial peripheral interface of the Zynq UltraScale+ with its generic FIFO: UG1085 chapter 24, registers as
 * in the QSPI module of UG1087. No flash answers: the data lines stay high, so that all data are ones. Commands are
 * executed at once; what they receive waits for software, however much it is. The legacy and the linear interface are
 * not modelled.
 */
import { bit, bits } from '../../../base/bits.ts';
import { dmaAddr } from '../../../base/units.ts';
import { type DeviceWiring, readLanes, StatefulDevice, writeLanes } from '../../bus/device.ts';
import { joined } from '../../bus/interrupt-output.ts';
import { allMasked, InterruptStatus } from '../../bus/interrupt-status.ts';
import { RegisterBank, type RegisterTable, valuesOf } from '../../bus/register-bank.ts';
import type { DmaPort } from '../../dma/stream-port.ts';

const CFG = 0x100;
const ISR = 0x104;
const IER = 0x108;
const IDR = 0x10c;
const IMASK = 0x110;
const TXD = 0x11c;
const RXD = 0x120;
const GEN_FIFO = 0x140;
const FIFO_CTRL = 0x14c;
const DST_SIZE = 0x804;
const DST_STS = 0x808;
const DST_I_STS = 0x814;
const DST_I_EN = 0x818;
const DST_I_DIS = 0x81c;
const DST_I_MASK = 0x820;

/** CFG: the generic FIFO is started by software, at this command; received data go to memory. */
const startByHand = 1 << 29;
const start = 1 << 28;
const modeDma = 2;
/** ISR: conditions of the FIFOs. */
const Condition = {
  txNotFull: 1 << 2,
  txFull: 1 << 3,
  rxNotEmpty: 1 << 4,
  rxFull: 1 << 5,
  genFifoEmpty: 1 << 7,
  txEmpty: 1 << 8,
  genFifoNotFull: 1 << 9,
  genFifoFull: 1 << 10,
  rxEmpty: 1 << 11,
} as const;
const allInterrupts = 0xfbe;
/** A command of the generic FIFO: its immediate is data, or the length of a transfer, or that as a power of two. */
const isTransfer = 8;
const isExponent = 9;
const transmits = 16;
const receives = 17;
/** DST_I_STS. */
const done = 1 << 1;
const busError = 1 << 3;
const allDmaInterrupts = 0xfe;

const fifoWords = 64;
const genFifoSize = 32;
const pageSize = 4096;

const registers = {
  CFG: [CFG, 0x0, 0xe008_003e],
  EN: [0x114, 0x0, 0x1],
  TX_THRESH: [0x128, 0x1, 0x3f],
  RX_THRESH: [0x12c, 0x1, 0x3f],
  GPIO: [0x130, 0x1, 0x1],
  LPBK_DLY_ADJ: [0x138, 0x33, 0xff],
  SEL: [0x144, 0x1, 0x1],
  GF_THRESH: [0x150, 0x10, 0x1f],
  POLL_CFG: [0x154, 0x0, 0xc000_ffff],
  P_TIMEOUT: [0x158, 0x0, 0xffff_ffff],
  DATA_DLY_ADJ: [0x1f8, 0x0, 0xf000_0000],
  MOD_ID: [0x1fc, 0x10a_0000],
  DST_ADDR: [0x800, 0x0, 0xffff_fffc],
  DST_CTRL: [0x80c, 0x803f_fa00, 0xffff_ffff],
  DST_CTRL2: [0x824, 0x81b_fff8, 0xfff_ffff],
  DST_ADDR_MSB: [0x828, 0x0, 0xfff],
} as const satisfies RegisterTable;

const atReset = () => ({
  registers: valuesOf(registers),
  commands: [] as number[],
  /** Bytes that wait to be sent, that commands still want to send, and that have been received. */
  toSend: 0,
  wanted: 0,
  received: 0,
  /** Bytes that DMA has still to write to memory. */
  dmaLeft: 0,
  interrupts: allMasked(allInterrupts),
  dmaInterrupts: allMasked(allDmaInterrupts),
});

export interface QspiWiring extends DeviceWiring {
  readonly port: DmaPort;
}

export class Qspi extends StatefulDevice<ReturnType<typeof atReset>> {
  readonly #registers: RegisterBank;
  readonly #port: DmaPort;
  readonly #interrupts: InterruptStatus;
  readonly #dmaInterrupts: InterruptStatus;

  constructor(name: string, { log, port, interrupt }: QspiWiring) {
    super(name, atReset());
    this.#registers = new RegisterBank(name, registers, log, this.state.registers);
    this.#port = port;
    const output = joined(interrupt);
    this.#interrupts = new InterruptStatus(this.state.interrupts, allInterrupts, output());
    this.#dmaInterrupts = new InterruptStatus(this.state.dmaInterrupts, allDmaInterrupts, output());
    this.#update();
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const special = this.#read(offset & ~3);
    return special === null ? this.#registers.read(offset, size) : readLanes(special, offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    if (!this.#write(offset & ~3, writeLanes(value, offset, size))) this.#registers.write(offset, size, value);
    // After the register itself: a start in the same write uses the new mode.
    if ((offset & ~3) === CFG && writeLanes(value, offset, size) & start) this.#execute();
    this.#update();
  }

  protected override stateLoaded(): void {
    this.#dmaInterrupts.update();
    this.#update();
  }

  #read(register: number): number | null {
    switch (register) {
      case ISR:
        return this.#interrupts.status;
      case IMASK:
        return this.#interrupts.mask;
      case RXD: {
        const count = Math.min(this.state.received, 4);
        this.state.received -= count;
        this.#update();
        return 2 ** (8 * count) - 1;
      }
      case DST_SIZE:
        return this.state.dmaLeft;
      case DST_STS:
        return this.state.dmaLeft > 0 ? 1 : 0;
      case DST_I_STS:
        return this.#dmaInterrupts.status;
      case DST_I_MASK:
        return this.#dmaInterrupts.mask;
      case IER:
      case IDR:
      case TXD:
      case GEN_FIFO:
      case FIFO_CTRL:
      case DST_I_EN:
      case DST_I_DIS:
        return 0; // write-only
      default:
        return null;
    }
  }

  /** False for a register that is only remembered. */
  #write(register: number, value: number): boolean {
    switch (register) {
      case ISR:
        this.#interrupts.clear(value);
        break;
      case IER:
        this.#interrupts.enable(value);
        break;
      case IDR:
        this.#interrupts.disable(value);
        break;
      case TXD:
        this.state.toSend = Math.min(this.state.toSend + 4, 4 * fifoWords);
        this.#send();
        break;
      case GEN_FIFO:
        if (this.state.commands.length < genFifoSize) this.state.commands.push(bits(value, 19, 0));
        if ((this.#registers.get(CFG) & startByHand) === 0) this.#execute();
        break;
      case FIFO_CTRL:
        if (bit(value, 0)) this.state.commands.length = 0;
        if (bit(value, 1)) {
          this.state.toSend = 0;
          this.state.wanted = 0;
        }
        if (bit(value, 2)) this.state.received = 0;
        break;
      case DST_SIZE:
        this.state.dmaLeft = value & 0xfff_fffc;
        break;
      case DST_I_STS:
        this.#dmaInterrupts.clear(value);
        break;
      case DST_I_EN:
        this.#dmaInterrupts.enable(value);
        break;
      case DST_I_DIS:
        this.#dmaInterrupts.disable(value);
        break;
      case IMASK:
      case RXD:
      case DST_STS:
      case DST_I_MASK:
        break; // read-only
      default:
        return false;
    }
    return true;
  }

  #execute(): void {
    for (const command of this.state.commands.splice(0)) {
      if (bit(command, isTransfer) === 0) continue; // an immediate byte, or nothing
      const immediate = bits(command, 7, 0);
      const length = bit(command, isExponent) ? 2 ** (immediate & 0x1f) : immediate;
      if (bit(command, transmits)) this.state.wanted += length;
      if (bit(command, receives) === 0) continue;
      if (bits(this.#registers.get(CFG), 31, 30) === modeDma) this.#bring(length);
      else this.state.received += length;
    }
    this.#send();
  }

  #send(): void {
    const sent = Math.min(this.state.toSend, this.state.wanted);
    this.state.toSend -= sent;
    this.state.wanted -= sent;
  }

  /** Writes ones to memory: as many as were received and DMA is to write. */
  #bring(length: number): void {
    const base = this.#registers.get(registers.DST_ADDR[0]) + this.#registers.get(registers.DST_ADDR_MSB[0]) * 2 ** 32;
    let address = base;
    const end = base + Math.min(length, this.state.dmaLeft);
    while (address < end) {
      const size = Math.min(end - address, pageSize - (address % pageSize));
      if (this.#port.write(dmaAddr(address), new Uint8Array(size).fill(0xff)) !== 'done') {
        this.#dmaInterrupts.raise(busError);
        break;
      }
      address += size;
    }
    this.state.dmaLeft -= end - base;
    if (this.state.dmaLeft === 0) this.#dmaInterrupts.raise(done);
  }

  #update(): void {
    let now = 0;
    now |= this.state.toSend < 4 * this.#registers.get(registers.TX_THRESH[0]) ? Condition.txNotFull : 0;
    now |= this.state.toSend === 4 * fifoWords ? Condition.txFull : 0;
    now |= this.state.toSend === 0 ? Condition.txEmpty : 0;
    now |= this.state.received >= 4 * this.#registers.get(registers.RX_THRESH[0]) ? Condition.rxNotEmpty : 0;
    now |= this.state.received >= 4 * fifoWords ? Condition.rxFull : 0;
    now |= this.state.received === 0 ? Condition.rxEmpty : 0;
    now |= this.state.commands.length === 0 ? Condition.genFifoEmpty : 0;
    now |= this.state.commands.length < genFifoSize ? Condition.genFifoNotFull : Condition.genFifoFull;
    const conditions = Object.values(Condition).reduce((all, condition) => all | condition, 0);
    this.#interrupts.clear(conditions & ~now);
    this.#interrupts.raise(now);
  }
}
