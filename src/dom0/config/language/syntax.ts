import type { Range } from '../diagnostics/range.ts';

/** A number or a string: xl keeps both as text and reads a number only for keys that take one. */
export interface Atom {
  readonly kind: 'atom';
  readonly text: string;
  readonly quoted: boolean;
  readonly range: Range;
}

export interface List {
  readonly kind: 'list';
  readonly items: readonly Value[];
  readonly range: Range;
}

export type Value = Atom | List;

/** One assignment in the text. */
export interface Setting {
  readonly name: string;
  readonly nameRange: Range;
  readonly operator: '=' | '+=';
  /** As written here. */
  readonly written: Value;
  /** With what `+=` adds to. */
  readonly value: Value;
  /** The line that xl names when it complains about the value, from 1. */
  readonly line: number;
}
