/** Intended differences between the disassembler and GNU objdump 2.40. */

interface Difference {
  readonly reason: string;
  readonly applies: (word: number, ours: string, theirs: string) => boolean;
}

const is = (word: number, mask: number, value: number): boolean => (word & mask) >>> 0 === value;

export const differences: readonly Difference[] = [
  {
    reason: 'Unallocated in ARMv8.0-A; objdump knows later architectures.',
    applies: (_, ours) => ours.startsWith('.inst '),
  },
  {
    reason: 'A system register of a later architecture or of the trace unit has no name here.',
    applies: (_, ours, theirs) => /\bs[23]_\d_c\d+_c\d+_\d\b/.test(ours) && /^m(rs|sr) /.test(theirs),
  },
  {
    reason: 'A field of PSTATE, or an instruction in its place, of a later architecture has no name here.',
    applies: (word, ours) => is(word, 0xfff8f01f, 0xd500401f) && ours.startsWith('msr s0_'),
  },
  {
    reason: 'A system operation of a later architecture has no name here.',
    applies: (_, ours, theirs) => ours.startsWith('sys ') && /^(at|dc|tlbi|cfp|dvp|cpp) /.test(theirs),
  },
  {
    reason: 'Operations without an operand keep a register that is not XZR, which objdump drops.',
    applies: (word, ours, theirs) => ours.startsWith('sys ') && /^(ic|tlbi) \w+$/.test(theirs) && (word & 31) !== 31,
  },
  {
    reason: 'CONSTRAINED UNPREDICTABLE: LDPSW into one register twice, or into its base. It executes, so it is shown.',
    applies: (_, ours, theirs) => ours.startsWith('ldpsw ') && theirs.startsWith('.inst '),
  },
  {
    reason: 'Bits of LDAR that should be one are zero; the processor ignores them.',
    applies: (word, ours, theirs) =>
      is(word, 0x3fe08000, 0x08c08000) && ours.startsWith('ldar') && theirs.startsWith('.inst '),
  },
];

/** The reason of a difference, or undefined if there is none. */
export const difference = (word: number, ours: string, theirs: string): string | undefined =>
  differences.find(({ applies }) => applies(word, ours, theirs))?.reason;
