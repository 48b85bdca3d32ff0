import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Dom0Bench } from '../dom0-testing.ts';

const worker = () => new Uint8Array(readFileSync(new URL('../../../guests/build/xen/worker.img', import.meta.url)));
const config = 'name="w"\nkernel="/guests/worker.img"\nmemory=16\nvcpus=1\ncpus="1"\nvif=["bridge=xenbr0"]\n';

test('clients are served by a worker, which answers all that it has before it stops', () => {
  const bench = new Dom0Bench({ worker: worker() });
  bench.run(20);
  bench.dom0.files.write('/w.cfg', config);
  const begun = bench.script(
    'clients start --peak 400 --day 0.5 --work 1000 && xl create -q /w.cfg && sleep 0.2',
    2000,
  );
  expect(begun).toMatchObject({ code: 0 });
  expect(bench.script('clients stat').printed).toMatch(
    /^ +hour +demand +waiting +servers +busy +slots\n( +\d+){3} +1 +\d +4\n$/,
  );
  expect(bench.script('xl shutdown -w w; clients stat | tail -n 1', 5000).printed).toMatch(/ 0 +0 +0\n$/);
  const day = bench.script('clients report | tail -n 1').printed.trim().split(/\s+/);
  const [asked = 0, answered = 0, lost] = day.slice(1).map(Number);
  expect(asked).toBeGreaterThan(50);
  expect(answered).toBeGreaterThan(0);
  expect(lost).toBe(0);
});

test.each([
  ['clients', /^Usage: clients start /],
  ['clients start --peak', /^Usage: clients start /],
  ['clients start --peak 0', /^Usage: clients start /],
  ['clients start --day 1e9', /^Usage: clients start /],
  ['clients stat', /^clients: stat: there are no clients\n$/],
  ['clients start --curve /none', /^clients: \/none: No such file or directory\n$/],
  ['echo 1 2 3 > /c; clients start --curve /c', /^clients: \/c: 24 numbers are needed, one for each hour/],
])('%s is refused', (command, printed) => {
  const bench = new Dom0Bench({});
  bench.run(20);
  const told = bench.script(command);
  expect(told.code).toBe(1);
  expect(told.printed).toMatch(printed);
});
