import { accessOf } from '../../a64/differential/access.ts';
import type { Random } from '../../a64/differential/random.ts';
import { branchOffset, type WordSource } from '../../a64/differential/words.ts';

/** Where things lie in the memory of a random program, physical and virtual alike. */
export const Layout = {
  ram: 0x4000_0000,
  ramSize: 0x4_0000,
  /** Pages that the program lies in and may write. */
  code: 0x4000_0000,
  codeSize: 0x4000,
  /** Two pages to read and write, one to read, one that is not mapped. */
  data: 0x4001_0000,
  dataSize: 0x4000,
  vectors: 0x4002_0000,
  tables: 0x4003_0000,
  device: 0x4100_0000,
  deviceSize: 0x1000,
} as const;

/** Builds programs of random words that go on for ever: loops, calls, faults, page crossings, changes of themselves. */
export class ProgramSource {
  readonly #words: number[] = [];
  #start = 0;
  #length = 0;

  constructor(
    readonly source: WordSource,
    readonly random: Random,
    /** Encodings of system registers that may be read, and of those that may be written with anything. */
    readonly registers: { readonly read: readonly number[]; readonly written: readonly number[] },
  ) {}

  /** The words of all code pages, and the address at which the program starts. */
  make(): { readonly words: Uint32Array; readonly start: number } {
    const { random } = this;
    this.#length = 40 + random.below(400);
    // Across a border of pages, mostly.
    this.#start = Layout.code + 0x1000 + 4 * (1024 - random.below(Math.min(this.#length, 1024)));
    this.#words.length = 0;
    while (this.#words.length < this.#length) this.#item();
    const words = new Uint32Array(Layout.codeSize / 4);
    const first = (this.#start - Layout.code) / 4;
    for (let i = 0; i < words.length; i++) words[i] = (0x1400_0000 | ((first - i) & 0x3ff_ffff)) >>> 0;
    words.set(this.#words, first);
    return { words, start: this.#start };
  }

  /** Address of the next word. */
  get #here(): number {
    return this.#start + 4 * this.#words.length;
  }

  /** A word of the program as a target. */
  get #target(): number {
    return this.#start + 4 * this.random.below(this.#length);
  }

  #item(): void {
    const kind = this.random.below(20);
    if (kind < 10) this.#words.push(this.#draw((word) => branchOffset(word) === undefined && !accessOf(word)));
    else if (kind < 14) this.#memory();
    else if (kind < 17) this.#branch();
    else if (kind < 18) this.#change();
    else this.#system();
  }

  #draw(accepts: (word: number) => boolean): number {
    for (;;) {
      const word = this.source.any(this.random);
      if (word !== undefined && accepts(word)) return word;
    }
  }

  /** MOVZ and MOVK: a register gets a 32-bit value. */
  #set(register: number, value: number): void {
    this.#words.push((0xd280_0000 | ((value & 0xffff) << 5) | register) >>> 0);
    this.#words.push((0xf2a0_0000 | ((value >>> 16) << 5) | register) >>> 0);
  }

  /** An address that accesses go to. */
  #address(): number {
    const { random } = this;
    switch (random.below(16)) {
      case 0:
        return this.#target;
      case 1:
        return Layout.device + random.below(Layout.deviceSize - 64);
      case 2: // near a border between pages, the one to what is not mapped too
        return Layout.data + 0x1000 * (1 + random.below(3)) - random.below(32);
      case 3:
        return Layout.data + random.below(Layout.dataSize);
      default: {
        const address = Layout.data + random.below(0x2000 - 64);
        return random.oneIn(2) ? address & ~7 : address;
      }
    }
  }

  /** A load, store or cache maintenance instruction, mostly with its base set just before. */
  #memory(): void {
    const { random } = this;
    const word = this.#draw((w) => accessOf(w) !== undefined);
    const access = accessOf(word);
    if (access && !random.oneIn(6)) {
      let offset = access.offset;
      if (access.index && access.index.register !== 31) {
        const value = random.below(64);
        this.#set(access.index.register, value);
        offset = BigInt(value << access.index.shift);
      }
      let address = this.#address();
      if (access.aligned && !random.oneIn(8)) address &= -access.aligned;
      const base = Number(BigInt.asUintN(32, BigInt(address) - offset));
      if (access.base === 31) {
        const through = random.below(31);
        this.#set(through, base);
        this.#words.push(0x9100_001f | (through << 5)); // mov sp, x
      } else this.#set(access.base, base);
    }
    this.#words.push(word);
  }

  /** A branch of any kind to a word of the program. */
  #branch(): void {
    const { random } = this;
    if (random.oneIn(4)) {
      const register = random.below(31);
      this.#set(register, this.#target);
      if (random.oneIn(4)) this.#words.push(this.#draw((w) => branchOffset(w) === undefined && !accessOf(w)));
      this.#words.push((0xd61f_0000 | (random.below(3) << 21) | (register << 5)) >>> 0); // br, blr, ret
      return;
    }
    const word = this.#draw((w) => branchOffset(w) !== undefined);
    this.#words.push(withOffset(word, this.#target - this.#here));
  }

  /** Stores another word into the program. */
  #change(): void {
    const { random } = this;
    const value = random.below(31);
    const address = (value + 1 + random.below(29)) % 31;
    this.#set(
      value,
      this.#draw((w) => branchOffset(w) === undefined && !accessOf(w)),
    );
    this.#set(address, this.#target);
    this.#words.push((0xb900_0000 | (address << 5) | value) >>> 0); // str w, [x]
    if (random.oneIn(2)) {
      this.#words.push((0xd50b_7b20 | address) >>> 0, 0xd503_3b9f); // dc cvau, x; dsb ish
      this.#words.push((0xd50b_7520 | address) >>> 0, 0xd503_3b9f, 0xd503_3fdf); // ic ivau, x; dsb ish; isb
    }
  }

  /** Reads or writes a system register, or raises an exception. */
  #system(): void {
    const { random, registers } = this;
    const rt = random.below(32);
    const choice = random.below(8);
    if (choice < 4) this.#words.push((0xd520_0000 | (random.pick(registers.read) << 5) | rt) >>> 0);
    else if (choice < 7) this.#words.push((0xd500_0000 | (random.pick(registers.written) << 5) | rt) >>> 0);
    else this.#words.push(random.pick([0xd400_0001, 0xd420_0000, 0x0000_0000])); // svc, brk, udf
  }
}

/** A direct branch with another distance; kept within what its field can hold. */
function withOffset(word: number, offset: number): number {
  const words = offset >> 2;
  if ((word & 0x7c00_0000) >>> 0 === 0x1400_0000) return ((word & 0xfc00_0000) | (words & 0x3ff_ffff)) >>> 0;
  if ((word & 0x7e00_0000) >>> 0 === 0x3600_0000) return ((word & 0xfff8_001f) | ((words & 0x3fff) << 5)) >>> 0;
  return ((word & 0xff00_001f) | ((words & 0x7ffff) << 5)) >>> 0;
}
