import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EventKind, eventKinds, eventNames, fieldOf, ProbeKind } from './kinds.ts';
import { noCore, noDomain, Probe, type ProbeEvent, packVcpu } from './probe.ts';

describe('the table of kinds', () => {
  test.each(eventNames)('the fields of %s lie in its words and do not overlap', (name) => {
    const { fields }: EventKind = eventKinds[name];
    const used = { a: 0n, b: 0n };
    for (const { word, shift, width } of fields) {
      expect(width).toBeGreaterThan(0);
      expect(shift + width).toBeLessThanOrEqual(word === 'a' ? 32 : 64);
      const bits = ((1n << BigInt(width)) - 1n) << BigInt(shift);
      expect(used[word] & bits).toBe(0n);
      used[word] |= bits;
    }
    expect(new Set(fields.map((field) => field.name)).size).toBe(fields.length);
  });

  test('kinds fit a byte and are numbered in their order', () => {
    expect(eventNames.map((name) => ProbeKind[name])).toEqual(eventNames.map((_, number) => number));
    expect(eventNames.length).toBeLessThan(256);
  });

  test('a field is its bits, also across the halves of b and of words that are negative', () => {
    const word = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(word, word, word, fc.nat(63), fc.integer({ min: 1, max: 64 }), (a, low, high, shift, width) => {
        const whole = BigInt.asUintN(64, (BigInt(high) << 32n) | BigInt.asUintN(32, BigInt(low)));
        const name = 'field';
        const mask = (1n << BigInt(width)) - 1n;
        expect(fieldOf({ name, word: 'b', shift, width, format: 'hex' }, a, low, high)).toBe(
          (whole >> BigInt(shift)) & mask,
        );
        expect(fieldOf({ name, word: 'a', shift, width, format: 'hex' }, a, low, high)).toBe(
          (BigInt.asUintN(32, BigInt(a)) >> BigInt(shift)) & mask,
        );
      }),
    );
  });
});

describe('a probe', () => {
  const bench = () => {
    const recorded: number[][] = [];
    const place = { time: 7, core: 2 };
    const probe = new Probe({ now: () => place.time, core: () => place.core });
    return { recorded, place, probe, sink: { record: (event: ProbeEvent) => recorded.push(Object.values(event)) } };
  };

  test('records what it is told to, with time, core and vCPU', () => {
    const { recorded, place, probe, sink } = bench();
    probe.emit(ProbeKind.yield, 1);
    expect(probe.records(ProbeKind.yield)).toBe(false);
    probe.record([ProbeKind.yield, ProbeKind.wake], sink);
    probe.emit(ProbeKind.yield, 1, 2, 3);
    probe.emit(ProbeKind.block, 1);
    probe.setContext(2, 5, 1);
    probe.emitLong(ProbeKind.wake, 4, 0x1234_5678_9abc_def0n);
    place.core = noCore;
    probe.emit(ProbeKind.wake);
    place.time = 8;
    probe.emitFor(packVcpu(6, 3), ProbeKind.yield, packVcpu(5, 1));
    expect(recorded).toEqual([
      [7, 2, noDomain, 0, ProbeKind.yield, 1, 2, 3],
      [7, 2, 5, 1, ProbeKind.wake, 4, 0x9abc_def0, 0x1234_5678],
      [7, noCore, noDomain, 0, ProbeKind.wake, 0, 0, 0],
      [8, noCore, 6, 3, ProbeKind.yield, 0x5_0001, 0, 0],
    ]);
    probe.record([], sink);
    probe.emit(ProbeKind.yield);
    probe.emitLong(ProbeKind.wake, 0, 0n);
    probe.emitFor(packVcpu(6, 3), ProbeKind.yield);
    expect(recorded).toHaveLength(4);
  });

  test('says whether it has to see exceptions', () => {
    const { probe, sink } = bench();
    probe.record([ProbeKind.deviceRead], sink);
    expect(probe.recordsExceptions(false)).toBe(false);
    for (const kind of [ProbeKind.returnFromEl1, ProbeKind.stage2Fault]) {
      probe.record([kind], sink);
      expect(probe.recordsExceptions(false)).toBe(true);
      const isSeenAnyway = kind === ProbeKind.exceptionToEl2 || kind === ProbeKind.returnFromEl2;
      expect(probe.recordsExceptions(true)).toBe(!isSeenAnyway);
    }
  });
});
