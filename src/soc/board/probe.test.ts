import { expect, test } from 'vitest';
import { eventNames, ProbeKind } from '../../base/probe/kinds.ts';
import { noDomain, type ProbeSink } from '../../base/probe/probe.ts';
import { cycles } from '../../base/units.ts';
import { clockHz, ZynqMp } from './zynqmp.ts';

const calls = 5000;
/**
 * Calls the supervisor `calls` times from EL1 itself, with vectors that return, prints a letter and turns the board
 * off.
 */
const program = [
  0xd2a00108, // mov  x8, #0x80000
  0xf2810008, // movk x8, #0x800
  0xd518c008, // msr  vbar_el1, x8
  0xd2800009 | (calls << 5), // mov  x9, #calls
  0xd4000021, // loop: svc  #1
  0xf1000529, // subs x9, x9, #1
  0x54ffffc1, // b.ne loop
  0xd2bfe00a, // mov  x10, #0xff000000
  0x5280082b, // mov  w11, #'A'
  0xb900314b, // str  w11, [x10, #0x30]
  0xd2b08000, // mov  x0, #0x84000000
  0xf2800100, // movk x0, #8            SYSTEM_OFF
  0xd4000003, // smc  #0
];
/** VBAR_EL1 lies on 2 KiB; the entry for the current level with SP_EL1 is 0x200 above it. */
const base = 0x8_0800;
const eret = 0xd69f03e0;

interface Event {
  readonly time: number;
  readonly core: number;
  readonly domain: number;
  readonly kind: number;
  readonly a: number;
  readonly low: number;
  readonly high: number;
}

/** What is recorded, and how the machine ends. */
function run(kinds: readonly number[]) {
  const events: Event[] = [];
  const sink: ProbeSink = {
    record: ({ time, core, domain, kind, a, low, high }) =>
      events.push({ time, core, domain, kind, a: a >>> 0, low: low >>> 0, high: high >>> 0 }),
  };
  const board = new ZynqMp({ cores: 1, dramSize: 1 << 20, el: 1, log: () => {}, transmit: () => {}, end: () => {} });
  board.record(kinds, sink);
  const bytes = new Uint8Array(base + 0x204 - 0x8_0000);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of program.entries()) view.setUint32(4 * i, word, true);
  view.setUint32(base + 0x200 - 0x8_0000, eret, true);
  const segment = { address: 0x8_0000n, bytes, memorySize: BigInt(bytes.length) };
  board.start({ format: 'Image', segments: [segment], entry: 0x8_0000n });
  expect(board.cluster.run(cycles(clockHz / 100)).reason).toBe('stopped');
  const states = JSON.stringify(board.deviceStates());
  return { events, end: { hash: board.cluster.hash(), counts: board.cluster.counts(), states } };
}

test('exceptions are counted, in generated code too', () => {
  const { events, end } = run([]);
  expect(end.counts.exceptions).toEqual({ svc: calls });
  expect(events).toEqual([]);
});

test('every event has its time, and the run is the same with the probe', () => {
  const { events, end } = run(eventNames.map((name) => ProbeKind[name]));
  expect(end).toEqual(run([]).end);
  const of = (kind: number) => events.filter((event) => event.kind === kind);
  expect(of(ProbeKind.exceptionToEl1)).toHaveLength(calls);
  expect(of(ProbeKind.exceptionToEl1)[0]).toEqual({
    time: 4,
    core: 0,
    domain: noDomain,
    kind: ProbeKind.exceptionToEl1,
    a: (0x15 << 25) | 1,
    low: 0x8_0014,
    high: 1 << 24,
  });
  expect(of(ProbeKind.returnFromEl1)).toHaveLength(calls);
  expect(of(ProbeKind.returnFromEl1)[0]).toMatchObject({ time: 5, low: 0x8_0014, high: 1 << 24 });
  expect(of(ProbeKind.deviceWrite).at(-1)).toMatchObject({ a: 0x41, low: 0xff00_0030, high: 4 << 16 });
  expect(of(ProbeKind.firmwareCall)).toMatchObject([{ a: 0x8400_0008, low: 0 }]);
  expect(of(ProbeKind.firmwareReturn)).toMatchObject([{ a: 0x8400_0008 }]);
  const times = events.map(({ time }) => time);
  expect(times).toEqual([...times].sort((x, y) => x - y));
});

test('only what is asked for is recorded', () => {
  const { events, end } = run([ProbeKind.firmwareCall]);
  expect(events.map(({ kind }) => kind)).toEqual([ProbeKind.firmwareCall]);
  expect(end).toEqual(run([]).end);
});
