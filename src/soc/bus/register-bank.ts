import { type MachineLog, readLanes, StatefulDevice, UnknownRegisters, writeLanes } from './device.ts';

/**
 * Registers by their names in UG1087: byte offset, value after the first stage boot loader, and which bits software can
 * write.
 */
export type RegisterTable = Readonly<
  Record<string, readonly [offset: number, value: number, writable: number] | readonly [offset: number, value: number]>
>;

/** The values of a table's registers at power-on, in its order. */
export const valuesOf = (table: RegisterTable): number[] => Object.values(table).map(([, value]) => value);

/**
 * Registers that only store what is written: configuration that firmware and drivers write and read back. A bank is a
 * device of its own, or part of one, whose state then has the values.
 */
export class RegisterBank extends StatefulDevice<number[]> {
  /** By offset: index of the value, and writable bits. */
  readonly #registers = new Map<number, { readonly index: number; readonly writable: number }>();
  readonly #unknown: UnknownRegisters;
  readonly #kept: readonly number[];

  /** `kept`: offsets of registers that only power-on resets. */
  constructor(
    name: string,
    table: RegisterTable,
    log: MachineLog,
    values = valuesOf(table),
    kept: readonly number[] = [],
  ) {
    super(name, values);
    this.#kept = kept;
    this.#unknown = new UnknownRegisters(name, log);
    for (const [index, [offset, , writable = 0]] of Object.values(table).entries())
      this.#registers.set(offset, { index, writable });
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const register = this.#registers.get(offset & ~3);
    return register ? readLanes(this.state[register.index] as number, offset, size) : this.#unknown.read(offset);
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

  override reset(): void {
    const kept = this.#kept.map((offset) => this.get(offset));
    super.reset();
    for (const [i, offset] of this.#kept.entries()) this.change(offset, 0xffff_ffff, kept[i] as number);
  }

  /** A register's value, for firmware. */
  get(offset: number): number {
    return this.state[this.#indexOf(offset)] as number;
  }

  /** Changes the bits of a register that the mask names, for software's writes and for firmware. */
  change(offset: number, mask: number, value: number): void {
    const index = this.#indexOf(offset);
    this.state[index] = (((this.state[index] as number) & ~mask) | (value & mask)) >>> 0;
  }

  #indexOf(offset: number): number {
    // The message of an assertion would be made each time, and devices look up several registers a frame.
    const register = this.#registers.get(offset);
    if (!register) throw new Error(`register 0x${offset.toString(16)} of ${this.name} is missing`);
    return register.index;
  }
}
