import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { Dom0Bench, imageOf } from '../dom0-testing.ts';

/** What xl 4.17.7 printed in Debian's Dom0 beside such a domain, and its exit code. */
const recorded = readFileSync(new URL('recorded/words.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as { command: string; printed: string; exitCode: number });

const loop = imageOf(new Uint8Array(Uint32Array.of(0x1400_0000).buffer));
let bench: Dom0Bench;

beforeAll(() => {
  bench = new Dom0Bench({ loop });
  bench.run(50);
  bench.script(
    [
      'cd /guests',
      'cp loop.img spin.img',
      'echo \'name="s"\' > s.cfg',
      'echo \'kernel="/guests/spin.img"\' >> s.cfg',
      'echo "memory=4" >> s.cfg',
      'cp s.cfg bad.cfg',
      'echo "vcpus=2" >> s.cfg',
      'echo "maxvcpus=3" >> s.cfg',
      'echo \'on_crash="restart"\' >> bad.cfg',
      'echo nonsense >> bad.cfg',
      'xl create -q s.cfg',
    ].join('\n'),
  );
});

/** What differs from run to run: identifiers, and CPU time. */
const normalised = (text: string): string =>
  text
    .replaceAll(/[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g, 'UUID')
    .replaceAll(/ +\d+\.\d(?= |$)/gm, ' TIME')
    // Dom0 has one vCPU here and had two there, and which vCPU runs at the moment is chance.
    .replaceAll(/^(Domain-0 +0 +)\d+ +\d+ +[r-][b-]/gm, '$1');

test.each(recorded.map(({ command, ...rest }) => [command, rest] as const))('%s', (command, { printed, exitCode }) => {
  const quoted = command.replaceAll(/(\w+)="(\w+)"/g, `'$1="$2"'`);
  const got = bench.script(quoted, 12_000);
  expect({ printed: normalised(got.printed), code: got.code }).toEqual({
    printed: normalised(printed),
    code: exitCode,
  });
});
