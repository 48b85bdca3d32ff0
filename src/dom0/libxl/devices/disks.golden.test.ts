import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Dom0Bench } from '../../dom0-testing.ts';

const hello = new Uint8Array(readFileSync(new URL('../../../../guests/build/xen/hello.img', import.meta.url)));
const golden = readFileSync(new URL('../recorded/disks.txt', import.meta.url), 'utf8');

/** Numbers of processes, and Dom0's vCPUs, of which there were two. */
const normalised = (text: string): string =>
  text.replaceAll(/\[\d+\] exited/g, '[PID] exited').replaceAll(/(multi-queue-max-queues = ")\d/g, '$1N');

test('xl, xenstore and the hotplug script do with disks what they do in Debian’s Dom0 under the unmodified Xen', () => {
  const bench = new Dom0Bench({ hello }, 2);
  const { files } = bench.dom0;
  files.makePath('/img');
  for (const name of ['a', 'b']) files.write(`/img/${name}.img`, new Uint8Array(4 << 20));
  for (const [name, mode] of [
    ['one', 'w'],
    ['second', 'w'],
    ['secondr', 'r'],
  ]) {
    const disk = `disk = [ "/img/a.img,raw,xvda,${mode}" ]`;
    files.write(`/guests/${name}.cfg`, `name = "${name}"\nkernel = "/guests/hello.img"\nmemory = 16\n${disk}\n`);
  }
  bench.run(20);
  const commands = golden.match(/(?<=^dom0# ).*/gm) ?? [];
  expect(commands.length).toBeGreaterThan(20);
  const lines = commands.flatMap((command) => [`echo 'dom0# ${command}'`, `${command} 2>&1`, 'echo "[exit $?]"']);
  expect(normalised(bench.script(['cd /guests', ...lines].join('\n'), 30_000).printed)).toBe(normalised(golden));
});
