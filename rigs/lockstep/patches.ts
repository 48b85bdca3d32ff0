import * as A from './encode.ts';

/** Ways to change an instruction: all of the size of a store, and what reaches beyond it. */
export const patchForms = ['zero', 'word', 'word', 'wide', 'pair', 'exclusive', 'byte', 'vector'] as const;
export type PatchForm = (typeof patchForms)[number];

/** Registers of patches: the address, the value, and one more. */
const [address, value, other] = [24, 23, 19] as const;

/** Words that flip a bit of an instruction by a load and a store. `zero` does not flip, but clears all about it. */
export function patch(form: PatchForm, cell: number, bit: number, bigEndian: boolean): number[] {
  /** Flips the bit in a register that holds `size` bytes, of which the cell begins at `offset`. */
  const flip = (register: number, size: number, offset: number): number => {
    const byte = offset + (bit >> 3);
    return A.flipBit(register, register, 8 * (bigEndian ? size - 1 - byte : byte) + (bit & 7));
  };
  switch (form) {
    case 'zero':
      return [...A.move(address, cell), A.sys('DC ZVA', address)];
    case 'word':
      return [...A.move(address, cell), A.loadNarrow(value, address, 2), flip(value, 4, 0), A.store(value, address, 2)];
    case 'wide':
      return [...A.move(address, cell - 4), A.load(value, address), flip(value, 8, 4), A.store(value, address)];
    case 'pair':
      return [
        ...A.move(address, cell - 4),
        A.loadWords(value, other, address),
        flip(other, 4, 0),
        A.storeWords(value, other, address),
      ];
    case 'exclusive':
      return [
        ...A.move(address, cell),
        A.loadExclusive(value, address),
        flip(value, 4, 0),
        A.storeExclusive(other, value, address),
      ];
    case 'byte':
      return [
        ...A.move(address, cell + (bit >> 3)),
        A.loadNarrow(value, address, 0),
        A.flipBit(value, value, bit & 7),
        A.store(value, address, 0),
      ];
    case 'vector':
      return [
        ...A.move(address, cell),
        A.loadNarrow(value, address, 2),
        flip(value, 4, 0),
        A.toSingle(31, value),
        A.storeSingle(31, address),
      ];
  }
}
