/** The same guest with what ARMv8 has for guests, and without: exits, time in EL2, throughput and interrupt latency. */

import { clockHz } from '../../soc/board/zynqmp.ts';
import type { ExitKind } from '../api/domain-details.ts';
import type { Experiment, Figure, Plot } from './experiment.ts';
import type { Operator, Steps } from './operator.ts';

/** Two domains of guests/xen/exits; slow is the one without acceleration. */
const guests = ['fast', 'slow'] as const;
type Guest = (typeof guests)[number];

type Bounds = Figure['bounds'];

/** What a guest repeats, with the bounds of its rate and of its time in EL2, by guest. */
interface Thing {
  readonly name: 'compute' | 'pages' | 'spaces' | 'sgi' | 'timer';
  readonly label: string;
  readonly rates: Readonly<Record<Guest, Bounds>>;
  readonly shares: Readonly<Record<Guest, Bounds>>;
}
const idle: Bounds = [0, 1];
const things: readonly Thing[] = [
  {
    name: 'compute',
    label: 'rounds of arithmetic',
    rates: { fast: [235_000, 245_000], slow: [235_000, 245_000] },
    shares: { fast: idle, slow: idle },
  },
  {
    name: 'pages',
    label: 'pages mapped, written and unmapped',
    rates: { fast: [30_000_000, 40_000_000], slow: [500_000, 1_000_000] },
    shares: { fast: idle, slow: [75, 99] },
  },
  {
    name: 'spaces',
    label: 'changes of the address space',
    rates: { fast: [40_000_000, 50_000_000], slow: [2_000_000, 2_700_000] },
    shares: { fast: idle, slow: [75, 99] },
  },
  {
    name: 'sgi',
    label: 'interrupts to itself',
    rates: { fast: [1_400_000, 1_700_000], slow: [600_000, 800_000] },
    shares: { fast: [70, 99], slow: [75, 99] },
  },
  {
    name: 'timer',
    label: 'timers set and stopped',
    rates: { fast: [50_000_000, 60_000_000], slow: [500_000, 700_000] },
    shares: { fast: idle, slow: [75, 99] },
  },
];

/** Exits that only a guest without acceleration has. */
const kinds: readonly { readonly kind: ExitKind; readonly label: string; readonly bounds: Bounds }[] = [
  { kind: 'tableWrite', label: 'stores to its tables', bounds: [50_000, 100_000] },
  { kind: 'tlbMaintenance', label: 'TLB maintenance', bounds: [25_000, 50_000] },
  { kind: 'shadowFill', label: 'shadow tables filled', bounds: [1, 20] },
  { kind: 'translationControl', label: 'registers of virtual memory', bounds: [100_000, 140_000] },
  { kind: 'cpuInterface', label: 'the GIC’s CPU interface', bounds: [60_000, 80_000] },
  { kind: 'timer', label: 'the virtual timer and its count', bounds: [100_000, 150_000] },
];

const figures: readonly Figure[] = [
  ...things.flatMap(({ name, label, rates }) =>
    guests.map(
      (guest): Figure => ({
        id: idOf(name, guest),
        label: `${label}, ${guest}`,
        unit: '/s',
        how: `what the guest prints after 50 ms of ${name}`,
        bounds: rates[guest],
      }),
    ),
  ),
  ...things.flatMap(({ name, label, shares }) =>
    guests.map(
      (guest): Figure => ({
        id: idOf(`${name}El2`, guest),
        label: `time in EL2 with ${label}, ${guest}`,
        unit: '%',
        how: 'cycles of its exits, by Xen’s accounts',
        bounds: shares[guest],
      }),
    ),
  ),
  ...kinds.map(
    ({ kind, label, bounds }): Figure => ({
      id: `${kind}Exits`,
      label: `exits of slow: ${label}`,
      unit: '',
      how: 'Xen’s accounts, over all that it did',
      bounds,
    }),
  ),
  { id: 'fastExits', label: 'the same of fast, together', unit: '', how: 'Xen’s accounts', bounds: [0, 0] },
  ...guests.flatMap((guest): Figure[] => [
    {
      id: idOf('latency', guest),
      label: `latency of the timer’s interrupt, ${guest}`,
      unit: 'µs',
      how: 'from the deadline to the guest’s handler, mean of 250',
      bounds: guest === 'fast' ? [2, 4] : [3, 8],
    },
    {
      id: idOf('acknowledge', guest),
      label: `cycles to take and end an interrupt, ${guest}`,
      unit: '',
      how: 'GICC_IAR and GICC_EOIR, mean of 250, less than 12 cycles cannot be seen',
      bounds: guest === 'fast' ? [0, 60] : [1000, 2000],
    },
  ]),
  {
    id: 'equal',
    label: 'checksums that are the same in both',
    unit: '',
    how: `what the guests print: ${things.map(({ name }) => name).join(', ')}`,
    bounds: [things.length, things.length],
  },
];

/** Upper ends of the latencies' classes that are drawn, in microseconds: those of guests/xen/exits. */
const classes = [1, 2, 3, 4, 5, 7, 10];

/** Reasons of exits, as short as they fit under bars. */
const reasons: readonly (readonly [kind: ExitKind, short: string])[] = [
  ['hypercall', 'HVC'],
  ['wait', 'WFI'],
  ['interrupt', 'IRQ'],
  ['distributor', 'GICD'],
  ['cpuInterface', 'GICC'],
  ['timer', 'CNTV'],
  ['translationControl', 'TTBR'],
  ['tlbMaintenance', 'TLBI'],
  ['tableWrite', 'store'],
  ['shadowFill', 'walk'],
];

const plots: readonly Plot[] = [
  { id: 'rates', label: 'how often it does so (logarithmic)', unit: '/s', x: things.map(({ name }) => name) },
  { id: 'exits', label: 'exits to EL2 (logarithmic)', unit: '', x: reasons.map(([, short]) => short) },
  {
    id: 'latencies',
    label: 'interrupts by their latency in µs, of 250 (logarithmic)',
    unit: '',
    x: classes.map((end) => `< ${end}`),
  },
];

function idOf(name: string, guest: Guest): string {
  return name + (guest === 'fast' ? 'Fast' : 'Slow');
}

function* steps(operator: Operator): Steps<void> {
  yield* operator.ready();
  for (const guest of guests) yield* operator.shows(guest, /^Commands: .*\n/m);
  const exitsOf = (guest: Guest, kind: ExitKind): number =>
    operator.exits(guest).find((exit) => exit.kind === kind)?.count ?? 0;
  const cyclesOf = (guest: Guest): number => operator.exits(guest).reduce((sum, { cycles }) => sum + cycles, 0);
  let equal = 0;
  for (const [at, { name }] of things.entries()) {
    const sums: string[] = [];
    for (const guest of guests) {
      yield* operator.wait(operator.random(10));
      const [cycles, start] = [cyclesOf(guest), operator.now];
      const answer = yield* operator.ask(guest, name, new RegExp(`^${name}: (\\d+) a second, checksum (\\w+)\n`, 'm'));
      const [, rate = '', sum = ''] = answer;
      const spent = (1000 * (cyclesOf(guest) - cycles)) / clockHz / (operator.now - start);
      operator.record(idOf(name, guest), Number(rate));
      operator.plot('rates', guest, at, Number(rate));
      operator.record(idOf(`${name}El2`, guest), 100 * spent);
      sums.push(sum);
    }
    if (sums[0] === sums[1]) equal++;
  }
  for (const guest of guests) {
    const form =
      /((?: {2}below \d+ us: \d+\n)+)interrupts: mean (\d+) ns, longest \d+ ns, taken and ended in (\d+) ns\n/;
    const [, counts = '', mean, ended] = yield* operator.ask(guest, 'interrupts', form);
    operator.record(idOf('latency', guest), Number(mean) / 1000);
    operator.record(idOf('acknowledge', guest), (Number(ended) * clockHz) / 1e9);
    for (const [at, end] of classes.entries()) {
      const [, count = 0] = new RegExp(`below ${end} us: (\\d+)`).exec(counts) ?? [];
      if (Number(count) > 0) operator.plot('latencies', guest, at, Number(count));
    }
    for (const [at, [kind]] of reasons.entries()) operator.plot('exits', guest, at, exitsOf(guest, kind));
  }
  for (const { kind } of kinds) operator.record(`${kind}Exits`, exitsOf('slow', kind));
  operator.record(
    'fastExits',
    kinds.reduce((sum, { kind }) => sum + exitsOf('fast', kind), 0),
  );
  operator.record('equal', equal);
}

export const acceleration: Experiment = { figures, plots, steps };
