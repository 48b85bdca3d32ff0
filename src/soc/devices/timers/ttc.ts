/**
 * A triple timer counter of the Zynq UltraScale+: UG1085 chapter 14, registers as in the TTC module of UG1087. Three
 * counters of 32 bits, each with a prescaler, an interval and three values to match.
 *
 * Outputs 0 to 2 are the counters' interrupts.
 *
 * The counters run from the 100 MHz of LPD_LSBUS. The external clocks and the event timers use pins to which nothing is
 * connected: a counter that selects its external clock stands still, and the event timers count nothing. The waveform
 * output goes nowhere.
 */
import { bit, bits } from '../../../base/bits.ts';
import { cycles } from '../../../base/units.ts';
import {
  type DeviceClock,
  DeviceEvent,
  type DeviceWiring,
  readLanes,
  StatefulDevice,
  UnknownRegisters,
  writeLanes,
} from '../../bus/device.ts';
import { InterruptOutput } from '../../bus/interrupt-output.ts';

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

const atReset = () => ({
  clockControl: 0,
  control: counterControlAtReset,
  interval: 0,
  matches: [0, 0, 0],
  status: 0,
  enabled: 0,
  eventControl: 0,
  /** Ticks since the counter was at its start, as of `since`. */
  position: 0,
  since: cycles(0),
});
type CounterState = ReturnType<typeof atReset>;

/** One of the three counters. Between accesses nothing happens but the next interrupt that is enabled. */
class Counter {
  readonly #clock: DeviceClock;
  readonly #state: CounterState;
  readonly #interrupt: InterruptOutput;
  readonly #next: DeviceEvent;
  /** Cycles of the machine's clock that a tick takes, or null while the counter stands still. */
  #tick: number | null = null;
  /** Ticks after which the counter begins again: it counts from 0 to the interval, or through all of its 32 bits. */
  #period = 2 ** 32;
  /**
   * Where each interrupt happens, in ticks from the counter's start: when it starts again, and at the values to match.
   */
  #points: (readonly [interrupt: number, point: number])[] = [];

  /** `state` is part of the timer's. */
  constructor(state: CounterState, clock: DeviceClock, drive: (level: boolean) => void, number: number) {
    this.#state = state;
    this.#clock = clock;
    this.#interrupt = new InterruptOutput(drive);
    this.#next = new DeviceEvent(
      clock,
      () => {
        this.#advance();
        this.#drive();
      },
      `${number}`,
    );
    this.update();
  }

  /** A register, by its offset for the first counter; null where there is none. */
  read(register: number): number | null {
    this.#advance();
    switch (register) {
      case Clock_Control:
        return this.#state.clockControl;
      case Counter_Control:
        return this.#state.control;
      case Counter_Value:
        return this.#value;
      case Interval_Counter:
        return this.#state.interval;
      case Match_1_Counter:
      case Match_2_Counter:
      case Match_3_Counter:
        return this.#state.matches[matchOf(register)] as number;
      case Interrupt_Register: {
        const status = this.#state.status;
        if (status === 0) return 0;
        this.#state.status = 0;
        this.#drive();
        return status;
      }
      case Interrupt_Enable:
        return this.#state.enabled;
      case Event_Control_Timer:
        return this.#state.eventControl;
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
        this.#state.clockControl = bits(value, 6, 0);
        break;
      case Counter_Control: {
        const down = this.#state.control & DECR;
        this.#state.control = bits(value, 6, 0) & ~RST;
        if (value & RST || (value & DECR) !== down) this.#state.position = 0;
        break;
      }
      case Interval_Counter:
        this.#state.interval = value;
        break;
      case Match_1_Counter:
      case Match_2_Counter:
      case Match_3_Counter:
        this.#state.matches[matchOf(register)] = value;
        break;
      case Interrupt_Enable:
        this.#state.enabled = value & allInterrupts;
        break;
      case Event_Control_Timer:
        this.#state.eventControl = bits(value, 2, 0);
        break;
      case Counter_Value:
      case Interrupt_Register:
      case Event_Register:
        break; // read-only
      default:
        return false;
    }
    this.update();
    return true;
  }

  get #value(): number {
    return this.#state.control & DECR ? (this.#period - this.#state.position) % this.#period : this.#state.position;
  }

  /** Derives from the registers how the counter counts. */
  #configure(): void {
    const prescale = bit(this.#state.clockControl, 0) ? 2 ** (bits(this.#state.clockControl, 4, 1) + 1) : 1;
    const stands = (this.#state.control & DIS) !== 0 || bit(this.#state.clockControl, 5) === 1;
    this.#tick = stands ? null : (this.#clock.hz / inputHz) * prescale;
    const period = this.#state.control & INT ? this.#state.interval + 1 : 2 ** 32;
    this.#period = period;
    this.#points = [[this.#state.control & INT ? interval : overflow, 0]];
    if (this.#state.control & MATCH)
      for (const [i, match] of this.#state.matches.entries())
        if (match < period) this.#points.push([2 << i, this.#state.control & DECR ? (period - match) % period : match]);
    this.#state.position %= period;
  }

  /** Ticks from the present position until the counter is at a point again. */
  #distance(point: number): number {
    return point > this.#state.position ? point - this.#state.position : point + this.#period - this.#state.position;
  }

  /** Counts the ticks until now. */
  #advance(): void {
    const { now } = this.#clock;
    const tick = this.#tick;
    if (now <= this.#state.since) return; // another core's turn has already been further
    if (tick === null) {
      this.#state.since = now;
      return;
    }
    const ticks = Math.floor((now - this.#state.since) / tick);
    if (ticks === 0) return;
    for (const [interrupt, point] of this.#points) if (this.#distance(point) <= ticks) this.#state.status |= interrupt;
    this.#state.position = (this.#state.position + ticks) % this.#period;
    this.#state.since = cycles(this.#state.since + ticks * tick);
  }

  /** Updates how the counter counts, its interrupt and its next event from the registers. */
  update(): void {
    this.#configure();
    this.#drive();
  }

  /** Drives the line and sets the next event. */
  #drive(): void {
    const level = (this.#state.status & this.#state.enabled) !== 0;
    const tick = this.#tick;
    let due: number | undefined;
    // While the line is high no further event can change anything.
    if (!level && tick !== null)
      for (const [interrupt, point] of this.#points)
        if (interrupt & this.#state.enabled)
          due = Math.min(due ?? Number.POSITIVE_INFINITY, this.#state.since + this.#distance(point) * tick);
    this.#next.set(due === undefined ? null : cycles(due));
    this.#interrupt.set(level);
  }
}

const matchOf = (register: number): number => (register - Match_1_Counter) / 12;

export class Ttc extends StatefulDevice<CounterState[]> {
  readonly #counters: readonly Counter[];
  readonly #unknown: UnknownRegisters;

  constructor(name: string, { clock, log, interrupt }: DeviceWiring) {
    super(name, [atReset(), atReset(), atReset()]);
    this.#unknown = new UnknownRegisters(name, log);
    this.#counters = this.state.map((state, i) => new Counter(state, clock, (level) => interrupt(level, i), i));
  }

  read(offset: number, size: 1 | 2 | 4): number {
    const value = this.#counter(offset).read(registerOf(offset));
    return value === null ? this.#unknown.read(offset) : readLanes(value, offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    if (!this.#counter(offset).write(registerOf(offset), writeLanes(value, offset, size)))
      this.#unknown.write(offset, value);
  }

  protected override stateLoaded(): void {
    for (const counter of this.#counters) counter.update();
  }

  #counter(offset: number): Counter {
    return this.#counters[(offset >> 2) % 3] as Counter;
  }
}

/** Registers come in threes, one for each counter. */
const registerOf = (offset: number): number => (offset >> 2) * 4 - ((offset >> 2) % 3) * 4;
