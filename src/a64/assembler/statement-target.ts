import type { Value } from '../syntax/expression.ts';
import type { OperandReader } from '../syntax/reader.ts';
import type { TextError, Token } from '../syntax/tokens.ts';
import type { Section } from './section.ts';
import type { Line } from './source.ts';

/** A symbol of the source. */
export interface SourceSymbol {
  readonly value: Value;
  /** Line of the label; undefined if it may be set again. */
  readonly line: number | undefined;
}

/** What a pass knows from the one before. */
export interface Layout {
  readonly symbols: ReadonlyMap<string, SourceSymbol>;
  readonly locals: ReadonlyMap<number, readonly bigint[]>;
  readonly bases: ReadonlyMap<string, bigint>;
}

/** What directives and conditions act on: the pass that reads them. */
export interface StatementTarget {
  /** Undefined in the first pass. */
  readonly layout: Layout | undefined;
  readonly symbols: ReadonlyMap<string, SourceSymbol>;
  /** Names given to registers by `.req`. */
  readonly registers: Map<string, string>;
  readonly line: Line;
  section: Section;
  /** Sections to which .popsection and .previous return. */
  readonly stack: Section[];
  previous: Section;
  openSection(name: string, isCode: boolean): Section;
  fail(error: TextError): void;
  failHere(message: string): void;
  define(name: string, value: Value, at: Token, line?: number): void;
  assign(token: Token, input: OperandReader): void;
  room(count: number): Uint8Array;
  align(to: number, fill?: number, most?: number): void;
  number(value: bigint, size: number): void;
  dumpLiterals(): void;
  reader(input: OperandReader, known: boolean): OperandReader;
  knownValue(input: OperandReader): Value | undefined;
  known(input: OperandReader, low: number, high: number, what: string): number | undefined;
  forget(macro: string): void;
  end(): void;
}
