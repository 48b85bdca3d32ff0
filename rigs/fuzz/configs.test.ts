import { expect, test } from 'vitest';
import { ConfigFuzz } from './configs.ts';

test('random configs break nothing, and reach the parser, the checks and the editor', () => {
  const fuzz = new ConfigFuzz(1);
  fuzz.run(5000);
  const { coverage } = fuzz;
  expect(coverage.count('config', 'accepted')).toBeGreaterThan(400);
  expect(coverage.count('config', 'refused')).toBeGreaterThan(100);
  expect(coverage.count('config', 'not parsed')).toBeGreaterThan(1000);
  expect(coverage.names('error').length).toBeGreaterThan(24);
  expect(coverage.names('warning').length).toBeGreaterThan(8);
  expect(coverage.names('hint')).toEqual(expect.arrayContaining(['overridden', 'unknown-key', 'x86-key']));
  expect(coverage.names('fix')).toEqual(
    expect.arrayContaining(['close-string', 'insert', 'quote', 'remove', 'rename', 'replace', 'separate']),
  );
  expect(coverage.count('editor', 'hover')).toBeGreaterThan(500);
  expect(coverage.count('editor', 'completion')).toBeGreaterThan(500);
});
