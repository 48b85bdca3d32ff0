/**
 * The timers of a guest. While the vCPU runs, its virtual timer is that of the core; otherwise it is a software timer.
 * Its physical timer is always a software timer, since accesses of EL1 to it trap.
 */
import type { CoreState } from '../../arch/state/core.ts';
import { TimerControl } from '../../arch/timers/timer.ts';
import type { Hasher } from '../../base/hasher.ts';
import { Ppi } from '../domain/guest-layout.ts';
import type { Machine } from '../machine/machine.ts';
import { wordOf } from '../machine/registers.ts';
import { type Nanoseconds, nanoseconds } from './time.ts';
import type { Timer, Timers } from './timers.ts';

const { ENABLE, IMASK, ISTATUS } = TimerControl;

const CNTV_CTL = wordOf('CNTV_CTL_EL0');
const CNTV_CVAL = wordOf('CNTV_CVAL_EL0');
const CNTVOFF = wordOf('CNTVOFF_EL2');

/** Interrupts of a domain's timers. */
export const vtimerPpis = { virtual: Ppi.virtualTimer, physical: Ppi.physicalTimer } as const;

/** Counts below are exact as numbers, and so are their sums with a domain's offset. */
const exactTicks = 2n ** 52n;
const maxTime = BigInt(Number.MAX_SAFE_INTEGER);

/** The count at which Xen 4.17 starts its clock. It is never 0; here the clock starts with the counter. */
const bootCount = 1n;

/**
 * Xen's time of a count that is no exact number (docs/xen/guest-timers.md, rules 2 and 3). Here the model follows Xen
 * 4.17, and not the Arm ARM: the product is cut to 64 bits and read as a signed number, so a timer that is set far ahead
 * may fire at once. The board's own timers (src/arch/timers) compare all 64 bits, as the Arm ARM says.
 */
const wrappedTime = (ticks: bigint, hz: number): Nanoseconds => {
  const kilohertz = BigInt(Math.floor(hz / 1000));
  const time = BigInt.asIntN(64, (BigInt.asUintN(64, ticks - bootCount) * 1_000_000n) / kilohertz);
  if (time <= 0n) return nanoseconds(0);
  return nanoseconds(Number(time < maxTime ? time : maxTime));
};

export interface VTimerParts {
  readonly machine: Machine;
  readonly timers: Timers;
  /** Ticks by which the guest's virtual count is behind. */
  readonly offset: number;
  /** The pCPU of the vCPU. */
  readonly cpu: number;
  /** Whether accesses of EL1 to its virtual timer trap, too, so that it always is a software timer. */
  readonly isEmulated?: boolean;
  /** Makes a private interrupt of the vCPU pending. */
  inject(irq: number): void;
}

export class VTimer {
  /** CNTV_CTL and the halves of CNTV_CVAL while the vCPU is on no core. */
  private control = 0;
  private compareLow = 0;
  private compareHigh = 0;
  /** CNTP_CTL with ISTATUS, and CNTP_CVAL. */
  private _physicalControl = 0;
  private _physicalCompare = 0n;
  private readonly machine: Machine;
  /** Ticks by which the guest's virtual count is behind. */
  private readonly offset: number;
  private readonly isEmulated: boolean;
  private readonly virtual: Timer;
  private readonly physical: Timer;

  constructor({ machine, timers, offset, cpu, isEmulated = false, inject }: VTimerParts) {
    this.machine = machine;
    this.isEmulated = isEmulated;
    this.offset = offset;
    this.virtual = timers.create(cpu, () => {
      this.control |= IMASK;
      inject(vtimerPpis.virtual);
    });
    this.physical = timers.create(cpu, () => {
      this._physicalControl |= ISTATUS;
      if ((this._physicalControl & IMASK) === 0) inject(vtimerPpis.physical);
    });
  }

  /** The vCPU leaves its core. */
  save({ words }: CoreState): void {
    if (this.isEmulated) return;
    const machine = this.machine;
    this.control = words[CNTV_CTL] as number;
    this.compareLow = words[CNTV_CVAL] as number;
    this.compareHigh = words[CNTV_CVAL + 1] as number;
    words[CNTV_CTL] = this.control & ~ENABLE;
    machine.virtualTimerChanged();
    this.setVirtual();
  }

  /** Sets the software timer for the virtual timer, if that would fire. */
  private setVirtual(): void {
    if ((this.control & ENABLE) === 0 || (this.control & IMASK) !== 0) return;
    const high = this.compareHigh >>> 0;
    const compare = (this.compareLow >>> 0) + high * 2 ** 32;
    const isExact = high < 2 ** 20;
    this.virtual.set(isExact ? this.machine.nanoseconds(compare + this.offset) : this.wrappedExpiry(high));
  }

  /** The vCPU comes to a core. */
  restore({ words }: CoreState, cpu: number): void {
    if (!this.isEmulated) this.virtual.stop();
    this.virtual.migrate(cpu);
    this.physical.migrate(cpu);
    if (this.isEmulated) return;
    words[CNTVOFF] = this.offset | 0;
    words[CNTVOFF + 1] = Math.floor(this.offset / 2 ** 32);
    words[CNTV_CVAL] = this.compareLow;
    words[CNTV_CVAL + 1] = this.compareHigh;
    words[CNTV_CTL] = this.control;
    this.machine.virtualTimerChanged();
  }

  /** The virtual timer has fired on the core. It is masked until the guest sets it again. */
  fired({ words }: CoreState): void {
    words[CNTV_CTL] = (words[CNTV_CTL] as number) | IMASK;
    this.machine.virtualTimerChanged();
  }

  /** CNTVCT_EL0, where it is emulated. */
  get virtualCount(): bigint {
    return BigInt.asUintN(64, BigInt(this.machine.counter - this.offset));
  }

  /** CNTV_CTL_EL0, where it is emulated. */
  get virtualControl(): number {
    const isMet = (this.control & ENABLE) !== 0 && this.virtualCompare <= this.virtualCount;
    return isMet ? this.control | ISTATUS : this.control;
  }

  set virtualControl(value: number) {
    this.control = value & (ENABLE | IMASK);
    this.virtual.stop();
    this.setVirtual();
  }

  /** CNTV_CVAL_EL0, where it is emulated. */
  get virtualCompare(): bigint {
    return (BigInt(this.compareHigh >>> 0) << 32n) | BigInt(this.compareLow >>> 0);
  }

  set virtualCompare(value: bigint) {
    this.compareLow = Number(BigInt.asIntN(32, value));
    this.compareHigh = Number(BigInt.asIntN(32, value >> 32n));
    this.virtual.stop();
    this.setVirtual();
  }

  /** CNTV_TVAL_EL0, where it is emulated. */
  get virtualValue(): number {
    return Number(BigInt.asUintN(32, this.virtualCompare - this.virtualCount));
  }

  set virtualValue(value: number) {
    this.virtualCompare = BigInt.asUintN(64, this.virtualCount + BigInt(value | 0));
  }

  /** CNTP_CTL_EL0. */
  get physicalControl(): number {
    return this._physicalControl;
  }

  set physicalControl(value: number) {
    const control = value & ~ISTATUS;
    this._physicalControl = (control & ENABLE) !== 0 ? control | (this._physicalControl & ISTATUS) : control;
    if ((control & ENABLE) !== 0) this.physical.set(this.physicalExpiry());
    else this.physical.stop();
  }

  /** CNTP_CVAL_EL0. */
  get physicalCompare(): bigint {
    return this._physicalCompare;
  }

  set physicalCompare(value: bigint) {
    this._physicalCompare = value;
    if ((this._physicalControl & ENABLE) === 0) return;
    this._physicalControl &= ~ISTATUS;
    this.physical.set(this.physicalExpiry());
  }

  /** CNTP_TVAL_EL0. */
  get physicalValue(): number {
    return Number(BigInt.asUintN(32, this._physicalCompare - BigInt(this.machine.counter)));
  }

  set physicalValue(value: number) {
    this.physicalCompare = BigInt.asUintN(64, BigInt(this.machine.counter + (value | 0)));
  }

  /** Adds its registers; its software timers are those of `Timers`. */
  fingerprint(hasher: Hasher): void {
    hasher.add(this.control, this.compareLow, this.compareHigh, this._physicalControl, this._physicalCompare);
  }

  /** The vCPU is destroyed. */
  destroy(): void {
    this.virtual.stop();
    this.physical.stop();
  }

  private physicalExpiry(): Nanoseconds {
    const compare = this._physicalCompare;
    const { counterHz } = this.machine;
    return compare < exactTicks ? this.machine.nanoseconds(Number(compare)) : wrappedTime(compare, counterHz);
  }

  /** The deadline of the virtual timer when its compare value is too large for an exact number. */
  private wrappedExpiry(high: number): Nanoseconds {
    const compare = (BigInt(high) << 32n) | BigInt(this.compareLow >>> 0);
    return wrappedTime(compare + BigInt(this.offset), this.machine.counterHz);
  }
}
