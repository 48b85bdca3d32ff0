/** AdvSIMD and scalar shift by immediate, integer (Arm ARM C4.1.97). */
import { constantOf, type I32, i32, type V128 } from '../../../wasm/expr.ts';
import { v128 } from '../../../wasm/simd.ts';
import { define, type Instruction } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import {
  allOnes,
  arrangement,
  type Bits,
  bitsOf,
  type Clamp,
  clampWide,
  type IntegerLanes,
  keep,
  type LaneShape,
  lane,
  maxSigned,
  negativeLanes,
  pick,
  scalarKind,
  setNarrowed,
  setQC,
  setResult,
  shiftRight,
  shiftRightRounded,
  widen,
} from './lanes.ts';

/** Lanes of one width (`same`), of narrow lanes to wide ones (`long`), of wide lanes to narrow ones (`narrow`). */
type Form = 'same' | 'long' | 'narrow';

interface Shift {
  readonly name: string;
  readonly U: '0' | '1';
  readonly opcode: Bits;
  readonly form: Form;
  readonly right: boolean;
  /** Element sizes (of the narrow lanes) of the scalar form. */
  readonly scalar: readonly number[];
  /** `size` is that of the narrow lanes, `amount` goes from 0 for shifts to the left, from 1 for those to the right. */
  readonly run: (m: Meaning, shape: LaneShape, a: V128, amount: I32) => void;
}

/**
 * The leading one in immh:immb tells the size; the bits after it are the amount, or for a shift to the right its
 * complement.
 */
const immediates = [
  { size: 0, head: '0001 imm:3' },
  { size: 1, head: '001 imm:4' },
  { size: 2, head: '01 imm:5' },
  { size: 3, head: '1 imm:6' },
] as const;

function rows({ name, U, opcode, form, right, scalar, run }: Shift): Instruction[] {
  const mnemonic = name.toLowerCase();
  return immediates.flatMap(({ size, head }): Instruction[] => {
    const bits = bitsOf(size);
    const aux = (f: { imm: number }): [number] => [right ? bits - f.imm : f.imm];
    const operand = right ? `{right ${bits}:imm}` : '{dec:imm}';
    const made: Instruction[] = [];
    if (form === 'same' || size < 3) {
      made.push(
        define(`${name} (vector, immediate)`, `0 Q ${U} 011110 ${head} ${opcode} 1 Rn Rd`, {
          asm: (f) => {
            const narrow = arrangement(size, f.Q);
            const wide = form === 'same' ? narrow : arrangement(size + 1, 1);
            const [d, n] = form === 'narrow' ? [narrow, wide] : [wide, narrow];
            return `${mnemonic}${form !== 'same' && f.Q ? '2' : ''} {V.${d}:Rd}, {V.${n}:Rn}, ${operand}`;
          },
          where: (f) => form !== 'same' || size < 3 || f.Q === 1,
          aux,
          fp: true,
          run: (m, f) =>
            run(m, { size, width: form === 'same' ? 64 << f.Q : 128, high: f.Q }, m.let(m.v('Rn')), amountOf(m)),
        }),
      );
    }
    if (scalar.includes(size)) {
      const source = scalarKind(form === 'narrow' ? size + 1 : size);
      made.push(
        define(`${name} (scalar, immediate)`, `01 ${U} 111110 ${head} ${opcode} 1 Rn Rd`, {
          asm: `${mnemonic} {${scalarKind(size)}:Rd}, {${source}:Rn}, ${operand}`,
          aux,
          fp: true,
          run: (m) => run(m, { size, width: bits, high: 0 }, m.let(m.v('Rn')), amountOf(m)),
        }),
      );
    }
    return made;
  });
}

/** The amount (aux 0). */
function amountOf(m: Meaning): I32 {
  const known = constantOf(m.aux(0));
  return known === undefined ? m.let(i32.wrap(m.aux(0))) : i32.const(Number(known));
}

const long = [3];
const every = [0, 1, 2, 3];

const shiftedRight = (m: Meaning, lanes: IntegerLanes & { rounding: boolean }, a: V128, amount: I32): V128 =>
  lanes.rounding ? shiftRightRounded(m, lanes, a, amount) : shiftRight(m, lanes, a, amount);

/** SSHR, USHR, SRSHR, URSHR, and with `accumulate` SSRA, USRA, SRSRA, URSRA. */
const toTheRight = (stem: string, opcode: Bits, rounding: boolean, accumulate: boolean): Shift[] =>
  ['S', 'U'].map((sign, U) => ({
    name: `${sign}${stem}`,
    U: pick(U, '0', '1'),
    opcode,
    form: 'same',
    right: true,
    scalar: long,
    run: (m, { size, width }, a, amount) => {
      const shifted = shiftedRight(m, { size, unsigned: U === 1, rounding }, a, amount);
      setResult(m, width, accumulate ? lane(size).add(m.v('Rd'), shifted) : shifted);
    },
  }));

/** SQSHL (signed), UQSHL (unsigned), SQSHLU (signed to unsigned). */
const saturatingLeft = (name: string, U: '0' | '1', opcode: Bits, { from, to }: Clamp): Shift => ({
  name,
  U,
  opcode,
  form: 'same',
  right: false,
  scalar: every,
  run: (m, { size, width }, a, amount) => {
    const l = lane(size);
    const shifted = m.let(l.shl(a, amount));
    const over = m.let(l.ne(to === 'signed' ? l.shr_s(shifted, amount) : l.shr_u(shifted, amount), a));
    if (to === 'signed') {
      const limit = v128.xor(negativeLanes(size, a), maxSigned(size));
      setQC(m, width, over);
      setResult(m, width, v128.bitselect(limit, shifted, over));
    } else if (from === 'unsigned') {
      setQC(m, width, over);
      setResult(m, width, v128.or(shifted, over));
    } else {
      const negative = m.let(negativeLanes(size, a));
      setQC(m, width, v128.or(over, negative));
      setResult(m, width, v128.andnot(v128.or(shifted, over), negative));
    }
  },
});

/** The narrowing shifts that saturate. */
const saturatingNarrow = (
  { name, U, opcode }: Pick<Shift, 'name' | 'U' | 'opcode'>,
  rounding: boolean,
  range: Clamp,
): Shift => ({
  name,
  U,
  opcode,
  form: 'narrow',
  right: true,
  scalar: [0, 1, 2],
  run: (m, { size, width, high }, a, amount) => {
    // A scalar's other lanes are cleared: a zero neither saturates nor leaves anything.
    const source = width === 128 ? a : keep(2 * width, a);
    const shifted = shiftedRight(m, { size: size + 1, unsigned: range.from === 'unsigned', rounding }, source, amount);
    const { value, mask } = clampWide(m, size, range, shifted);
    setQC(m, 128, mask);
    setNarrowed(m, { size, high }, value);
  },
});

const narrow = (name: string, opcode: Bits, rounding: boolean): Shift => ({
  name,
  U: '0',
  opcode,
  form: 'narrow',
  right: true,
  scalar: [],
  run: (m, { size, high }, a, amount) =>
    setNarrowed(m, { size, high }, shiftedRight(m, { size: size + 1, unsigned: true, rounding }, a, amount)),
});

const toTheLeftLong = (['SSHLL', 'USHLL'] as const).map(
  (name, U): Shift => ({
    name,
    U: pick(U, '0', '1'),
    opcode: '10100',
    form: 'long',
    right: false,
    scalar: [],
    run: (m, { size, high }, a, amount) => m.setV('Rd', lane(size + 1).shl(widen(size, U === 1, high, a), amount)),
  }),
);

const shifts: Shift[] = [
  ...toTheRight('SHR', '00000', false, false),
  ...toTheRight('SRA', '00010', false, true),
  ...toTheRight('RSHR', '00100', true, false),
  ...toTheRight('RSRA', '00110', true, true),
  {
    name: 'SRI',
    U: '1',
    opcode: '01000',
    form: 'same',
    right: true,
    scalar: long,
    run: (m, { size, width }, a, amount) => {
      const inserted = shiftRight(m, { size, unsigned: true }, allOnes(), amount);
      setResult(m, width, v128.bitselect(shiftRight(m, { size, unsigned: true }, a, amount), m.v('Rd'), inserted));
    },
  },
  {
    name: 'SHL',
    U: '0',
    opcode: '01010',
    form: 'same',
    right: false,
    scalar: long,
    run: (m, { size, width }, a, amount) => setResult(m, width, lane(size).shl(a, amount)),
  },
  {
    name: 'SLI',
    U: '1',
    opcode: '01010',
    form: 'same',
    right: false,
    scalar: long,
    run: (m, { size, width }, a, amount) => {
      const inserted = lane(size).shl(allOnes(), amount);
      setResult(m, width, v128.bitselect(lane(size).shl(a, amount), m.v('Rd'), inserted));
    },
  },
  saturatingLeft('SQSHLU', '1', '01100', { from: 'signed', to: 'unsigned' }),
  saturatingLeft('SQSHL', '0', '01110', { from: 'signed', to: 'signed' }),
  saturatingLeft('UQSHL', '1', '01110', { from: 'unsigned', to: 'unsigned' }),
  narrow('SHRN', '10000', false),
  narrow('RSHRN', '10001', true),
  saturatingNarrow({ name: 'SQSHRUN', U: '1', opcode: '10000' }, false, { from: 'signed', to: 'unsigned' }),
  saturatingNarrow({ name: 'SQRSHRUN', U: '1', opcode: '10001' }, true, { from: 'signed', to: 'unsigned' }),
  saturatingNarrow({ name: 'SQSHRN', U: '0', opcode: '10010' }, false, { from: 'signed', to: 'signed' }),
  saturatingNarrow({ name: 'SQRSHRN', U: '0', opcode: '10011' }, true, { from: 'signed', to: 'signed' }),
  saturatingNarrow({ name: 'UQSHRN', U: '1', opcode: '10010' }, false, { from: 'unsigned', to: 'unsigned' }),
  saturatingNarrow({ name: 'UQRSHRN', U: '1', opcode: '10011' }, true, { from: 'unsigned', to: 'unsigned' }),
  ...toTheLeftLong,
];

export const simdShift: readonly Instruction[] = shifts.flatMap(rows);
