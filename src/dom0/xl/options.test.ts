import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseXlOptions, type XlAnswer, xlHelp } from './options.ts';
import { xlUsages } from './usages.ts';

interface Recorded extends XlAnswer {
  readonly args: readonly string[];
}

/** What xl 4.17.7 (Debian's binary for arm64) answered. */
const recorded = readFileSync(new URL('recorded/options.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

describe('xl answers as the real one', () => {
  it.each(recorded.map(({ args, ...answer }) => [args.join(' '), args, answer] as const))(
    'xl %s',
    (_, args, answer) => {
      const [command = 'help', ...words] = args;
      if (command === 'help') {
        expect(xlHelp(words[0] ?? null)).toBe(answer.stdout);
        return;
      }
      const usage = xlUsages.get(command);
      expect(usage && parseXlOptions(command, usage, words)).toEqual(answer);
    },
  );
});

it('options come before operands', () => {
  const parse = (command: string, words: string): unknown => {
    const usage = xlUsages.get(command);
    return usage && parseXlOptions(command, usage, words.split(' '));
  };
  expect(parse('create', '-pc --defconfig=b -fc memory=5 -n')).toEqual({
    options: [
      { letter: 'p', argument: null },
      { letter: 'c', argument: null },
      { letter: 'f', argument: 'b' },
      { letter: 'f', argument: 'c' },
    ],
    operands: ['memory=5', '-n'],
  });
  expect(parse('sched-credit', '-d g -w 5 --cap 7')).toEqual({
    options: [
      { letter: 'd', argument: 'g' },
      { letter: 'w', argument: '5' },
      { letter: 'c', argument: '7' },
    ],
    operands: [],
  });
});
