import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SymbolTable } from './symbols.ts';

const url = (name: string) => new URL(`../../guests/build/${name}`, import.meta.url);
const file = (name: string) => new Uint8Array(readFileSync(url(name)));

describe('primes.elf', () => {
  const symbols = new SymbolTable(file('primes.elf'));

  test('has the functions that readelf lists, at each of their bytes', () => {
    const listed = execFileSync('readelf', ['-sW', url('primes.elf').pathname], { encoding: 'utf8' });
    const functions = [...listed.matchAll(/: ([0-9a-f]{16}) +(\d+) FUNC +\w+ +\w+ +\d+ (\w+)/g)];
    expect(functions.length).toBeGreaterThan(4);
    for (const [, value, size, name] of functions) {
      const address = BigInt(`0x${value}`);
      for (const offset of [0, 4, Number(size) - 1])
        expect(symbols.near(address + BigInt(offset))).toEqual({ name, address, offset });
    }
  });

  test('shows no mapping symbols, no constants, and nothing outside the sections', () => {
    expect(symbols.near(0x8_0000n)?.name).toMatch(/^(_start|__image_start)$/);
    expect(symbols.near(0x4000n)).toBeNull();
    expect(symbols.near(0x17_85b0n)).toBeNull();
    expect(symbols.near(0xffff_ffff_ffff_ffffn)).toBeNull();
  });

  test('of two names at one address, the object is shown, not the label', () => {
    // `stack_top` is a label of start.S, `composite` an array of primes.c.
    expect(symbols.near(0x8_4370n)?.name).toBe('composite');
  });
});

test('a file without symbols has none', () => {
  expect(new SymbolTable(file('hello.img')).near(0x8_0000n)).toBeNull();
  expect(new SymbolTable(new Uint8Array()).near(0n)).toBeNull();
});

test('damage only costs symbols', () => {
  const whole = file('hello.elf');
  const view = new DataView(whole.buffer);
  const sections = Number(view.getBigUint64(40, true));
  const tables = whole.length - sections;
  fc.assert(
    fc.property(
      fc.array(fc.record({ at: fc.nat(tables + 64 - 1), value: fc.nat(255) }), { maxLength: 20 }),
      fc.nat(whole.length),
      (changes, length) => {
        const bytes = whole.slice();
        // Damage matters most in the ELF header and the section headers.
        for (const { at, value } of changes) bytes[at < 64 ? at : sections + at - 64] = value;
        for (const damaged of [bytes, bytes.subarray(0, length)]) {
          const found = new SymbolTable(damaged).near(0x8_00b4n);
          if (found) expect(found.offset).toBe(Number(0x8_00b4n - found.address));
        }
      },
    ),
  );
});
