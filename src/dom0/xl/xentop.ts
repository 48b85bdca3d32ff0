/**
 * xentop: a table of domains and what they use, anew every few seconds (xentop(1)). `xl top` starts it. blkback does not
 * count requests here, so the columns about them are zero.
 */
import type { Domain } from '../../xen/domain/domain.ts';
import { PauseFlag } from '../../xen/sched/unit.ts';
import { nanoseconds } from '../../xen/time/time.ts';
import { versionText } from '../../xen/version.ts';
import type { LibxlContext } from '../libxl/context.ts';
import { nameOf } from '../libxl/names.ts';
import { vifsOf } from '../network/vifs.ts';
import { dom0Costs } from '../os/costs.ts';
import type { Program, ProgramContext } from '../os/program.ts';
import { compute, sleep, type Task, untilTime } from '../os/task.ts';
import type { Tty } from '../os/tty.ts';
import type { XlCommand } from './command.ts';
import { cpuTime, statesOf } from './domains.ts';

/** What a domain had used at a look. */
interface Sample {
  readonly domain: Domain;
  readonly name: string;
  readonly letters: string;
  /** CPU time, in nanoseconds. */
  readonly time: number;
  /** Of one pCPU since the look before. */
  readonly percent: number;
  /** Interfaces, and KiB that they have sent and received. */
  readonly nets: number;
  readonly sent: number;
  readonly received: number;
  readonly disks: number;
}

interface Settings {
  /** Seconds. */
  delay: number;
  networks: boolean;
  vbds: boolean;
  vcpus: boolean;
  fullNames: boolean;
  repeatHeader: boolean;
  sort: number;
}

/** By which column rows are sorted, and whether the largest comes first: `s` goes from one to the next. */
const orders: readonly ((a: Sample, b: Sample) => number)[] = [
  (a, b) => b.domain.domainId - a.domain.domainId,
  (a, b) => b.percent - a.percent,
  (a, b) => b.time - a.time,
  (a, b) => b.domain.pages - a.domain.pages,
];

function look(ctx: LibxlContext, before: ReadonlyMap<number, number>, elapsed: number): Sample[] {
  const now = ctx.now();
  const { store, connection, network, xen } = ctx;
  const vifs = vifsOf(store, connection);
  return [...xen.domains.values()].map((domain) => {
    const { domainId } = domain;
    const { letters, time } = statesOf(domain, now);
    const ports = vifs.flatMap(({ domid, name }) =>
      domid === domainId ? network.ports.filter((port) => port.name === name) : [],
    );
    const disks = store.directory(connection, `/local/domain/0/backend/vbd/${domainId}`);
    const last = before.get(domainId);
    return {
      domain,
      name: nameOf(ctx, domainId) ?? '',
      letters: stateLetters(letters),
      time,
      percent: last === undefined || elapsed <= 0 ? 0 : (100 * (time - last)) / elapsed,
      nets: ports.length,
      // What the back end receives is what the guest sends.
      sent: ports.reduce((sum, { counters }) => sum + counters.receivedBytes, 0) / 1024,
      received: ports.reduce((sum, { counters }) => sum + counters.sentBytes, 0) / 1024,
      disks: disks.ok ? disks.value.length : 0,
    };
  });
}

/** xentop has them in another order than xl list: dying, shut down, blocked, crashed, paused, running. */
function stateLetters(letters: string): string {
  const [running = '-', blocked = '-', paused = '-', shut = '-', reason = '-', dying = '-'] = letters;
  return [dying, shut, blocked, reason === 'c' ? 'c' : '-', paused, running].join('');
}

const cell = (value: string | number, width: number): string => String(value).padStart(width);
const whole = (value: number): string => String(Math.floor(value));
const header =
  '      NAME  STATE   CPU(sec) CPU(%)     MEM(k) MEM(%)  MAXMEM(k) MAXMEM(%) VCPUS NETS NETTX(k) NETRX(k) VBDS   VBD_OO   VBD_RD   VBD_WR  VBD_RSECT  VBD_WSECT SSID';

function rowOf(sample: Sample, totalKib: number, { fullNames }: Settings): string {
  const { domain, name, letters, time, percent, nets, sent, received, disks } = sample;
  const kib = domain.pages * 4;
  const isLimited = domain.maxPages < 2 ** 31;
  const share = (part: number): string => ((100 * part) / totalKib).toFixed(1);
  return [
    fullNames ? name.padStart(10) : name.slice(0, 10).padStart(10),
    letters,
    cell(whole(time / 1e9), 10),
    cell(percent.toFixed(1), 6),
    cell(kib, 10),
    cell(share(kib), 6),
    cell(isLimited ? domain.maxPages * 4 : 'no limit', 10),
    cell(isLimited ? share(domain.maxPages * 4) : 'n/a', 9),
    cell(domain.vcpus.length, 5),
    cell(nets, 4),
    cell(whole(sent), 8),
    cell(whole(received), 8),
    cell(disks, 4),
    ...[8, 8, 8, 10, 10, 4].map((width) => cell(0, width)),
  ].join(' ');
}

/** A row for each vCPU, as `-v` adds them. */
const vcpuRow = (ctx: LibxlContext, { vcpus }: Domain): string => {
  const now = ctx.now();
  const online = vcpus.filter(({ unit }) => (unit.pauseFlags & PauseFlag.down) === 0);
  const cells = online.map(({ unit }) => ` ${cell(unit.id, 3)}: ${cell(whole(cpuTime(unit, now) / 1e9), 10)}s`);
  const lines: string[] = [];
  for (let i = 0; i < cells.length; i += 5) lines.push(cells.slice(i, i + 5).join(''));
  return `VCPUs(sec):${lines.join('\n            ')}`;
};

const networkRow = ({ nets, sent, received }: Sample): string[] =>
  nets === 0 ? [] : [`Net0 RX:${cell(whole(received * 1024), 11)}bytes TX:${cell(whole(sent * 1024), 11)}bytes`];

function tableOf(ctx: LibxlContext, samples: readonly Sample[], settings: Settings): string[] {
  const totalKib = ctx.xen.heap.frames * 4;
  const rows = [...samples]
    .sort(orders[settings.sort])
    .flatMap((sample) => [
      ...(settings.repeatHeader ? [header] : []),
      rowOf(sample, totalKib, settings),
      ...(settings.vcpus ? vcpuRow(ctx, sample.domain).split('\n') : []),
      ...(settings.networks ? networkRow(sample) : []),
    ]);
  return settings.repeatHeader ? rows : [header, ...rows];
}

/** What stands above the table on a screen. */
function summaryOf(ctx: LibxlContext, samples: readonly Sample[]): string[] {
  const { heap, machine } = ctx.xen;
  const count = (letter: string): number => samples.filter(({ letters }) => letters.includes(letter)).length;
  const clock = new Date(Math.floor(ctx.now() / 1e6)).toISOString().slice(11, 19);
  const [total, free] = [heap.frames * 4, heap.freePages * 4];
  return [
    `xentop - ${clock}   Xen ${versionText}`,
    `${samples.length} domains: ${count('r')} running, ${count('b')} blocked, ${count('p')} paused, ${count('c')} crashed, ${count('d')} dying, ${count('s')} shutdown`,
    `Mem: ${total}k total, ${total - free}k used, ${free}k free    CPUs: ${machine.cpus} @ ${Math.floor(machine.counterHz / 1e6)}MHz`,
  ];
}

const program = '/usr/lib/xen-4.17/bin/xentop';

const usage = `Usage: ${program} [OPTION]
Displays ongoing information about xen vm resources \n
-h, --help           display this help and exit
-V, --version        output version information and exit
-d, --delay=SECONDS  seconds between updates (default 3)
-n, --networks       output vif network data
-x, --vbds           output vbd block device data
-r, --repeat-header  repeat table header before each domain
-v, --vcpus          output vcpu data
-b, --batch\t     output in batch mode, no user input accepted
-i, --iterations     number of iterations before exiting
-f, --full-name      output the full domain name (not truncated)

Report bugs to <xen-devel@lists.xen.org>.
`;

const keysLine = 'Delay  Networks  vBds  VCPUs  Repeat header  Sort order  Quit';

export const xentopProgram = (ctx: LibxlContext): Program => ({
  name: 'xentop',
  summary: 'domains and what they use; see xentop -h',
  run: (context) => xentop(ctx, context, context.args),
});

export function* xentop(ctx: LibxlContext, context: ProgramContext, args: readonly string[]): Task<number> {
  yield* compute(dom0Costs.xl);
  const settings: Settings = {
    delay: 3,
    networks: false,
    vbds: false,
    vcpus: false,
    fullNames: false,
    repeatHeader: false,
    sort: 0,
  };
  let isBatch = false;
  let iterations = Number.POSITIVE_INFINITY;
  const words = args.flatMap((word) =>
    /^-[a-zA-Z]{2,}$/.test(word) ? [...word.slice(1)].map((c) => `-${c}`) : [word],
  );
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    const number = (): number => Number(word?.includes('=') ? word.split('=')[1] : words.shift());
    const name = word.split('=')[0];
    if (name === '-h' || name === '--help') {
      context.out(usage);
      return 0;
    }
    if (name === '-V' || name === '--version') {
      context.out('xentop 1.0\n');
      return 0;
    }
    if (name === '-d' || name === '--delay') settings.delay = number();
    else if (name === '-i' || name === '--iterations') iterations = number();
    else if (name === '-n' || name === '--networks') settings.networks = true;
    else if (name === '-x' || name === '--vbds') settings.vbds = true;
    else if (name === '-v' || name === '--vcpus') settings.vcpus = true;
    else if (name === '-r' || name === '--repeat-header') settings.repeatHeader = true;
    else if (name === '-f' || name === '--full-name') settings.fullNames = true;
    else if (name === '-b' || name === '--batch') isBatch = true;
    else {
      context.err(`${program}: invalid option -- '${word.replace(/^-+/, '').charAt(0)}'\n`);
      context.out(usage);
      return 1;
    }
  }
  // Words that are no numbers count as zero, and zero as the default.
  settings.delay = settings.delay > 0 ? settings.delay : 3;
  if (!(iterations >= 1)) iterations = Number.POSITIVE_INFINITY;
  if (isBatch) return yield* inBatch(ctx, context, settings, iterations);
  if (context.tty) return yield* onScreen(ctx, context.tty, settings, iterations);
  context.err('Error opening terminal: unknown.\n');
  return 1;
}

/** Looks again and again; each look is given what has passed since the one before. */
function looks(ctx: LibxlContext): () => Sample[] {
  let before = new Map<number, number>();
  let at = ctx.now();
  return () => {
    const samples = look(ctx, before, ctx.now() - at);
    before = new Map(samples.map(({ domain, time }) => [domain.domainId, time]));
    at = ctx.now();
    return samples;
  };
}

function* inBatch(ctx: LibxlContext, context: ProgramContext, settings: Settings, iterations: number): Task<number> {
  const next = looks(ctx);
  for (let i = 0; i < iterations; i++) {
    if (i > 0) yield* sleep(nanoseconds(settings.delay * 1e9));
    context.out(`${tableOf(ctx, next(), settings).join('\n')}\n`);
  }
  return 0;
}

/** Draws the screen anew after each delay, and at each key, until `q`. */
function* onScreen(ctx: LibxlContext, tty: Tty, settings: Settings, iterations: number): Task<number> {
  const interrupt = tty.onInterrupt;
  const next = looks(ctx);
  tty.write('\x1b[?1049h\x1b[?25l');
  try {
    for (let i = 0; i < iterations; i++) {
      const samples = next();
      draw(tty, summaryOf(ctx, samples), tableOf(ctx, samples, settings));
      const end = nanoseconds(ctx.now() + settings.delay * 1e9);
      while (
        yield* untilTime(
          tty.input,
          () => tty.hasKey,
          end,
          () => ctx.now(),
        )
      ) {
        const key = tty.key() ?? '';
        if (key.toLowerCase() === 'q' || key === '\x1b') return 0;
        if (obey(settings, key.toLowerCase())) draw(tty, summaryOf(ctx, samples), tableOf(ctx, samples, settings));
      }
    }
    return 0;
  } finally {
    tty.onInterrupt = interrupt;
    tty.write('\x1b[?25h\x1b[?1049l');
  }
}

/** What a key changes; false if nothing. */
function obey(settings: Settings, key: string): boolean {
  if (key === 'n') settings.networks = !settings.networks;
  else if (key === 'b') settings.vbds = !settings.vbds;
  else if (key === 'v') settings.vcpus = !settings.vcpus;
  else if (key === 'r') settings.repeatHeader = !settings.repeatHeader;
  else if (key === 's') settings.sort = (settings.sort + 1) % orders.length;
  else if (key === 'd') settings.delay = settings.delay >= 5 ? 1 : settings.delay + 1;
  else return false;
  return true;
}

/** Lines are cut at the screen's edge; the header is shown in reverse. */
function draw(tty: Tty, summary: readonly string[], table: readonly string[]): void {
  const cut = (line: string): string => line.slice(0, tty.columns);
  const shown = table.map((line) => (line === header ? `\x1b[7m${cut(line)}\x1b[0m` : cut(line)));
  tty.write(`\x1b[H\x1b[2J${[...summary.map(cut), ...shown, '', cut(keysLine)].join('\n')}`);
}

/** xl top starts xentop, and pays no heed to how that ends. */
export const topCommand: XlCommand = {
  name: 'top',
  summary: 'Monitor a host and the domains in real time',
  syntax: { usage: '' },
  *run({ libxl, context }) {
    yield* xentop(libxl, context, []);
    return 0;
  },
};
