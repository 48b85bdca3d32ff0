import { defined } from '../../base/assert.ts';
import { type Device, type MachineLog, readLanes, UnknownRegisters, writeLanes } from './device.ts';

/** Registers by their names in UG1087: byte offset, value after the first stage boot loader, and which bits software can write. */
export type RegisterTable = Readonly<
  Record<string, readonly [offset: number, value: number, writable: number] | readonly [offset: number, value: number]>
>;

interface Register {
  readonly initial: number;
  readonly writable: number;
  value: number;
}

/** Registers that remember what was written and do nothing else by themselves: configuration that firmware and drivers leave to be read again. */
export class RegisterBank implements Device<readonly number[]> {
  readonly name: string;
  readonly size: number;
  readonly #registers = new Map<number, Register>();
  readonly #unknown: UnknownRegisters;

  constructor(name: string, size: number, table: RegisterTable, log: MachineLog) {
    this.name = name;
    this.size = size;
    this.#unknown = new UnknownRegisters(name, log);
    for (const [offset, initial, writable = 0] of Object.values(table))
      this.#registers.set(offset, { initial, writable, value: initial });
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const register = this.#registers.get(offset & ~3);
    return register ? readLanes(register.value, offset, size) : this.#unknown.read(offset);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    const register = this.#registers.get(offset & ~3);
    if (!register) {
      this.#unknown.write(offset, value);
      return;
    }
    const lanes = writeLanes(size === 4 ? 0xffff_ffff : size === 2 ? 0xffff : 0xff, offset, size);
    this.change(offset & ~3, register.writable & lanes, writeLanes(value, offset, size));
  }

  /** A register's value, for firmware. */
  get(offset: number): number {
    return this.#register(offset).value;
  }

  /** Changes the bits of a register that the mask names, for firmware. */
  change(offset: number, mask: number, value: number): void {
    const register = this.#register(offset);
    register.value = ((register.value & ~mask) | (value & mask)) >>> 0;
  }

  reset(): void {
    for (const register of this.#registers.values()) register.value = register.initial;
  }

  saveState(): readonly number[] {
    return [...this.#registers.values()].map((register) => register.value);
  }

  loadState(state: readonly number[]): void {
    let i = 0;
    for (const register of this.#registers.values()) register.value = defined(state[i++], `a register of ${this.name}`);
  }

  #register(offset: number): Register {
    return defined(this.#registers.get(offset), `register 0x${offset.toString(16)} of ${this.name}`);
  }
}
