import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { defined } from '../base/assert.ts';
import { Dom0Bench } from './dom0-testing.ts';

const file = (name: string) => fileURLToPath(new URL(`../../images/${name}`, import.meta.url));
const images = ['Image', 'initrd.gz'].map(file);

describe.skipIf(!images.every(existsSync))(
  'Linux as a domain (skipped where the images folder does not hold kernel and initrd)',
  () => {
    test('boots unmodified on more vCPUs than there are pCPUs to a shell, and does what xl asks of it', {
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
        'maxvcpus = 4',
        'extra = "console=hvc0"',
      ];
      bench.dom0.files.write('/root/linux.cfg', new TextEncoder().encode(`${config.join('\n')}\n`));
      bench.run(50);
      expect(bench.script('xl create /root/linux.cfg').code).toBe(0);
      for (let ms = 0; ms < 4000 && !bench.consoles.get(1)?.includes('/ # '); ms += 100) bench.run(100);
      const console = bench.consoles.get(1);
      expect(console).toContain('smp: Brought up 1 node, 4 CPUs');
      expect(console).toContain('LINUX-READY');
      expect(console).not.toMatch(/WARNING:|BUG:|Oops|Internal error|Kernel panic|rcu.*stall/);
      // It waits for input: nothing keeps its vCPUs from blocking.
      const before = bench.board.cluster.stats().instructions;
      bench.run(1000);
      expect(bench.board.cluster.stats().instructions - before).toBeLessThan(0.2 * 1.2e9);

      const domain = defined(bench.xen.domains.get(1), 'the domain');
      const xl = (line: string): void => {
        expect(bench.script(`xl ${line}`)).toMatchObject({ code: 0 });
        bench.run(500);
      };
      const online = (): boolean[] => domain.vcpus.map(({ isDown }) => !isDown);
      expect(online()).toEqual([true, true, true, false]);
      xl('vcpu-set linux 1');
      expect(online()).toEqual([true, false, false, false]);
      // Linux on Arm knows that it may, and leaves it to user space.
      xl('vcpu-set linux 2');
      bench.type(1, 'echo 1 > /sys/devices/system/cpu/cpu1/online\n');
      bench.run(200);
      expect(online()).toEqual([true, true, false, false]);
      // Its balloon gives pages back, and takes them again.
      const mib = (): number => Math.round((domain.pages * 4) / 1024);
      xl('mem-set linux 384');
      expect(mib()).toBe(384);
      expect(bench.script('xl list linux').printed).toMatch(/ 384 /);
      expect(bench.script('xl mem-set linux 600').code).toBe(1);
      expect(bench.script('xl mem-max linux 600').code).toBe(0);
      xl('mem-set linux 512m');
      expect(mib()).toBe(512);
      xl('sysrq linux h');
      expect(bench.consoles.get(1)).toContain('sysrq: HELP');
      expect(bench.script('xl reboot -w linux').code).toBe(0);
      // xl waits for two seconds before it makes a domain again.
      bench.run(2500);
      expect([...bench.xen.domains.keys()]).toEqual([0, 2]);
    });
  },
);
