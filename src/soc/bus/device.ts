import type { ScheduledEvent } from '../../base/events.ts';
import type { Cycles } from '../../base/units.ts';
import { restoreState, savedState } from './state.ts';

/**
 * A block of registers on the bus. Registers are 32 bits wide; offsets are bytes from the block's base, naturally
 * aligned for their size.
 */
export interface Device {
  readonly name: string;
  read(offset: number, size: 1 | 2 | 4): number;
  write(offset: number, size: 1 | 2 | 4, value: number): void;
  /** A reset of the system: back to the state at power-on, except for what the chip keeps. */
  reset(): void;
  /** Everything the device remembers, as plain data that JSON can hold. */
  saveState(): unknown;
  /** Continues from a saved state; throws if its shape is not that of this device's state. */
  loadState(state: unknown): void;
}

/** A device whose state is one object, from which saving and loading follow (`state.ts`). */
export abstract class StatefulDevice<State extends object> implements Device {
  readonly name: string;
  protected readonly state: State;
  readonly #initial: unknown;

  /** `state` has the values at power-on. */
  constructor(name: string, state: State) {
    this.name = name;
    this.state = state;
    this.#initial = savedState(state);
  }

  abstract read(offset: number, size: 1 | 2 | 4): number;
  abstract write(offset: number, size: 1 | 2 | 4, value: number): void;

  saveState(): unknown {
    return savedState(this.state);
  }

  loadState(state: unknown): void {
    restoreState(this.state, state, this.#initial, this.name);
    this.stateLoaded();
  }

  reset(): void {
    this.loadState(this.#initial);
  }

  /** A reset by the device's own line: what is connected to it, a card or a PHY, stays as it is. */
  resetByLine(): void {
    this.reset();
  }

  /** Updates what follows from the state after it has been loaded: outputs, events, indexes. */
  protected stateLoaded(): void {}
}

/**
 * Virtual time as a device sees it: exact to the cycle even within a core's turn. Between the accesses of two cores it
 * may therefore go backward.
 */
export interface DeviceClock {
  readonly hz: number;
  readonly now: Cycles;
  /** Whose clock it is: its events have this name, and one of their own. */
  readonly owner?: string;
  /** Calls back at `time`, even if the core's turn would last longer. `owner`: see `Events.at`. */
  at(time: Cycles, callback: () => void, owner?: string): ScheduledEvent;
}

/**
 * A device's event, set for one time at most. The time is in the device's state or follows from it; `stateLoaded` sets
 * it again.
 */
export class DeviceEvent {
  private readonly clock: Pick<DeviceClock, 'at'>;
  private readonly callback: () => void;
  private readonly owner: string;
  private event: ScheduledEvent | null = null;

  /** `name` tells it from the other events of the same clock. */
  constructor(clock: Pick<DeviceClock, 'at' | 'owner'>, callback: () => void, name = '') {
    this.clock = clock;
    this.callback = callback;
    this.owner = `${clock.owner ?? ''} ${name}`;
  }

  get isSet(): boolean {
    return this.event?.isWaiting ?? false;
  }

  /** When it is; null if it is not set. */
  get time(): Cycles | null {
    return this.event?.isWaiting ? this.event.time : null;
  }

  /** Sets the event's time in place of an earlier one; null for none. */
  set(time: Cycles | null): void {
    if (time === this.time) return;
    this.event?.cancel();
    this.event =
      time === null
        ? null
        : this.clock.at(
            time,
            () => {
              this.event = null;
              this.callback();
            },
            this.owner,
          );
  }
}

/** Messages of the machine's parts for the user; the session keeps them with their virtual time. */
export type MachineLog = (source: string, text: string) => void;

/** What a device is connected to. */
export interface DeviceWiring {
  readonly clock: DeviceClock;
  readonly log: MachineLog;
  /** An interrupt output changes: the first one, or the one with this number. */
  interrupt(level: boolean, output?: number): void;
}

/** Answers accesses to registers that a device does not have, and reports each once. */
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
