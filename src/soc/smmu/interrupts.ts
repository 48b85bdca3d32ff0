/**
 * The block that joins the SMMU's interrupt outputs to one SPI: UG1087, module SMMU_REG. The outputs are levels that
 * last as long as their causes in the SMMU; so a status bit follows its output, and writing it has no effect. All are
 * enabled at first, as the first stage boot loader leaves them. The other signals of the block (low power,
 * configuration at reset) are only remembered.
 */
import { type DeviceWiring, readLanes, StatefulDevice, UnknownRegisters, writeLanes } from '../bus/device.ts';
import { InterruptOutput } from '../bus/interrupt-output.ts';

const MISC_CTRL = 0x0;
const ISR_0 = 0x10;
const IMR_0 = 0x14;
const IER_0 = 0x18;
const IDR_0 = 0x1c;
const QREQN = 0x40;
const MISC = 0x54;
const CONFIG_SIGNALS = 0x58;

/** ISR_0: the Non-secure global fault, and all Non-secure interrupts together. */
const gbl_flt_irpt_ns = 1 << 4;
const comb_irpt_ns = 1 << 0;
const all = 0x8000_001f;

/** Registers that are only remembered, and their writable bits. */
const plain = new Map([
  [MISC_CTRL, 0x1],
  [QREQN, 0x7fff],
  [MISC, 0xff],
  [CONFIG_SIGNALS, 0xffff_ffff],
]);

const powerOn = () => ({
  /** The SMMU's outputs: a global fault; a fault of any context. */
  global: false,
  context: false,
  mask: 0,
  /** The values of plain registers that have been written. */
  plain: [] as [offset: number, value: number][],
});

export class SmmuInterrupts extends StatefulDevice<ReturnType<typeof powerOn>> {
  readonly #interrupt: InterruptOutput;
  readonly #unknown: UnknownRegisters;

  constructor(name: string, { log, interrupt }: DeviceWiring) {
    super(name, powerOn());
    this.#interrupt = new InterruptOutput(interrupt);
    this.#unknown = new UnknownRegisters(name, log);
  }

  /** The SMMU's outputs: a global fault; a fault of any context. */
  set(global: boolean, context: boolean): void {
    this.state.global = global;
    this.state.context = context;
    this.#update();
  }

  read(offset: number, size: 1 | 2 | 4): number {
    return readLanes(this.#readRegister(offset & ~3), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, narrow: number): void {
    const register = offset & ~3;
    const value = writeLanes(narrow, offset, size);
    const writable = plain.get(register);
    if (writable !== undefined) this.#remember(register, (value & writable) >>> 0);
    else if (register === IER_0) this.state.mask = (this.state.mask & ~value) >>> 0;
    else if (register === IDR_0) this.state.mask = (this.state.mask | (value & all)) >>> 0;
    else if (register !== ISR_0 && register !== IMR_0) this.#unknown.write(offset, value);
    this.#update();
  }

  protected override stateLoaded(): void {
    this.#update();
  }

  #remember(register: number, value: number): void {
    const written = this.state.plain.find(([offset]) => offset === register);
    if (written) written[1] = value;
    else this.state.plain.push([register, value]);
  }

  get #status(): number {
    return (this.state.global ? gbl_flt_irpt_ns : 0) | (this.state.global || this.state.context ? comb_irpt_ns : 0);
  }

  #readRegister(offset: number): number {
    if (plain.has(offset)) return this.state.plain.find(([written]) => written === offset)?.[1] ?? 0;
    if (offset === ISR_0) return this.#status;
    if (offset === IMR_0) return this.state.mask;
    if (offset === IER_0 || offset === IDR_0) return 0;
    return this.#unknown.read(offset);
  }

  #update(): void {
    this.#interrupt.set((this.#status & ~this.state.mask) !== 0);
  }
}
