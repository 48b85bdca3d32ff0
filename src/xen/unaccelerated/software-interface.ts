/**
 * The CPU interface of a virtual GIC as Xen's own state, where the guest has none of the hardware's: docs/xen/unaccelerated.md,
 * section 3. The hardware's is `VirtualInterface` (src/soc/gic); this one does the same for Group 0, which is all that Xen
 * has.
 */
import type { Hasher } from '../../base/hasher.ts';

const levelShift = 3;
const minimumBinaryPoint = 2;
/** GICC_CTLR: enable for Group 0, and EOImode. */
const enable = 1 << 0;
const eoiMode = 1 << 9;
const controlBits = enable | (1 << 1) | (1 << 2) | (1 << 3) | (1 << 4) | eoiMode;

export class SoftwareInterface {
  private _control = 0;
  private _mask = 0;
  private _binaryPoint = minimumBinaryPoint;
  /** Active priorities: one bit for each level, the highest in bit 0. */
  private _active = 0;

  get control(): number {
    return this._control;
  }
  set control(value: number) {
    this._control = value & controlBits;
  }

  get isSplit(): boolean {
    return (this._control & eoiMode) !== 0;
  }

  /** GICC_PMR. */
  get mask(): number {
    return this._mask;
  }
  set mask(value: number) {
    this._mask = value & 0xf8;
  }

  /** GICC_BPR. */
  get binaryPoint(): number {
    return this._binaryPoint;
  }
  set binaryPoint(value: number) {
    this._binaryPoint = Math.max(minimumBinaryPoint, value & 7);
  }

  /** GICC_APR0. */
  get active(): number {
    return this._active;
  }
  set active(value: number) {
    this._active = value >>> 0;
  }

  /** The level of the running priority: 32 if there is none. */
  get runningLevel(): number {
    return this._active === 0 ? 32 : 31 - Math.clz32(this._active & -this._active);
  }

  /** Whether the guest would get an interrupt of a priority now. */
  takes(priority: number): boolean {
    const isHigher = this.groupOf(priority) < this.runningLevel << levelShift;
    return (this._control & enable) !== 0 && (priority & 0xf8) < this._mask && isHigher;
  }

  /** An interrupt of a priority becomes active. */
  raise(priority: number): void {
    this._active = (this._active | (1 << (this.groupOf(priority) >>> levelShift))) >>> 0;
  }

  /** The highest active priority ends. */
  drop(): void {
    this._active = (this._active & (this._active - 1)) >>> 0;
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(this._control, this._mask, this._binaryPoint, this._active);
  }

  private groupOf(priority: number): number {
    return priority & 0xf8 & (0xfe << this._binaryPoint);
  }
}
