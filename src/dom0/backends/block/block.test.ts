import { expect, test } from 'vitest';
import { type BlockOptions, newBench, TestFrontEnd } from './block-testing.ts';
import { Operation } from './protocol.ts';

const { read, write, writeBarrier, flush, discard, indirect } = Operation;

const start = (options?: BlockOptions) => {
  const bench = newBench();
  const end = new TestFrontEnd(bench, 'g', options);
  const page = end.guest.page();
  return { bench, end, page, reference: end.guest.grant(page.frame) };
};

test('says what Linux says of its back end', () => {
  const { bench, end } = start();
  const names = ['feature-max-indirect-segments', 'multi-queue-max-queues', 'max-ring-page-order', 'state', 'sectors'];
  expect(names.map((name) => end.node(name))).toEqual(['256', '1', '4', '4', '2048']);
  expect(['info', 'sector-size', 'feature-flush-cache', 'feature-persistent'].map((name) => end.node(name))).toEqual([
    '0',
    '512',
    '1',
    '1',
  ]);
  expect(bench.script('dmesg').printed).toContain(
    'xen-blkback: backend/vbd/1/51712: using 1 queues, protocol 1 (arm-abi) ',
  );
});

test.each<[string, BlockOptions]>([
  ['64 bits', {}],
  ['32 bits', { protocol: 'x86_32-abi' }],
  ['a ring of 16 pages', { order: 4 }],
  ['pages that stay mapped', { front: { 'feature-persistent': 1 } }],
])('writes and reads sectors: %s', (_, options) => {
  const { bench, end, page, reference } = start(options);
  page.bytes.fill(7, 512, 1536);
  // More requests than a ring of one page holds, so that it wraps.
  for (let i = 0; i < 40; i++) {
    const segments = [[reference, 1, 2]] as const;
    expect(end.ask({ operation: write, id: i, sector: 10 + 2 * i, segments })).toBe(0);
  }
  const read2 = bench.dom0.files.read('/disk.img');
  const bytes = read2.ok ? read2.value : new Uint8Array();
  expect([...bytes.subarray(10 * 512 - 1, 10 * 512 + 1)]).toEqual([0, 7]);
  expect([...bytes.subarray(90 * 512 - 1, 90 * 512 + 1)]).toEqual([7, 0]);
  page.bytes.fill(0);
  expect(end.ask({ operation: read, sector: 11, segments: [[reference, 0, 7]] })).toBe(0);
  expect(page.bytes.every((byte) => byte === 7)).toBe(true);
  expect(end.guest.flagsOf(reference) & 24).toBe(options.front ? 24 : 0);
  expect(end.guest.wasNotified(end.port)).toBe(true);
});

test('answers flush, barrier, discard and what it does not know', () => {
  const { end, page, reference } = start();
  page.bytes.fill(9);
  expect(end.ask({ operation: flush })).toBe(0);
  expect(end.ask({ operation: writeBarrier, sector: 8, segments: [[reference, 0, 7]] })).toBe(0);
  expect(end.ask({ operation: discard, sector: 8, segments: [[4, 0, 0]] })).toBe(0);
  expect(end.ask({ operation: read, sector: 8, segments: [[reference, 0, 7]] })).toBe(0);
  expect([page.bytes[4 * 512 - 1], page.bytes[4 * 512]]).toEqual([0, 9]);
  expect(end.ask({ operation: 99 })).toBe(-2);
});

test('an indirect request has its segments in pages of their own', () => {
  const { end, page, reference } = start();
  page.bytes.fill(5);
  const list = end.guest.page();
  const view = new DataView(list.bytes.buffer, list.bytes.byteOffset, 4096);
  for (let i = 0; i < 100; i++) {
    view.setUint32(8 * i, reference, true);
    list.bytes.set([0, 7], 8 * i + 4);
  }
  const bytes = new Uint8Array(112);
  const request = new DataView(bytes.buffer);
  bytes.set([indirect, write, 100]);
  request.setBigUint64(8, 3n, true);
  request.setBigUint64(16, 16n, true);
  request.setUint32(28, end.guest.grant(list.frame, true), true);
  end.putBytes(bytes);
  end.send(10);
  expect(end.responses()).toEqual([[3, write, 0]]);
  expect(end.ask({ operation: read, sector: 16 + 792, segments: [[reference, 0, 7]] })).toBe(0);
  expect(page.bytes.every((byte) => byte === 5)).toBe(true);
  // More than the back end has said that it takes.
  request.setUint16(2, 257, true);
  end.putBytes(bytes);
  end.send();
  expect(end.responses()[0]?.[2]).toBe(-1);
});

const refused: readonly (readonly [string, Parameters<TestFrontEnd['ask']>[0]])[] = [
  ['no segments', { operation: write }],
  ['too many segments', { operation: read, segmentCount: 12, segments: [] }],
  ['a segment that ends before it begins', { operation: read, segments: [[8, 4, 3]] }],
  ['a segment beyond its page', { operation: read, segments: [[8, 0, 8]] }],
  ['a sector behind the last', { operation: read, sector: 2041, segments: [[8, 0, 7]] }],
  ['a sector that wraps', { operation: read, sector: -1n, segments: [[8, 0, 0]] }],
  ['a page that is not granted', { operation: read, segments: [[400, 0, 7]] }],
  ['a page behind the table', { operation: read, segments: [[0xffff_ffff, 0, 7]] }],
  ['a discard behind the last', { operation: discard, sector: 2000, segments: [[49, 0, 0]] }],
];
test('refuses requests that make no sense, and goes on', () => {
  const { end, reference } = start();
  for (const [what, request] of refused) {
    expect(end.ask(request), what).toBe(-1);
    expect(end.ask({ operation: read, segments: [[reference, 0, 7]] })).toBe(0);
  }
});

test('a disk of mode r is not written', () => {
  const { end, reference } = start({ mode: 'r' });
  expect(end.node('info')).toBe('4');
  expect(end.ask({ operation: write, segments: [[reference, 0, 7]] })).toBe(-1);
  expect(end.ask({ operation: read, segments: [[reference, 0, 7]] })).toBe(0);
});

test('a page that the guest only lets read is not written', () => {
  const { end, page } = start();
  const reference = end.guest.grant(page.frame, true);
  expect(end.ask({ operation: read, segments: [[reference, 0, 7]] })).toBe(-1);
  expect(end.ask({ operation: write, segments: [[reference, 0, 7]] })).toBe(0);
});

test.each<[string, BlockOptions, string]>([
  ['a protocol that does not exist', { protocol: 'vax-abi' }, 'unknown fe protocol vax-abi'],
  [
    'too many queues',
    { front: { 'multi-queue-num-queues': 9 } },
    'guest requested 9 queues, exceeding the maximum of 1.',
  ],
  ['a ring that is too large', { front: { 'ring-page-order': 5 } }, 'request 5 ring page order exceed max:4'],
  [
    'a ring without its pages',
    { front: { 'ring-page-order': 1 } },
    'reading /local/domain/1/device/vbd/51712/ring-ref0',
  ],
  ['no port', { front: { 'event-channel': 'none' } }, 'reading /local/domain/1/device/vbd/51712/event-channel'],
  ['a port that is not there', { front: { 'event-channel': 99 } }, 'mapping ring-ref port 99'],
])('%s: it is not connected', (_, options, message) => {
  const { bench, end } = start(options);
  expect(end.node('state')).toBe('5');
  expect(bench.script('dmesg').printed).toContain(message);
});

test('a guest whose index runs away is disconnected, and another goes on', () => {
  const { bench, end, reference } = start();
  const other = new TestFrontEnd(bench, 'h');
  const page = other.guest.page();
  end.header(0, 0x7fff_0000);
  end.guest.notify(end.port);
  bench.run(5);
  expect(end.node('state')).toBe('5');
  expect(bench.script('dmesg').printed).toContain(
    'vbd vbd-1-51712: 13 Frontend provided bogus ring requests (2147418112 - 0 = 2147418112). Halting ring processing',
  );
  expect(end.guest.flagsOf(reference)).toBe(1);
  expect(other.ask({ operation: read, segments: [[other.guest.grant(page.frame), 0, 7]] })).toBe(0);
});

test('a guest that dies with requests in flight leaves nothing behind', () => {
  const { bench, end, reference } = start({ front: { 'feature-persistent': 1 } });
  const free = bench.xen.heap.freePages;
  for (let i = 0; i < 30; i++) end.put({ operation: write, sector: i, segments: [[reference, 0, 0]] });
  end.send(0.2);
  expect(bench.script('xl destroy g').code).toBe(0);
  bench.run(5);
  expect(bench.xen.domains.size).toBe(1);
  expect(bench.xen.heap.freePages).toBeGreaterThan(free + 4000);
  expect(bench.xen.domains.get(0)?.grants.mappings.size).toBe(0);
});

test('a disk keeps its size while its image grows, as behind a loop device; what the image has lost cannot be read', () => {
  const { bench, end, reference } = start();
  const readAt = (sector: number) => end.ask({ operation: read, sector, segments: [[reference, 0, 7]] });
  bench.script('truncate -s 2M /disk.img');
  expect([readAt(2040), readAt(2048), end.node('sectors')]).toEqual([0, -1, '2048']);
  end.reattach();
  expect([readAt(2048), end.node('sectors')]).toEqual([0, '4096']);
  bench.script('truncate -s 512K /disk.img');
  expect([readAt(1016), readAt(1024), readAt(2048), readAt(0)]).toEqual([0, -1, -1, 0]);
});
