import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newestOf, siblings, versionIn } from './best-node.mjs';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'el2lab-node-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a version is read from its name, and nothing else is one', () => {
  expect(versionIn('v24.1.0')).toEqual([24, 1]);
  expect(versionIn('20.20.2\n')).toEqual([20, 20]);
  expect(versionIn('node')).toBeUndefined();
  expect(versionIn('v24-nightly')).toBeUndefined();
});

test('the versions of a version manager are found beside the one that runs', () => {
  for (const name of ['v20.19.0', 'v26.3.1', 'v22.0.0']) {
    mkdirSync(join(folder, name, 'bin'), { recursive: true });
    if (name !== 'v22.0.0') writeFileSync(join(folder, name, 'bin/node'), '');
  }
  mkdirSync(join(folder, 'cache'));
  const file = (name: string) => join(folder, name, 'bin/node');
  const found = siblings(file('v20.19.0'));
  expect(found.map((node) => node.file).sort()).toEqual([file('v20.19.0'), file('v26.3.1')]);
  expect(newestOf(found).file).toBe(file('v26.3.1'));
  expect(siblings('/usr/bin/node')).toEqual([]);
});

test('of two that are equally new the first is taken', () => {
  const nodes = [
    { file: 'own', version: [24, 2] as const },
    { file: 'other', version: [24, 2] as const },
    { file: 'old', version: [22, 9] as const },
  ];
  expect(newestOf(nodes).file).toBe('own');
});
