import { Decoder } from '../../a64/instruction.ts';
import { table } from '../../a64/table/index.ts';
import { compare } from './compare.ts';
import { Machine } from './machine.ts';
import { Record, RecordView } from './record.ts';
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

/** Random instructions on the simulated core against results from elsewhere. */
export class Differential {
  readonly #tests: Tests;
  readonly #machine = new Machine();
  readonly #decoder = new Decoder(table);

  /**
   * @param only part of the names of the rows to test; all if empty.
   * @param sweep Whether the first tests go through all operations once.
   */
  constructor(
    readonly seed: number,
    options: { only?: string; sweep?: boolean } = {},
  ) {
    this.#tests = new Tests(table, seed, options);
  }

  /** Number of operations: rows of the table by what their fields choose. */
  get operations(): number {
    return this.#tests.operations;
  }

  /** The bytes of `count` tests from number `first`: what the recorder reads. */
  tests(first: number, count: number): Uint8Array {
    return this.#tests.records(first, count);
  }

  /** Runs the tests, of which the first has that number, and compares with the results that the recorder wrote. */
  check(first: number, tests: Uint8Array, results: Uint8Array): Difference[] {
    const test = new RecordView(tests);
    const expected = new RecordView(results);
    const actual = new RecordView(new Uint8Array(Record.size));
    const differences: Difference[] = [];
    for (let i = 0; i < test.length; i++) {
      this.#machine.run(test.at(i), actual);
      const lines = compare(test, expected.at(i), actual);
      if (lines.length > 0) differences.push(this.#difference(first + i, test, lines));
    }
    return differences;
  }

  #difference(index: number, test: RecordView, lines: readonly string[]): Difference {
    const words = test.words();
    const instructions = words.map((word) => this.#decoder.decode(word)?.instruction.name ?? 'unallocated');
    const heading = `test ${index} of seed ${this.seed}, at ${test.text(Record.pc)}, FPCR 0x${test.word(Record.fpcr).toString(16)}`;
    const program = words.map((word, i) => `  ${word.toString(16).padStart(8, '0')}  ${instructions[i]}`);
    return { index, instructions, text: [heading, ...program, ...lines.map((line) => `    ${line}`)].join('\n') };
  }
}

/** Replays recorded vectors on the simulated core. Returns what differs. */
export function replay(vectors: Uint8Array): { count: number; differences: Difference[] } {
  const reader = new VectorReader(vectors);
  const differential = new Differential(reader.seed);
  const test = new RecordView(new Uint8Array(Record.size));
  const expected = new RecordView(new Uint8Array(Record.size));
  const differences: Difference[] = [];
  for (let i = 0; i < reader.count; i++) {
    reader.next(test, expected);
    differences.push(...differential.check(i, test.bytes, expected.bytes));
  }
  return { count: reader.count, differences };
}

/** Puts tests and their results into the form that `replay` reads. */
export function record(writer: VectorWriter, tests: Uint8Array, results: Uint8Array): void {
  const test = new RecordView(tests);
  const result = new RecordView(results);
  for (let i = 0; i < test.length; i++) writer.add(test.at(i), result.at(i));
}

export { VectorWriter };
