/**
 * Where the SMMU's interrupt outputs come together to one SPI: UG1087, module SMMU_REG. The outputs are levels, which go with their causes
 * in the SMMU; so a status bit follows its output, and writing it is without effect. Starts as the first stage boot loader leaves it, with all
 * enabled. The other signals of the block (low power, configuration at reset) are remembered only.
 */
import { type Device, type MachineLog, readLanes, UnknownRegisters, writeLanes } from '../bus/device.ts';

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

/** Registers that only remember, and which of their bits. */
const plain = new Map([
  [MISC_CTRL, 0x1],
  [QREQN, 0x7fff],
  [MISC, 0xff],
  [CONFIG_SIGNALS, 0xffff_ffff],
]);

export interface SmmuInterruptsState {
  readonly global: boolean;
  readonly context: boolean;
  readonly mask: number;
  readonly plain: readonly (readonly [offset: number, value: number])[];
}

export class SmmuInterrupts implements Device<SmmuInterruptsState> {
  readonly name = 'smmuReg';
  readonly size = 0x1000;
  readonly #interrupt: (level: boolean) => void;
  readonly #unknown: UnknownRegisters;
  #global = false;
  #context = false;
  #mask = 0;
  #plain = new Map<number, number>();

  constructor(log: MachineLog, interrupt: (level: boolean) => void) {
    this.#interrupt = interrupt;
    this.#unknown = new UnknownRegisters(this.name, log);
  }

  /** The SMMU's outputs: a global fault; a fault of any context. */
  set(global: boolean, context: boolean): void {
    this.#global = global;
    this.#context = context;
    this.#update();
  }

  read(offset: number, size: 1 | 2 | 4): number {
    return readLanes(this.#readRegister(offset & ~3), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, narrow: number): void {
    const register = offset & ~3;
    const value = writeLanes(narrow, offset, size);
    const writable = plain.get(register);
    if (writable !== undefined) this.#plain.set(register, (value & writable) >>> 0);
    else if (register === IER_0) this.#mask = (this.#mask & ~value) >>> 0;
    else if (register === IDR_0) this.#mask = (this.#mask | (value & all)) >>> 0;
    else if (register !== ISR_0 && register !== IMR_0) this.#unknown.write(offset, value);
    this.#update();
  }

  reset(): void {
    this.loadState({ global: false, context: false, mask: 0, plain: [] });
  }

  saveState(): SmmuInterruptsState {
    return { global: this.#global, context: this.#context, mask: this.#mask, plain: [...this.#plain] };
  }

  loadState(state: SmmuInterruptsState): void {
    this.#global = state.global;
    this.#context = state.context;
    this.#mask = state.mask;
    this.#plain = new Map(state.plain);
    this.#update();
  }

  get #status(): number {
    return (this.#global ? gbl_flt_irpt_ns : 0) | (this.#global || this.#context ? comb_irpt_ns : 0);
  }

  #readRegister(offset: number): number {
    if (plain.has(offset)) return this.#plain.get(offset) ?? 0;
    if (offset === ISR_0) return this.#status;
    if (offset === IMR_0) return this.#mask;
    if (offset === IER_0 || offset === IDR_0) return 0;
    return this.#unknown.read(offset);
  }

  #update(): void {
    this.#interrupt((this.#status & ~this.#mask) !== 0);
  }
}
