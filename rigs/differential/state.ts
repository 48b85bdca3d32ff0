import { mask64 } from '../../src/base/bits.ts';
import { Random } from '../random.ts';
import { addressingOf } from './addressing.ts';
import { memorySize, Place, Record, type RecordView } from './record.ts';
import { type Flavour, flavours, Values } from './values.ts';

/** Bits of FPCR that the Cortex-A53 has: AHP, DN, FZ, RMode (DDI 0500J, 4.5.33); the others are not compared. */
export const fpcrBits = 0x07c0_0000;
/** Bits of FPSR: QC and the cumulative exceptions. Bits 31-28 are AArch32's flags. */
export const fpsrBits = 0x0800_009f;

/** Where a test's first word lies: a function of the seed and the test's number, as all of its state. */
export function firstWord(seed: number, index: number): number {
  const random = new Random(seed, index);
  const offset = random.oneIn(8) ? Place.wordsBelow - 4 * (1 + random.below(6)) : 64 + 4 * random.below(900);
  return Place.code + (index % Place.codeWindows) * Place.codeWindow + offset;
}

/** Fills records with random states that suit their words. */
export class StateSource {
  readonly #random = new Random(0);
  readonly #values: Values;

  constructor(readonly seed: number) {
    this.#values = new Values(seed);
  }

  /** Makes the record that `to` stands on the test of that number, with these words. */
  fill(to: RecordView, index: number, words: readonly number[]): void {
    const random = this.#random;
    // Another stream than the one that chose the words.
    random.reset(this.seed ^ 0x5eed5eed, index);
    const { u32 } = to;
    to.setLong(Record.pc, firstWord(this.seed, index), 0);
    const memory = random.pick(Place.memories);
    to.setLong(Record.memoryAddress, memory, 0);
    to.setLong(Record.fault, 0, 0);
    to.setWord(Record.count, words.length);
    to.setWord(Record.signal, 0);
    for (let i = 0; i < 4; i++) to.setWord(Record.words + 4 * i, words[i] ?? 0);

    const x = to.offset(Record.x) >>> 2;
    for (let n = 0; n < 32; n++) this.#values.putInteger(random, u32, x + 2 * n);
    this.#relate(u32, x, 2);
    to.setWord(Record.nzcv, random.u32() & 0xf000_0000);
    to.setWord(Record.fpcr, random.oneIn(2) ? 0 : random.u32() & fpcrBits);
    // With all flags set, an instruction cannot change them, and a core may take shortcuts.
    to.setWord(Record.fpsr, random.pick([0, fpsrBits, random.u32() & fpsrBits]));
    to.setWord(Record.fpsr + 4, 0);

    const flavour = this.#flavour(words.at(-1) ?? 0);
    const v = to.offset(Record.v) >>> 2;
    for (let n = 0; n < 32; n++)
      this.#values.putVector(random, random.oneIn(8) ? random.pick(flavours) : flavour, u32, v + 4 * n);
    this.#relate(u32, v, 4);
    const bytes = to.offset(Record.memory) >>> 2;
    for (let i = 0; i < memorySize / 4; i += 4) this.#values.putVector(random, flavour, u32, bytes + i);

    const aimed = new Set<number>();
    for (const word of words) {
      this.#aim(to, word, memory, aimed);
      keepToBits(to, word);
    }
  }

  /** Makes some registers equal to others, or nearly. */
  #relate(u32: Uint32Array, first: number, size: number): void {
    const random = this.#random;
    for (let count = random.below(12); count > 0; count--) {
      const from = first + size * random.below(32);
      const to = first + size * random.below(32);
      for (let i = 0; i < size; i++) u32[to + i] = u32[from + i] as number;
      const at = to + random.below(size);
      const change = random.below(8);
      if (change < 2) u32[at] = (u32[at] as number) + (change === 0 ? 1 : -1);
      else if (change < 6) u32[at] = (u32[at] as number) ^ (1 << (change < 4 ? 31 : random.below(32)));
    }
  }

  /** A likely kind of lanes for the operands of a word: by the type or size field of FP and SIMD encodings. */
  #flavour(word: number): Flavour {
    const random = this.#random;
    if (random.oneIn(3)) return random.pick(flavours);
    const scalarFloat = (word & 0x5e000000) >>> 0 === 0x1e000000;
    const type = (word >>> 22) & 3;
    if (scalarFloat) return (['single', 'double', 'single', 'half'] as const)[type] ?? 'single';
    if (random.oneIn(2)) return type & 1 ? 'double' : 'single';
    return (['i8', 'i16', 'i32', 'i64'] as const)[type] ?? 'i64';
  }

  /** Makes a load, store or maintenance instruction go to the test's memory, mostly. */
  #aim(to: RecordView, word: number, memory: number, aimed: Set<number>): void {
    const random = this.#random;
    const access = addressingOf(word);
    if (!access || random.oneIn(64)) return;
    const { base, index } = access;
    if (aimed.has(base)) return;
    let offset = access.offset;
    if (index && index.register !== 31) {
      if (index.register === base) return;
      aimed.add(index.register);
      offset = extend(to.long(Record.x + 8 * index.register), index.option) << BigInt(index.shift);
    }
    aimed.add(base);
    let target = memory + random.below(memorySize - 63);
    const alignment = random.below(4);
    if (access.aligned && !random.oneIn(16)) target &= -access.aligned;
    else if (alignment === 1 || alignment === 2) target &= -8 * alignment;
    // Where the memory ends, nothing is mapped behind it in half of the tests.
    if (random.oneIn(32) && memory === Place.memories[1]) target = memory + memorySize - 1 - random.below(20);
    let address = BigInt.asUintN(64, BigInt(target) - offset);
    // The top byte is ignored (TCR_ELx.TBI0).
    if (random.oneIn(16)) address = (address & (mask64 >> 8n)) | (BigInt(random.below(256)) << 56n);
    to.setLong(base === 31 ? Record.sp : Record.x + 8 * base, Number(address & 0xffffffffn), Number(address >> 32n));
  }
}

/** Makes MSR write only those bits of FPCR and FPSR that are compared. */
function keepToBits(to: RecordView, word: number): void {
  const bits = word >>> 5 === 0xd51b4400 >>> 5 ? fpcrBits : word >>> 5 === 0xd51b4420 >>> 5 ? fpsrBits : undefined;
  const register = Record.x + 8 * (word & 31);
  if (bits !== undefined && (word & 31) !== 31) to.setLong(register, to.word(register) & bits, 0);
}

/** ExtendReg (Arm ARM J1.3) without its shift. */
function extend(value: bigint, option: number): bigint {
  const width = 8 << (option & 3);
  return option & 4 ? BigInt.asIntN(width, value) : BigInt.asUintN(width, value);
}
