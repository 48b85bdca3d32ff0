import type { OperandReader } from './reader.ts';

/** A kind of operand: how the value of its fields is written. The table names it in `{kind:fields}`. */
export interface Kind {
  /**
   * The operand's text for an instruction at `pc`; undefined if this way of writing cannot say the value, so that another
   * syntax of the instruction must be taken.
   */
  print(value: number, pc: bigint): string | undefined;
  /** Reads the operand and gives the fields' value; undefined after the reader was told why not. */
  parse(input: OperandReader): number | undefined;
}
