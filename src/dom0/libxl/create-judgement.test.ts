import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FdtNode } from '../../boot/fdt/fdt.ts';
import { writeFdt } from '../../boot/fdt/writer.ts';
import { destroyDomain } from '../../xen/domain/lifetime.ts';
import { XenBench } from '../../xen/xen-testing.ts';
import { checkConfig } from '../config/check.ts';
import { kib } from '../config/domain-config.ts';
import { type CreateHost, judgeCreate, spisFor } from './create-judgement.ts';
import { judgeAttach, judgeDeviceModel, judgeDisks } from './devices/judgement.ts';
import { giveOfHost } from './devices/passthrough.ts';
import { noKernelFound } from './libxl-lines.ts';

interface Recorded {
  readonly text: string;
  readonly domid: number;
  readonly lines: readonly string[];
  readonly exitCode: number;
}

/** What `xl create` of Debian's Xen 4.17.7 printed after its first line, with only Dom0 running. */
const recorded = (name: string): (readonly [string, Recorded])[] =>
  readFileSync(new URL(`recorded/${name}.jsonl`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Recorded)
    .map((each) => [each.text, each] as const);

const present = new Map<string, 'file' | 'directory'>([
  ['/guests', 'directory'],
  ['/guests/spin.img', 'file'],
  ['/guests/pt.dtb', 'file'],
]);

const tree = (root: FdtNode): Uint8Array => writeFdt({ bootCpu: 0, reservations: [], root });
const whole = new FdtNode('');
whole.addChild('aliases').setText('s', '/passthrough/uart@ff010000');
whole.addChild('passthrough').addChild('uart@ff010000').setCells('reg', 0, 0xff01_0000, 0, 0x1000);
const bare = new FdtNode('');
bare.addChild('passthrough');
const contents = new Map<string, Uint8Array>([
  ['/guests/pt.dtb', tree(whole)],
  ['/guests/noalias.dtb', tree(bare)],
  ['/guests/empty.dtb', tree(new FdtNode(''))],
  ['/guests/short.dtb', tree(whole).subarray(0, 10)],
  ['/guests/trunc.dtb', tree(whole).subarray(0, 200)],
  ['/guests/spin.img', new Uint8Array(4096)],
]);

/** QEMU's ZCU102 with 2 GiB. */
const host: CreateHost = {
  cpus: 4,
  pool: (name) => (name === 'Pool-0' || name === '0' ? { scheduler: 'credit' } : null),
  hasIommu: false,
  freeMemory: kib(1490 * 1024),
  file: (path) => present.get(path) ?? 'missing',
  content: (path) => (present.get(path) === 'directory' ? 'directory' : (contents.get(path) ?? 'missing')),
  isKernel: () => true,
  // The recorded Dom0 has no back ends.
  drivers: new Set(),
  domainNamed: (name) => (name === 'Domain-0' ? 0 : null),
};

it.each(recorded('create'))('%j', (text, { domid, lines, exitCode }) => {
  const { config } = checkConfig(text, { cpus: 4 });
  const judgement = config && judgeCreate(config, domid, host);
  expect(judgement?.lines).toEqual(lines);
  expect(judgement?.exitCode).toBe(exitCode);
});

const withBase = (text: string): string => `name="g"\nkernel="/guests/spin.img"\nmemory=16\n${text}\n`;

it.each(recorded('devices'))(
  'does `xl create` with %j end as in Debian’s bare Dom0?',
  (text, { domid, ...expected }) => {
    const checked = checkConfig(withBase(text), { source: 'x.cfg', cpus: 4 });
    const { config } = checked;
    const judged = config ? judgeCreate(config, domid, host) : checked;
    const failure =
      config && judged.exitCode === 0
        ? (judgeDisks(config, domid, host, []) ??
          judgeDeviceModel(config, domid, host) ??
          judgeAttach(config, domid, host))
        : null;
    expect({
      lines: [...(config ? checked.lines : []), ...judged.lines, ...(failure?.lines ?? [])],
      exitCode: failure ? 3 : judged.exitCode,
    }).toEqual({ lines: expected.lines, exitCode: expected.exitCode });
  },
);

describe('interrupts, memory and ports of the board', () => {
  const bench = new XenBench();

  it.each(recorded('passthrough'))(
    'are they refused or given as by real Xen with %j?',
    (text, { domid, ...expected }) => {
      const checked = checkConfig(withBase(text), { source: 'x.cfg', cpus: 4 });
      const { config } = checked;
      const judged = config ? judgeCreate(config, domid, host) : checked;
      let lines = [...(config ? checked.lines : []), ...judged.lines];
      let exitCode = judged.exitCode;
      if (config && exitCode === 0) {
        const before = bench.serial.length;
        const domain = bench.guest('b .', { spis: spisFor(config), paused: true });
        const early = judgeDisks(config, domid, host, [])?.lines;
        const refused = early ?? giveOfHost(bench.xen, domain, config.passthrough);
        const late = refused ?? judgeDeviceModel(config, domid, host)?.lines ?? judgeAttach(config, domid, host)?.lines;
        bench.run(1);
        const logged = bench.serial
          .slice(before)
          .split('\r\n')
          .filter((line) => line.startsWith('(XEN) '));
        lines = [...lines, ...logged, ...(late ?? [])].map((line) =>
          line
            .replace(new RegExp(` d${domain.domainId}\\b`), ` d${domid}`)
            .replace(`Domain ${domain.domainId}:`, `Domain ${domid}:`),
        );
        exitCode = late ? 3 : 0;
        destroyDomain(bench.xen, domain);
      }
      expect({ lines, exitCode }).toEqual({ lines: expected.lines, exitCode: expected.exitCode });
    },
  );
});

it('a text file is not a kernel', () => {
  expect(noKernelFound(39)[0]).toBe(
    'xc: error: panic: xg_dom_core.c:689: xc_dom_find_loader: no loader found: Invalid kernel',
  );
  expect(noKernelFound(39)).toHaveLength(6);
});
