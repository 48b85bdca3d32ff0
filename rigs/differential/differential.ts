import { decoder } from '../../src/a64/decoder.ts';
import type { Instruction } from '../../src/a64/instruction.ts';
import { table } from '../../src/a64/table/index.ts';
import { compare } from './compare.ts';
import { Record, RecordView } from './record.ts';
import { TestCore } from './test-core.ts';
import { Tests } from './tests.ts';
import { VectorReader, VectorWriter } from './vectors.ts';

/** A test whose result is not the expected one. */
export interface Difference {
  readonly index: number;
  /** Names of the instructions in the table. */
  readonly instructions: readonly string[];
  /** The test and what differs, in lines. */
  readonly text: string;
}

/** Runs tests on the simulated core and compares. */
class Comparison {
  readonly #testCore = new TestCore();
  readonly #actual = new RecordView(new Uint8Array(Record.size));

  constructor(readonly seed: number) {}

  /** Compares the test and result at the two views; `index` is the number of the test. */
  difference(index: number, test: RecordView, expected: RecordView): Difference | undefined {
    this.#testCore.run(test, this.#actual);
    const lines = compare(test, expected, this.#actual);
    if (lines.length === 0) return undefined;
    const words = test.words();
    const instructions = words.map((word) => this.row(word)?.name ?? 'unallocated');
    const fpcr = test.word(Record.fpcr).toString(16);
    const heading = `test ${index} of seed ${this.seed}, at ${test.text(Record.pc)}, FPCR 0x${fpcr}`;
    const program = words.map((word, i) => `  ${word.toString(16).padStart(8, '0')}  ${instructions[i]}`);
    return { index, instructions, text: [heading, ...program, ...lines.map((line) => `    ${line}`)].join('\n') };
  }

  /** The row of the table that a word belongs to. */
  row(word: number): Instruction | undefined {
    return decoder.decode(word)?.instruction;
  }
}

/** Random tests for the simulated core and an oracle. */
export class Differential {
  readonly #tests: Tests;
  readonly #comparison: Comparison;

  /**
   * @param only part of the names of the rows to test; all if empty.
   * @param sweep Whether the first tests go through all operations once.
   */
  constructor(seed: number, options: { only?: string; sweep?: boolean } = {}) {
    this.#tests = new Tests(table, seed, options);
    this.#comparison = new Comparison(seed);
  }

  /** Number of operations: rows of the table by what their fields choose. */
  get operations(): number {
    return this.#tests.operations;
  }

  /** The bytes of `count` tests from number `first`: what the recorder reads. */
  tests(first: number, count: number): Uint8Array {
    return this.#tests.records(first, count);
  }

  /** Runs tests from number `first` on and compares them with the recorder's results. */
  check(first: number, tests: Uint8Array, results: Uint8Array): Difference[] {
    const test = new RecordView(tests);
    const expected = new RecordView(results);
    const differences: Difference[] = [];
    for (let i = 0; i < test.length; i++) {
      const difference = this.#comparison.difference(first + i, test.at(i), expected.at(i));
      if (difference) differences.push(difference);
    }
    return differences;
  }
}

interface Replay {
  /** Number of tests. */
  readonly count: number;
  /** The rows of the table that they execute. */
  readonly rows: ReadonlySet<Instruction>;
  readonly differences: readonly Difference[];
}

/** Replays recorded vectors on the simulated core. */
export function replay(vectors: Uint8Array): Replay {
  const reader = new VectorReader(vectors);
  const comparison = new Comparison(reader.seed);
  const test = new RecordView(new Uint8Array(Record.size));
  const expected = new RecordView(new Uint8Array(Record.size));
  const rows = new Set<Instruction>();
  const differences: Difference[] = [];
  for (let i = 0; i < reader.count; i++) {
    reader.next(test, expected);
    for (const word of test.words()) {
      const row = comparison.row(word);
      if (row) rows.add(row);
    }
    const difference = comparison.difference(i, test, expected);
    if (difference) differences.push(difference);
  }
  return { count: reader.count, rows, differences };
}

/** Puts tests and their results into the form that `replay` reads. */
export function record(writer: VectorWriter, tests: Uint8Array, results: Uint8Array): void {
  const test = new RecordView(tests);
  const result = new RecordView(results);
  for (let i = 0; i < test.length; i++) writer.add(test.at(i), result.at(i));
}

export { VectorWriter };
