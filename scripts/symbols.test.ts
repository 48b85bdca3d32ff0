import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { SymbolTable } from '../src/boot/symbols.ts';
import { symbolsOf } from './symbols.mjs';

test('without its code, a file has the same symbols', () => {
  const file = readFileSync(new URL('../guests/build/primes.elf', import.meta.url));
  const symbols = symbolsOf(file);
  expect(symbols.length).toBeLessThan(file.length);
  const [before, after] = [new SymbolTable(file), new SymbolTable(symbols)];
  const address = before.addressOf('uart_print_number');
  expect(address).not.toBeNull();
  expect(after.addressOf('uart_print_number')).toBe(address);
  expect(after.addressOf('nothing')).toBeNull();
  for (let at = 0x8_0000n; at < 0x8_1000n; at += 4n) expect(after.near(at)).toEqual(before.near(at));
});
