import { expect, test } from 'vitest';
import { ok } from '../../base/result.ts';
import type { Input } from '../api/input.ts';
import { Gate } from './gate.ts';

const keys = (text: string): Input => ({ kind: 'keys', console: 'serial', bytes: new TextEncoder().encode(text) });

/** A machine that takes so many bytes at a time. */
function gated(room = 3, recording: ConstructorParameters<typeof Gate>[1] = null) {
  const machine: string[] = [];
  const log: string[] = [];
  const gate = new Gate(
    {
      enter(input) {
        if (input.kind !== 'keys') return ok(0);
        const taken = input.bytes.subarray(0, room);
        machine.push(new TextDecoder().decode(taken));
        return ok(taken.length);
      },
      log: (text) => log.push(text),
    },
    recording,
  );
  return { gate, machine, log };
}

test('records what was taken, with the number of slices that have ended', () => {
  const { gate, machine } = gated();
  expect(gate.enter(keys('abcd'))).toEqual(ok(3));
  gate.sliceEnded(false);
  gate.enter(keys('d'));
  gate.enter({ kind: 'button', pressed: true });
  expect(machine).toEqual(['abc', 'd']);
  expect(gate.entered).toEqual([
    { slice: 0, input: keys('abc') },
    { slice: 1, input: keys('d') },
    { slice: 1, input: { kind: 'button', pressed: true } },
  ]);
});

test('what found no room has not entered', () => {
  const { gate } = gated(0);
  expect(gate.enter(keys('a'))).toEqual(ok(0));
  expect(gate.entered).toEqual([]);
});

test('inside a slice inputs wait for its end; what finds no room then is lost, and the log says so', () => {
  const { gate, machine, log } = gated();
  gate.sliceInterrupted();
  expect(gate.enter(keys('abcde'))).toEqual(ok(5));
  expect(machine).toEqual([]);
  gate.sliceEnded(false);
  expect(gate.entered).toEqual([{ slice: 1, input: keys('abc') }]);
  expect(log).toEqual(['serial had no room for 2 bytes typed']);
});

test('a slice in which nothing can happen counts once until something enters', () => {
  const { gate } = gated();
  const slices = (): number => {
    gate.sliceEnded(true);
    return gate.slices;
  };
  expect([slices(), slices(), slices()]).toEqual([1, 1, 1]);
  gate.enter(keys('a'));
  expect([slices(), slices()]).toEqual([2, 2]);
});

test('a recording enters at its slices, and nothing else does until its end', () => {
  const inputs = [
    { slice: 0, input: keys('a') },
    { slice: 1, input: keys('b') },
    { slice: 1, input: keys('c') },
  ];
  const { gate, machine } = gated(3, { inputs, slices: 2 });
  gate.replay();
  expect(machine).toEqual(['a']);
  expect(gate.enter(keys('x')).ok).toBe(false);
  gate.sliceEnded(false);
  expect(machine).toEqual(['a', 'b', 'c']);
  gate.sliceEnded(false);
  expect(gate.replays).toBe(false);
  expect(gate.enter(keys('x'))).toEqual(ok(1));
  expect(gate.entered).toEqual([...inputs, { slice: 2, input: keys('x') }]);
});

test('a machine that has ended takes nothing, and its last slice counts', () => {
  const { gate, machine } = gated();
  gate.sliceInterrupted();
  gate.enter(keys('a'));
  gate.machineEnded();
  expect(machine).toEqual([]);
  expect(gate.slices).toBe(1);
});
