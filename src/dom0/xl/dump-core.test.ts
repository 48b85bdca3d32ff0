import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Dom0Bench, imageOf } from '../dom0-testing.ts';

const has = (program: string): boolean => spawnSync(program, ['--version']).status === 0;
const directory = mkdtempSync(join(tmpdir(), 'dump-core-'));
const core = join(directory, 'x.core');

beforeAll(() => {
  // mov x7, #0x1234; loop: b loop
  const loop = imageOf(new Uint8Array(Uint32Array.of(0xd282_4687, 0x1400_0000).buffer));
  const bench = new Dom0Bench({ loop });
  bench.run(50);
  bench.script('echo \'name="x"\' > /x.cfg; echo \'kernel="/guests/loop.img"\' >> /x.cfg; echo memory=4 >> /x.cfg');
  expect(bench.script('xl create -q /x.cfg; xl dump-core x /tmp/x.core')).toEqual({ printed: '', code: 0 });
  const dumped = bench.dom0.files.read('/tmp/x.core');
  if (!dumped.ok) throw new Error(dumped.error);
  writeFileSync(core, dumped.value);
  // It has gone on, and was paused only for that.
  expect(bench.script('xl list x').printed).not.toMatch(/p---/);
  expect(bench.script('xl dump-core x /nowhere/x; echo $?').printed).toBe(
    'xc: error: Could not open corefile /nowhere/x (2 = No such file or directory): Internal error\n' +
      'libxl: error: libxl_domain.c:603:libxl_domain_core_dump: Domain 1:Core dumping domain to /nowhere/x: No such file or directory\n' +
      'core dump failed (rc=-3)\n1\n',
  );
});

afterAll(() => rmSync(directory, { recursive: true }));

// binutils and gdb-multiarch come from Debian.
test.skipIf(!has('readelf'))('a core has the sections of Xen’s format, as readelf shows them', () => {
  const sections = execFileSync('readelf', ['-SW', core], { encoding: 'utf8' });
  // As in a core of xl 4.17.7 of a domain of 4 MiB: 1024 pages, and 4 for Xen's rings.
  expect([...sections.matchAll(/\[ ?\d\] (\S+) +(\S+) +0+ +\S+ +(\S+)/g)].map(([, ...fields]) => fields)).toEqual([
    ['.shstrtab', 'STRTAB', '000037'],
    ['.note.Xen', 'NOTE', '000568'],
    ['.xen_prstatus', 'PROGBITS', '000160'],
    ['.xen_pages', 'PROGBITS', '404000'],
    ['.xen_pfn', 'PROGBITS', '002020'],
  ]);
});

test.skipIf(!has('gdb-multiarch'))('gdb shows its registers and memory', () => {
  const commands = ['info registers pc x7', 'x/2i $pc', 'info threads'].flatMap((command) => ['-ex', command]);
  const shown = execFileSync('gdb-multiarch', ['-nx', '-batch', '-c', core, ...commands], { encoding: 'utf8' });
  expect(shown).toMatch(/pc +0x40000044/);
  expect(shown).toMatch(/x7 +0x1234 /);
  expect(shown).toMatch(/=> 0x40000044:\tb\t0x40000044/);
});
