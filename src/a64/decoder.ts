import type { Instruction } from './instruction.ts';
import type { Fields } from './pattern.ts';
import { table } from './table/index.ts';

/** A row of the table with its choices made: one for all words that differ only in operands. */
export interface Operation {
  readonly instruction: Instruction;
  readonly choices: Fields;
  /** Whether it uses FP and SIMD registers. */
  readonly fp: boolean;
}

/** An instruction word taken apart. */
export interface Decoded {
  readonly word: number;
  readonly instruction: Instruction;
  readonly operation: Operation;
}

/** A row and its operations so far, by the bits that choose them. */
interface Row {
  readonly instruction: Instruction;
  readonly operations: Map<number, Operation>;
}

/** Finds the table row for instruction words. */
export class Decoder {
  /** Rows with more fixed bits come first, so that special cases precede general ones. */
  readonly #rows: readonly Row[];
  /** The rows that may match, by the word's top 11 bits. Each list is made at its first use. */
  readonly #buckets = new Array<readonly Row[] | undefined>(2048);

  constructor(instructions: readonly Instruction[]) {
    const byOnes: Row[][] = Array.from({ length: 33 }, () => []);
    for (const instruction of instructions) {
      byOnes[32 - ones(instruction.pattern.mask)]?.push({ instruction, operations: new Map() });
    }
    this.#rows = byOnes.flat();
  }

  /** The row that a word belongs to, or undefined if it is unallocated. */
  decode(word: number): Decoded | undefined {
    for (const row of this.#buckets[word >>> 21] ?? this.#fill(word >>> 21)) {
      const { instruction } = row;
      const { pattern, where } = instruction;
      if ((word & pattern.mask) >>> 0 !== pattern.value) continue;
      if (where && !where(pattern.fieldsOf(word))) continue;
      const operation = row.operations.get(word & pattern.choiceMask) ?? addOperation(row, word);
      return { word, instruction, operation };
    }
    return undefined;
  }

  #fill(top: number): readonly Row[] {
    const bucket = this.#rows.filter(
      ({ instruction: { pattern } }) => (((top << 21) ^ pattern.value) & pattern.mask & 0xffe00000) === 0,
    );
    this.#buckets[top] = bucket;
    return bucket;
  }
}

function addOperation({ instruction, operations }: Row, word: number): Operation {
  const { pattern } = instruction;
  const choices = pattern.choicesOf(word);
  const operation = { instruction, choices, fp: instruction.fp(choices) };
  operations.set(word & pattern.choiceMask, operation);
  return operation;
}

const ones = (n: number): number => {
  let count = 0;
  for (let v = n >>> 0; v !== 0; v &= v - 1) count++;
  return count;
};

/** The decoder of the whole table. */
export const decoder = new Decoder(table);
