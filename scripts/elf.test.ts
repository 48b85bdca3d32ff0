import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { neededBy, section } from './elf.mjs';

const node = readFileSync(process.execPath);
const readelf = spawnSync('readelf', ['-d', process.execPath], { encoding: 'utf8', maxBuffer: 2 ** 26 });

test('what is no ELF file has no sections and needs nothing', () => {
  expect(section(Buffer.from('#!/bin/sh\n'), '.dynamic')).toBeNull();
  expect(neededBy(Buffer.from('#!/bin/sh\n'))).toEqual([]);
});

test.skipIf(readelf.error !== undefined)('needs what readelf says (skipped where there is none)', () => {
  const said = [...readelf.stdout.matchAll(/NEEDED.*\[(.*)\]/g)].map(([, name]) => name);
  expect(neededBy(node)).toEqual(said);
});
