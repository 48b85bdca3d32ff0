import { Random } from '../../a64/differential/random.ts';
import { WordSource } from '../../a64/differential/words.ts';
import { Core } from '../../a64/layout.ts';
import { table } from '../../a64/table/index.ts';
import { defined } from '../../base/assert.ts';
import { Events } from '../../base/events.ts';
import { cycles, type PhysAddr, physAddr } from '../../base/units.ts';
import { Cluster } from '../cluster.ts';
import { Pstate, Sctlr } from '../control-bits.ts';
import type { CoreState } from '../core.ts';
import { setMode, updateChecks } from '../pstate.ts';
import { encode } from '../system-register.ts';
import type { TranslationPolicy } from '../translator.ts';
import { Layout, ProgramSource } from './programs.ts';
import { flavours, Values } from './values.ts';

/** Words that a random program does not hold: those that wait, that call the firmware, or that change the system. */
const isExcluded = (w: number): boolean =>
  (w & ~0x20) >>> 0 === 0xd503205f || // WFE, WFI
  (w & 0xff000000) >>> 0 === 0xd4000000 || // exception generation
  (w & 0xffd00000) >>> 0 === 0xd5100000 || // MSR, MRS (register)
  (w & 0xfff8f01f) >>> 0 === 0xd500401f || // MSR (immediate)
  ((w & 0xffd80000) >>> 0 === 0xd5080000 && (w & 0xfffff000) >>> 0 !== 0xd50b7000) || // SYS but for caches
  (w & 0xffdffc1f) >>> 0 === 0xd69f0000; // ERET, DRPS

/** MSR may put anything into these: TPIDR_EL0, TPIDR_EL1, CONTEXTIDR_EL1, PAR_EL1, SP_EL0, FPCR, FPSR, NZCV, FAR_EL1. */
const written = [
  encode([3, 3, 13, 0, 2]),
  encode([3, 0, 13, 0, 4]),
  encode([3, 0, 13, 0, 1]),
  encode([3, 0, 7, 4, 0]),
  encode([3, 0, 4, 1, 0]),
  encode([3, 3, 4, 4, 0]),
  encode([3, 3, 4, 4, 1]),
  encode([3, 3, 4, 2, 0]),
  encode([3, 0, 6, 0, 0]),
];

/** One machine, which translates or does not. */
class Side {
  readonly events = new Events();
  readonly cluster: Cluster;
  readonly core: CoreState;
  readonly ram: Uint32Array;
  /** What the device has been asked. */
  device = 0;

  constructor(translation: Partial<TranslationPolicy> | undefined) {
    const note = (value: number): void => {
      this.device = Math.imul(this.device ^ value, 0x01000193) >>> 0;
    };
    const isDevice = (address: PhysAddr): boolean =>
      address >= Layout.device && address < Layout.device + Layout.deviceSize;
    this.cluster = new Cluster({
      cores: 1,
      ram: [{ base: physAddr(Layout.ram), size: Layout.ramSize }],
      bus: {
        read: (address, size) => {
          if (!isDevice(address)) return null;
          note(address * 8 + size);
          return (this.device & (2 ** (8 * size) - 1)) >>> 0;
        },
        write: (address, size, value) => {
          if (!isDevice(address)) return false;
          note(address * 8 + size + 4);
          note(value);
          return true;
        },
      },
      events: this.events,
      clockHz: 1_200_000_000,
      translate: translation !== undefined,
      ...(translation && { translation }),
    });
    this.core = defined(this.cluster.cores[0], 'core 0');
    const ram = this.cluster.ramView(physAddr(Layout.ram), Layout.ramSize);
    this.ram = new Uint32Array(ram.buffer, ram.byteOffset, ram.byteLength / 4);
  }

  /** Instructions executed since power-on. */
  get executed(): number {
    return this.cluster.stats().instructions;
  }

  run(until: number): void {
    this.cluster.run(cycles(until));
  }
}

/** Random programs on two machines, of which one translates everything soon and the other nothing. */
export class TranslationTrial {
  readonly #random = new Random(0);
  readonly #values: Values;
  readonly #interpreted = new Side(undefined);
  readonly #translated: Side;
  readonly #programs: ProgramSource;

  constructor(
    readonly seed: number,
    policy: Partial<TranslationPolicy> = { hotThreshold: 2, batchSize: 1, patience: 1 },
  ) {
    this.#translated = new Side(policy);
    this.#values = new Values(seed);
    const readable = this.#interpreted.cluster.system.registers.map(({ encoding }) => encoding);
    this.#programs = new ProgramSource(new WordSource(table, '', (word) => !isExcluded(word)), this.#random, {
      read: readable,
      written,
    });
  }

  /** Number of instructions that were translated. */
  get translated(): number {
    return this.#translated.cluster.stats().translations.instructions;
  }

  /** Runs a program on both for some `instructions` and compares now and then; tells the first difference. */
  run(program: number, instructions: number): string | undefined {
    const random = this.#random;
    random.reset(this.seed, program);
    const { words, start } = this.#programs.make();
    const image = new Uint32Array(Layout.ramSize / 4);
    image.set(words, (Layout.code - Layout.ram) / 4);
    for (let at = Layout.data; at < Layout.data + 0x3000; at += 16)
      this.#values.putVector(random, random.pick(flavours), image, (at - Layout.ram) / 4);
    const level = random.below(2);
    putVectors(image, start);
    putTables(image, level);
    const control = random.oneIn(4) ? Sctlr.A | Sctlr.SA | Sctlr.SA0 : 0;
    const state = new Uint32Array(2 * 32 + 4 * 32);
    for (let n = 0; n < 32; n++) this.#values.putInteger(random, state, 2 * n);
    for (let n = 0; n < 32; n++) this.#values.putVector(random, random.pick(flavours), state, 64 + 4 * n);
    for (const side of [this.#interpreted, this.#translated]) begin(side, image, state, { start, level, control });

    const end = this.#translated.executed + instructions;
    for (let slice = 0; this.#translated.executed < end; slice++) {
      const before = this.#interpreted.core.pc;
      const translated = this.#translated;
      translated.run(translated.events.now + 1 + random.below(random.oneIn(2) ? 20 : 600));
      // Translated code may go some way beyond the end of its time.
      this.#interpreted.run(translated.executed);
      const lines = differences(this.#interpreted, translated);
      if (lines.length > 0) {
        const heading = `program ${program} of seed ${this.seed} at EL${level}, from 0x${start.toString(16)}, slice ${slice} from pc 0x${before.toString(16)}`;
        return [heading, ...lines].join('\n  ');
      }
    }
    return undefined;
  }
}

function begin(
  side: Side,
  image: Uint32Array,
  state: Uint32Array,
  { start, level, control }: { start: number; level: number; control: number },
): void {
  const { cluster, core } = side;
  side.device = 1;
  side.ram.set(image);
  cluster.ramWritten(physAddr(Layout.ram), Layout.ramSize);
  cluster.reset(0, { pc: BigInt(start), el: 1, x0: 0n });
  core.setSystem('VBAR_EL1', BigInt(Layout.vectors));
  core.setSystem('TTBR0_EL1', BigInt(Layout.tables));
  core.setSystem('MAIR_EL1', 0x00ffn);
  core.setSystem('TCR_EL1', 25n | (1n << 8n) | (1n << 10n) | (3n << 12n) | (1n << 23n) | (2n << 32n) | (1n << 37n));
  core.setSystem('CPACR_EL1', 3n << 20n);
  const always = Sctlr.M | Sctlr.C | Sctlr.I | Sctlr.UCI | Sctlr.UCT | Sctlr.DZE;
  core.setSystem('SCTLR_EL1', BigInt((always | control) >>> 0));
  const { u32 } = cluster.memory;
  for (let i = 0; i < 62; i++) u32[(core.base + Core.x) / 4 + i] = state[i] as number;
  u32.set(state.subarray(64), (core.base + Core.v) / 4);
  setMode(core, level === 0 ? 0 : (1 << Pstate.elShift) | Pstate.sp);
  core.sp = BigInt(Layout.data + 0x800);
  updateChecks(core);
  cluster.mmu.of(core).flushAll();
}

/** Vectors that go on behind the instruction that raised an exception; for one that cannot be fetched, at the start. */
function putVectors(image: Uint32Array, start: number): void {
  const handler = [
    0xd518d080, // msr tpidr_el1, x0
    0xd5385200, // mrs x0, esr_el1
    0xd35afc00, // lsr x0, x0, #26
    0xd1008000, // sub x0, x0, #0x20
    0xf100081f, // cmp x0, #2
    0x54000089, // b.ls 1f
    0xd5384020, // mrs x0, elr_el1
    0x91001000, // add x0, x0, #4
    0x14000003, // b 2f
    (0xd2800000 | ((start & 0xffff) << 5)) >>> 0, // 1: movz x0, start
    (0xf2a00000 | ((start >>> 16) << 5)) >>> 0, // movk x0, start, lsl #16
    0xd5184020, // 2: msr elr_el1, x0
    0xd538d080, // mrs x0, tpidr_el1
    0xd69f03e0, // eret
  ];
  for (let vector = 0; vector < 16; vector++) image.set(handler, (Layout.vectors - Layout.ram + 0x80 * vector) / 4);
}

/** Stage 1 tables: code and data as the level may use them, vectors for EL1 alone, a device. */
function putTables(image: Uint32Array, level: number): void {
  const at = (table: number, index: number): number => (Layout.tables + 0x1000 * table - Layout.ram + 8 * index) / 4;
  const normal = 0x700;
  const device = 0x404;
  const user = level === 0 ? 0x40 : 0;
  const readOnly = 0x80;
  image[at(0, 1)] = (Layout.tables + 0x1000) | 3;
  image[at(1, 0)] = (Layout.tables + 0x2000) | 3;
  image[at(1, (Layout.device - Layout.ram) / 2 ** 21)] = Layout.device | device | user | 1;
  const page = (address: number, bits: number): void => {
    image[at(2, (address - Layout.ram) / 0x1000)] = address | normal | bits | 3;
  };
  for (let i = 0; i < Layout.codeSize; i += 0x1000) page(Layout.code + i, user);
  for (let i = 0; i < 0x2000; i += 0x1000) page(Layout.data + i, user);
  page(Layout.data + 0x2000, user | readOnly);
  page(Layout.vectors, 0);
}

/** What of the architectural state differs. */
function differences(a: Side, b: Side): string[] {
  const lines: string[] = [];
  const different = (name: string, interpreted: bigint | number, translated: bigint | number): void => {
    if (interpreted !== translated)
      lines.push(`${name}: interpreted 0x${interpreted.toString(16)} translated 0x${translated.toString(16)}`);
  };
  different('pc', a.core.pc, b.core.pc);
  for (let n = 0; n < 31; n++) different(`x${n}`, a.core.x(n), b.core.x(n));
  different('sp', a.core.sp, b.core.sp);
  different('NZCV', a.core.nzcv, b.core.nzcv);
  for (const [name, offset] of [
    ['FPCR', Core.fpcr],
    ['FPSR', Core.fpsr],
    ['PSTATE', Core.pstate],
  ] as const)
    different(name, a.core.word(offset), b.core.word(offset));
  for (let offset = Core.v; offset < Core.tlb; offset += 8) {
    const name =
      offset < Core.system ? `v${(offset - Core.v) >> 4}` : `system register +0x${(offset - Core.system).toString(16)}`;
    different(name, a.core.long(offset), b.core.long(offset));
  }
  different('device', a.device, b.device);
  for (let i = 0; i < a.ram.length; i++) {
    if (a.ram[i] !== b.ram[i]) different(`memory 0x${(Layout.ram + 4 * i).toString(16)}`, a.ram[i] ?? 0, b.ram[i] ?? 0);
  }
  return lines.slice(0, 20);
}
