// Records how system instructions end on a Cortex-A53 of qemu-system-aarch64, for src/cpu/traps/traps.test.ts:
// `node scripts/traps.mjs`. It takes about two minutes.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runScript, Stop } from './install.mjs';

const folder = join(root, '.cache/traps');
const program = join(folder, 'traps.elf');
const serial = join(folder, 'serial.txt');
const emulator = 'qemu-system-aarch64';
const compiler = 'aarch64-linux-gnu-gcc';

await runScript(async () => {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync(
      compiler,
      [
        ...[
          '-march=armv8-a',
          '-mgeneral-regs-only',
          '-mstrict-align',
          '-O1',
          '-Wall',
          '-Wextra',
          '-Werror',
          '-Wno-main',
        ],
        ...['-ffreestanding', '-fno-pic', '-fno-stack-protector', '-nostdlib', '-static', '-o', program],
        ...['-Wl,--build-id=none,--no-warn-rwx-segments,-T,scripts/traps/link.ld'],
        ...['scripts/traps/start.S', 'scripts/traps/main.c'],
      ],
      { cwd: root, stdio: 'inherit' },
    );
  } catch {
    throw new Stop(`The program needs ${compiler} (on Debian: apt-get install gcc-aarch64-linux-gnu).`);
  }
  try {
    execFileSync(emulator, [
      ...['-M', 'virt,virtualization=on,gic-version=2', '-cpu', 'cortex-a53', '-m', '128'],
      ...['-display', 'none', '-monitor', 'none', '-serial', `file:${serial}`, '-kernel', program],
    ]);
  } catch {
    throw new Stop(`The recording needs ${emulator} (on Debian: apt-get install qemu-system-arm).`);
  }
  const version = execFileSync(emulator, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  const lines = readFileSync(serial, 'latin1').trim();
  writeFileSync(join(root, 'src/cpu/traps/recorded.txt'), `# ${version}, -cpu cortex-a53\n${lines}\n`);
});
