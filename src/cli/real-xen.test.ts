import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { configs, golden, normalised, recorder, spin } from '../session/xen/golden-testing.ts';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const images = ['xen', 'Image', 'zcu102.dtb', 'initrd.gz', 'modules.gz', 'dom0.gz'].map((name) =>
  file(`images/${name}`),
);

/** What the session does besides: a domain's console, and exit codes. */
const more = `echo MORE
xl create /etc/xen/hello.cfg > /dev/null 2>&1; sleep 1
xl list hello | tail -n 1 | cut -c 1-5
exit 3`;

/** It takes about 20 s on an otherwise idle machine. */
test.skipIf(!images.every(existsSync))(
  'the real Xen runs the recorded session of xl (skipped where the images folder does not hold it)',
  { timeout: 600_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'el2lab-real-'));
    try {
      mkdirSync(join(folder, 'files/guests'), { recursive: true });
      const files = [...configs, { path: '/guests/spin.img', bytes: spin() }];
      for (const { path, bytes } of files) writeFileSync(join(folder, 'files', path), bytes);
      const script = recorder(golden('xl-session.sh').trimEnd().split('\n'));
      writeFileSync(join(folder, 'script.sh'), `${script}\n${more}\n`);
      const saved = ['--save', 'more.snap@MORE', '--stats', 'whole.json'];
      const args = [...saved, '--real', '--files', 'files', '--script', 'script.sh', '--console', 'hello=hello.txt'];
      const { status, stdout } = spawnSync(file('bin/el2lab'), ['xen', ...args, '--max-seconds', '550'], {
        input: '',
        encoding: 'utf8',
        cwd: folder,
      });
      const [session = '', rest] = stdout.split('MORE\n');
      expect(normalised(session)).toBe(normalised(golden('xl-session.txt')));
      expect([rest, status]).toEqual(['hello\n', 3]);
      expect(readFileSync(join(folder, 'hello.txt'), 'utf8')).toContain('Hello');
      const resumed = spawnSync(file('bin/el2lab'), ['resume', 'more.snap', '--stats', 'resumed.json'], {
        input: '',
        encoding: 'utf8',
        cwd: folder,
      });
      const hashIn = (stats: string) => JSON.parse(readFileSync(join(folder, stats), 'utf8')).stateHash;
      expect([resumed.status, hashIn('resumed.json')]).toEqual([3, hashIn('whole.json')]);
      // Xen's own structures are read by its symbols.
      const [dom0, hello] = JSON.parse(readFileSync(join(folder, 'whole.json'), 'utf8')).domains;
      const parameters = existsSync(file('images/xen-syms')) ? { weight: 256, cap: 0 } : {};
      expect(dom0).toMatchObject({ name: 'Domain-0', memoryKib: 524_288, ...parameters });
      expect(hello).toMatchObject({ name: 'hello', ...parameters });
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);
