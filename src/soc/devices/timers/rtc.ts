/**
 * The real-time clock of the Zynq UltraScale+: UG1085 chapter 7, registers as in the RTC module of UG1087. It counts
 * seconds of virtual time from a fixed date at power-on, as if a battery had kept it running; resets do not
 * touch it. Output 0 is the alarm's interrupt, output 1 that of the seconds.
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
import { allMasked, InterruptStatus } from '../../bus/interrupt-status.ts';

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

/** RTC_INT_STATUS: a second has passed, which is an event; the alarm's second has come, and lasts. */
const SECONDS = 1 << 0;
const ALARM_HIT = 1 << 1;

const oscillatorHz = 32_768;
/** What the battery has kept: the oscillator's nominal rate, and both enables. */
const calibrationAtReset = oscillatorHz - 1;
const controlAtReset = 0x8100_0000;
/** Seconds since 1970 at power-on: 1 January 2026, 00:00:00 UTC. */
const timeAtPowerOn = 1_767_225_600;

const atReset = () => ({
  /** The second that the clock has shown since `since`. */
  time: timeAtPowerOn,
  since: cycles(0),
  /** SET_TIME_WRITE, and whether it takes effect at the next second. */
  setTime: 0,
  isSet: false,
  calibration: calibrationAtReset,
  alarm: 0,
  control: controlAtReset,
  safetyCheck: 0,
  interrupts: allMasked(SECONDS | ALARM_HIT),
});

export class Rtc extends StatefulDevice<ReturnType<typeof atReset>> {
  readonly #clock: DeviceClock;
  readonly #unknown: UnknownRegisters;
  /** One pair of registers, split by the output that a bit drives. */
  readonly #seconds: InterruptStatus;
  readonly #alarms: InterruptStatus;
  readonly #next: DeviceEvent;

  constructor(name: string, { clock, log, interrupt }: DeviceWiring) {
    super(name, atReset());
    this.#clock = clock;
    this.#unknown = new UnknownRegisters(name, log);
    this.#seconds = new InterruptStatus(this.state.interrupts, SECONDS, (level) => interrupt(level, 1));
    this.#alarms = new InterruptStatus(this.state.interrupts, ALARM_HIT, (level) => interrupt(level, 0));
    this.#next = new DeviceEvent(clock, () => {
      this.#advance();
      this.#schedule();
    });
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

  /** The battery's domain has no reset: the time goes on. What the bus reads and writes for interrupts is reset. */
  override reset(): void {
    this.#advance();
    const { time, since, setTime, isSet, calibration, control } = this.state;
    const { alarm, safetyCheck, interrupts } = atReset();
    this.loadState({ time, since, setTime, isSet, calibration, alarm, control, safetyCheck, interrupts });
  }

  protected override stateLoaded(): void {
    this.#seconds.update();
    this.#alarms.update();
    this.#schedule();
  }

  #read(register: number): number {
    switch (register) {
      case SET_TIME_READ:
        return this.state.setTime;
      case CALIB_READ:
        return this.state.calibration;
      case CURRENT_TIME:
        return this.state.time;
      case CURRENT_TICK:
        return Math.floor(Math.max(0, this.#clock.now - this.state.since) / (this.#clock.hz / oscillatorHz)) & 0xffff;
      case ALARM:
        return this.state.alarm;
      case RTC_INT_STATUS:
        return this.state.interrupts.status;
      case RTC_INT_MASK:
        return this.state.interrupts.mask;
      case CONTROL:
        return this.state.control;
      case SAFETY_CHK:
        return this.state.safetyCheck;
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
        return 0; // accesses outside the registers are not recorded
      default:
        return this.#unknown.read(register);
    }
  }

  #write(register: number, value: number): void {
    switch (register) {
      case SET_TIME_WRITE:
        this.state.setTime = value;
        this.state.isSet = true;
        break;
      case CALIB_WRITE:
        this.state.calibration = bits(value, 20, 0);
        break;
      case ALARM:
        this.state.alarm = value;
        break;
      case RTC_INT_STATUS:
        this.#seconds.clear(value);
        this.#alarms.clear(value);
        this.#holdAlarm();
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
        this.state.control = (value & 0x8f00_0001) >>> 0;
        break;
      case SAFETY_CHK:
        this.state.safetyCheck = value;
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

  /** Cycles in a second: the calibrated number of the oscillator's ticks, and sixteenths of one if enabled. */
  get #second(): number {
    const ticks = bits(this.state.calibration, 15, 0) + 1;
    const fraction = bit(this.state.calibration, 20) ? bits(this.state.calibration, 19, 16) / 16 : 0;
    return Math.ceil((ticks + fraction) * (this.#clock.hz / oscillatorHz));
  }

  /** Counts the seconds that have passed. */
  #advance(): void {
    const second = this.#second;
    const passed = Math.floor((this.#clock.now - this.state.since) / second);
    if (passed <= 0) return;
    this.state.since = cycles(this.state.since + passed * second);
    const first = this.state.isSet ? this.state.setTime : (this.state.time + 1) >>> 0;
    this.state.isSet = false;
    this.state.time = (first + passed - 1) >>> 0;
    this.#seconds.raise(SECONDS);
    if ((this.state.alarm - first) >>> 0 < passed) this.#alarms.raise(ALARM_HIT);
  }

  /** The alarm's bit is a level: it cannot be cleared while its second lasts (Linux's driver waits for the end of it). */
  #holdAlarm(): void {
    if (this.state.time === this.state.alarm) this.#alarms.raise(ALARM_HIT);
  }

  /** Sets an event for the next interrupt that is enabled. */
  #schedule(): void {
    let seconds: number | undefined;
    if (this.#alarms.awaited) {
      const first = this.state.isSet ? this.state.setTime : (this.state.time + 1) >>> 0;
      seconds = 1 + ((this.state.alarm - first) >>> 0);
    }
    if (this.#seconds.awaited) seconds = 1;
    this.#next.set(seconds === undefined ? null : cycles(this.state.since + seconds * this.#second));
  }
}
