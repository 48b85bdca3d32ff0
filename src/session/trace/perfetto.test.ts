import { describe, expect, test } from 'vitest';
import { ProbeKind } from '../../base/probe/kinds.ts';
import { packVcpu } from '../../base/probe/probe.ts';
import { perfettoTrace, traceCsv } from './perfetto.ts';
import { ProtoWriter } from './proto-writer.ts';
import { ScheduleTrace } from './schedule-trace.ts';

type Message = Map<number, (bigint | Uint8Array)[]>;

/** Reads a message of Protocol Buffers: fields by their numbers. */
function decode(bytes: Uint8Array): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    let value: bigint | Uint8Array;
    if ((key & 7) === 0) value = varint();
    else if ((key & 7) === 1) {
      value = new DataView(bytes.buffer, bytes.byteOffset + at, 8).getBigUint64(0, true);
      at += 8;
    } else {
      const length = Number(varint());
      value = bytes.subarray(at, at + length);
      at += length;
    }
    message.set(key >>> 3, [...(message.get(key >>> 3) ?? []), value]);
  }
  return message;
}

const part = (message: Message | undefined, field: number): Message | undefined => {
  const value = message?.get(field)?.[0];
  return value instanceof Uint8Array ? decode(value) : undefined;
};
const number = (message: Message | undefined, field: number): number | undefined => {
  const value = message?.get(field)?.[0];
  return typeof value === 'bigint' ? Number(BigInt.asIntN(64, value)) : undefined;
};
const text = (message: Message | undefined, field: number): string | undefined => {
  const value = message?.get(field)?.[0];
  return value instanceof Uint8Array ? new TextDecoder().decode(value) : undefined;
};

/** Two vCPUs on one pCPU: the first waits for the second. */
function smallTrace(): ScheduleTrace {
  const trace = new ScheduleTrace({
    cores: 1,
    shows: 'vcpus',
    now: 0,
    running: [null],
    levelOf: () => 1,
    limit: 2 ** 20,
    hypercallOf: null,
  });
  const [a, b, idle] = [packVcpu(1, 0), packVcpu(2, 0), packVcpu(0x7fff, 0)];
  const event = (us: number, vcpu: number, kind: number, word = 0, low = 0): void =>
    trace.record({ time: us * 1200, core: 0, domain: vcpu >>> 16, vcpu: vcpu & 0xffff, kind, a: word, low, high: 0 });
  event(10, b, ProbeKind.switch, idle);
  event(20, a, ProbeKind.wake, 0);
  event(20, a, ProbeKind.credit, -50, -100);
  event(30, a, ProbeKind.switch, b, 1);
  event(35, a, ProbeKind.hypercall, 29);
  event(40, b, ProbeKind.switch, a, 2);
  return trace;
}

const names = { vcpu: (id: number) => `dom${id >>> 16} v${id & 0xffff}`, domain: (id: number) => `dom${id}` };

describe('the trace for Perfetto', () => {
  // Fields by protos/perfetto/trace: trace.proto, trace_packet.proto, track_descriptor.proto, track_event.proto.
  const file = decode(perfettoTrace(smallTrace(), 0, 1e9, 50_000, names));
  const packets = (file.get(1) ?? []).flatMap((packet) => (packet instanceof Uint8Array ? [decode(packet)] : []));
  const tracks = packets.flatMap((packet) => part(packet, 60) ?? []);
  const nameOf = (uuid: number | undefined): string | undefined =>
    text(
      tracks.find((track) => number(track, 1) === uuid),
      2,
    );
  const events = packets.flatMap((packet) => {
    const event = part(packet, 11);
    if (!event) return [];
    return [
      {
        time: number(packet, 8),
        type: number(event, 9),
        track: nameOf(number(event, 11)),
        name: text(event, 23),
        event,
      },
    ];
  });

  test('has tracks with parents, and one sequence that begins cleared', () => {
    expect(tracks.map((track) => text(track, 2))).toEqual([
      'pCPUs',
      'vCPUs',
      'dom2 v0',
      'dom1 v0',
      'pCPU0',
      'Xen on pCPU0',
      'dom2 v0 waits',
      'dom1 v0 waits',
      'credit of dom1 v0',
    ]);
    expect(nameOf(number(tracks[4], 5))).toBe('pCPUs');
    expect(part(tracks.at(-1), 8)).toBeDefined();
    expect(packets.map((packet) => number(packet, 10))).toEqual(packets.map(() => 1));
    expect(number(packets[0], 13)).toBe(1);
  });

  test('has slices with their ends, moments, and counters that may be negative', () => {
    const onCore = events.filter(({ track }) => track === 'pCPU0');
    expect(onCore.map(({ time, type, name }) => [time, type, name])).toEqual([
      [10_000, 1, 'dom2 v0'],
      [30_000, 2, undefined],
      [30_000, 1, 'dom1 v0'],
      [40_000, 2, undefined],
      [40_000, 1, 'dom2 v0'],
      [50_000, 2, undefined],
    ]);
    const waits = events.filter(({ track, name }) => track === 'dom1 v0 waits' && name === 'waits');
    expect(waits.map(({ time }) => time)).toEqual([20_000]);
    expect(number(part(waits[0]?.event, 4), 3)).toBe(0);
    expect(events.find(({ name }) => name === 'sched_op')).toMatchObject({
      time: 35_000,
      type: 3,
      track: 'Xen on pCPU0',
    });
    const counted = events.filter(({ type }) => type === 4);
    expect(counted.map(({ event }) => number(event, 30))).toEqual([50, -50]);
  });

  test('connects a slice of a vCPU with that of its pCPU', () => {
    const flows = events.flatMap(({ event, track }) => (number(event, 47) === 1 ? [track] : []));
    expect(flows).toEqual(['dom2 v0', 'pCPU0']);
  });
});

test('numbers and texts of any length are written as Protocol Buffers has them', () => {
  const writer = new ProtoWriter();
  writer.uint(1, 2 ** 52 + 1);
  writer.int(2, -1);
  writer.text(3, 'é'.repeat(3000));
  writer.message(4, (inner) => inner.message(5, (most) => most.uint(6, 300)));
  const message = decode(writer.bytes());
  expect(number(message, 1)).toBe(2 ** 52 + 1);
  expect(number(message, 2)).toBe(-1);
  expect(text(message, 3)).toBe('é'.repeat(3000));
  expect(number(part(part(message, 4), 5), 6)).toBe(300);
});

test('the table has a row for each slice and moment, and keeps strange names apart', () => {
  const strange = { ...names, vcpu: (id: number) => `a,"${id >>> 16}"` };
  const rows = traceCsv(smallTrace(), 0, 1e9, 50_000, strange).split('\n');
  expect(rows).toContain('pCPU0,run,10000,20000,"a,""2"""');
  expect(rows).toContain('"a,""1""",wait,20000,10000,pCPU0');
  expect(rows).toContain('pCPU0,hypercall,35000,0,sched_op');
});
