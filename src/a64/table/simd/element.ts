/** AdvSIMD and scalar x indexed element, integer (Arm ARM C4.1.97): the second operand is one lane of Rm. */
import type { V128 } from '../../../wasm/expr.ts';
import { define, type Instruction } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import {
  arrangement,
  type Bits,
  bitsOf,
  duplicateLane,
  joinedFields,
  type LaneShape,
  lane,
  multiply,
  multiplyLong,
  pick,
  scalarKind,
  setResult,
  setSaturated,
} from './lanes.ts';
import { type Accumulate, accumulate, doublingMultiplyLongInto } from './three-different.ts';
import { doublingMultiplyHigh } from './three-same.ts';

interface ByElement {
  readonly name: string;
  readonly U: '0' | '1';
  readonly opcode: Bits;
  readonly long: boolean;
  readonly scalar: boolean;
  /** `b` has the element in every lane. `high`: the long forms take the upper half of Rn. */
  readonly run: (m: Meaning, shape: LaneShape, a: V128, b: V128) => void;
}

/** 16-bit elements lie in V0-V15 and have three index bits; 32-bit ones have two. */
const elements = [
  { size: 1, head: '01 immL immM Rm:4', kind: 'V.h[immH:immL:immM]:Rm' },
  { size: 2, head: '10 immL Rm', kind: 'V.s[immH:immL]:Rm' },
] as const;

/** The element in every lane. */
function element(m: Meaning, size: number): V128 {
  const fields = size === 1 ? ['immH', 'immL', 'immM'] : ['immH', 'immL'];
  const index = joinedFields(m, ...fields.map((name) => ({ name, width: 1 })));
  return m.let(duplicateLane(size, m.v('Rm'), index));
}

function rows({ name, U, opcode, long, scalar, run }: ByElement): Instruction[] {
  const wide = long ? 1 : 0;
  return elements.flatMap(({ size, head, kind }): Instruction[] => {
    const mnemonic = name.toLowerCase();
    const vector = define(`${name} (by element)`, `0 Q ${U} 01111 ${head} ${opcode} immH 0 Rn Rd`, {
      asm: (f) => {
        const narrow = arrangement(size, f.Q);
        const result = long ? arrangement(size + 1, 1) : narrow;
        return `${mnemonic}${long && f.Q ? '2' : ''} {V.${result}:Rd}, {V.${narrow}:Rn}, {${kind}}`;
      },
      fp: true,
      run: (m, f) => run(m, { size, width: long ? 128 : 64 << f.Q, high: f.Q }, m.let(m.v('Rn')), element(m, size)),
    });
    if (!scalar) return [vector];
    const single = define(`${name} (scalar, by element)`, `01 ${U} 11111 ${head} ${opcode} immH 0 Rn Rd`, {
      asm: `${mnemonic} {${scalarKind(size + wide)}:Rd}, {${scalarKind(size)}:Rn}, {${kind}}`,
      fp: true,
      run: (m) => run(m, { size, width: bitsOf(size + wide), high: 0 }, m.let(m.v('Rn')), element(m, size)),
    });
    return [vector, single];
  });
}

const plain = (
  name: string,
  U: '0' | '1',
  opcode: Bits,
  run: (m: Meaning, size: number, a: V128, b: V128) => V128,
): ByElement => ({
  name,
  U,
  opcode,
  long: false,
  scalar: false,
  run: (m, { size, width }, a, b) => setResult(m, width, run(m, size, a, b)),
});

/** SMLAL and UMLAL, SMLSL and UMLSL, SMULL and UMULL. */
const product = (stem: string, opcode: Bits, kind: Accumulate): ByElement[] =>
  ['S', 'U'].map((sign, U) => ({
    name: `${sign}${stem}`,
    U: pick(U, '0', '1'),
    opcode,
    long: true,
    scalar: false,
    run: (m, { size, high }, a, b) =>
      accumulate(m, kind, size + 1, multiplyLong({ size, unsigned: U === 1 }, high, a, b)),
  }));

const doubling = (name: string, opcode: Bits, kind: Accumulate): ByElement => ({
  name,
  U: '0',
  opcode,
  long: true,
  scalar: true,
  run: (m, shape, a, b) => doublingMultiplyLongInto(m, kind, shape, [a, b]),
});

const doublingHigh = (name: string, opcode: Bits, rounding: boolean): ByElement => ({
  name,
  U: '0',
  opcode,
  long: false,
  scalar: true,
  run: (m, { size, width }, a, b) => setSaturated(m, width, doublingMultiplyHigh(m, { size, rounding }, a, b)),
});

const operations: ByElement[] = [
  plain('MLA', '1', '0000', (m, size, a, b) => lane(size).add(m.v('Rd'), multiply(m, size, a, b))),
  plain('MLS', '1', '0100', (m, size, a, b) => lane(size).sub(m.v('Rd'), multiply(m, size, a, b))),
  plain('MUL', '0', '1000', multiply),
  ...product('MLAL', '0010', 'mla'),
  ...product('MLSL', '0110', 'mls'),
  ...product('MULL', '1010', 'mul'),
  doubling('SQDMLAL', '0011', 'mla'),
  doubling('SQDMLSL', '0111', 'mls'),
  doubling('SQDMULL', '1011', 'mul'),
  doublingHigh('SQDMULH', '1100', false),
  doublingHigh('SQRDMULH', '1101', true),
];

export const simdByElement: readonly Instruction[] = operations.flatMap(rows);
