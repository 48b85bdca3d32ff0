import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkConfig } from './check.ts';
import type { Diagnostic, Fix } from './diagnostics/diagnostic.ts';
import { describeFix, describe as inWords } from './diagnostics/messages.ts';
import type { DomainConfig } from './domain-config.ts';

interface Recorded {
  readonly text: string;
  readonly exitCode: number;
  readonly lines: readonly string[];
  readonly config: Readonly<Record<string, unknown>> | null;
}

/**
 * Part of the JSON that xl 4.17.7 (Debian's binary for arm64) printed for `xl -N create x.cfg` on a machine with four
 * CPUs.
 */
const recorded = readFileSync(new URL('recorded/domain.jsonl', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Recorded);

/** A config in the form of xl's JSON, which leaves out libxl's defaults. */
function asJson(config: DomainConfig): Record<string, unknown> {
  const action = (word: string): string | undefined =>
    word === 'destroy' ? undefined : word === 'rename-restart' ? 'restart_rename' : word.replaceAll('-', '_');
  const all = {
    max_memkb: config.maxMemory ?? undefined,
    target_memkb: config.memory ?? undefined,
    max_vcpus: config.maxVcpus || undefined,
    vcpu_hard_affinity: config.hardAffinity.length > 0 ? config.hardAffinity : undefined,
    vcpu_soft_affinity: config.softAffinity.length > 0 ? config.softAffinity : undefined,
    kernel: config.kernel ?? undefined,
    ramdisk: config.ramdisk ?? undefined,
    cmdline: config.commandLine ?? undefined,
    device_tree: config.deviceTree ?? undefined,
    max_grant_frames: config.maxGrantFrames ?? undefined,
    max_maptrack_frames: config.maxMaptrackFrames ?? undefined,
    avail_vcpus: config.vcpus ?? 0,
    weight: config.scheduling.weight,
    cap: config.scheduling.cap,
    vuart: config.vuart ? 'sbsa_uart' : undefined,
    gic_version: config.gicVersion === 'default' ? undefined : config.gicVersion,
    type: config.type,
    name: config.name,
    pool_name: config.pool ?? undefined,
    uuid: config.uuid ?? undefined,
    on_poweroff: action(config.onPoweroff),
    on_reboot: action(config.onReboot),
    on_watchdog: action(config.onWatchdog),
    on_crash: action(config.onCrash),
    on_soft_reset: action(config.onSoftReset),
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

describe('a config is what xl makes of it, with xl’s messages and exit code', () => {
  it.each(recorded.map((each) => [each.text, each] as const))('%j', (text, { exitCode, lines, config }) => {
    const checked = checkConfig(text, { source: 'x.cfg', cpus: 4 });
    expect(checked.lines).toEqual(lines);
    expect(checked.exitCode).toBe(exitCode);
    expect(checked.config && asJson(checked.config)).toEqual(config);
    expect(checked.diagnostics.flatMap(({ xl }) => xl)).toEqual(lines);
  });
});

const apply = (text: string, { edits }: Fix): string =>
  [...edits]
    .sort((a, b) => b.range.start - a.range.start)
    .reduce((done, { range, text: put }) => done.slice(0, range.start) + put + done.slice(range.end), text);

const good = 'name = "g"\nkernel = "/k"\nmemory = 32\nvcpus = 2\n';
const mistakes: readonly (readonly [Diagnostic['code'], string, string])[] = [
  ['unterminated-string', `${good}extra = "x`, `${good}extra = "x"`],
  ['unended-comment', `${good}# end`, `${good}# end\n`],
  ['carriage-return', good.replaceAll('\n', '\r\n'), good],
  ['unexpected-text', `${good}ramdisk = /x.gz\n`, `${good}ramdisk = "/x.gz"\n`],
  ['unexpected-text', good.replace('name', 'Name'), good],
  ['bad-escape', `${good}extra = "\\q"\n`, `${good}extra = "\\\\q"\n`],
  ['missing-operator', `${good}extra "x"\n`, `${good}extra = "x"\n`],
  ['missing-value', `${good}extra = quiet\n`, `${good}extra = "quiet"\n`],
  ['missing-separator', `${good}cap = 5 cpu_weight = 6\n`, `${good}cap = 5 \ncpu_weight = 6\n`],
  ['unclosed-list', `${good}cpus = ["1", "2"\n`, `${good}cpus = ["1", "2"]\n`],
  ['unclosed-list', `${good}cpus = ["1" "2"]\n`, `${good}cpus = ["1" , "2"]\n`],
  ['unknown-key-near', `${good}memroy = 5\n`, `${good}memory = 5\n`],
  ['not-a-number', good.replace('32', '"32 MB"'), good],
  ['list-instead-of-value', good.replace('32', '[32]'), good],
  ['unknown-action', `${good}on_crash = "Restart"\n`, `${good}on_crash = "restart"\n`],
  ['unknown-action', `${good}on_crash = "reboot"\n`, `${good}on_crash = "destroy"\n`],
  ['no-name', good.slice(11), `name = "guest"\n${good.slice(11)}`],
  ['no-kernel', 'name = "g"\nmemory = 32\n', 'name = "g"\nmemory = 32\nkernel = "/guests/hello.img"\n'],
  ['unknown-word', `${good}vuart = "pl011"\n`, `${good}vuart = "sbsa_uart"\n`],
  ['fewer-max-vcpus', `${good}maxvcpus = 1\n`, `${good}maxvcpus = 2\n`],
  ['bad-cpu-range', `${good}cpus = "x"\n`, `${good}cpus = "all"\n`],
  ['no-cpu-left', `${good}cpus = "9"\n`, `${good}cpus = "all"\n`],
  ['old-builder', `${good}builder = "hvm"\n`, `${good}type = "pvh"\n`],
  ['pv-type', `${good}type = "pv"\n`, `${good}type = "pvh"\n`],
  ['many-vcpus', good.replace('vcpus = 2', 'vcpus = 9'), good.replace('vcpus = 2', 'vcpus = 8')],
  ['memory-range', good.replace('32', '0'), good],
  ['no-memory', good.replace('memory = 32\n', ''), `${good.replace('memory = 32\n', '')}memory = 32\n`],
  ['more-max-memory', `${good}maxmem = 64\n`, `${good}maxmem = 32\n`],
  ['weight-range', `${good}cpu_weight = 0\n`, `${good}cpu_weight = 256\n`],
  ['cap-range', `${good}cap = 300\n`, `${good}cap = 200\n`],
  ['gic-version', `${good}gic_version = "v3"\n`, `${good}gic_version = "v2"\n`],
  [
    'affinity-without-vcpus',
    `${good.replace('vcpus = 2\n', '')}cpus = "1"\n`,
    `${good.replace('vcpus = 2\n', '')}vcpus = 1\ncpus = "1"\n`,
  ],
];

describe('a quick fix mends', () => {
  it.each(mistakes)('%s in %j', (code, text, mended) => {
    const diagnostic = checkConfig(text).diagnostics.find((each) => each.code === code);
    const fix = diagnostic?.fixes[0];
    expect(fix && apply(text, fix)).toBe(mended);
    expect(checkConfig(mended).diagnostics.map((each) => each.code)).not.toContain(code);
  });
});

describe('advice', () => {
  const codes = (text: string) => checkConfig(text).diagnostics.map(({ code, severity }) => `${severity} ${code}`);
  it.each([
    ['', []],
    ['disk = ["/x,raw,xvda,rw"]\n', []],
    ['vtpm = ["backend=x"]\n', ['warning not-served']],
    ['vga = "cirrus"\n', ['hint x86-key']],
    ['qqqqqqqqqq = 1\n', ['hint unknown-key']],
    ['cap = 5\ncap = 6\n', ['hint overridden']],
    ['cpus = "1,6"\n', ['warning absent-cpu']],
    ['type = "hvm"\n', ['warning hvm-type']],
  ])('%j', (text, expected) => expect(codes(good + text)).toEqual(expected));

  it('takes the example of WP474 as it is written', () => {
    const text = `# This configures an HVM rather than PV guest
builder = "hvm"
name = "My Virtual Machine"
memory = 128
vcpus = 2
disk = [ '/dev/vg/guest-volume,raw,xvda,rw' ]
`;
    const { config, exitCode, lines } = checkConfig(text);
    expect({ exitCode, lines }).toEqual({ exitCode: 0, lines: [] });
    expect(config).toMatchObject({
      type: 'hvm',
      kernel: null,
      disks: [{ target: '/dev/vg/guest-volume', vdev: 'xvda' }],
    });
    const expected = ['hint hvm-comment', 'hint old-builder', 'warning hvm-type', 'hint hvm-disk'];
    expect(codes(text).sort()).toEqual(expected.sort());
    const fix = checkConfig(text).diagnostics.find(({ code }) => code === 'hvm-disk')?.fixes[0];
    let rewritten = text;
    for (const { range, text: changed } of fix?.edits.toReversed() ?? [])
      rewritten = rewritten.slice(0, range.start) + changed + rewritten.slice(range.end);
    expect(rewritten).toBe(`# This configures a PVH guest: Arm has no other type
type = "pvh"
bootloader = "pygrub"
name = "My Virtual Machine"
memory = 128
vcpus = 2
disk = [ '/dev/vg/guest-volume,raw,xvda,rw' ]
`);
    expect(codes(rewritten)).toEqual([]);
  });
});

const pieces = fc.constantFrom(
  ...['name', 'kernel', 'memory', 'vcpus', 'cpus', 'cap', 'type', 'on_crash', 'uuid', 'irqs', 'iomem', 'disk', 'x'],
  ...[
    ' = ',
    '=',
    '+=',
    ';',
    ',',
    '[',
    ']',
    '\n',
    '"',
    "'",
    '\\',
    '"1-2,^1"',
    '"all"',
    '"hvm"',
    '"é\\x"',
    '5',
    '0x',
    '-1',
    '#',
    '\r',
    '\0',
  ],
  ...['name = "g"\n', 'kernel = "k"\n', 'memory = 32\n', 'cpus = ["1", [2]]\n'],
);

it('any text is checked without a throw, and each diagnostic has a text in both languages', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
  );
  fc.assert(
    fc.property(text, (config) => {
      const checked = checkConfig(config);
      expect(checked.config === null).toBe(checked.exitCode !== 0);
      for (const diagnostic of checked.diagnostics) {
        for (const language of ['en', 'ja'] as const) {
          expect(
            inWords(
              { ...diagnostic, params: Object.fromEntries(Object.keys(diagnostic.params).map((key) => [key, ''])) },
              language,
            ),
          ).not.toMatch(/[{}]/);
          for (const fix of diagnostic.fixes) expect(describeFix(fix, language)).not.toBe('');
        }
        const { start, end } = diagnostic.range;
        expect(0 <= start && start <= end && end <= config.length).toBe(true);
        for (const { range } of diagnostic.fixes.flatMap(({ edits }) => edits)) {
          expect(0 <= range.start && range.start <= range.end && range.end <= config.length).toBe(true);
        }
      }
    }),
    { numRuns: 3000 },
  );
});
