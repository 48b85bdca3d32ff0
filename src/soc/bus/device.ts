import type { ScheduledEvent } from '../../base/events.ts';
import type { Cycles } from '../../base/units.ts';

/**
 * A block of registers on the bus. Registers are 32 bits wide; offsets are bytes from the block's base, naturally aligned for their size.
 * `State` is plain data that says everything the device remembers.
 */
export interface Device<State = unknown> {
  readonly name: string;
  /** Bytes of address space that it answers. */
  readonly size: number;
  read(offset: number, size: 1 | 2 | 4): number;
  write(offset: number, size: 1 | 2 | 4, value: number): void;
  /** Back to the state at power-on. */
  reset(): void;
  saveState(): State;
  loadState(state: State): void;
}

/** Virtual time as a device sees it: to the cycle also in the middle of a core's turn, and so not always forward between accesses of two cores. */
export interface DeviceClock {
  readonly hz: number;
  readonly now: Cycles;
  /** Calls back at `time`, and not only when the core's turn is over. */
  at(time: Cycles, callback: () => void): ScheduledEvent;
}

/** Where the machine's parts say what a user should know; the session keeps it with the virtual time. */
export type MachineLog = (source: string, text: string) => void;

/** Remembers which unknown registers a device has been asked for, so that each is reported once. */
export class UnknownRegisters {
  readonly #seen = new Set<string>();
  readonly #device: string;
  readonly #log: MachineLog;

  constructor(device: string, log: MachineLog) {
    this.#device = device;
    this.#log = log;
  }

  /** A read finds zero. */
  read(offset: number): number {
    this.#report('read', offset);
    return 0;
  }

  /** A write is ignored. */
  write(offset: number, value: number): void {
    this.#report('write', offset, ` of 0x${(value >>> 0).toString(16)}`);
  }

  #report(access: 'read' | 'write', offset: number, detail = ''): void {
    const key = `${access} ${offset}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.#log(this.#device, `${access}${detail} at offset 0x${offset.toString(16)}: no such register`);
  }
}

/** The part of a 32-bit register that a narrower read at `offset` gets from its byte lanes. */
export const readLanes = (register: number, offset: number, size: 1 | 2 | 4): number =>
  size === 4 ? register >>> 0 : (register >>> (8 * (offset & 3))) & (size === 1 ? 0xff : 0xffff);

/** The word that a narrower write puts on the 32-bit bus. */
export const writeLanes = (value: number, offset: number, size: 1 | 2 | 4): number =>
  size === 4 ? value >>> 0 : (value << (8 * (offset & 3))) >>> 0;
