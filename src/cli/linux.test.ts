import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const images = ['images/Image', 'images/zcu102.dtb', 'images/initrd.gz'].map(file);

/** Debian's kernel with the stock tree and a BusyBox root; it takes about 20 s on a machine with nothing else to do. */
function boot(...args: string[]) {
  const files = ['--kernel', images[0] as string, '--initrd', images[2] as string];
  const { status, stdout } = spawnSync(file('bin/el2lab'), ['boot', ...files, '--max-seconds', '550', ...args], {
    input: '',
    encoding: 'utf8',
    cwd: file('.'),
  });
  return { status, stdout };
}

describe.skipIf(!images.every(existsSync))(
  'Linux (skipped where the images folder does not hold kernel, tree and initrd)',
  () => {
    test.each(['1', '2'])(
      'boots unmodified on four cores from EL%s, has a shell and powers off',
      { timeout: 600_000 },
      (el) => {
        const typed = ['--input', '/ # =>nproc\\r', '--input', '^4\\s[^]*/ # =>poweroff -f\\r'];
        const { status, stdout } = boot('--cpus', '4', '--el', el, ...typed);
        expect(stdout).toContain(`All CPU(s) started at EL${el}`);
        expect(stdout).toContain('ttyPS0 at MMIO 0xff000000');
        expect(stdout).toContain('LINUX-READY');
        expect(stdout).toContain('reboot: Power down');
        expect(stdout).not.toMatch(/WARNING:|BUG:|Oops|Internal error|Kernel panic/);
        expect(status).toBe(0);
      },
    );
  },
);
