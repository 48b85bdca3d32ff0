import { Dom0Bench } from '../../src/dom0/dom0-testing.ts';

/** How the pCPU that an RTOS and a neighbour share is scheduled. */
interface SchedulerSetting {
  readonly name: string;
  readonly scheduler: string;
  /** Lines of the neighbour's config. */
  readonly neighbour?: string;
  /** Commands when both domains are there; d0 is the RTOS, d1 the neighbour. */
  readonly commands?: readonly string[];
  /** pCPUs of the pool. */
  readonly cpus?: string;
}

const settings: readonly SchedulerSetting[] = [
  { name: 'credit', scheduler: 'credit' },
  { name: 'credit, cap 50', scheduler: 'credit', neighbour: 'cap=50' },
  { name: 'credit2', scheduler: 'credit2' },
  { name: 'RTDS', scheduler: 'rtds', commands: ['xl sched-rtds -d d0 -v all -p 1000 -b 300 -e 0'] },
  { name: 'ARINC 653', scheduler: 'arinc653', commands: ['arinc653-schedule -p rt /slots'] },
  { name: 'null', scheduler: 'null', cpus: '1-2' },
];

interface Neighbour {
  readonly name: string;
  readonly guest: string | null;
  /** Text typed on its console. */
  readonly command?: string;
}

const neighbours: readonly Neighbour[] = [
  { name: 'none', guest: null },
  { name: 'noisy', guest: 'spin' },
  { name: 'half busy', guest: 'rtos', command: 'load 50' },
  { name: 'hangs', guest: 'rtos', command: 'hang' },
  { name: 'crashes', guest: 'rtos', command: 'crash' },
  { name: 'rogue', guest: 'rogue' },
];

/** The release latencies of the RTOS's 1 kHz task, in µs, and the releases that it missed, in percent. */
export interface SchedulerLatency {
  readonly scheduler: string;
  readonly neighbour: string;
  readonly p50: number;
  readonly p99: number;
  readonly longest: number;
  readonly missed: number;
}

export function* measureSchedulers(
  guests: Readonly<Record<string, Uint8Array>>,
  seconds: number,
): Generator<SchedulerLatency> {
  for (const setting of settings)
    for (const neighbour of neighbours) yield measure(setting, neighbour, guests, seconds);
}

function measure(
  { name, scheduler, cpus = '1', commands = [], neighbour: lines = '' }: SchedulerSetting,
  neighbour: Neighbour,
  guests: Readonly<Record<string, Uint8Array>>,
  seconds: number,
): SchedulerLatency {
  const bench = new Dom0Bench(guests, 4);
  bench.run(20);
  const run = (script: string): void => {
    const { code, printed } = bench.script(script, 20_000);
    if (code !== 0) throw new Error(`${script}: ${printed}`);
  };
  const config = (domain: string, guest: string, more: string): void => {
    const text = `name="${domain}"\nkernel="/guests/${guest}.img"\nmemory=16\npool="rt"\non_crash="restart"\n${more}\n`;
    bench.dom0.files.write(`/${domain}.cfg`, text);
  };
  bench.dom0.files.write('/slots', `major 1ms\nd0 300us\n${neighbour.guest === null ? 'idle' : 'd1'} 600us\n`);
  run(`xl cpupool-cpu-remove Pool-0 ${cpus}`);
  run(`xl cpupool-create 'name="rt"' 'sched="${scheduler}"' 'cpus="${cpus}"'`);
  config('d0', 'rtos', '');
  run('xl create -q /d0.cfg');
  if (neighbour.guest !== null) {
    config('d1', neighbour.guest, lines);
    run('xl create -q /d1.cfg');
  }
  for (const command of commands) run(command);
  bench.run(500);
  bench.type(1, 'reset\r');
  bench.run(100);
  if (neighbour.command !== undefined) bench.type(2, `${neighbour.command}\r`);
  bench.run(1000 * seconds);
  const from = (bench.consoles.get(1) ?? '').length;
  bench.type(1, 'stat\r');
  bench.run(1000);
  const told = (bench.consoles.get(1) ?? '').slice(from);
  const figures = /(\d+) releases, (\d+) missed; latency p50 (\S+) us, p99 (\S+) us, .*max (\S+) us/.exec(told);
  if (!figures) throw new Error(`no answer of the RTOS: ${told}`);
  const [releases = 0, misses = 0, p50 = 0, p99 = 0, longest = 0] = figures.slice(1).map(Number);
  const missed = (100 * misses) / (releases + misses);
  return { scheduler: name, neighbour: neighbour.name, p50, p99, longest, missed };
}

const micros = (us: number): string => us.toFixed(us < 100 ? 1 : 0);

/** The rows as a table in Markdown: p50 · p99 · longest in µs, and the releases that were missed. */
export function latencyTable(rows: readonly SchedulerLatency[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  const cell = ({ p50, p99, longest, missed }: SchedulerLatency): string =>
    [p50, p99, longest].map(micros).join(' · ') + (missed > 0 ? `, ${missed.toFixed(1)} %` : '');
  const body = settings.map(({ name }) =>
    line([name, ...rows.filter(({ scheduler }) => scheduler === name).map(cell)]),
  );
  const head = ['Scheduler', ...neighbours.map(({ name }) => name)];
  return line(head) + line(head.map(() => '---')) + body.join('');
}

/** The longest latencies as an SVG: a group of bars for each scheduler, on a logarithmic axis from 1 µs to 100 ms. */
export function latencyPlot(rows: readonly SchedulerLatency[]): string {
  const colours = ['#8aa0b4', '#d98a3d', '#b5577c', '#5b4b9e', '#3f8f6b', '#3b7dc4'];
  const [left, top, height, group, bar] = [64, 40, 240, 112, 15];
  const width = left + settings.length * group + 10;
  const y = (us: number): number => top + height * (1 - Math.log10(Math.max(us, 1)) / 5);
  const axis = ['1 µs', '10 µs', '100 µs', '1 ms', '10 ms', '100 ms'].map((text, i) => {
    const at = y(10 ** i).toFixed(1);
    return `<path d="M${left} ${at}H${width - 10}" stroke="#ccd"/><text x="${left - 6}" y="${at}" dy="4" text-anchor="end">${text}</text>`;
  });
  const bars = settings.flatMap(({ name }, s) => {
    const x = left + s * group + 10;
    const label = `<text x="${x + 45}" y="${top + height + 18}" text-anchor="middle" font-weight="600">${name}</text>`;
    return rows
      .filter(({ scheduler }) => scheduler === name)
      .map(({ neighbour, longest, missed }, n) => {
        const at = y(longest);
        const title = `${name}, ${neighbour}: ${micros(longest)} µs${missed > 0 ? `, ${missed.toFixed(1)} % missed` : ''}`;
        return `<rect x="${x + n * bar}" y="${at.toFixed(1)}" width="${bar - 2}" height="${(top + height - at).toFixed(1)}" fill="${colours[n]}"><title>${title}</title></rect>`;
      })
      .concat(label);
  });
  const legend = neighbours.map(({ name }, n) => {
    const x = left + 10 + n * 112;
    return `<rect x="${x}" y="10" width="12" height="12" fill="${colours[n]}"/><text x="${x + 17}" y="20">${name}</text>`;
  });
  const text = 'Longest release latency of a 1 kHz task by scheduler and neighbour, on a logarithmic axis';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${top + height + 30}" font-family="system-ui, sans-serif" font-size="12" fill="#223">`,
    `<title>${text}</title>`,
    `<rect width="${width}" height="${top + height + 30}" fill="#fff"/>`,
    ...axis,
    ...bars,
    ...legend,
    '</svg>\n',
  ].join('\n');
}
