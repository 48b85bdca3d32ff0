import { describe, expect, test } from 'vitest';
import { CommandLine, integerParameter, parseSize } from './command-line.ts';
import { parameters } from './parameters.ts';

describe('Xen’s command line', () => {
  const ratio = integerParameter('ratio');

  test('the last value that has a meaning counts', () => {
    expect(new CommandLine('').get(ratio, 3)).toBe(3);
    expect(new CommandLine('  ratio=4  other ratio=5 ').get(ratio, 3)).toBe(5);
    expect(new CommandLine('ratio=4 ratio=many ratio').get(ratio, 3)).toBe(4);
  });

  test('a size without a unit is in KiB', () => {
    expect(['1', '2b', '3K', '4m', '1G', '1T', 'm', ''].map(parseSize)).toEqual([
      1024,
      2,
      3072,
      4194304,
      1073741824,
      null,
      null,
      null,
    ]);
  });

  test('each parameter is declared once', () => {
    const names = parameters.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
