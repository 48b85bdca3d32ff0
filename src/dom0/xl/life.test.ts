import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Dom0Bench, imageOf } from '../dom0-testing.ts';

interface Life {
  readonly reason: number;
  readonly key: string;
  readonly action: string;
  readonly log: string;
}

/** What xl 4.17.7 wrote to its log when a domain ended for a reason: until the next domain, if it made one. */
const recorded = readFileSync(new URL('recorded/life.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Life);

/** A guest that computes for some milliseconds and then shuts down: SCHEDOP_shutdown for this reason. */
const ending = (reason: number): Uint8Array =>
  imageOf(
    new Uint8Array(
      Uint32Array.of(
        0xd2a0_0b00, // mov x0, #0x580000
        0xf100_0400, // subs x0, x0, #1
        0x54ff_ffe1, // b.ne back
        0xd280_0040, // mov x0, #2
        0x1000_0081, // adr x1, reason
        0xd280_03b0, // mov x16, #29, sched_op
        0xd401_d422, // hvc #0xea1
        0x1400_0000, // b .
        reason,
      ).buffer,
    ),
  );

/** Numbers of domains by their order, and what else differs. */
function normalised(log: string): string {
  const ids = [...new Set([...log.matchAll(/(?:[Dd]omain |domid )(\d+)/g)].map(([, id]) => id))];
  return log
    .replaceAll(/((?:[Dd]omain |domid ))(\d+)/g, (_, word: string, id: string) => word + 'AB'.charAt(ids.indexOf(id)))
    .replaceAll(/pid \d+/g, 'pid PID')
    .replaceAll(/\d{8}T\d{4}Z/g, 'DATE');
}

test('each action on each end of a domain, in the words of the real xl', () => {
  const bench = new Dom0Bench(Object.fromEntries([0, 1, 2, 3, 4, 5].map((reason) => [`end${reason}`, ending(reason)])));
  bench.run(50);
  const wait = (done: () => boolean): void => {
    for (let ms = 0; ms < 20_000 && !done(); ms += 100) bench.run(100);
  };
  for (const [index, { reason, key, action, log }] of recorded.entries()) {
    const name = `e${index}`;
    const config = `name="e"\nkernel="/guests/end${reason}.img"\nmemory=4\n${action === '' ? '' : `${key}="${action}"\n`}`;
    bench.dom0.files.write('/e.cfg', config.replace('"e"', `"${name}"`));
    bench.script('xl create -q /e.cfg');
    const written = (): string => {
      const text = bench.dom0.files.readText(`/var/log/xen/xl-${name}.log`);
      return text.ok ? text.value.replaceAll(name, 'e') : '';
    };
    const lines = log.split('\n').length;
    wait(() => written().split('\n').length >= lines);
    // The next domain ends, too.
    const [first, next] = written().split(/^(?=Waiting)/m);
    const begun = next === undefined ? '' : `${next.split('\n')[0]}\n`;
    expect([reason, action, normalised(`${first}${begun}`)]).toEqual([reason, action, log]);
    for (const { domainId } of [...bench.xen.domains.values()])
      if (domainId !== 0) bench.script(`xl destroy ${domainId}`);
  }
});
