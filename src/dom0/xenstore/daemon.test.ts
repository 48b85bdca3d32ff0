import { expect, test } from 'vitest';
import { silentProbe } from '../../base/probe/probe.ts';
import { nanoseconds } from '../../xen/time/time.ts';
import { XenstoreDaemon } from './daemon.ts';
import { XenStore } from './store.ts';
import { encodeMessage, headerSize, MessageType, terminated } from './wire.ts';

test('a request is served whose rest came after the daemon had looked, without a notification', () => {
  let now = 0;
  const store = new XenStore();
  const daemon = new XenstoreDaemon(store, silentProbe, () => nanoseconds(now));
  const page = new Uint8Array(4096);
  const indexes = new Uint32Array(page.buffer, 2048, 4);
  const request = encodeMessage({ type: MessageType.read, requestId: 1, transaction: 0, payload: terminated('/') });
  const put = (from: number, to: number): void => {
    page.set(request.subarray(from, to), from);
    indexes[1] = to;
  };
  daemon.introduce(1, page, () => {});
  const run = daemon.run();
  put(0, headerSize);
  expect(run.next().value).toEqual({ kind: 'signal', signal: expect.anything(), until: 100_000 });
  put(headerSize, request.length);
  now = 100_000;
  expect(run.next().value).toMatchObject({ kind: 'cpu' });
  expect(indexes[0]).toBe(request.length);
  expect(indexes[3]).toBeGreaterThan(headerSize);
  // Nothing more comes: after one more look it waits for a notification.
  expect(run.next().value).toMatchObject({ kind: 'signal', until: 200_000 });
  now = 200_000;
  expect(run.next().value).toEqual({ kind: 'signal', signal: expect.anything(), again: expect.any(Function) });
});
