import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Dom0Bench } from '../../../dom0/dom0-testing.ts';
import { linuxImages } from '../../xen/linux-guests.ts';
import { serverRamdisk } from '../../xen/linux-server.ts';
import { loadLinuxFiles } from './linux-files.ts';

const file = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const needed = ['Image', 'guest-initrd.gz'] as const;

describe.skipIf(!needed.every((name) => existsSync(file(`images/${name}`))))(
  'a Linux server (skipped where the images folder does not hold what npm run images fetches)',
  () => {
    test('serves the clients with all its vCPUs, and answers what it has before it stops', { timeout: 600_000 }, () => {
      const read = (path: string) => new Uint8Array(readFileSync(file(path)));
      const linux = needed.map((name) => ({ path: linuxImages[name], bytes: read(`images/${name}`) }));
      const bench = new Dom0Bench({});
      const { files } = bench.dom0;
      for (const { path, bytes } of [...linux, ...serverRamdisk(linux, read('guests/build/linux/server.elf'))])
        files.write(path, bytes);
      for (const [path, text] of Object.entries(loadLinuxFiles)) files.write(path, text);
      bench.run(20);
      expect(bench.script('xl create -q /etc/xen/fixed.cfg', 3000)).toMatchObject({ code: 0 });
      for (let ms = 0; ms < 3000 && !bench.consoles.get(1)?.includes('has joined'); ms += 20) bench.run(20);
      expect(bench.consoles.get(1)).toContain('A Linux server has joined the clients.');
      // It joins again when it is asked who serves. One process does 1000 requests a second.
      const flat =
        'echo 100 100 100 100 100 100 100 100 100 100 100 100 100 100 100 100 100 100 100 100 100 100 100 100';
      const day = 'clients start --peak 2000 --day 0.3 --work 1000 --curve /flat';
      expect(bench.script(`${flat} > /flat; ${day} && sleep 0.2`, 2000)).toMatchObject({ code: 0 });
      expect(bench.script('clients stat | tail -n 1').printed).toMatch(/ 1 +\d+ +12\n$/);
      bench.script('sleep 0.15; xl shutdown -w fixed', 5000);
      expect(bench.script('clients stat | tail -n 1').printed).toMatch(/ 0 +0 +0\n$/);
      const report = bench.script('clients report | tail -n 1').printed.trim().split(/\s+/).slice(1).map(Number);
      const [asked = 0, answered = 0, lost] = report;
      expect(asked).toBeGreaterThan(500);
      expect(answered).toBeGreaterThan(0.95 * asked);
      expect(lost).toBe(0);
    });
  },
);
