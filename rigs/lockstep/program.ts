import { decoder } from '../../src/a64/decoder.ts';
import { table } from '../../src/a64/table/index.ts';
import { reverseBytes } from '../../src/base/bits.ts';
import { effectsOf } from '../../src/engine/translator/effects.ts';
import { WordSource } from '../differential/words.ts';
import { Random } from '../random.ts';
import * as A from './encode.ts';
import { type Layout, type Sequence, Sequences, themes } from './sequences.ts';
import { Place, physicalOf, randomSetting, type Setting } from './world.ts';

/** A random program with its world. */
export interface Program {
  readonly setting: Setting;
  /** What lies in RAM at first, by physical address. */
  readonly words: ReadonlyMap<number, number>;
  /** Where cores and handlers may begin. */
  readonly starts: readonly number[];
}

/**
 * Bases of loads and stores, a small index, a loop counter, the link register: words drawn at random leave them alone.
 */
export const Reserved = { bases: [20, 21, 22], index: 25, counter: 26, link: 30 } as const;
const reserved = [...Reserved.bases, Reserved.index, Reserved.counter, Reserved.link].reduce(
  (set, n) => set | (1 << n),
  0,
);

const is = (word: number, mask: number, value: number): boolean => (word & mask) >>> 0 === value;
const isLoadStore = (word: number): boolean => is(word, 0x0a000000, 0x08000000);
const isFlagWork = /^(ADC|SBC|CC|CS|ADDS|SUBS|ADD |SUB |ANDS|BICS|FCMP|FCCMP|FCSEL|NGC)/;

/** What a block is made of: words that depend on where they lie. */
interface Block {
  readonly items: Sequence[];
  address: number;
}

/**
 * Writes random programs: graphs of blocks in some pages, with bodies from the whole table and what systems do to code.
 */
export class ProgramSource {
  readonly #random = new Random(0);
  readonly #any = new WordSource(table, '', () => true);
  readonly #memory = new WordSource(
    table.filter(({ pattern }) => is(pattern.mask, 0x0a000000, 0x0a000000) && isLoadStore(pattern.value)),
    '',
    () => true,
  );
  readonly #flags = new WordSource(
    table.filter(({ name }) => isFlagWork.test(name)),
    '',
    () => true,
  );
  readonly #sequences: Sequences;
  /** See Sequences. */
  #calm = false;
  /** One in how many instructions is a sequence, and a cell. */
  #sequenceRate = 5;
  #cellRate = 8;

  /** `registers`: encodings of all system registers. */
  constructor(registers: readonly number[]) {
    this.#sequences = new Sequences(
      this.#random,
      registers,
      () => this.#plainWord(),
      () => this.#drawn(this.#flags),
    );
  }

  /** The program of a seed and number. */
  program(seed: number, index: number, cores: number): Program {
    const random = this.#random;
    random.reset(seed, index);
    this.#calm = random.oneIn(2);
    const setting = randomSetting(random, cores, this.#calm);
    const theme = random.pick(themes);
    this.#sequences.begin(setting, theme, this.#calm);
    this.#sequenceRate = this.#calm ? random.pick([4, 12]) : 5;
    this.#cellRate = theme === 'code' ? 3 : 10;
    const blocks = Array.from({ length: 2 + random.below(random.pick([4, 12, 24])) }, () => this.#block());
    const words = new Map<number, number>();
    // A table of code addresses for branches to registers, at the end of the last page.
    const targets = Place.code + 4096 * Place.codePages - 64;
    this.#place(blocks);
    const layout: Layout = {
      blocks: blocks.map(({ address }) => address).sort((a, b) => a - b),
      cells: blocks.flatMap(cellsOf).sort((a, b) => a - b),
      targets,
    };
    const put = (address: number, list: readonly number[]): void =>
      list.forEach((word, i) => {
        words.set(physicalOf(setting, address + 4 * i), word);
      });
    for (const block of blocks) {
      let at = block.address;
      for (const item of block.items) {
        const list = item.words(at, layout);
        put(at, list);
        at += 4 * item.size;
      }
    }
    for (let i = 0; i < 8; i++) {
      const low = random.pick(layout.blocks) + (random.oneIn(24) ? 2 : 0);
      const high = setting.tagged && random.oneIn(4) ? 0x5a00_0000 : random.oneIn(20) ? 1 : 0;
      put(targets + 8 * i, setting.bigEndian ? [reverseBytes(high), reverseBytes(low)] : [low, high]);
    }
    // Three physical pages of functions for two virtual ones; half of the first go on in the next virtual page.
    for (let page = 0; page < 3; page++) {
      for (let f = 0; f < 4; f++) {
        const body = Array.from({ length: 1 + random.below(6) }, () => this.#plainWord());
        const last = page === 0 && f < 2 ? A.b(4096 - 4 * body.length) : A.Fixed.ret;
        put(Place.functions + 4096 * page + 0x400 * f, [...body, last]);
      }
    }
    return { setting, words, starts: layout.blocks };
  }

  /** Lays blocks one after the other, in runs that begin in any page and may go on into the next. */
  #place(blocks: Block[]): void {
    const random = this.#random;
    const taken: { start: number; end: number }[] = [
      { start: 4096 * Place.codePages - 64, end: 4096 * Place.codePages },
    ];
    let rest = blocks;
    while (rest.length > 0) {
      const run = rest.slice(0, 1 + random.below(rest.length));
      rest = rest.slice(run.length);
      const last = run.at(-1) as Block;
      last.items.push(this.#sequences.jump());
      const size = run.reduce((sum, block) => sum + sizeOf(block), 0);
      let start: number;
      do {
        const page = random.below(Place.codePages);
        start =
          4096 * page +
          random.pick([
            () => 4096 - 4 * (1 + random.below(size / 4 + 1)),
            () => 64 * random.below(64),
            () => 4 * random.below(1024),
          ])();
      } while (start < 0 || taken.some((t) => start < t.end && start + size > t.start));
      taken.push({ start, end: start + size });
      let at = Place.code + start;
      for (const block of run) {
        block.address = at;
        at += sizeOf(block);
      }
    }
  }

  #block(): Block {
    const random = this.#random;
    const items: Sequence[] = [];
    if (random.oneIn(3)) items.push(this.#sequences.themed());
    const length = random.pick([0, 1, 2, 3, 4, 6, 8, 12, 24]);
    for (let i = 0; i < length; i++) {
      if (random.oneIn(i === 0 ? 3 : this.#cellRate)) items.push(this.#sequences.cell());
      else if (random.oneIn(this.#sequenceRate)) items.push(this.#sequences.any());
      else items.push({ size: 1, words: ((word) => () => [word])(this.#word()) });
    }
    if (!random.oneIn(6)) items.push(this.#sequences.end());
    return { items, address: 0 };
  }

  /** A word for a block's body. */
  #word(): number {
    const random = this.#random;
    const kind = random.below(16);
    if (kind < 5) return this.#drawn(this.#memory);
    if (kind < 9) return this.#drawn(this.#flags);
    if (kind === 9 && !(this.#calm && !random.oneIn(20))) return this.#sequences.systemWord();
    return this.#drawn(this.#any);
  }

  /** A word that goes on to the next. */
  #plainWord(): number {
    return this.#drawn(this.#random.oneIn(3) ? this.#memory : this.#any);
  }

  #drawn(source: WordSource): number {
    const random = this.#random;
    for (;;) {
      const drawn = source.any(random);
      if (drawn === undefined) continue;
      const word = isLoadStore(drawn) ? this.#aimed(drawn) : drawn;
      const decoded = decoder.decode(word);
      if (decoded?.instruction.flow !== 'next') continue;
      const { writes } = effectsOf(decoded);
      if ((writes.x & reserved) !== 0 && !isLoadStore(word) && !random.oneIn(50)) continue;
      // SP is mostly left alone too.
      if (writes.x >>> 31 && (this.#calm || !random.oneIn(8))) continue;
      if (isLoadStore(word) && (writes.x & (1 << Reserved.link)) !== 0 && !random.oneIn(20)) continue;
      return word;
    }
  }

  /** A load or store with one of the bases. */
  #aimed(word: number): number {
    const random = this.#random;
    if (is(word, 0x3b000000, 0x18000000)) {
      // A literal, mostly near by.
      return random.oneIn(4) && !this.#calm
        ? word
        : ((word & ~(0x7ffff << 5)) | (((random.below(512) - 256) & 0x7ffff) << 5)) >>> 0;
    }
    if (random.oneIn(this.#calm ? 200 : 24)) return word;
    let aimed = (word & ~(31 << 5)) | ((random.oneIn(12) ? 31 : random.pick(Reserved.bases)) << 5);
    const isIndexed = is(word, 0x3b200c00, 0x38200800) || is(word, 0xbe800000, 0x0c800000);
    if (isIndexed && (this.#calm || !random.oneIn(16))) aimed = (aimed & ~(31 << 16)) | (Reserved.index << 16);
    // Large offsets would leave the page most of the time.
    if (is(word, 0x3b000000, 0x39000000) && !random.oneIn(4)) aimed &= ~(0xf80 << 10);
    return aimed >>> 0;
  }
}

/** Addresses of a block's cells. */
const cellsOf = (block: Block): number[] => {
  let at = block.address;
  return block.items.flatMap((item) => {
    const address = at;
    at += 4 * item.size;
    return item.isCell ? [address] : [];
  });
};

const sizeOf = (block: Block): number => 4 * block.items.reduce((sum, item) => sum + item.size, 0);
