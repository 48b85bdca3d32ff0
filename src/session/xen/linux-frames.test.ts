import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { Dom0Bench } from '../../dom0/dom0-testing.ts';
import { type Frame, macAt, macText } from '../../soc/net/frame.ts';
import { firstFiles } from './first-files.ts';
import { flowsIn, flowsOf, ofSystems } from './frames-testing.ts';
import { guestVolume } from './guest-volume.ts';
import { linuxConfigs, linuxImages } from './linux-guests.ts';

const image = (name: string) => fileURLToPath(new URL(`../../../images/${name}`, import.meta.url));
const recorded = readFileSync(new URL('./golden/frames.txt', import.meta.url), 'utf8');

describe.skipIf(!Object.keys(linuxImages).every((name) => existsSync(image(name))))(
  'Linux domains on a network (skipped where the images folder does not hold all that npm run images fetches and makes)',
  () => {
    let bench: Dom0Bench;
    beforeAll(() => {
      bench = new Dom0Bench({});
      const { files } = bench.dom0;
      for (const [name, path] of Object.entries(linuxImages))
        files.write(path, new Uint8Array(readFileSync(image(name))));
      for (const { path, bytes } of [...firstFiles, ...linuxConfigs]) files.write(path, bytes);
      files.write('/srv/note.txt', new TextEncoder().encode('from Domain-0\n'));
      bench.run(50);
    });

    const shown = (domid: number): string => bench.consoles.get(domid) ?? '';
    /** Creates a domain, and runs until it has started. */
    const start = (name: string): number => {
      const domid = bench.xen.domains.nextNumber;
      expect(bench.script(`xl create -q /etc/xen/${name}.cfg`, 20_000)).toMatchObject({ code: 0 });
      for (let ms = 0; ms < 6000 && !/LINUX-READY.*# /s.test(shown(domid)); ms += 50) bench.run(50);
      return domid;
    };
    /** Types a command on a domain's console, and runs until it shows a text. */
    const ask = (domid: number, command: string, text: string): void => {
      const from = shown(domid).length + command.length;
      bench.type(domid, `${command}\n`);
      for (let ms = 0; ms < 6000 && !shown(domid).slice(from).includes(text); ms += 50) bench.run(50);
      expect(shown(domid).slice(from)).toContain(text);
    };

    test('they and Domain-0 exchange the frames that they exchange under the unmodified Xen', {
      timeout: 600_000,
    }, () => {
      const frames: Frame[] = [];
      bench.dom0.network.listen('vif1.0', (frame) => frames.push(frame));
      // One after the other, so that they get their addresses in this order.
      const [a, b] = [start('linux-a'), start('linux-b')];
      ask(a, 'echo "from linux-a" > /www/note.txt; echo do""ne', 'done');
      ask(b, 'echo "from linux-b" > /www/note.txt; echo do""ne', 'done');
      ask(a, 'ping -c 3 10.0.0.12', '3 packets received, 0% packet loss');
      ask(a, 'wget -qO - http://10.0.0.12/note.txt', 'from linux-b');
      ask(b, 'ping -c 2 -s 4000 10.0.0.11', '2 packets received, 0% packet loss');
      ask(b, 'wget -qO - http://10.0.0.11/note.txt', 'from linux-a');
      expect(bench.script('ping -c 2 10.0.0.11').printed).toContain('2 packets received');
      expect(bench.script('wget -qO - http://10.0.0.11/note.txt').printed).toBe('from linux-a\n');
      ask(a, 'ping -c 2 10.0.0.1', '2 packets received, 0% packet loss');
      ask(a, 'ping -c 1 -s 4000 10.0.0.1', '1 packets received, 0% packet loss');
      ask(a, 'wget -qO - http://10.0.0.1/note.txt', 'from Domain-0');
      ask(a, 'wget -qO - http://10.0.0.1:81/', 'Connection refused');
      ask(a, 'wget -qO - http://10.0.0.12:81/', 'Connection refused');
      ask(a, 'ping -c 1 -W 1 10.0.0.99', '100% packet loss');
      ask(b, 'dd if=/dev/zero of=/www/big bs=1000 count=200', '200+0 records out');
      ask(a, 'wget -qO - http://10.0.0.12/big | md5sum', '4a1e4325031b13f933ac4f1db9ecb63f');
      const guests = frames.map(({ bytes }) => macText(macAt(bytes, 6))).filter((mac) => mac.startsWith('00:16:3e'));
      const stations = ['dom0', 'a', 'b'];
      const addresses = ['10.0.0.1', '10.0.0.11', '10.0.0.12'];
      const names = new Map(
        [addresses, ['02:00:0a:00:00:01', ...new Set(guests)]].flatMap((list) =>
          list.map((address, i) => [address, stations[i] ?? ''] as const),
        ),
      );
      const theirs = flowsIn(recorded.replace(/^==.*\n/, '')).map(ofSystems);
      const titles = new Set(theirs.map(([title]) => title));
      const ours = flowsOf(frames, names).filter(([title]) => titles.has(title));
      expect(ours.map(ofSystems).toSorted()).toEqual(theirs.toSorted());
    });

    test("the white paper's guest mounts the disk that it was booted from", { timeout: 600_000 }, () => {
      const { files } = bench.dom0;
      const volume = guestVolume((path) => {
        const read = files.read(path);
        return read.ok ? read.value : null;
      });
      files.write(volume?.path ?? '', volume?.bytes ?? '');
      const domid = start('paper');
      ask(domid, 'mkdir /m; mount -t vfat /dev/xvda1 /m; head -n 1 /m/README.TXT', 'domain in /etc/xen/paper.cfg');
      ask(domid, 'echo written > /m/note.txt; umount /m; mount -t vfat /dev/xvda1 /m; cat /m/note.txt', 'written');
    });
  },
);
