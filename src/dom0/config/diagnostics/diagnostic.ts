import type { FixCode, MessageCode, MessageParams } from './messages.ts';
import type { Range, TextEdit } from './range.ts';

/** A change that the editor offers; `params` fill its words in the catalogue. */
export interface Fix {
  readonly code: FixCode;
  readonly params: MessageParams;
  readonly edits: readonly TextEdit[];
}

/** Something to say about a stretch of a config. */
export interface Diagnostic {
  readonly code: MessageCode;
  /** Errors keep xl from creating the domain, warnings do not; hints are only the editor's. */
  readonly severity: 'error' | 'warning' | 'hint';
  readonly range: Range;
  readonly params: MessageParams;
  /** What real xl prints about it, none where it is silent. */
  readonly xl: readonly string[];
  readonly fixes: readonly Fix[];
}
