import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { xlTable } from './commands.ts';
import { parseXlOptions, type XlAnswer } from './options.ts';
import { xlHelp } from './xl.ts';

interface Recorded extends XlAnswer {
  readonly args: readonly string[];
}

/** What xl 4.17.7 (Debian's binary for arm64) answered. */
const recorded = readFileSync(new URL('recorded/options.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

const parse = (name: string, words: readonly string[]): unknown => {
  const command = xlTable.find((each) => each.name === name);
  return command && parseXlOptions(command, words);
};

describe('xl answers like the real one', () => {
  it.each(recorded.map(({ args, ...answer }) => [args.join(' '), args, answer] as const))(
    'xl %s',
    (_, args, answer) => {
      const [command = 'help', ...words] = args;
      if (command === 'help') {
        expect(xlHelp(words[0] ?? null)).toBe(answer.stdout);
        return;
      }
      expect(parse(command, words)).toEqual(answer);
    },
  );
});

it('options come before operands', () => {
  expect(parse('create', '-pc --defconfig=b -fc memory=5 -n'.split(' '))).toEqual({
    options: [
      { letter: 'p', argument: null },
      { letter: 'c', argument: null },
      { letter: 'f', argument: 'b' },
      { letter: 'f', argument: 'c' },
    ],
    operands: ['memory=5', '-n'],
  });
  expect(parse('sched-credit', '-d g -w 5 --cap 7'.split(' '))).toEqual({
    options: [
      { letter: 'd', argument: 'g' },
      { letter: 'w', argument: '5' },
      { letter: 'c', argument: '7' },
    ],
    operands: [],
  });
});
