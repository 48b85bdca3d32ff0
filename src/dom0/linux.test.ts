import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Dom0Bench } from './dom0-testing.ts';

const file = (name: string) => fileURLToPath(new URL(`../../images/${name}`, import.meta.url));
const images = ['Image', 'initrd.gz'].map(file);

describe.skipIf(!images.every(existsSync))(
  'Linux as a domain (skipped where the images folder does not hold kernel and initrd)',
  () => {
    test('boots unmodified on more vCPUs than there are pCPUs, to a shell on its PV console', {
      timeout: 300_000,
    }, () => {
      const [kernel, initrd] = images.map((path) => new Uint8Array(readFileSync(path)));
      if (!kernel || !initrd) throw new Error('there are images');
      const bench = new Dom0Bench({ linux: kernel, initrd }, 2);
      const config = [
        'name = "linux"',
        'kernel = "/guests/linux.img"',
        'ramdisk = "/guests/initrd.img"',
        'memory = 512',
        'vcpus = 3',
        'extra = "console=hvc0"',
      ];
      bench.dom0.files.write('/root/linux.cfg', new TextEncoder().encode(`${config.join('\n')}\n`));
      bench.run(50);
      expect(bench.script('xl create /root/linux.cfg').code).toBe(0);
      for (let ms = 0; ms < 4000 && !bench.consoles.get(1)?.includes('/ # '); ms += 100) bench.run(100);
      const console = bench.consoles.get(1);
      expect(console).toContain('smp: Brought up 1 node, 3 CPUs');
      expect(console).toContain('LINUX-READY');
      expect(console).not.toMatch(/WARNING:|BUG:|Oops|Internal error|Kernel panic|rcu.*stall/);
      // It waits for input: nothing keeps its vCPUs from blocking.
      const before = bench.board.cluster.stats().instructions;
      bench.run(1000);
      expect(bench.board.cluster.stats().instructions - before).toBeLessThan(0.2 * 1.2e9);
    });
  },
);
