import { expect, test } from 'vitest';
import { checkXenCommandLine } from './command-line.ts';

const effects = (text: string) => checkXenCommandLine(text, 1024).words.map(({ name, effect }) => `${name} ${effect}`);

test('each word of the command line has its effect', () => {
  expect(effects('dom0_mem=256M sched=credit bootscrub=0 loglvl=all tickless')).toEqual([
    'dom0_mem used',
    'sched used',
    'bootscrub ignored',
    'loglvl used',
    'tickless unknown',
  ]);
  expect(effects('dom0_mem=256M dom0_mem=128M')).toEqual(['dom0_mem overridden', 'dom0_mem used']);
});

test('what Xen cannot start with is an error, with the values that it takes', () => {
  const { error, words, dom0MiB } = checkXenCommandLine('dom0_mem=256M sched_ratelimit_us=fast', 1024);
  expect(error).toBe("sched_ratelimit_us takes a whole number, not 'fast'.");
  expect(words[1]?.effect).toBe('wrong');
  expect(dom0MiB).toBeNull();
  expect(checkXenCommandLine('dom0_mem=2G', 1024).error).toContain('from 2M to 1008M');
  expect(checkXenCommandLine('sched=fair', 1024)).toMatchObject({ error: null, words: [{ effect: 'wrong' }] });
  expect(checkXenCommandLine('', 1024)).toMatchObject({ error: null, dom0MiB: 512 });
});
