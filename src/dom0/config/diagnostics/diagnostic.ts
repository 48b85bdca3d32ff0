import type { FixCode, MessageCode, MessageParams } from './messages.ts';
import type { Range, TextEdit } from './range.ts';

/** A change that the editor offers. `params` fill the places of its message. */
export interface Fix {
  readonly code: FixCode;
  readonly params: MessageParams;
  readonly edits: readonly TextEdit[];
}

/** A message about a range of a config. */
export interface Diagnostic {
  readonly code: MessageCode;
  /** After an error xl does not create the domain; after a warning it does. Only the editor gives hints. */
  readonly severity: 'error' | 'warning' | 'hint';
  readonly range: Range;
  readonly params: MessageParams;
  /** The lines that real xl prints about it; empty if it prints none. */
  readonly xl: readonly string[];
  readonly fixes: readonly Fix[];
}
