import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const built = join(dirname(dirname(fileURLToPath(import.meta.url))), 'guests/build');

test.each(['gic', 'hello', 'primes'])('%s.img has the header that booting.rst asks for', (name) => {
  const image = readFileSync(join(built, `${name}.img`));
  expect(image.toString('latin1', 56, 60)).toBe('ARM\x64');
  expect(image.readBigUInt64LE(8)).toBe(0x80000n); // text_offset
  expect(image.readBigUInt64LE(16)).toBeGreaterThanOrEqual(BigInt(image.length)); // image_size, with .bss
  expect(image.readBigUInt64LE(24)).toBe(0b1010n); // little endian, 4 KiB pages, anywhere
  // code0 branches over the header: B, Arm ARM C6.2 "B".
  const code0 = image.readUInt32LE(0);
  expect(code0 >>> 26).toBe(0b000101);
  expect(4 * (code0 & 0x3ff_ffff)).toBeGreaterThanOrEqual(64);
});

test.each(['gic', 'hello', 'primes'])('%s.elf carries the bytes of %s.img', (name) => {
  const elf = readFileSync(join(built, `${name}.elf`));
  const image = readFileSync(join(built, `${name}.img`));
  expect(elf.toString('latin1', 1, 4)).toBe('ELF');
  expect(elf.readUInt16LE(18)).toBe(183); // EM_AARCH64
  const header = Number(elf.readBigUInt64LE(32)); // the only program header
  const offset = Number(elf.readBigUInt64LE(header + 8));
  const size = Number(elf.readBigUInt64LE(header + 32));
  expect(elf.readBigUInt64LE(header + 24)).toBe(0x80000n);
  expect(elf.subarray(offset, offset + size).equals(image)).toBe(true);
});
