/**
 * The virtual memory control registers of a vCPU without acceleration: docs/xen/unaccelerated.md, section 2. In the core
 * are the guest's own ones, except for TTBR0_EL1, TTBR1_EL1 and TCR_EL1.IPS.
 */
import type { SystemFields } from '../../a64/system-encoding.ts';
import { systemEncoding } from '../../a64/system-encoding.ts';
import { Sctlr } from '../../arch/state/control-bits.ts';
import type { CoreState } from '../../arch/state/core.ts';
import { bytesOf, type Hasher } from '../../base/hasher.ts';
import type { Machine } from '../machine/machine.ts';
import { setX, wordOf, xHigh, xLow } from '../machine/registers.ts';
import type { P2m } from '../mm/p2m.ts';
import { indexOf, isOutOfRange, lastHole, orderOf, pageOf, rootOutside } from './shadow-entry.ts';
import type { Filled, ShadowTable, ShadowTables, Start } from './shadow-tables.ts';

const SCTLR = wordOf('SCTLR_EL1');
const TCR = wordOf('TCR_EL1');
const TTBR = [wordOf('TTBR0_EL1'), wordOf('TTBR1_EL1')] as const;
const VTTBR = wordOf('VTTBR_EL2');

/** TCR_EL1.IPS for 40 bits, in its high half. */
const ips40 = 2;
const ipsMask = 7;

/** By number of the TTBR, 0 or 1: where TCR_EL1 has what it says of it. */
const tcrFields = [
  { size: 0, disable: 1 << 7, granule: 14, granule64: 1 },
  { size: 16, disable: 1 << 23, granule: 30, granule64: 3 },
] as const;

const accessible = {
  sctlr: [3, 0, 1, 0, 0],
  ttbr0: [3, 0, 2, 0, 0],
  ttbr1: [3, 0, 2, 0, 1],
  tcr: [3, 0, 2, 0, 2],
} as const satisfies Record<string, SystemFields>;
const sctlrEncoding = systemEncoding(accessible.sctlr);
const ttbrEncodings = [systemEncoding(accessible.ttbr0), systemEncoding(accessible.ttbr1)];
const tcrEncoding = systemEncoding(accessible.tcr);

/** The registers that HCR_EL2.TVM and TRVM trap. */
const others: readonly SystemFields[] = [
  [3, 0, 5, 2, 0],
  [3, 0, 6, 0, 0],
  [3, 0, 5, 1, 0],
  [3, 0, 5, 1, 1],
  [3, 0, 10, 2, 0],
  [3, 0, 10, 3, 0],
  [3, 0, 13, 0, 1],
];
export const virtualMemoryEncodings: ReadonlySet<number> = new Set(
  [...Object.values(accessible), ...others].map((fields) => systemEncoding(fields)),
);

/** The number of the TTBR that an address belongs to. */
const ttbrOf = (high: number): 0 | 1 => ((high & (1 << 23)) !== 0 ? 1 : 0);

/** Whether the guest's MMU is on, while the vCPU is in a core. */
const isOn = ({ words }: CoreState): boolean => ((words[SCTLR] as number) & Sctlr.M) !== 0;

export class Translation {
  /** The halves of the guest's TTBR0_EL1, TTBR1_EL1 and TCR_EL1. */
  private readonly registers = new Int32Array(6);
  private readonly roots: [ShadowTable | null, ShadowTable | null] = [null, null];
  private readonly machine: Machine;
  private readonly tables: ShadowTables;
  private readonly p2m: P2m;

  constructor(machine: Machine, tables: ShadowTables, p2m: P2m) {
    this.machine = machine;
    this.tables = tables;
    this.p2m = p2m;
  }

  /** The vCPU starts, with its MMU off. */
  begin(): void {
    this.registers.fill(0);
    this.roots.fill(null);
  }

  hasRoot(table: ShadowTable): boolean {
    return this.roots.includes(table);
  }

  get isOn(): boolean {
    return isOn(this.machine.core);
  }

  /** The tables of stage 2: with the MMU off there is nothing to shadow, and the domain has its own. */
  stage2(core: CoreState): P2m {
    return isOn(core) ? this.tables.filter : this.p2m;
  }

  /** MRS. */
  read(encoding: number, register: number): void {
    const at = this.stored(encoding);
    if (at < 0) this.machine.readSystem(encoding, register);
    else
      setX(this.machine.core, register, (this.registers[at] as number) >>> 0, (this.registers[at + 1] as number) >>> 0);
  }

  /** MSR. Returns false if the guest asks for what this mode does not have. */
  write(encoding: number, register: number): boolean {
    const machine = this.machine;
    const { core } = machine;
    const wasOn = this.isOn;
    const at = this.stored(encoding);
    if (at >= 0) {
      this.registers[at] = xLow(core, register);
      this.registers[at + 1] = xHigh(core, register);
      if (encoding === tcrEncoding) {
        // Its RES0 bits.
        this.registers[4] = (this.registers[4] as number) & ~0x40;
        this.registers[5] = (this.registers[5] as number) & 0x77;
      }
      if (encoding === tcrEncoding) this.loadControl();
      if (wasOn && encoding === ttbrEncodings[0]) this.load(0);
      else if (wasOn && encoding === ttbrEncodings[1]) this.load(1);
      else if (wasOn) this.loadBoth();
      machine.registersChanged();
      return this.isSupported();
    }
    machine.writeSystem(encoding, register);
    if (encoding === sctlrEncoding && this.isOn !== wasOn) this.switch();
    return this.isSupported();
  }

  /** The guest cannot reach an address as its shadow tables are. */
  fill(low: number, high: number): Filled {
    const number = ttbrOf(high);
    if (!this.roots[number]) {
      this.load(number);
      this.machine.registersChanged();
    }
    return this.tables.fill(this.startOf(low, high), low, high);
  }

  reread(low: number, high: number): void {
    this.tables.reread(this.startOf(low, high), low, high);
  }

  /** With its MMU off, the vCPU may have written to tables. */
  forget(): void {
    this.tables.reset();
  }

  /** Lets an address be written to, even if there is a table. */
  release(low: number, high: number): void {
    const frame = this.tables.frameAt(this.startOf(low, high), low, high);
    if (frame >= 0) this.tables.drop(frame);
  }

  fingerprint(hasher: Hasher): void {
    hasher.add(bytesOf(this.registers));
    hasher.add(this.roots.map((root) => root?.frame));
  }

  /** Where the walk of an address begins; null if it has no root. A root may have less than a page, and begin within it. */
  private startOf(low: number, high: number): Start | null {
    const number = ttbrOf(high);
    const table = this.roots[number];
    if (!table) return null;
    const { alignment, offset } = this.layoutOf(number);
    const mask = 2 ** (alignment - 3) - 1;
    return { table, index: (offset >>> 3) + (indexOf(table.level, low, high) & mask) };
  }

  /** The level of a root, the bits of its size, and where it begins in its page; level -1 if there is none. */
  private layoutOf(number: 0 | 1): { readonly level: number; readonly alignment: number; readonly offset: number } {
    const tcr = this.registers[4] as number;
    const { size, disable } = tcrFields[number];
    const inputSize = 64 - ((tcr >>> size) & 63);
    if ((tcr & disable) !== 0 || inputSize < 25 || inputSize > 48) return { level: -1, alignment: 12, offset: 0 };
    const level = 4 - Math.floor((inputSize - 12 + 8) / 9);
    const alignment = 3 + inputSize - (12 + orderOf(level));
    const low = this.registers[2 * number] as number;
    return { level, alignment, offset: alignment >= 12 ? 0 : low & 0xfff & (-1 << alignment) };
  }

  /** Where the guest's own value of a register is kept; -1 if it is in the core. */
  private stored(encoding: number): number {
    if (encoding === tcrEncoding) return 4;
    const number = ttbrEncodings.indexOf(encoding);
    return number < 0 ? -1 : 2 * number;
  }

  /** The MMU goes on or off. */
  private switch(): void {
    const machine = this.machine;
    const { core } = machine;
    if (this.isOn) {
      this.forget();
      this.loadBoth();
    } else this.roots.fill(null);
    const stage2 = this.stage2(core);
    core.words[VTTBR] = stage2.vttbrLow;
    core.words[VTTBR + 1] = stage2.vttbrHigh;
    machine.registersChanged();
    machine.flushGuest(stage2.vttbrLow, stage2.vttbrHigh);
  }

  private loadControl(): void {
    const { words } = this.machine.core;
    const high = this.registers[5] as number;
    words[TCR] = this.registers[4] as number;
    words[TCR + 1] = (high & ~ipsMask) | ips40;
  }

  private loadBoth(): void {
    this.load(0);
    this.load(1);
  }

  /** Puts the shadow of a root into the core. Without one, every walk ends in EL2. */
  private load(number: 0 | 1): void {
    const { words } = this.machine.core;
    const ips = (this.registers[5] as number) & ipsMask;
    const low = this.registers[2 * number] as number;
    const high = this.registers[2 * number + 1] as number;
    const { level, offset } = this.layoutOf(number);
    let root: ShadowTable | null = null;
    if (level >= 0) {
      this.tables.addressSize = ips;
      root = this.tables.root(pageOf(low >>> 0, high), level);
    }
    this.roots[number] = root;
    const page = root?.frame ?? lastHole;
    words[TTBR[number]] = (page << 12) | offset;
    words[TTBR[number] + 1] =
      (high & ~0xffff) | (isOutOfRange(high, ips) ? rootOutside : 0) | Math.floor(page / 2 ** 20);
  }

  /** The granule is 4 KiB, and descriptors are little-endian. */
  private isSupported(): boolean {
    const { core } = this.machine;
    if (!isOn(core)) return true;
    const tcr = this.registers[4] as number;
    const has64 = tcrFields.some(
      ({ disable, granule, granule64 }) => (tcr & disable) === 0 && ((tcr >>> granule) & 3) === granule64,
    );
    return !has64 && ((core.words[SCTLR] as number) & Sctlr.EE) === 0;
  }
}
