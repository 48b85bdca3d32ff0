import { expect, test, vi } from 'vitest';
import { xlConfPath } from '../../dom0/libxl/hvm.ts';
import type { Dom0File, UserFiles } from '../api/files.ts';
import { configs, golden, normalised, read, recorder, spin } from './golden-testing.ts';
import { guestVolumePath } from './linux-guests.ts';
import { guestFiles, XenSessionBench } from './xen-session-testing.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 240_000 });

/** A host without the volume that ships here, whose xl refuses what the real one refuses. */
const user: UserFiles = {
  files: [{ path: xlConfPath, bytes: new TextEncoder().encode('el2lab_strict=1\n') }],
  removed: [guestVolumePath],
};
const builtIn = guestFiles((path) => read(`../../../${path}`));

const transcript = (bench: XenSessionBench, commands: readonly string[]): string =>
  bench.script(recorder(commands), 200_000);

test.each<[string, readonly Dom0File[]]>([
  ['xl-session', [{ path: '/guests/spin.img', bytes: spin() }]],
  [
    'xl-options',
    [
      {
        path: '/guests/hello.cfg',
        bytes: new TextEncoder().encode(
          `${new TextDecoder().decode(read('./golden/cfg/hello.cfg'))}on_poweroff="preserve"\n`,
        ),
      },
    ],
  ],
])('%s: the same bytes as from real xl', (name, files) => {
  const bench = new XenSessionBench({
    guests: [...builtIn, ...configs.filter(({ path }) => files.every((file) => file.path !== path)), ...files],
    user,
  });
  bench.run(20);
  const commands = golden(`${name}.sh`).trimEnd().split('\n');
  expect(normalised(transcript(bench, commands))).toBe(normalised(golden(`${name}.txt`)));
});

test.each([
  ['xl-cpupools', 'credit2'],
  ['xl-cpupools-2', 'credit2'],
  ['xl-rtds', 'rtds'],
])('%s: the same bytes as from real xl, under %s', (name, sched) => {
  const script = recorder(golden(`${name}.sh`).trimEnd().split('\n'));
  const guests = [...builtIn, ...configs];
  const bench = new XenSessionBench({ guests, user, script, commandLine: `dom0_mem=512M sched=${sched}` });
  expect(bench.finish()).not.toBeNull();
  const printed = bench.shown('dom0');
  expect(normalised(printed.slice(printed.indexOf('dom0# ')))).toBe(normalised(golden(`${name}.txt`)));
});

test('xl-life: guests that end, by keys on their consoles', () => {
  const bench = new XenSessionBench({ guests: [...builtIn, ...configs], user });
  bench.run(20);
  // Commands that were repeated are found one after the other.
  let recorded = golden('xl-life.txt');
  const next = (): { command: string; block: string } => {
    const [block = '', command = ''] = /^dom0# (.*)\n[\s\S]*?\[exit \d+\]\n/m.exec(recorded) ?? [];
    recorded = recorded.slice(recorded.indexOf(block) + block.length);
    // What Xen said on the same line of the machine's console.
    return { command, block: block.replaceAll(/^\(XEN\).*\n/gm, '') };
  };
  const compare = (count: number): void => {
    for (let i = 0; i < count; i++) {
      const { command, block } = next();
      expect(normalised(transcript(bench, [command]))).toBe(normalised(block));
    }
  };
  const console = (name: string): string => {
    const [whole = '', text = ''] =
      new RegExp(`^== console of ${name}\n([\\s\\S]*?)== end\n`, 'm').exec(recorded) ?? [];
    recorded = recorded.slice(recorded.indexOf(whole) + whole.length);
    return text;
  };
  compare(2);
  bench.until(() => bench.shown('1/pv').includes('were contained'));
  // QEMU 7.2 lacks HCR_EL2.TIDCP.
  const breakout = console('rogue').replace('of the core: nothing happened', 'of the core: undefined instruction');
  expect(bench.shown('1/pv')).toBe(breakout);
  compare(2);
  bench.run(100);
  bench.type('2/pv', 'abc');
  bench.run(300);
  expect(bench.shown('2/pv')).toBe(console('hello'));
  compare(3);
  bench.script(
    'echo \'on_crash="restart"\' > /tmp/a; cat /guests/hello.cfg | grep -v on_crash > /tmp/b; echo \'on_poweroff="preserve"\' > /tmp/c; cat /tmp/b /tmp/a /tmp/c > /guests/hello.cfg',
  );
  compare(2);
  bench.run(100);
  bench.type('3/pv', 'r');
  bench.until(() => bench.shown('4/pv').includes('crashes.'), 3000);
  // The recorder looked for the domain while it was being made again.
  expect(bench.shown('3/pv')).toBe(console('hello'));
  next();
  console('hello');
  compare(1);
  bench.type('4/pv', 'q');
  bench.run(300);
  expect(bench.shown('4/pv')).toBe(console('hello'));
  compare(7);
});
