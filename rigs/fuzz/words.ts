import { Decoder } from '../../src/a64/decoder.ts';
import { Core } from '../../src/a64/layout.ts';
import { table } from '../../src/a64/table/index.ts';
import { Pstate } from '../../src/arch/state/control-bits.ts';
import type { CoreState } from '../../src/arch/state/core.ts';
import { setMode, updateChecks } from '../../src/arch/state/pstate.ts';
import type { CoreCounts } from '../../src/arch/state/statistics.ts';
import { assert, defined } from '../../src/base/assert.ts';
import { Events } from '../../src/base/events.ts';
import { cycles, physAddr } from '../../src/base/units.ts';
import { Cluster } from '../../src/cluster/cluster.ts';
import { Values } from '../differential/values.ts';
import { WordSource } from '../differential/words.ts';
import { Random } from '../random.ts';
import { Coverage } from './coverage.ts';

const ram = { base: physAddr(0x4000_0000), size: 0x4_0000 };
/** A device whose reads return the address. */
const device = { base: 0x4100_0000, size: 0x1000 };
/** One run in this many is stepped, which shows the instructions that it executes. */
const steppedRuns = 4;
/** Words written and instructions executed in a run. */
const runWords = 64;
const runInstructions = 64;

/**
 * Random words as programs at EL0, EL1 and EL2 in turn, with random registers and with exception vectors among the
 * words. The simulator must keep its own rules: whatever a guest does is defined.
 */
export class WordFuzz {
  /**
   * `instruction`: instructions executed in stepped runs, by row of the table; `level`: the same by exception level.
   */
  readonly coverage = new Coverage();
  readonly #decoder = new Decoder(table);
  readonly #random: Random;
  readonly #values: Values;
  readonly #words = new WordSource(table, '', () => true);
  readonly #events = new Events();
  readonly #cluster: Cluster;

  constructor(readonly seed: number) {
    this.#random = new Random(seed);
    this.#values = new Values(seed);
    const inDevice = (address: number): boolean => address >= device.base && address < device.base + device.size;
    this.#cluster = new Cluster({
      cores: 1,
      ram: [ram],
      bus: {
        read: (address) => (inDevice(address) ? address : null),
        write: (address) => inDevice(address),
      },
      events: this.#events,
      clockHz: 1_200_000_000,
      translation: { hotThreshold: 2, batchSize: 1, patience: 1 },
    });
  }

  /** Exceptions and TLB misses of all runs. */
  get counts(): CoreCounts {
    return this.#cluster.counts();
  }

  /** Regions of code that the translator has made. */
  get translated(): number {
    return this.#cluster.stats().translations.regions;
  }

  /**
   * Executes `words` random words in short runs. Throws the simulator's error with the words of the run as its
   * message.
   */
  run(words: number): void {
    const end = Math.ceil(words / runWords);
    for (let index = 0; index < end; index++) {
      this.#random.reset(this.seed, index);
      const program = Uint32Array.from({ length: runWords }, () => this.#word());
      try {
        this.#execute(index, program);
      } catch (error) {
        const text = Array.from(program, (word) => word.toString(16).padStart(8, '0')).join(' ');
        throw new Error(`run ${index} of seed ${this.seed} at EL${index % 3}: ${text}`, { cause: error });
      }
    }
  }

  #word(): number {
    const random = this.#random;
    switch (random.below(4)) {
      case 0:
        return random.u32();
      case 1: {
        // MRS or MSR of an existing register.
        const { encoding } = random.pick(this.#cluster.system.registers);
        return (0xd500_0000 | (random.below(2) << 21) | (encoding << 5) | random.below(32)) >>> 0;
      }
      default:
        return this.#words.any(random) ?? random.u32();
    }
  }

  #execute(index: number, program: Uint32Array): void {
    const random = this.#random;
    const cluster = this.#cluster;
    const core = defined(cluster.cores[0], 'core 0');
    const start = ram.base + 64 * random.below(ram.size / 64 - runWords);
    cluster.ramView(physAddr(start), 4 * runWords).set(new Uint8Array(program.buffer));
    cluster.ramChanges(physAddr(start), 4 * runWords);

    const level = index % 3;
    // If a kernel starts at EL1, HVC calls the firmware.
    cluster.reset(0, { pc: BigInt(start), el: level < 2 && random.oneIn(4) ? 1 : 2, x0: 0n });
    for (const slot of ['VBAR_EL1', 'VBAR_EL2'] as const) core.setSystem(slot, BigInt(start & ~0x7ff));
    setMode(core, level === 0 ? 0 : (level << Pstate.elShift) | random.below(2));
    const flags = random.u32();
    core.setWord(Core.pstate, (core.word(Core.pstate) & Pstate.mode) | (flags & Pstate.daif));
    core.nzcv = (flags & 0xf000_0000) >>> 0;
    const { u32 } = cluster.memory;
    for (let n = 0; n < 31; n++) {
      this.#values.putInteger(random, u32, (core.base + Core.x + 8 * n) >>> 2);
      if (random.oneIn(3)) core.setX(n, BigInt(ram.base + random.below(ram.size)));
      if (random.oneIn(16)) core.setX(n, BigInt(device.base + random.below(device.size)));
    }
    core.sp = BigInt(ram.base + 16 * random.below(ram.size / 16));
    for (let n = 0; n < 32; n++) this.#values.putVector(random, 'bytes', u32, (core.base + Core.v + 16 * n) >>> 2);
    updateChecks(core);
    cluster.mmu.contextChanged(core);

    // By time, because only events end a wait; in parts, because code is translated between runs.
    if (index % steppedRuns === 0) for (let i = 0; i < runInstructions; i++) this.#step(core);
    else for (let part = 0; part < 4; part++) cluster.run(cycles(this.#events.now + runInstructions / 4));
    assert(core.x(31) === 0n, 'XZR is zero');
    assert(core.el < 3 && core.word(Core.el) === (core.word(Core.pstate) & Pstate.mode) >>> Pstate.elShift, 'EL');
  }

  /** Lets a cycle pass: at most one instruction is executed. */
  #step(core: CoreState): void {
    const { memory } = this.#cluster;
    const { el, pc } = core;
    const offset = Number(pc) - ram.base;
    const before = core.word(Core.retired);
    const word = offset >= 0 && offset < ram.size ? memory.u32[(memory.host(ram.base) + offset) >>> 2] : undefined;
    this.#cluster.run(cycles(this.#events.now + 1));
    if (word === undefined || core.word(Core.retired) === before) return;
    const instruction = this.#decoder.decode(word)?.instruction;
    if (!instruction) return;
    this.coverage.add('level', `EL${el}`);
    this.coverage.add('instruction', instruction.name);
  }
}
