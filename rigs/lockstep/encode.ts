import { eret, mrs, msr, sys as sysOf, systemOperation } from '../../src/a64/system-encoding.ts';
import type { Random } from '../random.ts';

/** Words of the instructions that programs and handlers are put together from. Registers and immediates must fit. */

const nop = 0xd503_201f;
const ret = 0xd65f_03c0;
const isb = 0xd503_3fdf;
const dsb = 0xd503_3f9f;
export const Fixed = { nop, eret, ret, isb, dsb } as const;

export { mrs, msr };

/** A SYS instruction by mnemonic and name, as in `DC ZVA`. */
export const sys = (name: string, rt = 31): number => sysOf(systemOperation(name), rt);

export const movz = (rd: number, value: number, shift = 0): number =>
  (0xd280_0000 | ((shift / 16) << 21) | ((value & 0xffff) << 5) | rd) >>> 0;
const movk = (rd: number, value: number, shift: number): number =>
  (0xf280_0000 | ((shift / 16) << 21) | ((value & 0xffff) << 5) | rd) >>> 0;

/** A 32-bit value into a register, in two instructions. */
export const move = (rd: number, value: number): number[] => [movz(rd, value), movk(rd, value >>> 16, 16)];
/** Bits 63-48 of a register. */
export const movkTop = (rd: number, value: number): number => movk(rd, value, 48);

export const addImmediate = (rd: number, rn: number, value: number): number =>
  (0x9100_0000 | (value << 10) | (rn << 5) | rd) >>> 0;
/** ADD Xd, Xd, #4096. */
export const nextPage = (rd: number): number => addImmediate(rd, rd, 1) | (1 << 22);
export const addRegister = (rd: number, rn: number, rm: number): number =>
  (0x8b00_0000 | (rm << 16) | (rn << 5) | rd) >>> 0;
export const subsImmediate = (rd: number, rn: number, value: number): number =>
  (0xf100_0000 | (value << 10) | (rn << 5) | rd) >>> 0;
/** UBFX Xd, Xn, #lsb, #width. */
export const ubfx = (rd: number, rn: number, lsb: number, width: number): number =>
  (0xd340_0000 | (lsb << 16) | ((lsb + width - 1) << 10) | (rn << 5) | rd) >>> 0;
/** EOR Xd, Xn, #(1 << bit). */
export const flipBit = (rd: number, rn: number, bit: number): number =>
  (0xd240_0000 | (((64 - bit) & 63) << 16) | (rn << 5) | rd) >>> 0;

/** STR and LDR of 8 << (size - 3) bits at [Xn]. */
export const store = (rt: number, rn: number, size = 3): number => (0x3900_0000 | (size << 30) | (rn << 5) | rt) >>> 0;
export const load = (rt: number, rn: number): number => (0xf940_0000 | (rn << 5) | rt) >>> 0;
export const loadNarrow = (rt: number, rn: number, size: number): number =>
  (0x3940_0000 | (size << 30) | (rn << 5) | rt) >>> 0;
export const loadPair = (rt: number, rt2: number, rn: number, offset: number): number =>
  (0xa940_0000 | ((offset / 8) << 15) | (rt2 << 10) | (rn << 5) | rt) >>> 0;
/** LDP and STP of two words at [Xn]. */
export const loadWords = (rt: number, rt2: number, rn: number): number =>
  (0x2940_0000 | (rt2 << 10) | (rn << 5) | rt) >>> 0;
export const storeWords = (rt: number, rt2: number, rn: number): number =>
  (0x2900_0000 | (rt2 << 10) | (rn << 5) | rt) >>> 0;
/** LDXR and STXR of a word. */
export const loadExclusive = (rt: number, rn: number): number => (0x885f_7c00 | (rn << 5) | rt) >>> 0;
export const storeExclusive = (rs: number, rt: number, rn: number): number =>
  (0x8800_7c00 | (rs << 16) | (rn << 5) | rt) >>> 0;
/** FMOV Sd, Wn, and STR of it. */
export const toSingle = (rd: number, rn: number): number => (0x1e27_0000 | (rn << 5) | rd) >>> 0;
export const storeSingle = (rt: number, rn: number): number => (0xbd00_0000 | (rn << 5) | rt) >>> 0;
/** STP of two registers at [SP, #-16]!, and LDP at [SP], #16. */
export const push = (rt: number, rt2: number): number => (0xa9bf_03e0 | (rt2 << 10) | rt) >>> 0;
export const pop = (rt: number, rt2: number): number => (0xa8c1_03e0 | (rt2 << 10) | rt) >>> 0;
/** LDR Xt, [Xn, Xm, LSL #3]. */
export const loadIndexed = (rt: number, rn: number, rm: number): number =>
  (0xf860_7800 | (rm << 16) | (rn << 5) | rt) >>> 0;

/** Branches by a distance in bytes. */
export const b = (distance: number): number => (0x1400_0000 | ((distance >> 2) & 0x3ff_ffff)) >>> 0;
export const bl = (distance: number): number => (0x9400_0000 | ((distance >> 2) & 0x3ff_ffff)) >>> 0;
export const bCond = (condition: number, distance: number): number =>
  (0x5400_0000 | (((distance >> 2) & 0x7ffff) << 5) | condition) >>> 0;
/** CBZ, or CBNZ where `nonzero`; on Wt unless `wide`. */
export const cbz = (rt: number, nonzero: boolean, wide: boolean, distance: number): number =>
  ((wide ? 0xb400_0000 : 0x3400_0000) | (nonzero ? 1 << 24 : 0) | (((distance >> 2) & 0x7ffff) << 5) | rt) >>> 0;
export const tbz = (rt: number, bit: number, nonzero: boolean, distance: number): number =>
  (0x3600_0000 |
    ((bit >> 5) << 31) |
    (nonzero ? 1 << 24 : 0) |
    ((bit & 31) << 19) |
    (((distance >> 2) & 0x3fff) << 5) |
    rt) >>>
  0;
export const br = (rn: number): number => (0xd61f_0000 | (rn << 5)) >>> 0;
export const blr = (rn: number): number => (0xd63f_0000 | (rn << 5)) >>> 0;

/** NEG Xd, Xm, and ADD Xd, Xn, Xm, LSL #shift. */
export const negate = (rd: number, rm: number): number => (0xcb00_03e0 | (rm << 16) | rd) >>> 0;
export const addShifted = (rd: number, rn: number, rm: number, shift: number): number =>
  (0x8b00_0000 | (rm << 16) | (shift << 10) | (rn << 5) | rd) >>> 0;
/** One of ADDS, SUBS and ANDS of two registers, of either width. */
export const flags = (random: Random, rn: number, rm: number): number =>
  (random.pick([0x2b00_0000, 0xab00_0000, 0x6b00_0000, 0xeb00_0000, 0x6a00_0000, 0xea00_0000]) |
    (rm << 16) |
    (rn << 5) |
    random.pick([31, 31, 3])) >>>
  0;

/** CCMP or CCMN of two registers, of either width. */
export const conditionalCompare = (random: Random, rn: number, rm: number): number =>
  (random.pick([0x3a40_0000, 0xba40_0000, 0x7a40_0000, 0xfa40_0000]) |
    (rm << 16) |
    (random.below(16) << 12) |
    (rn << 5) |
    random.below(16)) >>>
  0;

/** CSET Xd, condition. */
export const cset = (rd: number, condition: number): number => (0x9a9f_07e0 | ((condition ^ 1) << 12) | rd) >>> 0;
/** MSR SPSel, #n. */
export const spsel = (n: 0 | 1): number => (0xd500_40bf | (n << 8)) >>> 0;

export const svc = (n: number): number => (0xd400_0001 | (n << 5)) >>> 0;
export const hvc = (n: number): number => (0xd400_0002 | (n << 5)) >>> 0;
export const smc = (n: number): number => (0xd400_0003 | (n << 5)) >>> 0;
export const brk = (n: number): number => (0xd420_0000 | (n << 5)) >>> 0;
