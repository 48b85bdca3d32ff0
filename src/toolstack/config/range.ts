/** A stretch of the text: offsets in UTF-16 code units, the end excluded. */
export interface Range {
  readonly start: number;
  readonly end: number;
}
