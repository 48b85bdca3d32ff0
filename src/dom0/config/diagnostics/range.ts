/** A stretch of the text: offsets in UTF-16 code units, the end excluded. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A change that mends something: the text to put in place of a range. */
export interface TextEdit {
  readonly range: Range;
  readonly text: string;
}
