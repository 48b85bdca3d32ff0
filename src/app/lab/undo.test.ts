import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Deed, Undo } from './undo.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A page whose deeds write down what becomes of them. */
function setUp() {
  const undo = new Undo();
  const log: string[] = [];
  const offer = (name: string, more: Partial<Deed> = {}) =>
    undo.offer({
      text: () => name,
      undo: async () => void log.push(`undo ${name}`),
      lapse: () => log.push(`lapse ${name}`),
      ...more,
    });
  return { undo, log, offer };
}

test('the last deed is taken back first', async () => {
  const { undo, log, offer } = setUp();
  offer('a');
  offer('b');
  await undo.undo();
  await undo.undo();
  await undo.undo();
  expect(log).toEqual(['undo b', 'undo a']);
  expect(undo.last).toBeUndefined();
});

test('what was kept for a deed goes two minutes after the last one', () => {
  const { undo, log, offer } = setUp();
  offer('a');
  vi.advanceTimersByTime(100_000);
  offer('b');
  vi.advanceTimersByTime(100_000);
  expect(log).toEqual([]);
  vi.advanceTimersByTime(20_000);
  expect(log).toEqual(['lapse a', 'lapse b']);
  expect(undo.last).toBeUndefined();
});

test('one machine waits at a time', async () => {
  const { undo, log, offer } = setUp();
  offer('first', { isMachine: true });
  offer('file');
  offer('second', { isMachine: true });
  expect(log).toEqual(['lapse first']);
  await undo.undo();
  await undo.undo();
  expect(log).toEqual(['lapse first', 'undo second', 'undo file']);
});
