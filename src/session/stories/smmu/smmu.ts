/** The SMMU: a domain with a DMA channel of its own reaches its memory and nothing else; without the SMMU, its neighbour's too. */
import type { Experiment, Figure } from '../experiment.ts';
import { readStat } from '../isolation/stat.ts';
import type { Operator, Steps } from '../operator.ts';

const realXen = (value: string): Pick<Figure, 'published'> => ({
  published: {
    value,
    source: 'the same guests under Xen 4.17.7 with Debian’s Domain-0 on this board (docs/software.md)',
  },
});

const figures: Experiment['figures'] = [
  {
    id: 'copied',
    label: 'bytes that the channel copies inside its domain, of 4096',
    unit: '',
    how: 'dma’s console, copy',
    bounds: [4096, 4096],
    ...realXen('4096'),
  },
  {
    id: 'refused',
    label: 'writes to frames outside that are refused',
    unit: '%',
    how: 'neighbour’s frame, then 64 others: dma’s console, write',
    bounds: [100, 100],
    ...realXen('100 %'),
  },
  {
    id: 'faults',
    label: 'faults that Xen logs for these 65 writes',
    unit: '',
    how: 'xl dmesg, Unhandled context fault; the SMMU keeps one until Xen has read it',
    bounds: [2, 65],
    ...realXen('3'),
  },
  {
    id: 'kept',
    label: 'bytes of neighbour that they change',
    unit: '',
    how: 'neighbour’s console',
    bounds: [0, 0],
    ...realXen('0'),
  },
  {
    id: 'again',
    label: 'bytes that the channel copies after that, of 4096',
    unit: '',
    how: 'dma’s console, copy',
    bounds: [4096, 4096],
    ...realXen('4096'),
  },
  {
    id: 'latency',
    label: 'rtos-a’s latency meanwhile: longest',
    unit: 'µs',
    how: 'rtos-a’s console, stat',
    bounds: [0, 60],
  },
  {
    id: 'created',
    label: 'with iommu=off: domains that xl creates with dtdev',
    unit: '',
    how: 'xl list after the boot',
    bounds: [0, 0],
    ...realXen('0'),
  },
  {
    id: 'overwritten',
    label: 'with iommu=off: bytes of neighbour that the same write changes',
    unit: '',
    how: 'neighbour’s console',
    bounds: [512, 512],
    ...realXen('512'),
  },
];

/** Frames that are tried besides the neighbour's. */
const others = 64;
/** Between these there is nothing of the domain's: its interrupt controller is behind, its memory from frame 0x4_0000 on. */
const outside = { first: 0x100, end: 0x3000 } as const;

function* copy(operator: Operator): Steps<number> {
  const [, bytes] = yield* operator.ask('dma', 'copy', /done, (\d+) of 4096 bytes/);
  return Number(bytes);
}

/** How many of so many writes, from a frame on, are refused. */
function* write(operator: Operator, frame: number, count: number): Steps<number> {
  const [, refused] = yield* operator.ask('dma', `write 0x${frame.toString(16)} ${count}`, /(\d+) of \d+ writes have/);
  return Number(refused);
}

/** The machine's frame of neighbour's console, as Xen tells it. */
function* frameOfNeighbour(operator: Operator): Steps<number> {
  const log = yield* operator.command('xl dmesg -c > /dev/null; xl debug-keys g; xl dmesg');
  const grants = log.split(`grant-table for remote d${operator.domain('neighbour').id} `)[1] ?? '';
  return Number(/\[0x000\] +0 (0x[0-9a-f]+)/.exec(grants)?.[1]);
}

/** How many bytes neighbour has seen changed. */
function* changed(operator: Operator): Steps<number> {
  yield* operator.wait(10);
  const [, bytes] = yield* operator.shows('neighbour', /ends with: nobody's but me\s+(?:(\d+) bytes)?/);
  return Number(bytes ?? 0);
}

function* steps(operator: Operator): Steps<void> {
  yield* operator.ready();
  yield* operator.wait(50 + operator.random(100));
  operator.record('copied', yield* copy(operator));
  const frame = yield* frameOfNeighbour(operator);
  operator.type('rtos-a', 'reset');
  const refused = yield* write(operator, frame, 1);
  const from = Math.floor(outside.first + operator.random(outside.end - outside.first - others));
  operator.record('refused', ((refused + (yield* write(operator, from, others))) / (1 + others)) * 100);
  operator.record('again', yield* copy(operator));
  yield* operator.wait(100 + operator.random(100));
  const [stat] = yield* operator.ask('rtos-a', 'stat', /^control: .*\n/m);
  operator.record('latency', readStat(stat)?.max ?? Number.NaN);
  operator.record('kept', yield* changed(operator));
  operator.record('faults', [...(yield* operator.command('xl dmesg')).matchAll(/Unhandled context fault/g)].length);

  yield* operator.command('cp /boot/iommu-off.dtb /boot/board.dtb; reboot');
  yield* operator.wait(50 + operator.random(100));
  operator.record('created', operator.domains.filter(({ name }) => name === 'dma').length);
  yield* operator.command('xl create /etc/xen/dma-bare.cfg');
  yield* write(operator, yield* frameOfNeighbour(operator), 1);
  operator.record('overwritten', yield* changed(operator));
}

export const smmu: Experiment = { figures, steps };
