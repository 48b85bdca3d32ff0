import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Dom0Bench, imageOf } from '../dom0-testing.ts';

/**
 * What the unmodified Xen 4.17.7 printed for keys `h` and `q` on this project's board; of `q`, what Domain-0 may hand on,
 * and the fourth domain.
 */
const recorded = readFileSync(new URL('recorded/debug-keys.txt', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n');

test('debug keys h and q, as the real Xen prints them', () => {
  const bench = new Dom0Bench({ idle: imageOf(new Uint8Array(Uint32Array.of(0x1400_0000).buffer)) }, 4);
  bench.run(50);
  const config = 'kernel="/guests/idle.img"\nmemory=16\nvcpus=1\n';
  bench.dom0.files.write('/d.cfg', `${config}name="d"\npool="rt"\nuuid="f8e0fdf4-773e-4d5d-b0b1-f047e0a49da1"\n`);
  bench.dom0.files.write('/other.cfg', config);
  const others = ['a', 'b', 'c'].map((name) => `xl create -q -p /other.cfg 'name="${name}"'`).join('; ');
  const pool = `xl cpupool-cpu-remove Pool-0 3; xl cpupool-create 'name="rt"' 'sched="credit2"' 'cpus="3"'`;
  bench.script(`${pool}; ${others}; xl create -q -p /d.cfg`);
  const { printed } = bench.script('xl dmesg -c > /dev/null; xl debug-keys hq; xl debug-keys z; xl dmesg');
  const lines = printed.replaceAll('\r', '').split('\n');
  expect(lines.slice(0, 20)).toEqual(recorded.slice(0, 20));
  for (const line of recorded.slice(20, 22)) expect(lines).toContain(line);
  const fourth = lines.indexOf('(XEN) General information for domain 4:');
  expect(lines.slice(fourth, fourth + recorded.length - 22)).toEqual(recorded.slice(22));
  // Domain-0's Linux asks Xen to mark a runstate that is being written (bit 5).
  expect(lines.slice(lines.indexOf('(XEN) General information for domain 0:'))[3]).toMatch(/ vm_assist=00000020$/);
  // Xen ignores a key that it does not know.
  expect(lines.slice(-2)).toEqual(['(XEN) Notifying guest 4:0 (virq 1, port 0)', '']);
});
