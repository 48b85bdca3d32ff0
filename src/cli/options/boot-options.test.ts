import { expect, test } from 'vitest';
import { UsageError } from '../exit-code.ts';
import { parseBootOptions } from './boot-options.ts';

test('defaults: one core, 2 GiB, EL2, no limits', () => {
  expect(parseBootOptions(['--kernel', 'a.img'])).toEqual({
    kernel: 'a.img',
    initrds: [],
    dtb: null,
    append: null,
    placed: [],
    saves: [],
    journal: null,
    replay: null,
    seed: null,
    machine: { cpus: 1, memoryMiB: 2048, el: 2 },
    until: null,
    inputs: [],
    onReset: 'restart',
    card: null,
    captures: [],
    virtualSeconds: Number.POSITIVE_INFINITY,
    maxSeconds: Number.POSITIVE_INFINITY,
    stats: null,
    trace: null,
    gdb: null,
  });
});

test('every option', () => {
  const options = parseBootOptions(
    '--kernel k --initrd i --initrd j --dtb d --append a=b --at 0x10=x --at 17=y=z --seed 5 --cpus 4 --memory 64 --el 1 --until R$ --input a=>b --input c=>d --sd c --capture gem3=f=g --on-reset end --virtual-seconds 1.5 --max-seconds 9 --stats s --trace t --gdb 1234=d'.split(
      ' ',
    ),
  );
  expect(options).toMatchObject({
    kernel: 'k',
    initrds: ['i', 'j'],
    dtb: 'd',
    append: 'a=b',
    placed: [
      { address: 16n, path: 'x' },
      { address: 17n, path: 'y=z' },
    ],
    seed: 5,
    captures: [{ port: 'gem3', path: 'f=g' }],
    machine: { cpus: 4, memoryMiB: 64, el: 1 },
    card: 'c',
    onReset: 'end',
    virtualSeconds: 1.5,
    maxSeconds: 9,
    stats: 's',
    trace: 't',
    gdb: { port: 1234, domain: 'd' },
  });
  expect(options?.until?.source).toBe('R$');
  expect(options?.inputs.map((input) => input.pattern.source)).toEqual(['a', 'c']);
});

test('--help asks for help, whatever else is there', () => {
  expect(parseBootOptions(['--help'])).toBeNull();
});

test.each([
  [[], 'boot needs --kernel FILE.'],
  [['--kernel', 'k', '--cpus', '5'], "--cpus takes a whole number from 1 to 4, not '5'."],
  [['--kernel', 'k', '--cpus', '1.5'], "--cpus takes a whole number from 1 to 4, not '1.5'."],
  [['--kernel', 'k', '--memory', '0'], "--memory takes a whole number from 1 to 2048, not '0'."],
  [['--kernel', 'k', '--el', '3'], "--el takes a whole number from 1 to 2, not '3'."],
  [['--kernel', 'k', '--at', 'x=y'], "--at takes ADDRESS=FILE, as in 0x20000000=initrd.gz, not 'x=y'."],
  [['--kernel', 'k', '--at', '5='], "--at takes ADDRESS=FILE, as in 0x20000000=initrd.gz, not '5='."],
  [['--kernel', 'k', '--seed', '1.5'], "--seed takes a whole number from 0 to 4294967295, not '1.5'."],
  [['--kernel', 'k', '--on-reset', 'stop'], "--on-reset takes restart or end, not 'stop'."],
  [['--kernel', 'k', '--max-seconds', 'x'], "--max-seconds takes a number of seconds greater than 0, not 'x'."],
  [['--kernel', 'k', '--gdb', 'here'], "--gdb takes PORT or PORT=DOMAIN, as in 1234=rtos-a, not 'here'."],
  [
    ['--kernel', 'k', '--input', 'abc'],
    "--input 'abc': there is no '=>' between the text to await and the text to type.",
  ],
])('%j is refused', (args, sentence) => {
  expect(() => parseBootOptions(args)).toThrow(new UsageError(sentence));
});

test.each([['--kernal', 'k'], ['--kernel'], ['k'], ['--kernel', 'k', '--until', '(']])(
  '%s %s is refused',
  (...args) => {
    expect(() => parseBootOptions(args)).toThrow(UsageError);
  },
);
