import { systemEncoding, systemOperation } from '../../src/a64/system-encoding.ts';

/**
 * Instruction words that are not compared between implementations, each group with its reason: the architecture does
 * not define what they do, or it reaches outside the state of a test.
 */
export interface Exclusion {
  readonly name: string;
  readonly reason: string;
  readonly matches: (word: number) => boolean;
}

const is = (word: number, mask: number, value: number): boolean => (word & mask) >>> 0 === value;
const low = (word: number): number => word & 31;
const rn = (word: number): number => (word >>> 5) & 31;
const rt2 = (word: number): number => (word >>> 10) & 31;
const rs = (word: number): number => (word >>> 16) & 31;

/** The encoding of a register or operation without the top bit of op0, as in bits 19-5 of MRS, MSR and SYS. */
const low15 = (encoding: number): number => encoding & 0x7fff;

/** System registers that EL0 reads and writes and whose value belongs to the test. */
const comparedRegisters = new Set([
  low15(systemEncoding([3, 3, 4, 2, 0])), // NZCV
  low15(systemEncoding([3, 3, 4, 4, 0])), // FPCR
  low15(systemEncoding([3, 3, 4, 4, 1])), // FPSR
]);
/** op1, CRn, CRm and op2 of the SYS instructions for EL0 that work on a location. */
const operation = (name: string): number => systemOperation(name).encoding & 0x3fff;
const comparedMaintenance = new Set([
  operation('DC ZVA'),
  operation('DC CVAC'),
  operation('DC CVAU'),
  operation('DC CIVAC'),
  operation('IC IVAU'),
]);

/** MRS, MSR and SYS words that are compared, with Rt 0. They are too few to be drawn by chance. */
export const comparedSystemWords: readonly number[] = [
  ...[...comparedRegisters].flatMap((register) => [0xd5300000 + (register << 5), 0xd5100000 + (register << 5)]),
  ...[...comparedMaintenance].map((operation) => 0xd5080000 + (operation << 5)),
];

export const exclusions: readonly Exclusion[] = [
  {
    name: 'SVC',
    reason: "it is a call of the host's system, with random arguments",
    matches: (w) => is(w, 0xffe0001f, 0xd4000001),
  },
  {
    name: 'HLT #0xf000',
    reason: 'QEMU takes it for a semihosting call; with halting debug disabled it is UNDEFINED',
    matches: (w) => is(w, 0xffffffff, 0xd45e0000),
  },
  {
    name: 'WFE, WFI',
    reason: 'they may wait for what a test does not have',
    matches: (w) => is(w, 0xffffffdf, 0xd503205f),
  },
  {
    name: 'MRS, MSR',
    reason: 'all but the flags and FP registers belong to the system, which differs; tested under qemu-system-aarch64',
    matches: (w) => is(w, 0xffd00000, 0xd5100000) && !comparedRegisters.has((w >>> 5) & 0x7fff),
  },
  {
    name: 'SYS, SYSL',
    reason: 'likewise, all but maintenance by address from EL0',
    matches: (w) =>
      is(w, 0xffd80000, 0xd5080000) && !(is(w, 0xfff80000, 0xd5080000) && comparedMaintenance.has((w >>> 5) & 0x3fff)),
  },
  {
    name: 'load or store with write-back of the transferred register',
    reason: 'CONSTRAINED UNPREDICTABLE (Arm ARM C6.2, LDR (immediate), STR (immediate) and relatives)',
    matches: (w) => is(w, 0x3f200400, 0x38000400) && low(w) === rn(w) && rn(w) !== 31,
  },
  {
    name: 'pair with write-back of a transferred register',
    reason: 'CONSTRAINED UNPREDICTABLE (Arm ARM C6.2, LDP, STP)',
    matches: (w) => is(w, 0x3e800000, 0x28800000) && rn(w) !== 31 && (low(w) === rn(w) || rt2(w) === rn(w)),
  },
  {
    name: 'load of a pair into one register',
    reason: 'CONSTRAINED UNPREDICTABLE (Arm ARM C6.2, LDP, LDNP, LDPSW; C7.2, LDP and LDNP (SIMD&FP))',
    matches: (w) => is(w, 0x3a400000, 0x28400000) && low(w) === rt2(w),
  },
  {
    name: 'load-exclusive of a pair into one register',
    reason: 'CONSTRAINED UNPREDICTABLE (Arm ARM C6.2, LDXP, LDAXP)',
    matches: (w) => is(w, 0x3fe00000, 0x08600000) && low(w) === rt2(w),
  },
  {
    name: 'store-exclusive with the status in another operand',
    reason: 'CONSTRAINED UNPREDICTABLE (Arm ARM C6.2, STXR, STLXR, STXP, STLXP)',
    matches: (w) =>
      is(w, 0x3fc00000, 0x08000000) &&
      (rs(w) === low(w) || (rs(w) === rn(w) && rn(w) !== 31) || (is(w, 0x00200000, 0x00200000) && rs(w) === rt2(w))),
  },
];

/** Why a word is not compared, or undefined if it is. */
export const excluded = (word: number): Exclusion | undefined => exclusions.find((e) => e.matches(word));
