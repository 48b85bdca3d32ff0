import { expect, test } from 'vitest';
import { Keeping } from './keeping.ts';

const quota = () => Promise.reject(new DOMException('', 'QuotaExceededError'));
const blocked = () => Promise.reject(new DOMException('', 'SecurityError'));
const written = () => Promise.resolve();

test('what is being written is not kept yet', async () => {
  const keeping = new Keeping();
  let finish = () => {};
  const done = keeping.write('a', () => new Promise((resolve) => (finish = resolve)));
  expect(keeping.store.getState()).toMatchObject({ writing: ['a'], unkept: [] });
  expect(keeping.isAtRisk).toBe(true);
  finish();
  await done;
  expect(keeping.store.getState()).toMatchObject({ writing: [], unkept: [], fault: null });
  expect(keeping.isAtRisk).toBe(false);
});

test('what the browser refuses is in the page alone until it can be written', async () => {
  const keeping = new Keeping();
  let room = false;
  await keeping.write('a', () => (room ? written() : quota()));
  await keeping.write('b', written);
  expect(keeping.store.getState()).toMatchObject({ fault: 'full', unkept: ['a'] });
  keeping.dismiss();
  await keeping.write('c', quota);
  expect(keeping.store.getState()).toMatchObject({ fault: 'full', isDismissed: false, unkept: ['a', 'c'] });
  keeping.forget('c');
  room = true;
  await keeping.retry();
  expect(keeping.store.getState()).toMatchObject({ fault: null, unkept: [] });
});

test('storage that cannot be read is said at once, and cannot lose what nobody has made', async () => {
  const keeping = new Keeping();
  expect(await keeping.read(blocked, [])).toEqual([]);
  expect(keeping.store.getState()).toMatchObject({ fault: 'blocked', unkept: [] });
  expect(keeping.isAtRisk).toBe(false);
  await keeping.write('a', written);
  expect(keeping.store.getState().fault).toBeNull();
});

test('what the browser has removed can be kept again', async () => {
  const keeping = new Keeping();
  const again: string[] = [];
  keeping.lost(['a', 'b'], async (name) => void again.push(name));
  expect(keeping.store.getState()).toMatchObject({ fault: 'removed', unkept: ['a', 'b'] });
  await keeping.retry();
  expect(again).toEqual(['a', 'b']);
  expect(keeping.store.getState()).toMatchObject({ fault: null, unkept: [] });
});
