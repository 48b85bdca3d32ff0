import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { snapshotOf } from './file.ts';
import { fromLink, type Library, linkOf, maxLink } from './link.ts';
import { pack } from './pack.ts';
import { newSession, slices, started, value } from './snapshot-testing.ts';

const hello = new Uint8Array(readFileSync(new URL('../../../guests/build/hello.img', import.meta.url)));
const other = hello.map((byte) => byte ^ 1);

/** A page with these files; of each it counts how often it is loaded. */
const pageWith = (files: Readonly<Record<string, Uint8Array>>): Library => ({
  namesFor: async (called) => Object.keys(files).filter((name) => name.endsWith(called)),
  load: async (name) => files[name] ?? null,
});
const page = pageWith({ 'other/hello.img': other, 'guests/hello.img': hello });

function greeted() {
  const session = started({
    kind: 'kernel',
    request: { kernel: { name: 'hello.img', bytes: hello }, machine: { cpus: 1, memoryMiB: 16, el: 2 } },
  });
  slices(session, 20);
  session.input('serial', new TextEncoder().encode('typed'));
  slices(session, 20);
  return session;
}

test('a link leads to the moment that it was made at, twice, and holds no file that the page has', async () => {
  const session = greeted();
  const link = await linkOf(pack(value(session.way())), page);
  expect(link.length).toBeLessThan(400);
  expect((await linkOf(pack(value(session.way())), pageWith({}))).length).toBeGreaterThan(600);
  for (let i = 0; i < 2; i++) {
    const snapshot = value(snapshotOf(value(await fromLink(link, page))));
    const opened = newSession();
    value(opened.restore(snapshot));
    opened.run();
    while (opened.replays) opened.advance(100);
    expect(opened.stateHash()).toBe(session.stateHash());
    expect(snapshot.hash).toBe(session.stateHash());
  }
});

test('a way to an earlier moment has what had entered by then', () => {
  const session = greeted();
  const { journal, hash } = value(session.way(0.0005));
  expect([journal.slices, journal.inputs, hash]).toEqual([10, [], '']);
  expect(value(session.way(1)).journal).toEqual(value(session.journal()));
});

test('a page without a file, or with another of its name, says so', async () => {
  const link = await linkOf(pack(value(greeted().way())), page);
  expect(await fromLink(link, pageWith({}))).toEqual({
    ok: false,
    error: 'The link needs guests/hello.img, which this page does not have.',
  });
  expect(await fromLink(link, pageWith({ 'guests/hello.img': other }))).toEqual({
    ok: false,
    error: 'The link was made where guests/hello.img is another one than here.',
  });
  expect(await fromLink(link.replace('1.', '2.'), page)).toEqual({
    ok: false,
    error: 'The link is of version 2; this EL2 Lab reads version 1.',
  });
});

test('a link that was changed or cut off is refused', async () => {
  const link = await linkOf(pack(value(greeted().way())), page);
  await fc.assert(
    fc.asyncProperty(fc.nat(link.length - 1), fc.constantFrom('', 'A', '_', '~', '.'), async (at, put) => {
      for (const changed of [link.slice(0, at) + put, link.slice(0, at) + put + link.slice(at + 1)])
        if (changed !== link) expect((await fromLink(changed, page)).ok).toBe(false);
    }),
  );
  expect((await fromLink(`1.${'A'.repeat(maxLink)}`, page)).ok).toBe(false);
});

test('bytes that are said to be in many places at once are refused', () => {
  const json = JSON.stringify([{ $bytes: [0, 8] }, { $bytes: [0, 8] }]);
  expect(snapshotOf({ json, bytes: new Uint8Array(8) }).ok).toBe(false);
});
