/**
 * A triple timer counter of the Zynq UltraScale+: UG1085 chapter 14, registers as in the TTC module of UG1087. Three counters of 32 bits, each
 * with a prescaler, an interval and three values to match.
 *
 * The counters run from the 100 MHz of LPD_LSBUS. The external clock of a counter comes from pins where nothing is: one that selects it
 * stands still. The event timers measure such pins too and count nothing; the waveform output goes nowhere.
 */
import { bit, bits } from '../../../base/bits.ts';
import type { ScheduledEvent } from '../../../base/events.ts';
import { type Cycles, cycles } from '../../../base/units.ts';
import {
  type Device,
  type DeviceClock,
  type MachineLog,
  readLanes,
  UnknownRegisters,
  writeLanes,
} from '../../bus/device.ts';

/** Offsets of the first counter's register; those of the second and third follow, 4 bytes each. */
const Clock_Control = 0x00;
const Counter_Control = 0x0c;
const Counter_Value = 0x18;
const Interval_Counter = 0x24;
const Match_1_Counter = 0x30;
const Match_2_Counter = 0x3c;
const Match_3_Counter = 0x48;
const Interrupt_Register = 0x54;
const Interrupt_Enable = 0x60;
const Event_Control_Timer = 0x6c;
const Event_Register = 0x78;

/** Counter_Control. */
const DIS = 1 << 0;
const INT = 1 << 1;
const DECR = 1 << 2;
const MATCH = 1 << 3;
const RST = 1 << 4;
const counterControlAtReset = 0x21;

/** Interrupt_Register: the interval's end, three matches, an overflow; bit 5 is the event timer's. */
const interval = 1 << 0;
const overflow = 1 << 4;
const allInterrupts = 0x3f;

const inputHz = 100_000_000;

interface CounterState {
  readonly clockControl: number;
  readonly control: number;
  readonly interval: number;
  readonly matches: readonly number[];
  readonly status: number;
  readonly enabled: number;
  readonly eventControl: number;
  /** Ticks since the counter was at its start, as of `since`. */
  readonly position: number;
  readonly since: Cycles;
}

export type TtcState = readonly CounterState[];

const atReset: CounterState = {
  clockControl: 0,
  control: counterControlAtReset,
  interval: 0,
  matches: [0, 0, 0],
  status: 0,
  enabled: 0,
  eventControl: 0,
  position: 0,
  since: cycles(0),
};

/** One of the three counters. Between accesses nothing happens but the next interrupt that is enabled. */
class Counter {
  readonly #clock: DeviceClock;
  readonly #drive: (level: boolean) => void;
  #clockControl = 0;
  #control = 0;
  #interval = 0;
  #matches: number[] = [];
  #status = 0;
  #enabled = 0;
  #eventControl = 0;
  #position = 0;
  #since = cycles(0);
  #event: ScheduledEvent | undefined;
  #level = false;
  /** Cycles of the machine's clock that a tick takes, or null while the counter stands still. */
  #tick: number | null = null;
  /** Ticks after which the counter begins again: it counts from 0 to the interval, or through all of its 32 bits. */
  #period = 2 ** 32;
  /** Where each interrupt happens, in ticks from the counter's start: at its beginning again, and at the values to match. */
  #points: (readonly [interrupt: number, point: number])[] = [];

  constructor(clock: DeviceClock, drive: (level: boolean) => void) {
    this.#clock = clock;
    this.#drive = drive;
    this.loadState(atReset);
  }

  /** The register at the offset that the first counter has it at; null where it has none. */
  read(register: number): number | null {
    this.#advance();
    switch (register) {
      case Clock_Control:
        return this.#clockControl;
      case Counter_Control:
        return this.#control;
      case Counter_Value:
        return this.#value;
      case Interval_Counter:
        return this.#interval;
      case Match_1_Counter:
      case Match_2_Counter:
      case Match_3_Counter:
        return this.#matches[matchOf(register)] as number;
      case Interrupt_Register: {
        const status = this.#status;
        if (status === 0) return 0;
        this.#status = 0;
        this.#update();
        return status;
      }
      case Interrupt_Enable:
        return this.#enabled;
      case Event_Control_Timer:
        return this.#eventControl;
      case Event_Register:
        return 0;
      default:
        return null;
    }
  }

  /** False where the counter has no such register. */
  write(register: number, value: number): boolean {
    this.#advance();
    switch (register) {
      case Clock_Control:
        this.#clockControl = bits(value, 6, 0);
        break;
      case Counter_Control: {
        const down = this.#control & DECR;
        this.#control = bits(value, 6, 0) & ~RST;
        if (value & RST || (value & DECR) !== down) this.#position = 0;
        break;
      }
      case Interval_Counter:
        this.#interval = value;
        break;
      case Match_1_Counter:
      case Match_2_Counter:
      case Match_3_Counter:
        this.#matches[matchOf(register)] = value;
        break;
      case Interrupt_Enable:
        this.#enabled = value & allInterrupts;
        break;
      case Event_Control_Timer:
        this.#eventControl = bits(value, 2, 0);
        break;
      case Counter_Value:
      case Interrupt_Register:
      case Event_Register:
        break; // read-only
      default:
        return false;
    }
    this.#configure();
    this.#update();
    return true;
  }

  saveState(): CounterState {
    return {
      clockControl: this.#clockControl,
      control: this.#control,
      interval: this.#interval,
      matches: [...this.#matches],
      status: this.#status,
      enabled: this.#enabled,
      eventControl: this.#eventControl,
      position: this.#position,
      since: this.#since,
    };
  }

  loadState(state: CounterState): void {
    this.#clockControl = state.clockControl;
    this.#control = state.control;
    this.#interval = state.interval;
    this.#matches = [...state.matches];
    this.#status = state.status;
    this.#enabled = state.enabled;
    this.#eventControl = state.eventControl;
    this.#position = state.position;
    this.#since = state.since;
    this.#configure();
    this.#update();
  }

  get #value(): number {
    return this.#control & DECR ? (this.#period - this.#position) % this.#period : this.#position;
  }

  /** Works out what the registers say of the way that the counter counts. */
  #configure(): void {
    const prescale = bit(this.#clockControl, 0) ? 2 ** (bits(this.#clockControl, 4, 1) + 1) : 1;
    const stands = (this.#control & DIS) !== 0 || bit(this.#clockControl, 5) === 1;
    this.#tick = stands ? null : (this.#clock.hz / inputHz) * prescale;
    const period = this.#control & INT ? this.#interval + 1 : 2 ** 32;
    this.#period = period;
    this.#points = [[this.#control & INT ? interval : overflow, 0]];
    if (this.#control & MATCH)
      for (const [i, match] of this.#matches.entries())
        if (match < period) this.#points.push([2 << i, this.#control & DECR ? (period - match) % period : match]);
    this.#position %= period;
  }

  /** Ticks from the present position until the counter is at a point again. */
  #distance(point: number): number {
    return point > this.#position ? point - this.#position : point + this.#period - this.#position;
  }

  /** Counts the ticks until now. */
  #advance(): void {
    const { now } = this.#clock;
    const tick = this.#tick;
    if (now <= this.#since) return; // another core's turn has been further already
    if (tick === null) {
      this.#since = now;
      return;
    }
    const ticks = Math.floor((now - this.#since) / tick);
    if (ticks === 0) return;
    for (const [interrupt, point] of this.#points) if (this.#distance(point) <= ticks) this.#status |= interrupt;
    this.#position = (this.#position + ticks) % this.#period;
    this.#since = cycles(this.#since + ticks * tick);
  }

  /** Drives the line and sets the next event. */
  #update(): void {
    const level = (this.#status & this.#enabled) !== 0;
    const tick = this.#tick;
    let due: number | undefined;
    // While the line is high no further event can change anything.
    if (!level && tick !== null)
      for (const [interrupt, point] of this.#points)
        if (interrupt & this.#enabled)
          due = Math.min(due ?? Number.POSITIVE_INFINITY, this.#since + this.#distance(point) * tick);
    if (due !== this.#event?.time) {
      this.#event?.cancel();
      this.#event = due === undefined ? undefined : this.#clock.at(cycles(due), () => this.#fire());
    }
    if (level === this.#level) return;
    this.#level = level;
    this.#drive(level);
  }

  #fire(): void {
    this.#event = undefined;
    this.#advance();
    this.#update();
  }
}

const matchOf = (register: number): number => (register - Match_1_Counter) / 12;

export interface TtcWiring {
  readonly clock: DeviceClock;
  readonly log: MachineLog;
  /** The interrupt output of counter 0, 1 or 2 changes. */
  interrupt(counter: number, level: boolean): void;
}

export class Ttc implements Device<TtcState> {
  readonly name: string;
  readonly size = 0x1_0000;
  readonly #counters: readonly Counter[];
  readonly #unknown: UnknownRegisters;

  constructor(name: string, { clock, log, interrupt }: TtcWiring) {
    this.name = name;
    this.#unknown = new UnknownRegisters(name, log);
    this.#counters = [0, 1, 2].map((i) => new Counter(clock, (level) => interrupt(i, level)));
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const value = this.#counter(offset).read(registerOf(offset));
    return value === null ? this.#unknown.read(offset) : readLanes(value, offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    if (!this.#counter(offset).write(registerOf(offset), writeLanes(value, offset, size)))
      this.#unknown.write(offset, value);
  }

  reset(): void {
    for (const counter of this.#counters) counter.loadState(atReset);
  }

  saveState(): TtcState {
    return this.#counters.map((counter) => counter.saveState());
  }

  loadState(state: TtcState): void {
    for (const [i, counter] of this.#counters.entries()) counter.loadState(state[i] as CounterState);
  }

  #counter(offset: number): Counter {
    return this.#counters[(offset >> 2) % 3] as Counter;
  }
}

/** Registers come in threes, one for each counter. */
const registerOf = (offset: number): number => (offset >> 2) * 4 - ((offset >> 2) % 3) * 4;
