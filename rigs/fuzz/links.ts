import { assert } from '../../src/base/assert.ts';
import { Hasher } from '../../src/base/hasher.ts';
import { err, type Result } from '../../src/base/result.ts';
import { Session } from '../../src/session/session.ts';
import { snapshotOf } from '../../src/session/snapshot/file.ts';
import { fromLink, type Library, textOf, withFiles } from '../../src/session/snapshot/link.ts';
import { type Packed, pack } from '../../src/session/snapshot/pack.ts';
import { Random } from '../random.ts';
import { Coverage } from './coverage.ts';

/** Values where a link has others. */
const strangers: readonly unknown[] = [
  ...[
    null,
    true,
    -1,
    0,
    1,
    0.5,
    2 ** 32,
    2 ** 53,
    1e308,
    '',
    'x',
    '/',
    '/etc/../x',
    '__proto__',
    '0',
    '-1',
    '9'.repeat(20),
  ],
  ...[[], {}, [0, 0], new Uint8Array(3), { kind: 'keys' }, { $bytes: [0, 9] }, { $bytes: [9, 2 ** 52] }],
  ...[{ $file: ['guest', ''] }, { $file: ['none', '00000000'] }, { $file: 7 }, 'kernel', 'xen', 'serial', 'dom0'],
];
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_~.%';

/** An arm64 Image that does nothing but loop (Linux, Documentation/arch/arm64/booting.rst). */
const guest = new Uint8Array(128);
new DataView(guest.buffer).setUint32(0, 0x1400_0000, true);
new DataView(guest.buffer).setUint32(16, guest.length, true);
new DataView(guest.buffer).setUint32(56, 0x644d_5241, true);
const digits = new Hasher().add(guest).digest().slice(0, 8);
const library: Library = {
  namesFor: async (called) => (called === 'guest' ? ['guest'] : []),
  load: async (name) => (name === 'guest' ? guest : null),
};

/** A session that somebody might send. */
const session = {
  journal: {
    version: 1,
    recipe: {
      kind: 'kernel',
      request: {
        machine: { cpus: 1, memoryMiB: 16, el: 2 },
        kernel: { name: 'guest', bytes: { $file: ['guest', digits] } },
        seed: 1,
      },
    },
    inputs: [
      { slice: 1, input: { kind: 'keys', console: 'serial', bytes: Uint8Array.of(65, 66) } },
      { slice: 2, input: { kind: 'button', pressed: true } },
      { slice: 2, input: { kind: 'writeFile', path: '/etc/a', bytes: new Uint8Array(70) } },
    ],
    slices: 3,
  },
  isPlayable: true,
  hash: '',
  state: null,
};

async function read(packed: Packed): Promise<Result<Packed>> {
  try {
    return await withFiles(packed, library);
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return err('The link is damaged.');
    throw error;
  }
}

/** Random links, most of them changed ones that were good: each is opened or refused in a sentence. */
export class LinkFuzz {
  readonly #random: Random;
  /** `link`: what became of it; `refusal`: the sentences by their first words. */
  readonly coverage = new Coverage();

  constructor(readonly seed: number) {
    this.#random = new Random(seed);
  }

  async run(count: number): Promise<void> {
    const good = await textOf(pack(session));
    for (let index = 0; index < count; index++) {
      this.#random.reset(this.seed, index);
      const packed = pack(this.#changed(session));
      // Most go past the packing, which takes longest.
      const isText = this.#random.oneIn(8);
      const link = this.#random.oneIn(2) ? this.#changedText(good) : isText ? await textOf(packed) : null;
      try {
        this.#open(await (link === null ? read(packed) : fromLink(link, library)));
      } catch (error) {
        throw new Error(`link ${index} of seed ${this.seed}: ${link ?? packed.json}`, { cause: error });
      }
    }
  }

  #open(packed: Result<Packed>): void {
    const snapshot = packed.ok ? snapshotOf(packed.value) : packed;
    if (!snapshot.ok) {
      assert(/^[^\n]{5,300}\.$/.test(snapshot.error), 'a refusal is one sentence');
      this.coverage.add('refusal', snapshot.error.split(' ').slice(0, 3).join(' ').slice(0, 30));
      this.coverage.add('link', 'refused');
      return;
    }
    this.coverage.add('link', 'read');
    if (!this.#random.oneIn(2000)) return;
    let wall = 0;
    const opened = new Session(() => wall++);
    const restored = opened.restore(snapshot.value);
    this.coverage.add('link', restored.ok ? 'opened' : 'not opened');
    if (!restored.ok) return;
    opened.run();
    opened.advance(3);
    opened.stateHash();
  }

  /** A link in which letters are other ones, or that is cut off. */
  #changedText(link: string): string {
    const random = this.#random;
    const all = [...link];
    for (let i = random.below(3); i >= 0; i--) all[random.below(all.length)] = random.pick([...letters]);
    return all.slice(0, random.oneIn(3) ? random.below(all.length + 1) : all.length).join('');
  }

  /** Data of which some values are others, gone or twice there. */
  #changed(value: unknown): unknown {
    const random = this.#random;
    if (random.oneIn(40)) return random.pick(strangers);
    if (Array.isArray(value)) {
      const items = value.map((item) => this.#changed(item));
      return random.oneIn(20) ? [...items, ...items] : items;
    }
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
    const entries = Object.entries(value).map(([key, item]) => [key, this.#changed(item)] as const);
    if (random.oneIn(60)) entries.pop();
    if (random.oneIn(60)) entries.push([random.pick(['extra', '__proto__', 'constructor']), 1]);
    return Object.fromEntries(entries);
  }
}
