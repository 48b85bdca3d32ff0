import { Core } from '../../a64/layout.ts';
import type { ScheduledEvent } from '../../base/events.ts';
import type { Cycles } from '../../base/units.ts';
import { sendEvent } from '../exceptions/interrupts.ts';
import type { Clock } from '../state/clock.ts';
import { Cntkctl } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { systemOffset } from '../state/slots.ts';

/** The generic timer (Arm ARM DDI 0487, D11): a system counter and, in each core, the timers that compare with it. */

/** A core's timers: physical and virtual of EL1, physical of EL2. */
export const timers = ['cntp', 'cntv', 'cnthp'] as const;
export type Timer = (typeof timers)[number];

/** The interrupt IDs of their private peripheral interrupts (Arm DDI 0500, 10.2). */
export const timerPpis: Readonly<Record<Timer, number>> = { cntp: 30, cntv: 27, cnthp: 26 };
/** The interrupt ID of the Secure physical timer, which belongs to the firmware. */
export const secureTimerPpi = 29;

interface Registers {
  readonly ctl: number;
  readonly cval: number;
  readonly virtual: boolean;
}
const registers: Record<Timer, Registers> = {
  cntp: { ctl: systemOffset('CNTP_CTL_EL0'), cval: systemOffset('CNTP_CVAL_EL0'), virtual: false },
  cntv: { ctl: systemOffset('CNTV_CTL_EL0'), cval: systemOffset('CNTV_CVAL_EL0'), virtual: true },
  cnthp: { ctl: systemOffset('CNTHP_CTL_EL2'), cval: systemOffset('CNTHP_CVAL_EL2'), virtual: false },
};
const cntvoff = systemOffset('CNTVOFF_EL2');
const cntkctl = systemOffset('CNTKCTL_EL1');
const cnthctl = systemOffset('CNTHCTL_EL2');

/** CNTx_CTL. */
export const TimerControl = { ENABLE: 1, IMASK: 2, ISTATUS: 4 } as const;

interface TimerState {
  readonly owner: string;
  level: boolean;
  event: ScheduledEvent | undefined;
}

/** What a core's timers remember beside its registers: levels, and times of events, as plain data. */
export interface CoreTimersState {
  readonly outputs: readonly { readonly level: boolean; readonly due: number | null }[];
  readonly stream: number | null;
}

/** A deadline this many ticks away is not scheduled: Cycles cannot count that far. */
const horizon = 2 ** 50;

export class GenericTimer {
  readonly #clock: Clock;
  /** Counter frequency over core clock, in lowest terms. */
  readonly #numerator: number;
  readonly #denominator: number;
  readonly #line: (core: number, timer: Timer, level: boolean) => void;
  readonly #states: Record<Timer, TimerState>[];
  readonly #stream: (ScheduledEvent | undefined)[];
  /** When the system counter was last reset. */
  #origin = 0 as Cycles;
  /** Halves of the count that `#look` has read. */
  #low = 0;
  #high = 0;

  /** `frequency`: of the system counter, in Hz. `line` is told when a timer's interrupt output changes. */
  constructor(
    clock: Clock,
    cores: number,
    readonly frequency: number,
    line: (core: number, timer: Timer, level: boolean) => void,
  ) {
    this.#clock = clock;
    this.#line = line;
    const divisor = gcd(frequency, clock.hz);
    this.#numerator = frequency / divisor;
    this.#denominator = clock.hz / divisor;
    const idle = (core: number, timer: Timer): TimerState => ({
      owner: `${timer} ${core}`,
      level: false,
      event: undefined,
    });
    this.#states = Array.from({ length: cores }, (_, core) => ({
      cntp: idle(core, 'cntp'),
      cntv: idle(core, 'cntv'),
      cnthp: idle(core, 'cnthp'),
    }));
    this.#stream = new Array(cores).fill(undefined);
  }

  /** CNTPCT_EL0 as the core sees it: floor(cycles * frequency / clock). */
  count(core: CoreState): number {
    return this.countAt(this.#clock.now(core));
  }

  /** The system counter at a time that is not before its last reset. */
  countAt(time: Cycles): number {
    return this.#ticks((time - this.#origin) as Cycles);
  }

  /** When the system counter was at zero. */
  get origin(): Cycles {
    return this.#origin;
  }

  /** The system counter starts again at zero. The caller then resets the cores, and with them their timers. */
  restart(now: Cycles): void {
    this.#origin = now;
  }

  /** A core goes on: generated code finds the count from here on. */
  begin(core: CoreState): void {
    const passed = this.#clock.events.now - this.#origin;
    core.setWord(Core.counterBase, passed >>> 0);
    core.setWord(Core.counterBase + 4, Math.floor(passed / 2 ** 32));
    core.setWord(Core.counterDivisor, this.#numerator === 1 ? this.#denominator : 0);
  }

  /** A core is reset: its event stream ends, and its timers are as its registers now say. */
  coreReset(core: CoreState): void {
    this.#stream[core.index]?.cancel();
    this.#stream[core.index] = undefined;
    this.updateAll(core);
  }

  /** Reads CNTPCT_EL0 or CNTVCT_EL0 into a field of the state: 32-bit halves, since guests ask for the time often. */
  readCount(core: CoreState, virtual: boolean, offset: number): void {
    this.#look(core, virtual);
    core.setWord(offset, this.#low);
    core.setWord(offset + 4, this.#high);
  }

  /** CNTx_CTL with its ISTATUS, which is 0 while the timer is disabled. */
  control(core: CoreState, timer: Timer): number {
    const control = core.word(registers[timer].ctl) & (TimerControl.ENABLE | TimerControl.IMASK);
    const met = (control & TimerControl.ENABLE) !== 0 && this.#remaining(core, registers[timer]) <= 0;
    return met ? control | TimerControl.ISTATUS : control;
  }

  /** CNTx_TVAL: the low 32 bits of CVAL minus the count. */
  timerValue(core: CoreState, timer: Timer): number {
    const { cval, virtual } = registers[timer];
    this.#look(core, virtual);
    return (core.word(cval) - this.#low) >>> 0;
  }

  /** Writes CNTx_TVAL: CVAL becomes the count plus the signed 32-bit value. The caller calls `update`. */
  setTimerValue(core: CoreState, timer: Timer, value: number): void {
    const { cval, virtual } = registers[timer];
    this.#look(core, virtual);
    const low = this.#low + (value | 0);
    core.setWord(cval, low);
    core.setWord(cval + 4, this.#high + Math.floor(low / 2 ** 32));
  }

  /**
   * Updates a timer's output and schedules its next change: after a write to its registers, or when a change is due.
   * The output follows ISTATUS, so it falls again when the virtual count passes 2^64 (D11.2.4).
   */
  update(core: CoreState, timer: Timer): void {
    const state = (this.#states[core.index] as Record<Timer, TimerState>)[timer];
    const { ctl } = registers[timer];
    const control = core.word(ctl);
    let level = false;
    let due: Cycles | undefined;
    if ((control & TimerControl.ENABLE) !== 0 && (control & TimerControl.IMASK) === 0) {
      const remaining = this.#remaining(core, registers[timer]);
      level = remaining <= 0;
      const change = level ? this.#untilWrap() : remaining;
      if (change < horizon) due = this.#cycles(this.count(core) + change);
    }
    // Guests write CVAL and CTL one after the other: an event at the right time stays.
    if (state.event?.time !== due) {
      state.event?.cancel();
      state.event = due === undefined ? undefined : this.#schedule(core, timer, due);
    }
    if (level === state.level) return;
    state.level = level;
    this.#line(core.index, timer, level);
  }

  #schedule(core: CoreState, timer: Timer, due: Cycles): ScheduledEvent {
    this.#clock.limit(core, due);
    const state = (this.#states[core.index] as Record<Timer, TimerState>)[timer];
    return this.#clock.events.at(
      due,
      () => {
        state.event = undefined;
        this.update(core, timer);
      },
      state.owner,
    );
  }

  saveState(core: CoreState): CoreTimersState {
    const states = this.#states[core.index] as Record<Timer, TimerState>;
    return {
      outputs: timers.map((timer) => ({ level: states[timer].level, due: states[timer].event?.time ?? null })),
      stream: this.#stream[core.index]?.time ?? null,
    };
  }

  /** Continues from a saved state, without a word to the outputs' receivers: they have states of their own. */
  loadState(core: CoreState, origin: Cycles, { outputs, stream }: CoreTimersState): void {
    this.#origin = origin;
    const states = this.#states[core.index] as Record<Timer, TimerState>;
    for (const [i, timer] of timers.entries()) {
      const { level, due } = outputs[i] ?? { level: false, due: null };
      states[timer].event?.cancel();
      states[timer].level = level;
      states[timer].event = due === null ? undefined : this.#schedule(core, timer, due as Cycles);
    }
    this.#stream[core.index]?.cancel();
    this.#stream[core.index] = stream === null ? undefined : this.#scheduleStream(core, stream as Cycles);
  }

  /**
   * The same for all timers of a core: when CNTVOFF_EL2 changes, when a quantum ends early, or after its state was
   * loaded.
   */
  updateAll(core: CoreState): void {
    for (const timer of timers) this.update(core, timer);
  }

  /**
   * A core enters WFE: schedules the next event of its event streams (CNTKCTL_EL1 on the virtual count, CNTHCTL_EL2 on
   * the physical one), D11.2.5. Events while the core runs are not sent, so a WFE may wait up to one period too long.
   */
  scheduleStream(core: CoreState): void {
    const ticks = Math.min(this.#nextStream(core, cntkctl, true), this.#nextStream(core, cnthctl, false));
    this.#stream[core.index]?.cancel();
    this.#stream[core.index] =
      ticks === Number.POSITIVE_INFINITY
        ? undefined
        : this.#scheduleStream(core, this.#cycles(this.count(core) + ticks));
  }

  #scheduleStream(core: CoreState, due: Cycles): ScheduledEvent {
    return this.#clock.events.at(
      due,
      () => {
        this.#stream[core.index] = undefined;
        sendEvent(core);
      },
      `stream ${core.index}`,
    );
  }

  /** Ticks to the next transition of bit EVNTI in the direction EVNTDIR. */
  #nextStream(core: CoreState, register: number, virtual: boolean): number {
    const control = core.word(register);
    if ((control & Cntkctl.EVNTEN) === 0) return Number.POSITIVE_INFINITY;
    const half = 2 ** ((control >>> Cntkctl.EVNTIshift) & 15);
    this.#look(core, virtual);
    const phase = this.#low % (2 * half);
    const target = (control & Cntkctl.EVNTDIR) !== 0 ? 2 * half : half;
    return target > phase ? target - phase : target + 2 * half - phase;
  }

  /** Puts the halves of a count, unsigned, into #low and #high: the virtual one is CNTVOFF_EL2 behind. */
  #look(core: CoreState, virtual: boolean): void {
    const ticks = this.count(core);
    this.#low = ticks >>> 0;
    this.#high = Math.floor(ticks / 2 ** 32);
    if (!virtual) return;
    const offset = core.word(cntvoff);
    this.#high = (this.#high - core.word(cntvoff + 4) - (this.#low < offset ? 1 : 0)) >>> 0;
    this.#low = (this.#low - offset) >>> 0;
  }

  /**
   * Ticks until the timer condition is met; not positive if it is (D11.2.4, unsigned comparison of 64 bits). Exact up
   * to 2^53.
   */
  #remaining(core: CoreState, timer: Registers): number {
    this.#look(core, timer.virtual);
    return (core.word(timer.cval + 4) - this.#high) * 2 ** 32 + (core.word(timer.cval) - this.#low);
  }

  /** Ticks until the count that was looked at last passes 2^64, where a condition that is met ends. */
  #untilWrap(): number {
    return (2 ** 32 - this.#high) * 2 ** 32 - this.#low;
  }

  #ticks(time: Cycles): number {
    // The quotient is exact in this range. Guests that poll the counter take this path.
    if (this.#numerator === 1 && time < 2 ** 48) return Math.floor(time / this.#denominator);
    // Split so that every product is an exact integer.
    const whole = Math.floor(time / this.#denominator);
    return whole * this.#numerator + Math.floor(((time % this.#denominator) * this.#numerator) / this.#denominator);
  }

  /** The first cycle at which the counter shows `ticks`. */
  #cycles(ticks: number): Cycles {
    const whole = Math.floor(ticks / this.#numerator);
    return (this.#origin +
      whole * this.#denominator +
      Math.ceil(((ticks % this.#numerator) * this.#denominator) / this.#numerator)) as Cycles;
  }
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
