/**
 * A CAN controller of the Zynq UltraScale+: UG1085 chapter 20, registers as in the CAN module of UG1087. No other node
 * is on the bus: nothing is received, and a message to be sent is never acknowledged, so that it waits in its FIFO
 * until the controller is reset. Loopback returns nothing.
 */
import { bits } from '../../../base/bits.ts';
import { type DeviceWiring, readLanes, StatefulDevice, writeLanes } from '../../bus/device.ts';
import { InterruptOutput } from '../../bus/interrupt-output.ts';
import { RegisterBank, type RegisterTable, valuesOf } from '../../bus/register-bank.ts';

const SRR = 0x00;
const MSR = 0x04;
const SR = 0x18;
const ISR = 0x1c;
const ICR = 0x24;
const TXFIFO_DATA2 = 0x3c;
const RXFIFO_ID = 0x50;
const RXFIFO_DATA2 = 0x5c;

/** SRR: reset, and enable; without it the controller stays in its configuration mode. */
const SRST = 1 << 0;
const CEN = 1 << 1;
/** MSR and SR: modes by their bits; SR alone: configuration, normal, idle bus, full FIFO. */
const modes = { sleep: [0, 2], loopback: [1, 1], snoop: [2, 12] } as const;
const CONFIG = 1 << 0;
const NORMAL = 1 << 3;
const BIDLE = 1 << 4;
const TXFLL = 1 << 10;
/** ISR, whose bits are events: the transmit FIFO has become full; the receive FIFO was read while it was empty. */
const TXFLL_EVENT = 1 << 2;
const RXUFLW = 1 << 5;

const fifoSize = 64;

const registers = {
  SRR: [SRR, 0x0, CEN],
  MSR: [MSR, 0x0, 0x7],
  BRPR: [0x08, 0x0, 0xff],
  BTR: [0x0c, 0x0, 0x1ff],
  ECR: [0x10, 0x0],
  ESR: [0x14, 0x0],
  IER: [0x20, 0x0, 0x7fff],
  TCR: [0x28, 0x0],
  WIR: [0x2c, 0x3f3f, 0xffff],
  TXFIFO_ID: [0x30, 0x0],
  TXFIFO_DLC: [0x34, 0x0],
  TXFIFO_DATA1: [0x38, 0x0],
  TXHPB_ID: [0x40, 0x0],
  TXHPB_DLC: [0x44, 0x0],
  TXHPB_DATA1: [0x48, 0x0],
  TXHPB_DATA2: [0x4c, 0x0],
  AFR: [0x60, 0x0, 0xf],
  AFMR1: [0x64, 0x0, 0xffff_ffff],
  AFIR1: [0x68, 0x0, 0xffff_ffff],
  AFMR2: [0x6c, 0x0, 0xffff_ffff],
  AFIR2: [0x70, 0x0, 0xffff_ffff],
  AFMR3: [0x74, 0x0, 0xffff_ffff],
  AFIR3: [0x78, 0x0, 0xffff_ffff],
  AFMR4: [0x7c, 0x0, 0xffff_ffff],
  AFIR4: [0x80, 0x0, 0xffff_ffff],
} as const satisfies RegisterTable;

const atReset = () => ({
  registers: valuesOf(registers),
  /** Messages that wait to be sent. */
  waiting: 0,
  status: 0,
});

export class Can extends StatefulDevice<ReturnType<typeof atReset>> {
  readonly #registers: RegisterBank;
  readonly #interrupt: InterruptOutput;

  constructor(name: string, { log, interrupt }: DeviceWiring) {
    super(name, atReset());
    this.#registers = new RegisterBank(name, registers, log, this.state.registers);
    this.#interrupt = new InterruptOutput(interrupt);
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const register = offset & ~3;
    if (register === SR) return readLanes(this.#modeStatus, offset, size);
    if (register === ISR) return readLanes(this.state.status, offset, size);
    if (register === ICR || register === TXFIFO_DATA2) return 0; // write-only
    if (register < RXFIFO_ID || register > RXFIFO_DATA2) return this.#registers.read(offset, size);
    this.#setStatus(this.state.status | RXUFLW);
    return 0;
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const register = offset & ~3;
    const word = writeLanes(value, offset, size);
    if (register === SRR && word & SRST) {
      this.reset();
      return;
    }
    if (register === ICR) this.#setStatus(this.state.status & ~word);
    else if (register === TXFIFO_DATA2) {
      if (this.#modeStatus & NORMAL && this.state.waiting < fifoSize) {
        this.state.waiting++;
        if (this.state.waiting === fifoSize) this.state.status |= TXFLL_EVENT;
      }
    } else if (register !== SR && register !== ISR && (register < RXFIFO_ID || register > RXFIFO_DATA2))
      this.#registers.write(offset, size, value);
    this.#setStatus(this.state.status);
  }

  protected override stateLoaded(): void {
    this.#setStatus(this.state.status);
  }

  /** SR. */
  get #modeStatus(): number {
    if ((this.#registers.get(SRR) & CEN) === 0) return CONFIG;
    const mode = this.#registers.get(MSR);
    const full = this.state.waiting === fifoSize ? TXFLL : 0;
    for (const [inMode, inState] of Object.values(modes))
      if (bits(mode, inMode, inMode)) return (1 << inState) | BIDLE | full;
    return NORMAL | BIDLE | full;
  }

  #setStatus(status: number): void {
    this.state.status = status;
    this.#interrupt.set((status & this.#registers.get(registers.IER[0])) !== 0);
  }
}
