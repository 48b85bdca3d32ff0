import { Core } from '../../src/a64/layout.ts';
import { defined } from '../../src/base/assert.ts';
import { Events } from '../../src/base/events.ts';
import { cycles, physAddr } from '../../src/base/units.ts';
import { Cluster, type ClusterStats } from '../../src/cluster/cluster.ts';
import type { TranslationPolicy } from '../../src/engine/translator/translator.ts';
import { Values } from '../differential/values.ts';
import { Random } from '../random.ts';
import type { Program } from './program.ts';
import { Place, startCore, writeWorld } from './world.ts';

/** One side of the comparison: a cluster, and what it did to the world outside. */
class Side {
  readonly events = new Events();
  readonly cluster: Cluster;
  /** A fingerprint of all accesses to the device, and their number. */
  log = 0;
  accesses = 0;

  constructor(cores: number, translation: Partial<TranslationPolicy> | undefined) {
    this.cluster = new Cluster({
      cores,
      ram: [{ base: physAddr(Place.ram), size: Place.ramSize }],
      bus: {
        read: (address, size) => this.#access(address, size, 0),
        write: (address, size, value) => {
          // The first word takes back the interrupt of the core that writes it.
          if (address === Place.device) this.cluster.setLine(this.cluster.running, 'irq', false);
          return this.#access(address, size, value) !== null;
        },
      },
      events: this.events,
      clockHz: 1_200_000_000,
      translate: translation !== undefined,
      ...(translation && { translation }),
    });
    this.cluster.onFirmwareCall = (core, registers) => registers.setX(0, registers.x(0) + BigInt(core) + 1n);
  }

  #access(address: number, size: number, value: number): number | null {
    if (address < Place.device || address >= Place.device + 0x800) return null;
    this.accesses++;
    this.log = Math.imul(this.log ^ value ^ (address << 3) ^ size ^ this.events.now, 0x0100_0193);
    const bits = (this.log >>> 3) ^ this.accesses;
    return size === 4 ? bits >>> 0 : bits & (2 ** (8 * size) - 1);
  }

  /** Resets everything to the state of a new cluster, then sets up the program. */
  start(program: Program, values: Values, seed: number): void {
    const { cluster, events } = this;
    const { setting } = program;
    events.reset();
    this.log = 0;
    this.accesses = 0;
    const { memory } = cluster;
    for (const { host } of memory.touchedPages()) memory.u32.fill(0, host >>> 2, (host + 4096) >>> 2);
    cluster.ramChanges(physAddr(Place.ram), Place.ramSize);
    // Counts of jumps.
    memory.u32.fill(0, memory.codePageBase >>> 2, (memory.codePageBase + 64 * 4096) >>> 2);
    writeWorld(cluster, setting, program.starts);
    for (const [address, word] of program.words) this.poke(address, word);
    for (let at = 0; at < Place.tablesSize; at += 4096) this.touch(Place.tables + at);
    for (let at = 0; at < Place.codePages; at++) this.touch(Place.code + 4096 * at);
    for (const page of [Place.vectors, Place.handlers, Place.restarts, Place.data, Place.data + 4096]) this.touch(page);
    const random = new Random(seed, program.words.size);
    for (let at = 0; at < 4096 * 2; at += 8)
      values.putInteger(random, memory.u32, memory.host(physAddr(Place.data + at)) >>> 2);
    cluster.cores.forEach((core, i) => {
      if (i >= setting.cores) {
        cluster.turnOff(i);
        return;
      }
      cluster.setLine(i, 'irq', false);
      startCore(cluster, i, setting, random.pick(program.starts));
      for (let n = 0; n < 31; n++) values.putInteger(random, memory.u32, (core.base + Core.x + 8 * n) >>> 2);
      for (let n = 0; n < 32; n++)
        values.putVector(
          random,
          random.pick(['single', 'double', 'bytes', 'i32']),
          memory.u32,
          (core.base + Core.v + 16 * n) >>> 2,
        );
      for (const n of [20, 21, 22, 31]) {
        const address = BigInt(Place.data + 16 * random.below(256));
        if (n === 31) core.sp = address;
        else core.setX(n, address);
      }
      core.setX(25, BigInt(random.below(64)));
      core.setX(26, BigInt(random.below(20)));
      core.setX(30, BigInt(random.pick(program.starts)));
      core.nzcv = (random.u32() & 0xf000_0000) >>> 0;
    });
  }

  poke(address: number, word: number): void {
    const { memory } = this.cluster;
    memory.u32[memory.host(physAddr(address)) >>> 2] = word;
    this.touch(address);
  }

  /** Lets a page count as one that may hold something. */
  touch(address: number): void {
    const { memory } = this.cluster;
    memory.touch(memory.host(physAddr(address)) >>> 12);
  }
}

/** Parts of a core's state that must agree. TLBs and lazy flags need not: they depend on how the state was reached. */
const parts = [
  [Core.x, Core.flagKind, 'X'],
  [Core.budget, Core.context, 'budget'],
  [Core.el, Core.accessKind, 'PSTATE'],
  [Core.retired, Core.scratch, 'retired'],
  [Core.fpLimit64, Core.v, 'FP limits'],
  [Core.v, Core.system, 'V'],
  [Core.system, Core.system + 0x400, 'system'],
] as const;

/** The differences between two machines, one line each, up to a limit. */
function differences(a: Side, b: Side): string[] {
  const lines: string[] = [];
  const hex = (n: number): string => (n >>> 0).toString(16).padStart(8, '0');
  const differ = (name: string, was: number, is: number): void => {
    if (was !== is) lines.push(`${name}: interpreted ${hex(was)} translated ${hex(is)}`);
  };
  differ('time', a.events.now, b.events.now);
  differ('device accesses', a.accesses, b.accesses);
  differ('device log', a.log, b.log);
  a.cluster.cores.forEach((core, i) => {
    const other = defined(b.cluster.cores[i], 'core');
    for (const [start, end, name] of parts) {
      for (let offset = start; offset < end; offset += 4) {
        if (core.word(offset) === other.word(offset)) continue;
        const width = name === 'X' || name === 'system' ? 8 : name === 'V' ? 16 : 4;
        const at = offset - start;
        differ(`core ${i} ${name}${Math.floor(at / width)}+${at % width}`, core.word(offset), other.word(offset));
      }
    }
    differ(`core ${i} NZCV`, core.nzcv, other.nzcv);
  });
  const seen = new Set<number>();
  for (const { cluster } of [a, b]) {
    for (const { number, host } of cluster.memory.touchedPages()) {
      if (!seen.has(number)) comparePage(number, host >>> 2);
      seen.add(number);
    }
  }
  return lines;

  function comparePage(number: number, first: number): void {
    const [x, y] = [a.cluster.memory.u32, b.cluster.memory.u32];
    for (let i = first; i < first + 1024; i++) {
      if (x[i] !== y[i] && lines.length < 20)
        differ(`RAM ${(number * 4096 + 4 * (i - first)).toString(16)}`, x[i] as number, y[i] as number);
    }
  }
}

/** The point at which the two machines of a pair differ. */
export interface Difference {
  /** The step after which they differ. */
  readonly step: number;
  readonly lines: readonly string[];
}

/** The same programs on two clusters: one interprets only, the other translates as early as its policy says. */
export class Lockstep {
  readonly #interpreting: Side;
  readonly #translating: Side;
  readonly #values = new Values(1);
  readonly #random = new Random(0);

  constructor(
    readonly cores: number,
    policy: Partial<TranslationPolicy>,
  ) {
    this.#interpreting = new Side(cores, undefined);
    this.#translating = new Side(cores, policy);
  }

  /** Encodings of all system registers. */
  get registers(): readonly number[] {
    return this.#interpreting.cluster.system.registers.map(({ encoding }) => encoding);
  }

  get stats(): Readonly<ClusterStats> {
    return this.#translating.cluster.stats();
  }

  /** Runs a program on both, in random steps with interrupts and writes from outside, and compares after each. */
  run(program: Program, seed: number): Difference | undefined {
    const random = this.#random;
    random.reset(seed, 0x6c6f636b);
    const machines = [this.#interpreting, this.#translating];
    for (const machine of machines) machine.start(program, this.#values, seed);
    const steps = 4 + random.below(30);
    const longest = random.pick([50, 200, 1000, 3000]);
    for (let step = 0; step < steps; step++) {
      const end = this.#interpreting.events.now + 1 + random.below(random.oneIn(3) ? 8 : longest);
      if (random.oneIn(2)) this.#interrupt(end, random.below(program.setting.cores), random.below(longest));
      if (random.oneIn(6)) this.#writeFromOutside(program, random.u32(), random.u32());
      for (const machine of machines)
        while (machine.events.now < end && machine.cluster.run(cycles(end)).reason !== 'idle');
      const lines = differences(this.#interpreting, this.#translating);
      if (lines.length > 0) return { step, lines };
    }
    const [a, b] = machines.map(({ cluster }) => cluster.hash());
    return a === b ? undefined : { step: steps, lines: [`hash: interpreted ${a} translated ${b}`] };
  }

  /** Sets a core's interrupt at some time in the step; an interrupt in each step wakes all cores that wait. */
  #interrupt(end: number, core: number, before: number): void {
    for (const { cluster, events } of [this.#interpreting, this.#translating]) {
      const time = Math.max(events.now, end - before);
      events.at(cycles(time), () => cluster.setLine(core, 'irq', true));
    }
  }

  /** A word of the program changes as a device with DMA would change it. */
  #writeFromOutside(program: Program, which: number, by: number): void {
    const addresses = [...program.words.keys()];
    const address = defined(addresses[which % addresses.length], 'word');
    const words = [...program.words.values()];
    const word = defined(words[by % words.length], 'word');
    for (const machine of [this.#interpreting, this.#translating]) {
      machine.poke(address, word);
      machine.cluster.ramChanges(physAddr(address), 4);
    }
  }
}
