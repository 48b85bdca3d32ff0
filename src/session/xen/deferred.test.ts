import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { guestFiles, XenSessionBench } from './xen-session-testing.ts';

const guests = guestFiles((path) => readFileSync(new URL(`../../../${path}`, import.meta.url)));
const kernel = guests.find(({ path }) => path === '/guests/hello.img')?.bytes ?? new Uint8Array();
const config = {
  path: '/root/late.cfg',
  bytes: new TextEncoder().encode('name = "late"\nkernel = "/guests/late.img"\nmemory = 16\n'),
};

test('a domain whose kernel is deferred waits for it; one that does not come is missing, and can be asked for again', () => {
  const bench = new XenSessionBench({
    guests: [...guests, config],
    deferred: ['/guests/late.img'],
    script: 'xl create /root/late.cfg; xl create /root/late.cfg; xl list late',
  });
  const { session } = bench;
  const isWanted = () => session.status().dom0?.wantsDeferred ?? false;
  bench.until(isWanted);
  bench.run(100);
  expect(isWanted()).toBe(true);
  // The file cannot be had.
  session.enter({ kind: 'deferredCame', isComplete: false });
  bench.until(() => bench.shown('dom0').includes("failed to open file '/guests/late.img'") && isWanted());
  // Now it can.
  session.enter({ kind: 'writeFile', path: '/guests/late.img', bytes: kernel, isOriginal: true });
  session.enter({ kind: 'deferredCame', isComplete: true });
  expect(bench.finish()).toBe(0);
  expect(isWanted()).toBe(false);
  expect(bench.shown('dom0')).toMatch(/late +\d+ +16 +1 /);

  const journal = session.journal();
  if (!journal.ok) throw new Error(journal.error);
  const hash = session.stateHash();
  const { session: again } = new XenSessionBench({ guests: [] });
  again.replay(journal.value);
  again.run();
  while (again.status().state === 'running') again.advance(0);
  expect(again.stateHash()).toEqual(hash);
});
