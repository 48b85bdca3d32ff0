import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Hasher } from '../base/hasher.ts';
import { Dom0Bench } from './dom0-testing.ts';

const hello = new Uint8Array(readFileSync(new URL('../../guests/build/xen/hello.img', import.meta.url)));
const config = 'name = "hello"\nkernel = "/guests/hello.img"\nmemory = 16\n';

const digest = ({ dom0 }: Dom0Bench): string => {
  const hasher = new Hasher();
  dom0.fingerprint(hasher);
  return hasher.digest();
};

/** Dom0 with its shell at the prompt, and a guest that waits for keys. */
function newBench(): Dom0Bench {
  const bench = new Dom0Bench({ hello }, 1);
  bench.dom0.files.write('/hello.cfg', config);
  bench.run(20);
  bench.script('xl create -q /hello.cfg');
  bench.dom0.startShell();
  bench.run(100);
  return bench;
}

test('equal runs have equal fingerprints, and taking one changes nothing', () => {
  const [a, b] = [newBench(), newBench()];
  expect(digest(a)).toBe(digest(b));
  expect(digest(a)).toBe(digest(b));
  for (const bench of [a, b]) bench.script('xl console hello; xl destroy hello');
  expect(digest(a)).toBe(digest(b));
});

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);

const changes: readonly (readonly [what: string, change: (bench: Dom0Bench) => void])[] = [
  ['a byte of a file', ({ dom0 }) => dom0.files.write('/hello.cfg', config.replace('16', '17'))],
  ['an empty directory', ({ dom0 }) => dom0.files.mkdir('/empty')],
  ['a value in xenstore', ({ dom0 }) => dom0.store.write(dom0.connection, '/local/domain/1/name', 'other')],
  [
    'permissions in xenstore',
    ({ dom0 }) => dom0.store.setPermissions(dom0.connection, '/local/domain/1/name', [{ domid: 1, access: 'r' }]),
  ],
  ['a watch', ({ dom0 }) => dom0.store.watch(dom0.connection, '/local', 'token')],
  ['a transaction', ({ dom0 }) => dom0.store.startTransaction(dom0.connection)],
  ['a character typed in part', ({ dom0 }) => dom0.tty.type(bytes(0xe3, 0x81))],
  ['a shell variable', (bench) => bench.script('A=1; export B=2; cd /guests')],
  ['a program that sleeps', ({ dom0 }) => dom0.startScript('sleep 10', () => {})],
  ['what a guest has printed', (bench) => bench.type(1, 'a')],
  ['random numbers', ({ dom0 }) => dom0.random.bytes(8)],
  ['a guest less', (bench) => bench.script('xl destroy hello')],
];

test.each(changes)('%s counts', (_, change) => {
  const bench = newBench();
  const before = digest(bench);
  change(bench);
  expect(digest(bench)).not.toBe(before);
});

test('a line that is typed but not entered counts by its text', () => {
  const typed = (text: string): string => {
    const bench = newBench();
    bench.dom0.tty.type(new TextEncoder().encode(text));
    bench.run(10);
    return digest(bench);
  };
  expect(typed('ls')).not.toBe(typed('lt'));
});
