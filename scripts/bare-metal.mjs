// Records what programs of rigs/NAME do on a Cortex-A53 of qemu-system-aarch64, for the tests beside them:
// `node scripts/bare-metal.mjs traps` takes about two minutes, `node scripts/bare-metal.mjs endian` some seconds.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, runScript, Stop } from './install.mjs';

const names = ['traps', 'endian'];
const emulator = 'qemu-system-aarch64';
const compiler = 'aarch64-linux-gnu-gcc';

await runScript(async () => {
  const name = process.argv[2] ?? '';
  if (!names.includes(name)) throw new Stop(`Say what to record: ${names.join(' or ')}.`);
  const folder = join(root, '.cache', name);
  const program = join(folder, `${name}.elf`);
  const serial = join(folder, 'serial.txt');
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
        ...[
          '-Wl,--build-id=none,--no-warn-rwx-segments,-T,rigs/bare-metal/link.ld',
          '-Irigs/bare-metal',
          '-Iguests/lib',
        ],
        ...[`rigs/${name}/start.S`, `rigs/${name}/main.c`],
      ],
      { cwd: root, stdio: 'inherit' },
    );
  } catch {
    throw new Stop(`The program needs ${compiler} (on Debian: apt-get install gcc-aarch64-linux-gnu).`);
  }
  try {
    execFileSync(emulator, [
      ...['-M', 'virt,virtualization=on,gic-version=2', '-cpu', 'cortex-a53', '-m', '128'],
      ...['-nic', 'none', '-display', 'none', '-monitor', 'none', '-serial', `file:${serial}`, '-kernel', program],
    ]);
  } catch {
    throw new Stop(`The recording needs ${emulator} (on Debian: apt-get install qemu-system-arm).`);
  }
  const version = execFileSync(emulator, ['--version'], { encoding: 'utf8' }).split('\n')[0];
  const lines = readFileSync(serial, 'latin1').trim();
  writeFileSync(join(root, `rigs/${name}/recorded.txt`), `# ${version}, -cpu cortex-a53\n${lines}\n`);
});
