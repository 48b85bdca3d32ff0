/** `clients`: a program of this simulator's own, which makes clients of the servers on the network. */
import type { Hasher } from '../../base/hasher.ts';
import { cycles } from '../../base/units.ts';
import type { Bridge } from '../../soc/net/bridge.ts';
import { Clients } from '../../soc/net/clients/clients.ts';
import { hours, percentile, usualDay } from '../../soc/net/clients/day.ts';
import { resolvePath } from '../os/files.ts';
import type { Program, ProgramContext } from '../os/program.ts';
import { complain, simple, usage } from '../shell/programs/common.ts';

const usageText = `start [--peak REQUESTS/S] [--day SECONDS] [--work MICROSECONDS] [--curve FILE] | stop | stat | report`;

/** The most of each option, and what it is without. */
const numbers = {
  peak: { usual: 1000, most: 20_000 },
  day: { usual: 24, most: 86_400 },
  work: { usual: 1000, most: 1_000_000 },
} as const;

export class ClientsProgram {
  private readonly bridge: () => Bridge;
  private readonly seed: number;
  /** They come with the first start. */
  private clients: Clients | null = null;

  /** @param bridge where they are, @param seed decides when requests are made */
  constructor(bridge: () => Bridge, seed: number) {
    this.bridge = bridge;
    this.seed = seed;
  }

  readonly program: Program = {
    name: 'clients',
    summary: 'make clients that send requests to the servers on xenbr0, over a day',
    notes: [
      'clients start --peak 2000 --day 24 --work 1000   a day of 24 s, 2000 requests/s at its peak, 1000 us of CPU each',
      'clients start --curve FILE                       24 numbers: the hours, in per cent of the peak',
      'clients stat, clients report                     what happens now; what has happened, by the hour',
    ],
    complete: (words) => (words.length === 0 ? ['start', 'stop', 'stat', 'report'] : []),
    run: simple((context) => this.run(context)),
  };

  fingerprint(hasher: Hasher): void {
    this.clients?.fingerprint(hasher);
  }

  private run(context: ProgramContext): number {
    const [what, ...rest] = context.args;
    if (what === 'start') return this.start(context, rest);
    if (rest.length > 0 || what === undefined) return usage(context, usageText);
    switch (what) {
      case 'stop':
        this.clients?.end();
        return 0;
      case 'stat':
        return this.clients ? stat(context, this.clients) : complain(context, what, 'there are no clients');
      case 'report':
        return this.clients ? report(context, this.clients) : complain(context, what, 'there are no clients');
      default:
        return usage(context, usageText);
    }
  }

  private start(context: ProgramContext, args: readonly string[]): number {
    const given = new Map<string, string>();
    for (let at = 0; at < args.length; at += 2) {
      const name = args[at] ?? '';
      const value = args[at + 1];
      if (!/^--(peak|day|work|curve)$/.test(name) || value === undefined) return usage(context, usageText);
      given.set(name.slice(2), value);
    }
    const numberOf = (name: keyof typeof numbers): number | null => {
      const { usual, most } = numbers[name];
      const value = Number(given.get(name) ?? usual);
      return value > 0 && value <= most ? value : null;
    };
    const [peak, length, work] = [numberOf('peak'), numberOf('day'), numberOf('work')];
    if (peak === null || length === null || work === null) return usage(context, usageText);
    const day = curveOf(context, given.get('curve'));
    if (!day) return 1;
    const bridge = this.bridge();
    this.clients ??= new Clients(bridge, this.seed);
    this.clients.begin({ peak, length: cycles(Math.round(length * bridge.clock.hz)), work: Math.round(work), day });
    return 0;
  }
}

/** The day in a file: 24 numbers. Null if it has none. */
function curveOf(context: ProgramContext, name: string | undefined): readonly number[] | null {
  if (name === undefined) return usualDay;
  const read = context.files.readText(resolvePath(name, context.directory));
  if (!read.ok) {
    complain(context, name, read.error);
    return null;
  }
  const words = read.value.replaceAll(/#.*/g, '').split(/\s+/).filter(Boolean);
  const day = words.map(Number);
  if (day.length === hours && day.every((value) => value >= 0 && value <= 1000)) return day;
  complain(context, name, `${hours} numbers are needed, one for each hour, in per cent of the peak`);
  return null;
}

function stat(context: ProgramContext, { now }: Clients): number {
  const { hour, demand, waiting, servers, busy, slots } = now;
  context.out(
    table([
      ['hour', 'demand', 'waiting', 'servers', 'busy', 'slots'],
      [hour ?? '-', Math.round(demand), waiting, servers, busy, slots],
    ]),
  );
  return 0;
}

function report(context: ProgramContext, clients: Clients): number {
  const rows = clients.hours.map(({ asked, answered, lost, times, servers }, hour) => {
    const [p50, p99] = [500, 990].map((perMille) => (percentile(times, perMille) / 1000).toFixed(2));
    return [hour, asked, answered, lost, p50 ?? '', p99 ?? '', servers.toFixed(2)];
  });
  const all = clients.hours.flatMap(({ times }) => times);
  const sum = (of: (hour: (typeof clients.hours)[number]) => number) =>
    clients.hours.reduce((total, hour) => total + of(hour), 0);
  context.out(
    table([
      ['hour', 'asked', 'answered', 'lost', 'p50/ms', 'p99/ms', 'servers'],
      ...rows,
      [
        'day',
        sum(({ asked }) => asked),
        sum(({ answered }) => answered),
        sum(({ lost }) => lost),
        (percentile(all, 500) / 1000).toFixed(2),
        (percentile(all, 990) / 1000).toFixed(2),
        (sum(({ servers }) => servers) / hours).toFixed(2),
      ],
    ]),
  );
  return 0;
}

const table = (rows: readonly (readonly (string | number)[])[]): string =>
  rows.map((row) => `${row.map((cell) => String(cell).padStart(8)).join(' ')}\n`).join('');
