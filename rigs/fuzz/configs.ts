import { assert } from '../../src/base/assert.ts';
import { checkConfig } from '../../src/dom0/config/check.ts';
import { completionsAt, hoverAt } from '../../src/dom0/config/editor.ts';
import { keys } from '../../src/dom0/config/keys/index.ts';
import { x86Keys } from '../../src/dom0/config/keys/x86.ts';
import { Random } from '../random.ts';
import { Coverage } from './coverage.ts';

const words = (list: string): readonly string[] => list.split(' ');

/** Valid and invalid values for any key. */
const values = [
  ...words(String.raw`"x" 'y' "a\n" "\q" "\101" "all" "0-3,^1" "^0-3" "9" "node:0" "hvm" "pvh" "pv" "generic" "é"`),
  ...words('0 1 9 32 129 65536 0x1f 010 "-1" 99999999999999999999 "restart" "v3" "sbsa_uart"'),
  ...['"00000000-0000-0000-0000-000000000001"', '[5, "6"]', '["1,2"]', '[["x"], "y"]', '[]'],
];
/** Pieces of a text besides names and values. */
const pieces = [
  ...words(String.raw`= = = += ; , [ ] " ' \ # @ ( - ^ 日本 destroy`),
  ...['\n', '\n', ' ', '\t', '# c\n', '\r', '\0'],
  ...['name = "g"\n', 'kernel = "/k"\n', 'memory = 32\n', 'vcpus = 2\n'],
];
const names = [...keys.map(({ name }) => name), ...x86Keys];

/** Random configs through parser, checks and editor; nothing may break. */
export class ConfigFuzz {
  readonly #random: Random;
  /**
   * `config`: whether xl accepts it; `error`, `warning`, `hint`: diagnostics by code; `fix`: their fixes; `editor`:
   * its answers.
   */
  readonly coverage = new Coverage();

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

  /** Complete settings, random pieces, or both. */
  #text(): string {
    const random = this.#random;
    const parts: string[] = [];
    if (random.oneIn(2)) {
      parts.push('name = "g"\nkernel = "/k"\nmemory = 32\n');
      for (let i = random.below(5); i > 0; i--) parts.push(this.#setting());
      if (random.oneIn(2)) return parts.join('');
    }
    const others = [...pieces, ...values];
    for (let i = random.below(24); i >= 0; i--) parts.push(random.oneIn(4) ? random.pick(names) : random.pick(others));
    return parts.join('');
  }

  /** A key with a valid value, a value at or beyond its limits, or a random one. */
  #setting(): string {
    const random = this.#random;
    const { name, values: suited = values, range = [0, 1] } = random.pick(keys);
    const [least, greatest] = range;
    switch (random.below(4)) {
      case 0:
        return `${name} = "${random.pick(suited).replaceAll('"', '')}"\n`;
      case 1:
        return `${name} = ${random.pick([least - 1, least, greatest, greatest + 1])}\n`;
      default:
        return `${random.pick(names)} ${random.oneIn(8) ? '+=' : '='} ${random.pick(values)}\n`;
    }
  }

  #check(text: string): void {
    const { config, exitCode, lines, diagnostics, parsed } = checkConfig(text, { source: 'x.cfg' });
    assert((config === null) === (exitCode !== 0), 'a config is there just when xl would go on');
    assert(
      !parsed.failed || lines.at(-1) === 'Failed to parse config: Invalid argument',
      'a text that fails says so last',
    );
    for (const { code, severity, range, fixes } of diagnostics) {
      this.coverage.add(severity, code);
      for (const fix of fixes) this.coverage.add('fix', fix.code);
      for (const { start, end } of [range, ...fixes.flatMap(({ edits }) => edits.map((edit) => edit.range))]) {
        assert(0 <= start && start <= end && end <= text.length, 'a range lies in the text');
      }
    }
    this.coverage.add('config', config ? 'accepted' : parsed.failed ? 'not parsed' : 'refused');
    const offset = this.#random.below(text.length + 1);
    if (hoverAt(text, offset, 'en')) this.coverage.add('editor', 'hover');
    if (completionsAt(text, offset, 'ja')) this.coverage.add('editor', 'completion');
  }
}
