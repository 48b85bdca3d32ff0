/** AdvSIMD and scalar two-register miscellaneous, integer, and across lanes (Arm ARM C4.1.97). */
import { i32, type V128 } from '../../../wasm/expr.ts';
import { i8x16, i16x8, i32x4, i64x2, v128 } from '../../../wasm/simd.ts';
import { define, type Instruction } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import {
  allOnes,
  arrangement,
  type Bits,
  bitsOf,
  type Clamp,
  clampWide,
  greaterUnsigned,
  keep,
  type LaneShape,
  lane,
  maxSigned,
  minSigned,
  negativeLanes,
  pick,
  scalarKind,
  setNarrowed,
  setQC,
  setResult,
  shortLane,
  shuffleLanes,
  splatConst,
  widen,
} from './lanes.ts';

/** Sets Rd from a over so many bits. `size` is that of the narrow lanes where sizes differ. */
type Run = (m: Meaning, size: number, width: number, a: V128) => void;

/**
 * How the arrangements of Rd and Rn differ: not, Rd's lanes are half as many and twice as wide, or narrower by that.
 */
type Form = 'same' | 'paired' | 'narrow';

interface TwoRegister {
  readonly name: string;
  readonly U: '0' | '1';
  readonly opcode: Bits;
  readonly form: Form;
  readonly sizes: readonly number[];
  readonly scalar: readonly number[];
  /** What follows the operands: the zero of a comparison. */
  readonly suffix?: string;
  readonly run: Run;
}

function rows({ name, U, opcode, form, sizes, scalar, suffix = '', run }: TwoRegister): Instruction[] {
  const mnemonic = (name.split(' ')[0] ?? '').toLowerCase();
  const vector = define(`${name} (vector)`, `0 Q ${U} 01110 size:2 10000 ${opcode} 10 Rn Rd`, {
    asm: (f) => {
      const t = arrangement(f.size, f.Q);
      const wide = form === 'narrow' ? arrangement(f.size + 1, 1) : `${(4 << f.Q) >> f.size}${'bhsd'[f.size + 1]}`;
      if (form === 'narrow') return `${mnemonic}${f.Q ? '2' : ''} {V.${t}:Rd}, {V.${wide}:Rn}`;
      return `${mnemonic} {V.${form === 'paired' ? wide : t}:Rd}, {V.${t}:Rn}${suffix}`;
    },
    where: (f) => sizes.includes(f.size) && (f.size < 3 || f.Q === 1),
    fp: true,
    run: (m, f) => run(m, f.size, 64 << f.Q, m.let(m.v('Rn'))),
  });
  if (scalar.length === 0) return [vector];
  const single = define(`${name} (scalar)`, `01 ${U} 11110 size:2 10000 ${opcode} 10 Rn Rd`, {
    asm: (f) =>
      `${mnemonic} {${scalarKind(f.size)}:Rd}, {${scalarKind(form === 'narrow' ? f.size + 1 : f.size)}:Rn}${suffix}`,
    where: (f) => scalar.includes(f.size),
    fp: true,
    run: (m, f) => run(m, f.size, bitsOf(f.size), m.let(m.v('Rn'))),
  });
  return [vector, single];
}

const short = [0, 1, 2];
const all = [0, 1, 2, 3];
const long = [3];

const lanewise =
  (op: (m: Meaning, size: number, a: V128) => V128): Run =>
  (m, size, width, a) =>
    setResult(m, width, op(m, size, a));

type Encoding = readonly [U: TwoRegister['U'], opcode: Bits];

/** An operation on lanes of one width. */
const same = (
  name: string,
  [U, opcode]: Encoding,
  sizes: readonly number[],
  op: (m: Meaning, size: number, a: V128) => V128,
): TwoRegister => ({ name, U, opcode, form: 'same', sizes, scalar: [], run: lanewise(op) });

/** Lanes of `size` in reverse order within groups of `group` bytes. */
const reverse = (size: number, group: number, a: V128): V128 => {
  const last = (group >> size) - 1;
  return shuffleLanes(size, a, a, (i) => i ^ last);
};

/** Sums of neighbouring lanes, twice as wide. */
function addPairs(size: number, unsigned: boolean, a: V128): V128 {
  if (size === 0) return unsigned ? i16x8.extadd_pairwise_i8x16_u(a) : i16x8.extadd_pairwise_i8x16_s(a);
  if (size === 1) return unsigned ? i32x4.extadd_pairwise_i16x8_u(a) : i32x4.extadd_pairwise_i16x8_s(a);
  if (unsigned) return i64x2.add(v128.and(a, splatConst(3, 0xffff_ffff)), i64x2.shr_u(a, i32.const(32)));
  const [even, odd] = [0, 1].map((part) => shuffleLanes(2, a, a, (i) => (2 * i + part) & 3)) as [V128, V128];
  return i64x2.add(i64x2.extend_low_i32x4_s(even), i64x2.extend_low_i32x4_s(odd));
}

/** The number of leading zeros: a's ones spread down to bit 0, and what is left counted. */
function leadingZeros(m: Meaning, size: number, a: V128): V128 {
  const op = shortLane(size);
  let spread = a;
  for (let step = 1; step < bitsOf(size); step *= 2) {
    spread = m.let(v128.or(spread, op.shr_u(spread, i32.const(step))));
  }
  let count = i8x16.popcnt(v128.not(spread));
  for (let s = 0; s < size; s++) count = addPairs(s, true, count);
  return count;
}

/** Reverses the bits of each byte: each half's by a table. */
function reverseBits(a: V128): V128 {
  const reversed = Array.from({ length: 16 }, (_, n) => ((n & 1) << 3) | ((n & 2) << 1) | ((n & 4) >> 1) | (n >> 3));
  const toHigh = v128.const(Uint8Array.from(reversed, (n) => n << 4));
  const toLow = v128.const(Uint8Array.from(reversed));
  const low = v128.and(a, splatConst(0, 0x0f));
  return v128.or(i8x16.swizzle(toHigh, low), i8x16.swizzle(toLow, i8x16.shr_u(a, i32.const(4))));
}

const compareZero = (
  name: string,
  U: '0' | '1',
  opcode: Bits,
  op: 'gt_s' | 'ge_s' | 'eq' | 'le_s' | 'lt_s',
): TwoRegister => ({
  name: `${name} (zero)`,
  U,
  opcode,
  form: 'same',
  sizes: all,
  scalar: long,
  suffix: ', #0',
  run: lanewise((_m, size, a) => lane(size)[op](a, v128.zero())),
});

/** SQABS and SQNEG: only the most negative value saturates, and its wrapped result is the inverse of the limit. */
const saturatingUnary = (name: string, U: '0' | '1', op: 'abs' | 'neg'): TwoRegister => ({
  name,
  U,
  opcode: '00111',
  form: 'same',
  sizes: all,
  scalar: all,
  run: (m, size, width, a) => {
    const mask = m.let(lane(size).eq(a, minSigned(size)));
    setQC(m, width, mask);
    setResult(m, width, v128.xor(lane(size)[op](a), mask));
  },
});

/** SUQADD: an unsigned number added to a signed one. A sum that wraps is below the number it was added to. */
const addUnsignedToSigned: Run = (m, size, width, a) => {
  const d = m.let(m.v('Rd'));
  const sum = m.let(lane(size).add(d, a));
  const mask = m.let(lane(size).gt_s(d, sum));
  setQC(m, width, mask);
  setResult(m, width, v128.bitselect(maxSigned(size), sum, mask));
};

/** USQADD: a signed number added to an unsigned one: a sum that wraps goes to zero or to all ones, by the sign of a. */
const addSignedToUnsigned: Run = (m, size, width, a) => {
  const d = m.let(m.v('Rd'));
  const sum = m.let(lane(size).add(d, a));
  const negative = m.let(negativeLanes(size, a));
  const under = m.let(v128.and(greaterUnsigned(size, sum, d), negative));
  const over = m.let(v128.andnot(greaterUnsigned(size, d, sum), negative));
  setQC(m, width, v128.or(under, over));
  setResult(m, width, v128.andnot(v128.or(sum, over), under));
};

const saturatingNarrow = (name: string, [U, opcode]: Encoding, range: Clamp): TwoRegister => ({
  name,
  U,
  opcode,
  form: 'narrow',
  sizes: short,
  scalar: short,
  run: (m, size, width, a) => {
    // The scalar's result is narrower than any vector's; its other lanes are cleared, so that they do not saturate.
    const isScalar = width < 64;
    const { value, mask } = clampWide(m, size, range, isScalar ? keep(2 * width, a) : a);
    setQC(m, 128, mask);
    setNarrowed(m, { size, high: width === 128 ? 1 : 0 }, value);
  },
});

const pairs = (name: string, U: '0' | '1', opcode: Bits, accumulate: boolean): TwoRegister => ({
  name,
  U,
  opcode,
  form: 'paired',
  sizes: short,
  scalar: [],
  run: (m, size, width, a) => {
    const sums = addPairs(size, U === '1', a);
    setResult(m, width, accumulate ? lane(size + 1).add(m.v('Rd'), sums) : sums);
  },
});

const operations: TwoRegister[] = [
  same('REV64', ['0', '00000'], short, (_m, size, a) => reverse(size, 8, a)),
  same('REV32', ['1', '00000'], [0, 1], (_m, size, a) => reverse(size, 4, a)),
  same('REV16', ['0', '00001'], [0], (_m, size, a) => reverse(size, 2, a)),
  pairs('SADDLP', '0', '00010', false),
  pairs('UADDLP', '1', '00010', false),
  { ...same('SUQADD', ['0', '00011'], all, () => v128.zero()), scalar: all, run: addUnsignedToSigned },
  { ...same('USQADD', ['1', '00011'], all, () => v128.zero()), scalar: all, run: addSignedToUnsigned },
  same('CLS', ['0', '00100'], short, (m, size, a) => {
    // The leading bits equal to the sign, without it: the leading zeros of a ^ (a >> 1), less the first.
    const op = shortLane(size);
    return op.sub(leadingZeros(m, size, m.let(v128.xor(a, op.shr_s(a, i32.const(1))))), splatConst(size, 1));
  }),
  same('CLZ', ['1', '00100'], short, leadingZeros),
  same('CNT', ['0', '00101'], [0], (_m, _size, a) => i8x16.popcnt(a)),
  pairs('SADALP', '0', '00110', true),
  pairs('UADALP', '1', '00110', true),
  saturatingUnary('SQABS', '0', 'abs'),
  saturatingUnary('SQNEG', '1', 'neg'),
  compareZero('CMGT', '0', '01000', 'gt_s'),
  compareZero('CMGE', '1', '01000', 'ge_s'),
  compareZero('CMEQ', '0', '01001', 'eq'),
  compareZero('CMLE', '1', '01001', 'le_s'),
  compareZero('CMLT', '0', '01010', 'lt_s'),
  { ...same('ABS', ['0', '01011'], all, (_m, size, a) => lane(size).abs(a)), scalar: long },
  { ...same('NEG', ['1', '01011'], all, (_m, size, a) => lane(size).neg(a)), scalar: long },
  {
    name: 'XTN',
    U: '0',
    opcode: '10010',
    form: 'narrow',
    sizes: short,
    scalar: [],
    run: (m, size, width, a) => setNarrowed(m, { size, high: width === 128 ? 1 : 0 }, a),
  },
  saturatingNarrow('SQXTUN', ['1', '10010'], { from: 'signed', to: 'unsigned' }),
  saturatingNarrow('SQXTN', ['0', '10100'], { from: 'signed', to: 'signed' }),
  saturatingNarrow('UQXTN', ['1', '10100'], { from: 'unsigned', to: 'unsigned' }),
];

/** NOT and RBIT are told apart by the size field; the lanes are bytes. `mvn` is the preferred name of NOT. */
const bytewise = define('NOT/RBIT (vector)', '0 Q 1 01110 0 rbit 10000 00101 10 Rn Rd', {
  asm: (f) => `${f.rbit ? 'rbit' : 'mvn'} {V.${arrangement(0, f.Q)}:Rd}, {V.${arrangement(0, f.Q)}:Rn}`,
  fp: true,
  run: (m, f) => setResult(m, 64 << f.Q, f.rbit ? reverseBits(m.let(m.v('Rn'))) : v128.xor(m.v('Rn'), allOnes())),
});

const shiftLong = define('SHLL/SHLL2', '0 Q 1 01110 size:2 10000 10011 10 Rn Rd', {
  asm: (f) =>
    `shll${f.Q ? '2' : ''} {V.${arrangement(f.size + 1, 1)}:Rd}, {V.${arrangement(f.size, f.Q)}:Rn}, #${bitsOf(f.size)}`,
  where: (f) => f.size < 3,
  fp: true,
  run: (m, f) => m.setV('Rd', lane(f.size + 1).shl(widen(f.size, true, f.Q, m.v('Rn')), i32.const(bitsOf(f.size)))),
});

/** Combines all lanes of the low `width` bits into the first: halves with halves. */
function reduce(m: Meaning, { size, width }: Omit<LaneShape, 'high'>, a: V128, op: (a: V128, b: V128) => V128): V128 {
  let result = a;
  for (let lanes = width / bitsOf(size) / 2; lanes >= 1; lanes /= 2) {
    const whole = (16 >> size) - 1;
    const part = m.let(result);
    result = op(
      part,
      shuffleLanes(size, part, part, (i) => (i + lanes) & whole),
    );
  }
  return result;
}

interface AcrossLanes {
  readonly name: string;
  readonly U: '0' | '1';
  readonly opcode: Bits;
  readonly long: boolean;
  readonly run: (m: Meaning, size: number, width: number, a: V128) => V128;
}

const acrossRow = ({ name, U, opcode, long: isLong, run }: AcrossLanes): Instruction =>
  define(name, `0 Q ${U} 01110 size:2 11000 ${opcode} 10 Rn Rd`, {
    asm: (f) =>
      `${name.toLowerCase()} {${scalarKind(f.size + (isLong ? 1 : 0))}:Rd}, {V.${arrangement(f.size, f.Q)}:Rn}`,
    where: (f) => f.size < 2 || (f.size === 2 && f.Q === 1),
    fp: true,
    run: (m, f) => setResult(m, bitsOf(f.size + (isLong ? 1 : 0)), run(m, f.size, 64 << f.Q, m.v('Rn'))),
  });

const across: AcrossLanes[] = ['S', 'U'].flatMap((sign, i): AcrossLanes[] => {
  const U = pick(i, '0', '1');
  const unsigned = i === 1;
  const extreme = (name: string, opcode: Bits, op: 'max' | 'min'): AcrossLanes => ({
    name: `${sign}${name}`,
    U,
    opcode,
    long: false,
    run: (m, size, width, a) => reduce(m, { size, width }, a, shortLane(size)[`${op}_${unsigned ? 'u' : 's'}`]),
  });
  return [
    {
      name: `${sign}ADDLV`,
      U,
      opcode: '00011',
      long: true,
      run: (m, size, width, a) => reduce(m, { size: size + 1, width }, addPairs(size, unsigned, a), lane(size + 1).add),
    },
    extreme('MAXV', '01010', 'max'),
    extreme('MINV', '11010', 'min'),
  ];
});

const addAcross: AcrossLanes = {
  name: 'ADDV',
  U: '0',
  opcode: '11011',
  long: false,
  run: (m, size, width, a) => reduce(m, { size, width }, a, lane(size).add),
};

export const simdTwoRegister: readonly Instruction[] = [
  ...operations.flatMap(rows),
  bytewise,
  shiftLong,
  ...[...across, addAcross].map(acrossRow),
];
