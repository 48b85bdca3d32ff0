/** A range of the text: offsets in UTF-16 code units, without the end. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A change of the text: what to put in place of a range. */
export interface TextEdit {
  readonly range: Range;
  readonly text: string;
}
