/** AdvSIMD load and store of structures, multiple and single, with and without post-index (Arm ARM C4.1.96). */
import { type I64, i64, type V128 } from '../../../wasm/expr.ts';
import { i8x16, v128 } from '../../../wasm/simd.ts';
import { define, type Instruction } from '../../instruction.ts';
import type { Meaning } from '../../meaning.ts';
import { arrangement, extractLane, joinedFields, keep, replaceLane, splat } from './lanes.ts';

/** The two forms of each encoding: Rn alone, and Rn then advanced by Rm, or by the size of the transfer (aux 0). */
const forms = [
  { post: false, head: '0', register: '00000' },
  { post: true, head: '1', register: 'Rm' },
] as const;

/** What follows the list of registers. */
const addressSyntax = (post: boolean, bytes: number): string => `[{XSP:Rn}]${post ? `, {postindex ${bytes}:Rm}` : ''}`;

/** Aux 0 of a post-indexed form: with XZR in Rm's place it is the transfer's size, else Xm says all. */
const advance = (f: object, bytes: number): [number] => ['Rm' in f && f.Rm === 31 ? bytes : 0];

function writeBack(m: Meaning, base: I64): void {
  m.setXsp('Rn', i64.add(base, i64.add(m.x('Rm'), m.aux(0))));
}

/** By opcode: how many registers, and how many elements a structure has. */
const lists: Readonly<Record<number, { registers: number; elements: number }>> = {
  0: { registers: 4, elements: 4 },
  2: { registers: 4, elements: 1 },
  4: { registers: 3, elements: 3 },
  6: { registers: 3, elements: 1 },
  7: { registers: 1, elements: 1 },
  8: { registers: 2, elements: 2 },
  10: { registers: 2, elements: 1 },
};
const none = { registers: 0, elements: 0 };

/** A vector of bytes picked from several: byte b of vector v is given as 16 v + b. */
function gather(vectors: readonly V128[], from: readonly number[]): V128 {
  const [first = v128.zero(), ...others] = vectors;
  let result = first;
  let lanes = from.map((p) => (p < 16 ? p : 0));
  others.forEach((vector, i) => {
    const low = 16 * (i + 1);
    const isHere = (p: number): boolean => p >= low && p < low + 16;
    result = v128.shuffle(
      result,
      vector,
      from.map((p, at) => (isHere(p) ? 16 + p - low : (lanes[at] ?? 0))),
    );
    lanes = from.map((_, at) => at);
  });
  return others.length === 0 ? i8x16.swizzle(result, v128.const(Uint8Array.from(lanes))) : result;
}

/** Where byte b of register r lies in memory, for structures of `elements` elements. */
const placeInMemory = (size: number, elements: number, r: number, b: number): number =>
  (((b >> size) * elements + r) << size) + (b & ((1 << size) - 1));

/** Registers of `bytes` from the same number of vectors as they lie in memory. */
function deinterleave(size: number, bytes: number, memory: readonly V128[]): V128[] {
  return memory.map((_, r) => {
    const from = Array.from({ length: 16 }, (_, b) => {
      const place = placeInMemory(size, memory.length, r, b % bytes);
      return 16 * Math.floor(place / bytes) + (place % bytes);
    });
    return keep(8 * bytes, gather(memory, from));
  });
}

/** The inverse of `deinterleave`; bytes from `bytes` on are of no meaning. */
function interleave(size: number, bytes: number, registers: readonly V128[]): V128[] {
  const from = registers.map(() => new Array<number>(16).fill(0));
  registers.forEach((_, r) => {
    for (let b = 0; b < bytes; b++) {
      const place = placeInMemory(size, registers.length, r, b);
      const vector = from[Math.floor(place / bytes)];
      if (vector) vector[place % bytes] = 16 * r + b;
    }
  });
  return from.map((lanes) => gather(registers, lanes));
}

const multiple = forms.map(({ post, head, register }) =>
  define(
    `LD1-LD4/ST1-ST4 (multiple structures${post ? ', post-index' : ''})`,
    `0 Q 001100${head} L 0 ${register} opcode:4 size:2 Rn Rt`,
    {
      asm: (f) => {
        const { registers, elements } = lists[f.opcode] ?? none;
        const list = `{list ${arrangement(f.size, f.Q)} ${registers}:Rt}`;
        return `${f.L ? 'ld' : 'st'}${elements} ${list}, ${addressSyntax(post, registers * (8 << f.Q))}`;
      },
      where: (f) => {
        const { elements } = lists[f.opcode] ?? none;
        return elements !== 0 && (elements === 1 || f.size < 3 || f.Q === 1);
      },
      aux: (f) => advance(f, (lists[f.opcode] ?? none).registers * (8 << f.Q)),
      fp: true,
      run: (m, f) => {
        const { registers, elements } = lists[f.opcode] ?? none;
        const bytes = 8 << f.Q;
        const base = m.let(m.base('Rn'));
        if (f.L) {
          const memory = m.loadVectors(base, bytes, registers, 1 << f.size);
          const loaded = elements === 1 ? memory : deinterleave(f.size, bytes, memory);
          loaded.forEach((value, r) => {
            m.setVPlus('Rt', r, value);
          });
        } else {
          const values = Array.from({ length: registers }, (_, r) => m.let(m.vPlus('Rt', r)));
          m.storeVectors(base, bytes, elements === 1 ? values : interleave(f.size, bytes, values), 1 << f.size);
        }
        if (post) writeBack(m, base);
      },
    },
  ),
);

/**
 * Element size and index of the single-structure forms: opcode<2:1>, then S:size, whose bits are index or fixed; Q is
 * the index's top.
 */
const singles = [
  { size: 0, scale: '00', rest: 'imm:3', index: 'immQ:imm' },
  { size: 1, scale: '01', rest: 'imm:2 0', index: 'immQ:imm' },
  { size: 2, scale: '10', rest: 'imm:1 00', index: 'immQ:imm' },
  { size: 3, scale: '10', rest: '001', index: 'immQ' },
] as const;

const single = forms.flatMap(({ post, head, register }) =>
  singles.map(({ size, scale, rest, index }) =>
    define(
      `LD1-LD4/ST1-ST4 (single structure${post ? ', post-index' : ''})`,
      `0 immQ 001101${head} L even ${register} ${scale} pair ${rest} Rn Rt`,
      {
        asm: (f) => {
          const count = 1 + f.even + 2 * f.pair;
          const list = `{list ${'bhsd'[size]} ${count}[${index}]:Rt}`;
          return `${f.L ? 'ld' : 'st'}${count} ${list}, ${addressSyntax(post, count << size)}`;
        },
        aux: (f) => advance(f, (1 + f.even + 2 * f.pair) << size),
        fp: true,
        run: (m, f) => {
          const count = 1 + f.even + 2 * f.pair;
          const bytes = 1 << size;
          const fields = [{ name: 'immQ', width: 1 }, ...(size < 3 ? [{ name: 'imm', width: 3 - size }] : [])];
          const at = m.let(joinedFields(m, ...fields));
          const base = m.let(m.base('Rn'));
          if (f.L) {
            m.loadIntegers(base, bytes, count).forEach((value, r) => {
              m.setVPlus('Rt', r, replaceLane(size, m.vPlus('Rt', r), at, splat(size, value)));
            });
          } else {
            const values = Array.from({ length: count }, (_, r) => m.let(extractLane(size, m.vPlus('Rt', r), at)));
            m.storeIntegers(base, bytes, values);
          }
          if (post) writeBack(m, base);
        },
      },
    ),
  ),
);

const replicate = forms.map(({ post, head, register }) =>
  define(`LD1R-LD4R${post ? ' (post-index)' : ''}`, `0 Q 001101${head} 1 even ${register} 11 pair 0 size:2 Rn Rt`, {
    asm: (f) => {
      const count = 1 + f.even + 2 * f.pair;
      return `ld${count}r {list ${arrangement(f.size, f.Q)} ${count}:Rt}, ${addressSyntax(post, count << f.size)}`;
    },
    aux: (f) => advance(f, (1 + f.even + 2 * f.pair) << f.size),
    fp: true,
    run: (m, f) => {
      const base = m.let(m.base('Rn'));
      m.loadIntegers(base, 1 << f.size, 1 + f.even + 2 * f.pair).forEach((value, r) => {
        m.setVPlus('Rt', r, keep(64 << f.Q, splat(f.size, value)));
      });
      if (post) writeBack(m, base);
    },
  }),
);

export const simdStructures: readonly Instruction[] = [...multiple, ...single, ...replicate];
