import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { Dom0Bench } from '../../dom0/dom0-testing.ts';
import { firstFiles } from './first-files.ts';
import { linuxConfigs, linuxImages } from './linux-guests.ts';

const image = (name: string) => fileURLToPath(new URL(`../../../images/${name}`, import.meta.url));
const rtos = fileURLToPath(new URL('../../../guests/build/xen/rtos.img', import.meta.url));

describe.skipIf(!Object.keys(linuxImages).every((name) => existsSync(image(name))))(
  'Linux domains (skipped where the images folder does not hold all that npm run images fetches and makes)',
  () => {
    let bench: Dom0Bench;
    beforeAll(() => {
      bench = new Dom0Bench({ rtos: new Uint8Array(readFileSync(rtos)) });
      const { files } = bench.dom0;
      for (const [name, path] of Object.entries(linuxImages))
        files.write(path, new Uint8Array(readFileSync(image(name))));
      for (const { path, bytes } of [...firstFiles, ...linuxConfigs]) files.write(path, bytes);
      files.write('/srv/note.txt', new TextEncoder().encode('from Domain-0\n'));
    });

    const shown = (domid: number): string => bench.consoles.get(domid) ?? '';
    /** Runs until a domain's console shows a text. */
    const wait = (domid: number, text: string | RegExp, from = 0, limit = 6000): void => {
      const has = (): boolean => {
        const now = shown(domid).slice(from);
        return typeof text === 'string' ? now.includes(text) : text.test(now);
      };
      for (let ms = 0; ms < limit && !has(); ms += 50) bench.run(50);
      expect(shown(domid).slice(from)).toMatch(text);
    };
    /** Types a command on a domain's console, and runs until it shows a text. */
    const ask = (domid: number, command: string, text: string | RegExp): void => {
      const from = shown(domid).length + command.length;
      bench.type(domid, `${command}\n`);
      wait(domid, text, from);
    };
    const create = (name: string): void => {
      expect(bench.script(`xl create -q /etc/xen/${name}.cfg`)).toMatchObject({ code: 0 });
    };
    /** What the same software printed under the unmodified Xen (golden/README.md). */
    const recorded = (section: string): string => {
      const text = readFileSync(new URL('./golden/linux-disk.txt', import.meta.url), 'utf8');
      return (
        text
          .split('== ')
          .find((each) => each.startsWith(`${section}\n`))
          ?.slice(section.length + 1) ?? ''
      );
    };
    /** Nodes without the domain's number, and without what Domain-0's size and file system decide. */
    const nodesIn = (text: string): string[] =>
      text
        .replaceAll(/\b(n|r|vbd\/|domain\/(?!0)|-id = ")\d+/g, '$1N')
        .trimEnd()
        .split('\n')
        .filter((line) => !/^=|max-queues|discard-|feature-discard/.test(line));
    const nodesOf = (domid: number): string[] =>
      nodesIn(
        bench.script(
          `xenstore-ls -p /local/domain/${domid}/device/vbd; xenstore-ls -p /local/domain/0/backend/vbd/${domid}`,
        ).printed,
      );
    /** Sectors read and written, and flushes, in a line of /sys/block/xvda/stat. */
    const sectorsIn = (text: string): number[] => {
      const numbers = (/^ *\d+( +\d+){16}/m.exec(text)?.[0] ?? '').trim().split(/ +/).map(Number);
      return [2, 6, 15].map((column) => numbers[column] as number);
    };
    const online = (domid: number): number =>
      bench.xen.domains.get(domid)?.vcpus.filter(({ isDown }) => !isDown).length ?? 0;

    test('two of them and Domain-0 reach each other by name', { timeout: 300_000 }, () => {
      bench.run(50);
      create('linux-a');
      create('linux-disk');
      for (const domid of [1, 2]) wait(domid, /LINUX-READY.*# /s);
      // The disk is as under the unmodified Xen: nodes of both ends in their order, sectors of the boot, the queue.
      expect(nodesOf(2)).toEqual(nodesIn(recorded('nodes, connected')));
      const queue = recorded('guest, queue');
      const from = shown(2).length;
      ask(2, 'cd /sys/block/xvda; cat stat; grep . size ro removable queue/* 2>/dev/null; cd', 'zoned');
      expect(sectorsIn(shown(2).slice(from).replaceAll('\r', ''))).toEqual(sectorsIn(queue));
      for (const [, name, value] of queue.matchAll(/^(queue\/(?!discard)\S+|size|ro|removable) (.*)$/gm))
        expect(shown(2).slice(from)).toContain(`${name}:${value}`);
      ask(1, 'wget -qO - http://linux-disk', 'This is linux-disk');
      ask(2, 'ping -c 3 linux-a', '3 packets received, 0% packet loss');
      ask(2, 'wget -qO - http://dom0/note.txt', 'from Domain-0');
      expect(bench.script('wget -qO - http://linux-a').printed).toContain('This is linux-a');
    });

    test('their vCPUs and memory follow xl, and one shuts down when it is asked to', { timeout: 120_000 }, () => {
      expect(online(1)).toBe(1);
      expect(bench.script('xl vcpu-set linux-a 2; xl mem-set linux-a 128').code).toBe(0);
      bench.run(2500);
      expect(online(1)).toBe(2);
      expect(Math.round((bench.xen.domains.get(1)?.pages ?? 0) / 256)).toBe(128);
      expect(bench.script('xl shutdown -w linux-a').code).toBe(0);
    });

    test('what one writes on its disk is there after it was destroyed', { timeout: 300_000 }, () => {
      ask(2, 'mount', '/dev/xvda on / type ext4');
      ask(2, 'echo "written before" > /root/note; sync; echo do""ne', 'done');
      expect(bench.script('xl destroy linux-disk').code).toBe(0);
      create('linux-disk');
      wait(3, /LINUX-READY.*# /s);
      ask(3, 'cat /root/note', 'written before');
      expect(bench.script('cp /guests/initrd.img /tmp/b.img; xl block-attach 3 /tmp/b.img,raw,xvdb,r').code).toBe(0);
      wait(3, 'xvdb: barrier or flush: disabled');
    });

    test('its disk traffic delays an RTOS on the same pCPU, and none on another', { timeout: 300_000 }, () => {
      /** What the RTOS, domain 4, says of a second. */
      const measure = (): { missed: number; p50: number; p99: number; max: number } => {
        bench.type(4, 'reset\n');
        bench.run(1000);
        ask(4, 'stat', /max [\d.]+ us/);
        const answers = [
          ...shown(4).matchAll(/(\d+) missed; latency p50 ([\d.]+) us, p99 ([\d.]+) us.*?max ([\d.]+) us/g),
        ];
        const [missed = 0, p50 = 0, p99 = 0, max = 0] = (answers.at(-1) ?? []).slice(1).map(Number);
        return { missed, p50, p99, max };
      };
      create('rtos-a');
      expect(bench.script('xl vcpu-pin linux-disk all 1').code).toBe(0);
      const idle = measure();
      bench.type(3, '(while :; do dd if=/dev/zero of=/root/big bs=64k count=64 conv=fsync 2>/dev/null; done) &\n');
      bench.run(100);
      const busy = measure();
      // Domain-0 serves the disk: it is not to run there either.
      expect(bench.script('xl vcpu-pin rtos-a 0 2; xl vcpu-pin Domain-0 all 0').code).toBe(0);
      const apart = measure();
      expect(idle.missed).toBeLessThan(10);
      expect(busy.missed).toBeGreaterThan(100);
      expect(apart.missed).toBe(0);
      expect(apart.max).toBeLessThan(busy.max);
    });
  },
);
