import { describe, expect, test } from 'vitest';
import { parseInput } from './patterns.ts';

describe('parseInput', () => {
  test('splits at the first arrow and reads escapes', () => {
    const { pattern, text } = parseInput('login: $=>root\\r\\x03\\e=>\\\\\\t\\n');
    expect(pattern.test('x\nlogin: ')).toBe(true);
    expect(new TextDecoder().decode(text)).toBe('root\r\x03\x1b=>\\\t\n');
  });

  test.each(['no arrow', '(=>x', 'a=>\\q', 'a=>\\x1', 'a=>\\'])('%s is refused', (argument) => {
    expect(() => parseInput(argument)).toThrow(SyntaxError);
  });
});
