import { expect, test } from 'vitest';
import { cycles } from '../../base/units.ts';
import type { Trace, TraceEvent } from './trace.ts';
import { clockHz, ZynqMp } from './zynqmp.ts';

const calls = 5000;
/** Calls the supervisor `calls` times from EL1 itself, with vectors that return, prints a letter and turns the board off. */
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

function run(trace?: Trace) {
  const board = new ZynqMp({
    cores: 1,
    dramSize: 1 << 20,
    el: 1,
    log: () => {},
    transmit: () => {},
    end: () => {},
    ...(trace && { trace }),
  });
  const bytes = new Uint8Array(base + 0x204 - 0x8_0000);
  const view = new DataView(bytes.buffer);
  for (const [i, word] of program.entries()) view.setUint32(4 * i, word, true);
  view.setUint32(base + 0x200 - 0x8_0000, eret, true);
  const segment = { address: 0x8_0000n, bytes, memorySize: BigInt(bytes.length) };
  board.start({ format: 'Image', segments: [segment], entry: 0x8_0000n });
  expect(board.cluster.run(cycles(clockHz / 100)).reason).toBe('stopped');
  return { hash: board.cluster.hash(), counts: board.cluster.counts() };
}

test('exceptions are counted, in generated code too', () => {
  expect(run().counts.exceptions).toEqual({ svc: calls });
});

test('a trace has every event with its time, and the run is the same with it', () => {
  const events: TraceEvent[] = [];
  const traced = run((event) => events.push(event));
  expect(traced).toEqual(run());
  const of = (kind: TraceEvent['kind']) => events.filter((event) => event.kind === kind);
  expect(of('exception')).toHaveLength(calls);
  expect(of('exception')[0]).toEqual({
    time: 4,
    core: 0,
    kind: 'exception',
    text: 'svc EL1>EL1 elr=0x80014 esr=0x56000001',
  });
  expect(of('write').map(({ text }) => text)).toEqual(['uart0+0x30/4 = 0x41']);
  expect(of('firmware').map(({ text }) => text)).toEqual(['x0=0x84000008 x1=0x0 returns 0x84000008']);
  const times = events.map(({ time }) => time);
  expect(times).toEqual([...times].sort((a, b) => a - b));
});
