import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const images = ['images/Image', 'images/zcu102.dtb', 'images/initrd.gz'].map(file);

/** Boots Debian's kernel with the stock tree and a BusyBox root. It takes about 20 s on an otherwise idle machine. */
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
    /** The lines typed into the shell, one at each prompt. */
    const asked = [
      'nproc',
      'dd if=/dev/urandom bs=64k count=4 2>/dev/null | busybox sha256sum | wc -c',
      'a=$(cut -d. -f1 /proc/uptime); sleep 2; echo slept $(($(cut -d. -f1 /proc/uptime) - a)); date -u +year%Y',
      'for i in 1 2 3 4; do (j=0; while [ $j -lt 8000 ]; do j=$((j+1)); done) & done; wait; echo loops over',
      'awk \'/^cpu[0-3]/ {printf "user%d ", ($2 > 4)}\' /proc/stat',
      'echo self-tests: $(grep -c selftest.*passed /proc/crypto) of $(grep -c selftest /proc/crypto)',
    ];

    /** After a reboot, the reset's reason: power-on and software. */
    const again = ['reboot -f', 'echo reason $(busybox devmem 0xff5e0220)'];

    test.each([
      ['1', again, 2],
      ['2', [], 1],
    ] as const)(
      'boots unmodified on four cores from EL%s, has a shell in which it works, reboots by %j, and powers off',
      { timeout: 600_000 },
      (el, more, boots) => {
        const lines = [...asked, ...more, 'poweroff -f'];
        // The next line is typed at each prompt.
        const typed = lines.flatMap((line) => ['--input', `/ # =>${line.replaceAll('\\', '\\\\')}\\r`]);
        const folder = mkdtempSync(join(tmpdir(), 'el2lab-'));
        const [snapshot, first, second] = ['a.snap', 'first.json', 'second.json'].map((name) => join(folder, name));
        // The last line but one has been typed when it is saved.
        const saves = ['--save', `${snapshot}@self-tests: \\d+ of`, '--stats', `${first}`];
        const { status, stdout } = boot('--cpus', '4', '--el', el, ...typed, ...(boots === 1 ? saves : []));
        expect(stdout).toContain(`All CPU(s) started at EL${el}`);
        expect(stdout).toContain('ttyPS0 at MMIO 0xff000000');
        expect(stdout).toContain('LINUX-READY');
        expect(stdout).toMatch(/^4\r$/m);
        expect(stdout).toMatch(/^68\r$/m);
        expect(stdout).toMatch(/^slept [23]\r$/m);
        expect(stdout).toMatch(/^year1970\r$/m); // Debian has no driver for the board's clock
        // Each of the four loops had its own core.
        expect(stdout).toContain('user1 user1 user1 user1 ');
        const [, passed, tests] = /^self-tests: (\d+) of (\d+)\r$/m.exec(stdout) ?? [];
        expect(Number(passed)).toBeGreaterThan(10);
        expect(passed).toBe(tests);
        expect(stdout).toContain('reboot: Power down');
        expect(stdout.match(/LINUX-READY/g)).toHaveLength(boots);
        expect(stdout.includes('reboot: Restarting system')).toBe(boots === 2);
        expect(stdout.includes('reason 0x00000021')).toBe(boots === 2);
        expect(stdout).not.toMatch(/WARNING:|BUG:|Oops|Internal error|Kernel panic/);
        expect(status).toBe(0);
        if (boots === 1) {
          // Another process goes on, and ends in the same state.
          const options = ['--input', '/ # =>poweroff -f\\r', '--stats', `${second}`];
          const resumed = spawnSync(file('bin/el2lab'), ['resume', `${snapshot}`, ...options], {
            input: '',
            encoding: 'utf8',
          });
          expect(resumed.stdout).toBe(stdout.slice(-resumed.stdout.length));
          expect(resumed.stdout).toContain('reboot: Power down');
          const [one, other] = [first, second].map((path) => JSON.parse(readFileSync(`${path}`, 'utf8')));
          expect([other.stateHash, other.instructions]).toEqual([one.stateHash, one.instructions]);
        }
        rmSync(folder, { recursive: true });
      },
    );
  },
);
