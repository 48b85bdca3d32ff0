import type { SystemFields } from '../../src/a64/system-encoding.ts';
import { reverseBytes } from '../../src/base/bits.ts';
import type { Random } from '../random.ts';
import * as A from './encode.ts';
import { patch, patchForms } from './patches.ts';
import { descriptorOffset, Place, type Setting } from './world.ts';

/** Where a program's blocks lie. */
export interface Layout {
  readonly blocks: readonly number[];
  /** Instructions of which bits may be flipped: see patches.ts. */
  readonly cells: readonly number[];
  /** A table of 8 of their addresses. */
  readonly targets: number;
}

/** What a program has more of than others. */
export const themes = [
  'none',
  'none',
  'code',
  'code',
  'maps',
  'maps',
  'traps',
  'branches',
  'exclusives',
  'flags',
  'faults',
  'faults',
] as const;
export type Theme = (typeof themes)[number];

/** Some words whose number is known before their place is. */
export interface Sequence {
  readonly size: number;
  /** It is a single instruction of the kind that patches change. */
  readonly isCell?: boolean;
  words(address: number, layout: Layout): number[];
}

/** Registers that sequences use as they like. */
const temporaries = [23, 24] as const;
const bases = [20, 21, 22] as const;
const index = 25;
const counter = 26;

const field = (...fields: SystemFields): SystemFields => fields;

/** Registers that programs may write without losing control. */
const writable: readonly SystemFields[] = [
  field(3, 3, 13, 0, 2), // TPIDR_EL0
  field(3, 3, 13, 0, 3), // TPIDRRO_EL0
  field(3, 0, 13, 0, 4), // TPIDR_EL1
  field(3, 4, 13, 0, 2), // TPIDR_EL2
  field(3, 0, 13, 0, 1), // CONTEXTIDR_EL1
  field(3, 0, 4, 0, 1), // ELR_EL1
  field(3, 0, 4, 0, 0), // SPSR_EL1
  field(3, 4, 4, 0, 1), // ELR_EL2
  field(3, 0, 4, 1, 0), // SP_EL0
  field(3, 4, 4, 1, 0), // SP_EL1
  field(3, 0, 5, 2, 0), // ESR_EL1
  field(3, 0, 6, 0, 0), // FAR_EL1
  field(3, 0, 7, 4, 0), // PAR_EL1
  field(3, 0, 5, 1, 0), // AFSR0_EL1
  field(3, 4, 0, 0, 0), // VPIDR_EL2
  field(3, 4, 0, 0, 5), // VMPIDR_EL2
  field(3, 4, 4, 0, 0), // SPSR_EL2
  field(3, 4, 5, 2, 0), // ESR_EL2
  field(3, 4, 6, 0, 0), // FAR_EL2
  field(3, 4, 6, 0, 4), // HPFAR_EL2
  field(3, 3, 4, 2, 0), // NZCV
  field(3, 3, 4, 2, 1), // DAIF
  field(3, 3, 4, 4, 0), // FPCR
  field(3, 3, 4, 4, 1), // FPSR
];

/** Registers worth reading more often than others: those, and what depends on time. */
const readable: readonly SystemFields[] = [
  ...writable,
  field(3, 3, 14, 0, 1), // CNTPCT_EL0
  field(3, 3, 14, 0, 2), // CNTVCT_EL0
  field(3, 3, 9, 13, 0), // PMCCNTR_EL0
  field(3, 3, 9, 13, 2), // PMXEVCNTR_EL0
];

const SP_EL0 = field(3, 0, 4, 1, 0);
const SCTLR_EL1 = field(3, 0, 1, 0, 0);
const SCTLR_EL2 = field(3, 4, 1, 0, 0);
const MDSCR_EL1 = field(2, 0, 0, 2, 2);
const PMCR_EL0 = field(3, 3, 9, 12, 0);
const CPACR_EL1 = field(3, 0, 1, 0, 2);
const CPTR_EL2 = field(3, 4, 1, 1, 2);

/** Writes what programs do besides computing: bases, loops, branches, writes to code, maps, traps. */
export class Sequences {
  readonly #random: Random;
  readonly #plainWord: () => number;
  readonly #flagWord: () => number;
  readonly #registers: readonly number[];
  #setting: Setting | undefined;
  #theme: Theme = 'none';
  /** Whether the program has few faults and little else for TypeScript, so that regions become large. */
  #calm = false;

  /**
   * @param plainWord draws an instruction that goes on to the next.
   * @param flagWord draws one that sets flags, or works with them.
   * @param registers encodings of all system registers.
   */
  constructor(random: Random, registers: readonly number[], plainWord: () => number, flagWord: () => number) {
    this.#random = random;
    this.#registers = registers;
    this.#plainWord = plainWord;
    this.#flagWord = flagWord;
  }

  /** What follows is for one program. */
  begin(setting: Setting, theme: Theme, calm: boolean): void {
    this.#setting = setting;
    this.#theme = theme;
    this.#calm = calm;
  }

  /** A sequence that usually continues behind itself; in a calm program it rarely needs TypeScript. */
  any(): Sequence {
    const random = this.#random;
    const calm = this.#calm;
    if (this.#theme !== 'none' && random.oneIn(2)) return this.themed();
    const kind = random.below(calm && !random.oneIn(20) ? 28 : 44);
    if (kind < 14) return this.#base(calm);
    if (kind < 17) return this.#compare();
    if (kind < 19) return fixed(A.movz(index, random.below(40) * random.pick([1, 1, 8])));
    if (kind < 22) return fixed(A.movz(counter, random.below(20)));
    if (kind < 23) return this.#stack();
    if (kind < 26) return this.#patch();
    if (kind < 28) return this.#writeCode(calm);
    if (kind < 31) return this.#writeCode(false);
    if (kind < 34) return fixed(this.service());
    if (kind < 36) return this.#exclusive();
    if (kind < 38) return this.#callFunction();
    if (kind < 39) return this.#floatTrap();
    if (kind < 41) return this.#control();
    if (kind < 42) return fixed(...A.move(temporaries[0], random.u32()), A.msr(random.pick(writable), temporaries[0]));
    return fixed(this.systemWord());
  }

  /** One of the theme's. */
  themed(): Sequence {
    const random = this.#random;
    switch (this.#theme) {
      case 'code':
        return random.oneIn(3) ? this.#patchLoop() : this.#patch();
      case 'maps':
        return random.pick([
          () => this.#callFunction(),
          () => this.#mapLoop(),
          () => fixed(this.service()),
          () => this.#patch(),
        ])();
      case 'traps':
        return random.pick([
          () => this.#floatTrap(),
          () => this.#control(),
          () => this.#stack(),
          () => this.#stackPointer(),
          () => this.#trapLoop(),
        ])();
      case 'branches':
        return random.oneIn(2) ? this.#returnLoop() : this.jump();
      case 'exclusives':
        return this.#exclusive();
      case 'faults':
        return random.oneIn(4) ? this.#control() : this.#faultLoop();
      default:
        return random.oneIn(3) ? this.#compare() : this.#compareLoop();
    }
  }

  /** The end of a block: a branch to another, by condition or not. */
  end(): Sequence {
    const random = this.#random;
    const kind = random.below(24);
    if (kind < 7)
      return this.#branching(1, (to, at) => {
        return [A.bCond(random.below(16), to - at)];
      });
    if (kind < 10) {
      // A loop that ends.
      const conditional = random.oneIn(2);
      return this.#branching(2, (to, at) => [
        A.subsImmediate(counter, counter, 1),
        conditional ? A.bCond(random.pick([1, 5, 8, 12]), to - at - 4) : A.cbz(counter, true, true, to - at - 4),
      ]);
    }
    if (kind < 12)
      return this.#branching(1, (to, at) => [A.cbz(random.below(32), random.oneIn(2), random.oneIn(2), to - at)]);
    if (kind < 14)
      return this.#branching(1, (to, at) => [A.tbz(random.below(32), random.below(64), random.oneIn(2), to - at)]);
    if (kind < 16) return this.#branching(1, (to, at) => [A.bl(to - at)]);
    if (kind < 18) return fixed(A.Fixed.ret);
    return this.jump();
  }

  /** A branch that is always taken. */
  jump(): Sequence {
    const random = this.#random;
    const kind = random.below(12);
    if (kind < 5) return this.#branching(1, (to, at) => [A.b(to - at)]);
    if (kind < 7) {
      const word = random.pick([A.br(23), A.blr(23), A.br(23) | 0x40_0000]);
      const tag = this.#tag(0x5a00);
      return this.#branching(3 + tag.length, (to) => [
        ...A.move(23, to),
        ...tag.map((top) => A.movkTop(23, top)),
        word,
      ]);
    }
    if (kind < 11) {
      const word = random.oneIn(4) ? A.blr(23) : A.br(23);
      const by = random.pick([counter, index, random.below(31)]);
      return {
        size: 6,
        words: (_, { targets }) => [
          ...A.move(24, targets),
          A.addImmediate(23, by, 0),
          // AND x23, x23, #7
          0x9240_0af7,
          A.loadIndexed(23, 24, 23),
          word,
        ],
      };
    }
    // An exception return to a block.
    const level = random.pick([0, 4]);
    const mode = random.pick([0, 4, 5, 5, 9, random.u32() & 0xf020_03ff]);
    const to = random.u32();
    return {
      size: 7,
      words: (_, { blocks }) => [
        ...A.move(23, blocks[to % blocks.length] as number),
        A.msr(field(3, level, 4, 0, 1), 23),
        ...A.move(24, mode),
        A.msr(field(3, level, 4, 0, 0), 24),
        A.Fixed.eret,
      ],
    };
  }

  /** A tag in the top byte of an address, where it may matter; for one address at most. */
  #tag(top: number): number[] {
    const random = this.#random;
    if (this.#setting?.tagged) return random.oneIn(3) ? [top] : [];
    return !this.#calm && random.oneIn(40) ? [random.pick([top, 1])] : [];
  }

  /** An instruction that patches change. */
  cell(): Sequence {
    const random = this.#random;
    const rd = random.below(20);
    const word = random.oneIn(2) ? A.movz(rd, random.u32()) : A.addImmediate(rd, rd, random.below(4096));
    return { size: 1, isCell: true, words: () => [word] };
  }

  /** Flips a bit of a cell. */
  #patch(): Sequence {
    const random = this.#random;
    const form = random.pick(this.#calm ? patchForms.slice(1) : patchForms);
    const alias = random.oneIn(3);
    const bit = 10 + random.below(11);
    const near = !random.oneIn(3);
    const which = random.u32();
    const bigEndian = this.#setting?.bigEndian ?? false;
    const maintenance =
      !this.#calm && random.oneIn(3) ? [A.sys('DC CVAU', 24), A.Fixed.dsb, A.sys('IC IVAU', 24), A.Fixed.isb] : [];
    const size = patch(form, 0, bit, bigEndian).length + maintenance.length;
    return {
      size,
      words: (at, { blocks, cells }) => {
        const after = cells.findIndex((cell) => cell >= at);
        const nearest = Math.max(0, Math.min(after + (which % 3) - 1, cells.length - 1));
        const cell = cells[near ? nearest : which % cells.length] ?? (blocks[0] as number);
        return [...patch(form, cell + (alias ? Place.alias - Place.code : 0), bit, bigEndian), ...maintenance];
      },
    };
  }

  /** Reads some conditions right after an instruction that sets flags. */
  #compare(): Sequence {
    const random = this.#random;
    const rn = random.below(20);
    // Equal operands and zero tell conditions apart that otherwise agree.
    const flagWord = random.oneIn(2) ? this.#flagWord() : A.flags(random, rn, random.pick([rn, 31, random.below(20)]));
    return fixed(
      flagWord,
      ...Array.from({ length: 1 + random.below(4) }, () => A.cset(random.below(20), random.below(14))),
    );
  }

  /** SP_EL0 by its name, while it is the stack pointer and while it is not. */
  #stackPointer(): Sequence {
    const random = this.#random;
    const access = (): number =>
      random.oneIn(2) ? A.mrs(SP_EL0, random.below(20)) : A.msr(SP_EL0, random.pick(bases));
    return fixed(A.spsel(0), access(), this.#plainWord(), access(), A.spsel(1), access());
  }

  /** A loop that changes itself each time. */
  #patchLoop(): Sequence {
    const random = this.#random;
    const form = random.pick(patchForms.slice(1));
    const bit = 10 + random.below(11);
    const bigEndian = this.#setting?.bigEndian ?? false;
    const cell = this.cell().words(0, { blocks: [], cells: [], targets: 0 });
    const between = random.oneIn(2) ? [this.#plainWord()] : [];
    const alias = random.oneIn(4) ? Place.alias - Place.code : 0;
    // Half of these loops begin a chunk (see CodeCache), with nothing that is executed in the chunk before.
    const apart = random.oneIn(2) ? 32 : 0;
    const head = A.movz(counter, 2 + random.below(100));
    const words = (at: number): number[] => {
      const start = apart === 0 ? at + 8 : (at + 8 + 127) & ~63;
      const body = [...cell, ...between, ...patch(form, start + alias, bit, bigEndian)];
      const back = -4 * (body.length + 1);
      const gap = (start - at - 8) / 4;
      return [
        head,
        A.b(start - at - 4),
        ...new Array<number>(gap).fill(A.Fixed.nop),
        ...body,
        A.subsImmediate(counter, counter, 1),
        A.cbz(counter, true, true, back),
        ...new Array<number>(apart - gap).fill(A.Fixed.nop),
      ];
    };
    return { size: words(0).length, words };
  }

  /** A loop that calls a function of the page that is remapped, and changes the map. */
  #mapLoop(): Sequence {
    const random = this.#random;
    const call = [...A.move(23, Place.functions + 0x400 * random.pick([0, 0, 1, 1, 2, 3])), A.blr(23)];
    const ask = random.oneIn(3) ? A.hvc : A.svc;
    const [first, second] = random.pick([
      [0, 1],
      [0, 1],
      [2, 3],
      [random.below(8), random.below(8)],
    ] as const);
    return this.#loop(50, [...call, ask(8 + first), ...call, ask(8 + second)]);
  }

  /** A loop of many rounds, because code is translated only when a quantum has ended. */
  #loop(rounds: number, body: readonly number[]): Sequence {
    return fixed(
      A.movz(counter, 2 + this.#random.below(rounds)),
      ...body,
      A.subsImmediate(counter, counter, 1),
      A.cbz(counter, true, true, -4 * (body.length + 1)),
    );
  }

  /** A loop that compares what changes with what does not, and adds up what conditions say. */
  #compareLoop(): Sequence {
    const random = this.#random;
    const [a, b, bit, sum] = [0, 1, 2, 3] as const;
    const shift = random.pick([0, 0, 30, 31, 62, 63]);
    const operand = random.pick([b, b, a, 31]);
    const conditional = random.oneIn(2) ? [A.conditionalCompare(random, a, operand)] : [];
    const conditions = Array.from({ length: 1 + random.below(4) }, (_, i) => [
      A.cset(bit, random.oneIn(3) ? 6 + random.below(2) : random.below(14)),
      A.addShifted(sum, sum, bit, 8 * i),
    ]);
    return this.#loop(100, [
      A.movz(b, random.below(100)),
      A.addShifted(b, 31, b, random.pick([0, shift])),
      A.addShifted(a, 31, counter, shift),
      A.flags(random, a, operand),
      ...conditional,
      ...conditions.flat(),
    ]);
  }

  /** A loop with FP instructions that trap every other time. */
  #trapLoop(): Sequence {
    const random = this.#random;
    const word = (): number => random.pick([0x1e61_2800, 0x4e20_1c41, 0x1e60_4062]);
    return this.#loop(100, [
      A.ubfx(23, counter, random.below(2), 1),
      A.negate(23, 23),
      A.msr(CPACR_EL1, 23),
      word(),
      A.tbz(counter, 1, random.oneIn(2), 8),
      word(),
      word(),
    ]);
  }

  /** A loop of instructions that fault again and again; where it can, it takes their page from the map and puts it back. */
  #faultLoop(): Sequence {
    const random = this.#random;
    const { level = 2, cores = 4, mapping = 'off' } = this.#setting ?? {};
    const [base] = bases;
    const page = Place.data + 4096 * random.below(Place.dataPages);
    const offset = random.pick([0, 8 * random.below(512), random.below(4096)]);
    const rt = random.below(20);
    const access = (): number =>
      random.pick([
        A.load(rt, base),
        A.store(rt, base, random.below(4)),
        A.loadNarrow(rt, base, random.below(3)),
        A.loadPair(rt, 19 - rt === rt ? 20 - rt : 19 - rt, base, 0),
        A.storeWords(rt, 3, base),
        A.brk(rt),
        0,
        this.#plainWord(),
      ]);
    const storm = (): number[] => {
      const body = Array.from({ length: 1 + random.below(3) }, access);
      if (random.oneIn(3)) body.push(A.nextPage(base));
      return [
        ...A.move(base, page + offset),
        A.movz(index, 2 + random.below(12)),
        ...body,
        A.subsImmediate(index, index, 1),
        A.cbz(index, true, true, -4 * (body.length + 1)),
      ];
    };
    // A change that other cores or EL2 would see late is left out.
    if (level !== 1 || cores !== 1 || mapping === 'off') return this.#loop(20, storm());
    const slot = A.move(24, Place.tablesVa + descriptorOffset(page));
    const take = [...slot, A.store(31, 24), A.Fixed.dsb, ...A.move(24, page >>> 12), A.sys('TLBI VAAE1IS', 24)];
    const descriptor = [...A.move(23, page + random.pick([0x703, 0x743, 0x783, 0x7c3, 0x303])), A.movkTop(23, 0x60)];
    const put = [...slot, ...descriptor, A.store(23, 24)];
    const barrier = [A.Fixed.dsb, A.Fixed.isb];
    return this.#loop(20, [...take, ...barrier, ...storm(), ...put, ...barrier, ...storm()]);
  }

  /** A loop with a call that in the last round returns to an address that is no instruction's. */
  #returnLoop(): Sequence {
    const random = this.#random;
    const shift = random.pick([0, 1, 1, 32, 40, 56]);
    const body = [A.bl(4 * 4), this.#plainWord(), A.b(4 * 6)];
    const called = [
      A.Fixed.nop,
      A.subsImmediate(31, counter, 1),
      A.cset(23, 0),
      A.addShifted(30, 30, 23, shift),
      A.Fixed.ret,
    ];
    return this.#loop(100, [...body, ...called]);
  }

  /** Two registers on the stack, something in between, and back; sometimes but one half of it. */
  #stack(): Sequence {
    const random = this.#random;
    const [a, b] = [random.below(20), 20 - 1 - random.below(20)];
    const words = [A.push(a, b), this.#plainWord(), this.#plainWord(), A.pop(b, a === b ? 19 - a : a)];
    // Misaligned for a while.
    if (random.oneIn(6)) return fixed(A.addImmediate(31, 31, 8), ...words, A.addImmediate(31, 31, 8));
    return fixed(...(random.oneIn(4) ? words.slice(random.oneIn(2) ? 1 : 0, 3) : words));
  }

  /** A call that changes the map (see handlerWords). */
  service(): number {
    const which = 8 + this.#random.below(8);
    return this.#random.oneIn(3) ? A.hvc(which) : A.svc(which);
  }

  /** An instruction for TypeScript. */
  systemWord(): number {
    const random = this.#random;
    const rt = random.below(20);
    switch (random.below(16)) {
      case 0:
        return A.svc(random.below(4));
      case 1:
        return random.pick([A.hvc(1), A.smc(2), A.brk(3), 0, 0xd440_0000]);
      case 2:
        // NOP, YIELD, WFE, WFI, SEV, SEVL
        return (0xd503_201f | (random.below(6) << 5)) >>> 0;
      case 3:
        // CLREX, DSB, DMB, ISB
        return (0xd503_305f + (random.pick([0, 2, 3, 4]) << 5)) >>> 0;
      case 4:
        // DC ZVA, CVAU, CIVAC, IVAC; IC IVAU, IALLU
        return random.pick([
          A.sys('DC ZVA', random.pick(bases)),
          A.sys('DC ZVA', random.pick(bases)),
          A.sys('DC CVAU', random.pick(bases)),
          A.sys('DC CIVAC', random.pick(bases)),
          A.sys('DC IVAC', random.pick(bases)),
          A.sys('IC IVAU', random.pick(bases)),
          A.sys('IC IALLU'),
        ]);
      case 5:
        // MSR DAIFSet, DAIFClr, SPSel
        return random.pick([
          0xd503_40df | (random.below(16) << 8),
          0xd503_40ff | (random.below(16) << 8),
          0xd503_40ff | (15 << 8),
          0xd500_40bf | (random.below(2) << 8),
        ]);
      case 6:
        return A.sys(random.pick(['AT S1E1R', 'AT S1E1W', 'AT S1E0R', 'AT S1E0W']), random.pick(bases));
      case 7:
      case 8:
        return A.msr(random.pick(writable), rt);
      case 9:
      case 10:
      case 11:
        return (0xd520_0000 | (random.pick(this.#registers) << 5) | rt) >>> 0;
      default:
        return A.mrs(random.pick(readable), random.oneIn(8) ? 31 : rt);
    }
  }

  /** Points a base, or SP, at something. */
  #base(calm: boolean): Sequence {
    const random = this.#random;
    const base = random.pick(bases);
    const offset = random.pick([
      () => 16 * random.below(256),
      () => 16 * random.below(256),
      () => 8 * random.below(512),
      () => random.below(4096),
      () => 4096 - random.below(40),
    ])();
    const kind = calm ? 23 : random.below(24);
    const data = Place.data + 4096 * random.below(random.oneIn(2) ? 2 : Place.dataPages) + offset;
    if (kind === 0) return { size: 2, words: (_, { blocks }) => A.move(base, random.pick(blocks) + (offset & 63)) };
    if (kind === 1) return fixed(...A.move(base, Place.alias + 4096 * random.below(Place.codePages) + offset));
    if (kind === 2) return fixed(...A.move(base, Place.deviceVa + offset));
    if (kind === 3)
      return fixed(...A.move(base, random.u32()), A.movkTop(base, random.pick([0, 0xffff, 0x1200, 0x8000])));
    if (kind === 4) return fixed(...A.move(base, data), A.addImmediate(31, base, 0));
    if (kind === 5) return fixed(...A.move(base, Place.code + 4096 * Place.codePages - 64 + 8 * random.below(8)));
    return fixed(...A.move(base, data), ...this.#tag(0x1200).map((top) => A.movkTop(base, top)));
  }

  /** Stores a random instruction over one of the program. */
  #writeCode(calm: boolean): Sequence {
    const random = this.#random;
    const word = random.oneIn(8) ? random.u32() : this.#plainWord();
    const size = random.pick([2, 2, 2, 2, 1, 3, 0]);
    const value = this.#setting?.bigEndian && size === 2 ? reverseBytes(word) : word;
    const through = random.oneIn(3) ? Place.alias - Place.code : 0;
    const where = random.below(4);
    const which = random.u32();
    const distance = random.below(12);
    const maintenance =
      !calm && random.oneIn(3) ? [A.sys('DC CVAU', 24), A.Fixed.dsb, A.sys('IC IVAU', 24), A.Fixed.isb] : [];
    return {
      size: 5 + maintenance.length,
      words: (at, { blocks }) => {
        const target = [
          // The next instruction, one near by, one of any block, one behind.
          at + 20,
          at + 4 * distance,
          (blocks[which % blocks.length] as number) + 4 * distance,
          at - 4 * distance,
        ][where] as number;
        return [...A.move(24, target + through), ...A.move(23, value), A.store(23, 24, size), ...maintenance];
      },
    };
  }

  /** A load-exclusive, something in between, and the store-exclusive. */
  #exclusive(): Sequence {
    const random = this.#random;
    const base = random.pick(bases);
    const size = random.below(4);
    const pair = size >= 2 && random.oneIn(3) ? 1 << 21 : 0;
    const word = (0x0800_0000 | (size << 30) | pair | (random.below(2) << 15) | (base << 5)) >>> 0;
    const between = random.oneIn(3) ? [this.#plainWord()] : [];
    const other = random.oneIn(6) ? 1 << 30 : 0;
    return fixed(
      ...A.move(base, Place.data + 16 * random.below(4)),
      (word | (1 << 22) | (31 << 16) | ((pair ? 2 : 31) << 10) | 1) >>> 0,
      ...between,
      ((word ^ other) | (3 << 16) | ((pair ? 5 : 31) << 10) | 4) >>> 0,
    );
  }

  /** Calls one of the functions on the page that is remapped. */
  #callFunction(): Sequence {
    return fixed(...A.move(23, Place.functions + 0x400 * this.#random.below(4)), A.blr(23));
  }

  /** Disables FP and SIMD registers for some level, or enables them again. */
  #floatTrap(): Sequence {
    const random = this.#random;
    if (random.oneIn(3)) return fixed(A.movz(23, random.oneIn(3) ? 0x400 : 0), A.msr(CPTR_EL2, 23));
    return fixed(A.movz(23, random.pick([0, 1, 2, 3, 3, 3]) << 4, 16), A.msr(CPACR_EL1, 23));
  }

  /** Changes alignment checks, or what observes changes of level: debug and the monitors. */
  #control(): Sequence {
    const random = this.#random;
    if (random.oneIn(3)) {
      const [register, bit] = random.pick([
        [MDSCR_EL1, 0],
        [MDSCR_EL1, 15],
        [PMCR_EL0, 0],
      ] as const);
      return fixed(A.mrs(register, 23), A.flipBit(23, 23, bit), A.msr(register, 23));
    }
    const register = random.oneIn(3) ? SCTLR_EL2 : SCTLR_EL1;
    const flip = (bit: number, in_: SystemFields): number[] => [
      A.mrs(in_, 23),
      A.flipBit(23, 23, bit),
      A.msr(in_, 23),
      A.Fixed.isb,
    ];
    // The byte order of tables cannot change under the program, but that of EL0's data can, and without tables all can.
    if (this.#setting?.mapping === 'off' && random.oneIn(2)) {
      const between = Array.from({ length: 1 + random.below(4) }, () => this.#plainWord());
      return fixed(...flip(25, register), ...between, ...flip(25, register));
    }
    return random.oneIn(3) ? fixed(...flip(24, SCTLR_EL1)) : fixed(...flip(random.pick([1, 3, 4]), register));
  }

  /** Words that branch to one of the blocks, within their reach. */
  #branching(size: number, words: (to: number, at: number) => number[]): Sequence {
    const random = this.#random;
    const which = random.u32();
    const near = random.oneIn(2);
    return {
      size,
      words: (at, { blocks }) => {
        // Half of the branches go to a block near by, which makes loops.
        const here = blocks.findLastIndex((address) => address <= at);
        const distance = (which % 5) - 2;
        const neighbour = blocks[Math.min(Math.max(here + distance, 0), blocks.length - 1)] as number;
        return words(near ? neighbour : (blocks[which % blocks.length] as number), at);
      },
    };
  }
}

const fixed = (...words: number[]): Sequence => ({ size: words.length, words: () => words });
