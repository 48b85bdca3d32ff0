import { assert } from '../../src/base/assert.ts';
import { checkConfig } from '../../src/dom0/config/check.ts';
import { completionsAt, hoverAt } from '../../src/dom0/config/editor.ts';
import { keys } from '../../src/dom0/config/keys/index.ts';
import { Random } from '../random.ts';

const values = [
  ...[
    '"x"',
    "'y'",
    '"a\\n"',
    '"\\q"',
    '"\\101"',
    '"all"',
    '"0-3,^1"',
    '"node:0"',
    '"hvm"',
    '"pvh"',
    '"é"',
    '0',
    '1',
    '32',
    '0x1f',
    '010',
    '"-1"',
  ],
  ...[
    '99999999999999999999',
    '"restart"',
    '"00000000-0000-0000-0000-000000000001"',
    '[5, "6"]',
    '["1,2"]',
    '[["x"], "y"]',
    '[]',
  ],
];
const pieces = [
  ...[
    '=',
    ' = ',
    ' = ',
    '+=',
    ';',
    ',',
    '[',
    ']',
    '\n',
    '\n',
    ' ',
    '\t',
    '"',
    "'",
    '\\',
    '#',
    '# c\n',
    '\r',
    '\0',
    '@',
    '(',
    '-',
    '^',
    '日本',
  ],
  ...['name = "g"\n', 'kernel = "/k"\n', 'memory = 32\n', 'vcpus = 2\n', 'destroy'],
];

/** Random configs through everything that reads them; nothing may break. */
export class ConfigFuzz {
  readonly #random: Random;
  /** Configs from which xl would have created a domain. */
  accepted = 0;

  constructor(readonly seed: number) {
    this.#random = new Random(seed);
  }

  run(count: number): void {
    for (let index = 0; index < count; index++) {
      this.#random.reset(this.seed, index);
      const text = this.#text();
      try {
        this.#check(text);
      } catch (error) {
        throw new Error(`config ${index} of seed ${this.seed}: ${JSON.stringify(text)}`, { cause: error });
      }
    }
  }

  /** Settings that are whole, or any order of words, or some of both. */
  #text(): string {
    const random = this.#random;
    const parts: string[] = [];
    if (random.oneIn(2)) {
      parts.push('name = "g"\nkernel = "/k"\nmemory = 32\n');
      for (let i = random.below(4); i > 0; i--) parts.push(`${random.pick(keys).name} = ${random.pick(values)}\n`);
      if (random.oneIn(2)) return parts.join('');
    }
    const words = [...pieces, ...values];
    for (let i = random.below(24); i >= 0; i--)
      parts.push(random.oneIn(4) ? random.pick(keys).name : random.pick(words));
    return parts.join('');
  }

  #check(text: string): void {
    const { config, exitCode, lines, diagnostics, parsed } = checkConfig(text, { source: 'x.cfg' });
    assert((config === null) === (exitCode !== 0), 'a config is there just when xl would go on');
    assert(
      !parsed.failed || lines.at(-1) === 'Failed to parse config: Invalid argument',
      'a text that fails says so last',
    );
    for (const { range, fixes } of diagnostics) {
      for (const { start, end } of [range, ...fixes.flatMap(({ edits }) => edits.map((edit) => edit.range))]) {
        assert(0 <= start && start <= end && end <= text.length, 'a range lies in the text');
      }
    }
    if (config) this.accepted++;
    const offset = this.#random.below(text.length + 1);
    hoverAt(text, offset, 'en');
    completionsAt(text, offset, 'ja');
  }
}
