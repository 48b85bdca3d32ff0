import { decoder } from '../../src/a64/decoder.ts';
import { defined } from '../../src/base/assert.ts';
import type { TranslationPolicy } from '../../src/engine/translator/translator.ts';
import { Fixed } from './encode.ts';
import { type Difference, Lockstep } from './lockstep.ts';
import { type Program, ProgramSource } from './program.ts';

interface Pair {
  readonly cores: number;
  readonly policy: Partial<TranslationPolicy>;
}

/** Ways to translate: at the first jump; when more is known; on several cores; with room for next to nothing. */
const pairs: readonly Pair[] = [
  { cores: 1, policy: { hotThreshold: 1, batchSize: 1, regionLimit: 500 } },
  { cores: 1, policy: { hotThreshold: 4, batchSize: 4, patience: 2, regionLimit: 500, moduleLimit: 20 } },
  { cores: 1, policy: { hotThreshold: 16, batchSize: 4, patience: 1, regionLimit: 500 } },
  { cores: 4, policy: { hotThreshold: 2, batchSize: 1, regionLimit: 500 } },
  { cores: 1, policy: { hotThreshold: 1, batchSize: 1, regionLimit: 64, codeLimit: 100_000, tableLimit: 3 } },
  { cores: 1, policy: { hotThreshold: 1, batchSize: 1, regionLimit: 6 } },
];

/** Runs random programs on the interpreter and on the translator. */
export class Check {
  readonly #lockstep: readonly Lockstep[] = pairs.map(newPair);
  readonly #source = new ProgramSource(defined(this.#lockstep[0], 'pair').registers);

  constructor(readonly seed: number) {}

  /** Runs a program by its number; returns a counterexample if the two differ. */
  run(index: number): string | undefined {
    const pair = index % pairs.length;
    const program = this.program(index);
    const difference = defined(this.#lockstep[pair], 'pair').run(program, this.#seedOf(index));
    return difference && this.#explain(index, program, difference);
  }

  /** Regions and instructions translated so far, and evictions. */
  get stats(): { regions: number; instructions: number; evictions: number } {
    const all = { regions: 0, instructions: 0, evictions: 0 };
    for (const { stats } of this.#lockstep) {
      all.regions += stats.translations.regions;
      all.instructions += stats.translations.instructions;
      all.evictions += stats.translations.evictions;
    }
    return all;
  }

  program(index: number): Program {
    const { cores } = defined(pairs[index % pairs.length], 'pair');
    return this.#source.program(this.seed, index, cores);
  }

  #seedOf(index: number): number {
    return (this.seed * 0x9e37_79b1 + index) | 0;
  }

  /** Replaces as many words as possible by NOPs, and describes the rest. */
  #explain(index: number, program: Program, first: Difference): string {
    const seed = this.#seedOf(index);
    const pair = defined(pairs[index % pairs.length], 'pair');
    const words = new Map(program.words);
    const attempt = (): Difference | undefined => newPair(pair).run({ ...program, words }, seed);
    let difference = attempt();
    const heading = `program ${index} of seed ${this.seed} (${JSON.stringify(pair)})`;
    if (!difference) {
      return `${heading}, only after those before it: step ${first.step}\n${first.lines.join('\n')}`;
    }
    const addresses = [...words.keys()].sort((a, b) => a - b);
    for (let size = 64; size >= 1; size = size / 4) {
      for (let i = 0; i < addresses.length; i += size) {
        const part = addresses.slice(i, i + size).filter((address) => words.get(address) !== Fixed.nop);
        if (part.length === 0) continue;
        const before = part.map((address) => defined(words.get(address), 'word'));
        for (const address of part) words.set(address, Fixed.nop);
        const still = attempt();
        if (still) difference = still;
        else for (const [k, address] of part.entries()) words.set(address, defined(before[k], 'word'));
      }
    }
    const { setting } = program;
    const listing = addresses
      .filter((address) => words.get(address) !== Fixed.nop)
      .map((address) => {
        const word = defined(words.get(address), 'word');
        const name = decoder.decode(word)?.instruction.name ?? 'unallocated';
        const start = program.starts.includes(address) ? '>' : ' ';
        return `${start} ${address.toString(16)}  ${word.toString(16).padStart(8, '0')}  ${name}`;
      });
    return [
      `${heading}: level ${setting.level}, mapping ${setting.mapping}, stage 2 ${setting.stage2}, step ${difference.step}`,
      ...listing,
      ...difference.lines.map((line) => `    ${line}`),
    ].join('\n');
  }
}

const newPair = ({ cores, policy }: Pair): Lockstep => new Lockstep(cores, policy);
