import { expect, test } from 'vitest';
import { Log } from './log.ts';

test('entries keep their index when the oldest are dropped', () => {
  const log = new Log(3);
  for (let i = 0; i < 100; i++) log.add(i * 10, 'part', `text ${i}`);
  expect(log.end).toBe(100);
  expect(log.window(97, 2)).toEqual({
    entries: [
      { index: 97, virtualNs: 970, source: 'part', text: 'text 97' },
      { index: 98, virtualNs: 980, source: 'part', text: 'text 98' },
    ],
    end: 100,
  });
  const all = log.window(0, 1000).entries;
  expect(all.at(-1)?.index).toBe(99);
  expect(all.length).toBeGreaterThanOrEqual(3);
  expect(all.length).toBeLessThan(6);
  expect(log.window(100, 10).entries).toEqual([]);
});
