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
  const { error, words, dom0MiB } = checkXenCommandLine('dom0_mem=256M sched=fair', 1024);
  expect(error).toBe("sched takes the name of a scheduler (credit), not 'fair'.");
  expect(words[1]?.effect).toBe('wrong');
  expect(dom0MiB).toBeNull();
  expect(checkXenCommandLine('dom0_mem=2G', 1024).error).toContain('from 2M to 1008M');
  expect(checkXenCommandLine('', 1024)).toMatchObject({ error: null, dom0MiB: 512 });
});
