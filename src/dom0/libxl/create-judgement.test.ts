import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { checkConfig } from '../config/check.ts';
import { kib } from '../config/domain-config.ts';
import { judgeCreate, noLoader } from './create-judgement.ts';

interface Recorded {
  readonly text: string;
  readonly domid: number;
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/**
 * What `xl create` of Debian's Xen 4.17.7 printed after its first line, on QEMU's ZCU102 with 2 GiB and only Dom0
 * running. Xen's own lines are left out.
 */
const recorded = readFileSync(new URL('recorded/create.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

const present = new Map<string, 'file' | 'directory'>([
  ['/guests', 'directory'],
  ['/guests/spin.img', 'file'],
]);

it.each(recorded.map((each) => [each.text, each] as const))('%j', (text, { domid, lines, exitCode }) => {
  const { config } = checkConfig(text, { cpus: 4 });
  const judgement =
    config &&
    judgeCreate(config, domid, {
      cpus: 4,
      scheduler: 'credit',
      freeMemory: kib(1490 * 1024),
      file: (path) => present.get(path) ?? 'missing',
      nameTaken: (name) => name === 'Domain-0',
    });
  expect(judgement?.lines).toEqual(lines);
  expect(judgement?.exitCode).toBe(exitCode);
});

it('a text file is not a kernel', () => {
  expect(noLoader(39)[0]).toBe(
    'xc: error: panic: xg_dom_core.c:689: xc_dom_find_loader: no loader found: Invalid kernel',
  );
  expect(noLoader(39)).toHaveLength(6);
});
