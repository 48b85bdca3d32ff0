import type { OperandReader } from './reader.ts';

/** A kind of operand: how the value of its fields is written. The table names it in `{kind:fields}`. */
export interface Kind {
  /**
   * The operand's text for an instruction at `pc`; undefined if this kind cannot express the value, so that another
   * syntax of the instruction is needed.
   */
  print(value: number, pc: bigint): string | undefined;
  /** Reads the operand and returns the fields' value; undefined after a mistake, which the reader has noted. */
  parse(input: OperandReader): number | undefined;
}
