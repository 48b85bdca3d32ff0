import type { Instruction } from '../../src/a64/instruction.ts';
import { Random } from '../random.ts';
import { Place, Record, RecordView, wordsMax } from './record.ts';
import { firstWord, StateSource } from './state.ts';
import type { Surroundings } from './words.ts';
import { WordSource } from './words.ts';

/** Bytes of a test's window before and after its first word that hold words, literals and the recorder's own code. */
const taken = { before: 16, behind: Place.literals + Place.literalsSize } as const;

/** An endless sequence of tests, each a function of the seed and its number. */
export class Tests {
  readonly #words: WordSource;
  readonly #states: StateSource;
  readonly #random = new Random(0);

  /**
   * @param only part of the names of the rows to test; all if empty.
   * @param sweep Whether the first tests go through all operations once.
   */
  constructor(
    table: readonly Instruction[],
    readonly seed: number,
    { only = '', sweep = false } = {},
  ) {
    this.#words = new WordSource(table, only);
    this.#states = new StateSource(seed);
    this.#sweep = sweep;
    this.#noise = only === '';
  }

  readonly #sweep: boolean;
  readonly #noise: boolean;

  /** Number of operations: rows of the table by what their fields choose. */
  get operations(): number {
    return this.#words.operations.length;
  }

  /** The words of a test. */
  words(index: number): number[] {
    const random = this.#random;
    random.reset(this.seed, ~index);
    const pc = firstWord(this.seed, index);
    const around = surroundings(pc);
    const swept = this.#sweep ? this.#words.operations[index] : undefined;
    if (!swept && this.#noise && random.oneIn(16)) return [this.#words.noise(random, pc, around)];
    return this.#words.test(random, swept ?? this.#words.operation(random), { pc, around }, wordsMax);
  }

  /** The records of `count` tests from number `first`. */
  records(first: number, count: number): Uint8Array {
    const records = new RecordView(new Uint8Array(count * Record.size));
    for (let i = 0; i < count; i++) this.#states.fill(records.at(i), first + i, this.words(first + i));
    return records.bytes;
  }
}

const surroundings = (first: number): Surroundings => ({
  literals: first + Place.literals,
  literalsSize: Place.literalsSize,
  mayBranchTo: (address, from) => {
    if (address === from + 4) return true;
    if (address >= first - taken.before && address < first + taken.behind) return false;
    const end = Place.code + Place.codeWindows * Place.codeWindow;
    if (address < Place.code || address >= end) return !inData(address);
    // Windows of other tests, where their words may lie.
    const isOwn = Math.floor(address / Place.codeWindow) === Math.floor(first / Place.codeWindow);
    return isOwn || address % Place.codeWindow >= Place.wordsBelow + taken.behind;
  },
});

const inData = (address: number): boolean => address >= Place.data && address < Place.data + Place.dataSize;
