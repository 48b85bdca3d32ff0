/**
 * The real-time clock of the Zynq UltraScale+: UG1085 chapter 7, registers as in the RTC module of UG1087. It counts seconds of virtual time, from a fixed one at
 * power-on, as if a battery had kept it.
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
import { InterruptStatus, type InterruptStatusState } from '../../bus/interrupt-status.ts';

const SET_TIME_WRITE = 0x00;
const SET_TIME_READ = 0x04;
const CALIB_WRITE = 0x08;
const CALIB_READ = 0x0c;
const CURRENT_TIME = 0x10;
const CURRENT_TICK = 0x14;
const ALARM = 0x18;
const RTC_INT_STATUS = 0x20;
const RTC_INT_MASK = 0x24;
const RTC_INT_EN = 0x28;
const RTC_INT_DIS = 0x2c;
const ADDR_ERROR = 0x30;
const ADDR_ERROR_INT_MASK = 0x34;
const ADDR_ERROR_INT_EN = 0x38;
const ADDR_ERROR_INT_DIS = 0x3c;
const CONTROL = 0x40;
const SAFETY_CHK = 0x50;

/** RTC_INT_STATUS: a second has passed; the alarm's second has come. */
const SECONDS = 1 << 0;
const ALARM_HIT = 1 << 1;

const oscillatorHz = 32_768;
/** What the battery has kept: the oscillator's nominal rate, and both enables. */
const calibrationAtReset = oscillatorHz - 1;
const controlAtReset = 0x8100_0000;
/** Seconds since 1970 at power-on: 1 January 2026, 00:00:00 UTC. */
const timeAtPowerOn = 1_767_225_600;

export interface RtcState {
  /** The second that the clock shows as of `since`, when it began. */
  readonly time: number;
  readonly since: Cycles;
  /** SET_TIME_WRITE, and whether the next second is to show it. */
  readonly setTime: number;
  readonly isSet: boolean;
  readonly calibration: number;
  readonly alarm: number;
  readonly control: number;
  readonly safetyCheck: number;
  readonly interrupts: InterruptStatusState;
}

const atReset: RtcState = {
  time: timeAtPowerOn,
  since: cycles(0),
  setTime: 0,
  isSet: false,
  calibration: calibrationAtReset,
  alarm: 0,
  control: controlAtReset,
  safetyCheck: 0,
  interrupts: { status: 0, mask: SECONDS | ALARM_HIT },
};

export interface RtcWiring {
  readonly clock: DeviceClock;
  readonly log: MachineLog;
  /** The two interrupt outputs. */
  seconds(level: boolean): void;
  alarm(level: boolean): void;
}

export class Rtc implements Device<RtcState> {
  readonly name = 'rtc';
  readonly size = 0x1000;
  readonly #clock: DeviceClock;
  readonly #unknown: UnknownRegisters;
  readonly #seconds: InterruptStatus;
  readonly #alarms: InterruptStatus;
  #time = timeAtPowerOn;
  #since = cycles(0);
  #setTime = 0;
  #isSet = false;
  #calibration = calibrationAtReset;
  #alarm = 0;
  #control = controlAtReset;
  #safetyCheck = 0;
  #event: ScheduledEvent | undefined;

  constructor({ clock, log, seconds, alarm }: RtcWiring) {
    this.#clock = clock;
    this.#unknown = new UnknownRegisters(this.name, log);
    this.#seconds = new InterruptStatus(SECONDS, seconds);
    this.#alarms = new InterruptStatus(ALARM_HIT, alarm);
  }

  read(offset: number, size: 1 | 2 | 4): number {
    this.#advance();
    return readLanes(this.#read(offset & ~3), offset, size);
  }

  write(offset: number, size: 1 | 2 | 4, value: number): void {
    this.#advance();
    this.#write(offset & ~3, writeLanes(value, offset, size));
    this.#schedule();
  }

  reset(): void {
    this.loadState(atReset);
  }

  saveState(): RtcState {
    return {
      time: this.#time,
      since: this.#since,
      setTime: this.#setTime,
      isSet: this.#isSet,
      calibration: this.#calibration,
      alarm: this.#alarm,
      control: this.#control,
      safetyCheck: this.#safetyCheck,
      interrupts: {
        status: this.#seconds.status | this.#alarms.status,
        mask: this.#seconds.mask | this.#alarms.mask,
      },
    };
  }

  loadState(state: RtcState): void {
    this.#time = state.time;
    this.#since = state.since;
    this.#setTime = state.setTime;
    this.#isSet = state.isSet;
    this.#calibration = state.calibration;
    this.#alarm = state.alarm;
    this.#control = state.control;
    this.#safetyCheck = state.safetyCheck;
    const { status, mask } = state.interrupts;
    this.#seconds.loadState({ status: status & SECONDS, mask: mask & SECONDS });
    this.#alarms.loadState({ status: status & ALARM_HIT, mask: mask & ALARM_HIT });
    this.#schedule();
  }

  #read(register: number): number {
    switch (register) {
      case SET_TIME_READ:
        return this.#setTime;
      case CALIB_READ:
        return this.#calibration;
      case CURRENT_TIME:
        return this.#time;
      case CURRENT_TICK:
        return Math.floor(Math.max(0, this.#clock.now - this.#since) / (this.#clock.hz / oscillatorHz)) & 0xffff;
      case ALARM:
        return this.#alarm;
      case RTC_INT_STATUS:
        return this.#seconds.status | this.#alarms.status;
      case RTC_INT_MASK:
        return this.#seconds.mask | this.#alarms.mask;
      case CONTROL:
        return this.#control;
      case SAFETY_CHK:
        return this.#safetyCheck;
      case ADDR_ERROR_INT_MASK:
        return 1;
      case SET_TIME_WRITE:
      case CALIB_WRITE:
      case RTC_INT_EN:
      case RTC_INT_DIS:
      case ADDR_ERROR_INT_EN:
      case ADDR_ERROR_INT_DIS:
        return 0; // write-only
      case ADDR_ERROR:
        return 0; // accesses outside of the registers are not noted
      default:
        return this.#unknown.read(register);
    }
  }

  #write(register: number, value: number): void {
    switch (register) {
      case SET_TIME_WRITE:
        this.#setTime = value;
        this.#isSet = true;
        break;
      case CALIB_WRITE:
        this.#calibration = bits(value, 20, 0);
        break;
      case ALARM:
        this.#alarm = value;
        break;
      case RTC_INT_STATUS:
        this.#seconds.clear(value);
        this.#alarms.clear(value);
        break;
      case RTC_INT_EN:
        this.#seconds.enable(value);
        this.#alarms.enable(value);
        break;
      case RTC_INT_DIS:
        this.#seconds.disable(value);
        this.#alarms.disable(value);
        break;
      case CONTROL:
        this.#control = (value & 0x8f00_0001) >>> 0;
        break;
      case SAFETY_CHK:
        this.#safetyCheck = value;
        break;
      case SET_TIME_READ:
      case CALIB_READ:
      case CURRENT_TIME:
      case CURRENT_TICK:
      case RTC_INT_MASK:
      case ADDR_ERROR:
      case ADDR_ERROR_INT_MASK:
      case ADDR_ERROR_INT_EN:
      case ADDR_ERROR_INT_DIS:
        break;
      default:
        this.#unknown.write(register, value);
    }
  }

  /** Cycles in a second: so many ticks of the oscillator, and sixteenths of one if they are enabled. */
  get #second(): number {
    const ticks = bits(this.#calibration, 15, 0) + 1;
    const fraction = bit(this.#calibration, 20) ? bits(this.#calibration, 19, 16) / 16 : 0;
    return Math.ceil((ticks + fraction) * (this.#clock.hz / oscillatorHz));
  }

  /** Lets the seconds pass that are over. */
  #advance(): void {
    const second = this.#second;
    const passed = Math.floor((this.#clock.now - this.#since) / second);
    if (passed <= 0) return;
    this.#since = cycles(this.#since + passed * second);
    const first = this.#isSet ? this.#setTime : (this.#time + 1) >>> 0;
    this.#isSet = false;
    this.#time = (first + passed - 1) >>> 0;
    this.#seconds.raise(SECONDS);
    if ((this.#alarm - first) >>> 0 < passed) this.#alarms.raise(ALARM_HIT);
  }

  /** Sets an event for the next interrupt that is enabled. */
  #schedule(): void {
    let seconds: number | undefined;
    if (this.#alarms.awaited) {
      const first = this.#isSet ? this.#setTime : (this.#time + 1) >>> 0;
      seconds = 1 + ((this.#alarm - first) >>> 0);
    }
    if (this.#seconds.awaited) seconds = 1;
    const due = seconds === undefined ? undefined : this.#since + seconds * this.#second;
    if (due === this.#event?.time) return;
    this.#event?.cancel();
    this.#event =
      due === undefined
        ? undefined
        : this.#clock.at(cycles(due), () => {
            this.#event = undefined;
            this.#advance();
            this.#schedule();
          });
  }
}
