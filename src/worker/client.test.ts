import { describe, expect, test, vi } from 'vitest';
import { defaultMachine } from '../session/api/boot.ts';
import { type Crash, MachineClient, Refused, WorkerLost, type WorkerPort } from './client.ts';
import { parseCall } from './endpoints/index.ts';
import { type FromWorker, protocolVersion } from './protocol.ts';

/** The worker's end of the connection, which the test plays. */
class Thread implements WorkerPort {
  readonly #events = new EventTarget();
  readonly received: unknown[] = [];
  readonly transferred: Transferable[] = [];
  terminated = false;
  postMessage(message: unknown, transfer: Transferable[]): void {
    this.received.push(structuredClone(message, { transfer }));
    this.transferred.push(...transfer);
  }
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
  addEventListener(type: string, listener: (event: MessageEvent & ErrorEvent) => void): void {
    // The overloads pair each kind of listener with its event.
    this.#events.addEventListener(type, listener as EventListener);
  }
  terminate(): void {
    this.terminated = true;
  }
  say(message: FromWorker): void {
    this.#events.dispatchEvent(new MessageEvent('message', { data: message }));
  }
}

function connect() {
  const threads: Thread[] = [];
  const client = new MachineClient(() => {
    const thread = new Thread();
    threads.push(thread);
    return thread;
  });
  const thread = (index = 0): Thread => {
    const found = threads[index];
    if (!found) throw new Error(`no worker ${index} was started`);
    return found;
  };
  thread().say({ kind: 'hello', version: protocolVersion });
  return { client, thread };
}

test('replies are matched to requests by id, in any order', async () => {
  const { client, thread } = connect();
  const first = client.ask('input', { console: 'serial', bytes: Uint8Array.of(1) });
  const second = client.ask('input', { console: 'serial', bytes: Uint8Array.of(2, 3) });
  thread().say({ kind: 'reply', id: 1, reply: 2 });
  thread().say({ kind: 'reply', id: 0, reply: 1 });
  expect([await first, await second]).toEqual([1, 2]);
});

test('a request fits the worker’s schema of its kind', () => {
  const { client, thread } = connect();
  void client.ask('run');
  void client.boot({ kernel: { name: 'k', bytes: Uint8Array.of(1) }, machine: defaultMachine });
  void client.ask('setStopPoints', {
    points: [
      { kind: 'breakpoint', id: 1, address: 2n ** 64n - 4n, el: null },
      { kind: 'watchpoint', id: 2, address: 0n, length: 8, access: 'any' },
    ],
  });
  void client.ask('memory', { core: 0, space: 'ipa', el: 1, address: 0n, length: 2 ** 20 });
  void client.ask('input', { console: '12/vuart', bytes: Uint8Array.of(1) });
  void client.ask('renameFile', { path: '/a', to: '/b' });
  const calls = thread().received.map((message) => parseCall(message));
  expect(calls.map(({ id }) => id)).toEqual([...calls.keys()]);
  expect(calls.map(({ kind }) => kind)).toEqual('run boot setStopPoints memory input renameFile'.split(' '));
  for (const { endpoint, request } of calls) expect(endpoint.parse(request)).toEqual(request);
});

test('a copy of the kernel is transferred: the page keeps its own', () => {
  const { client, thread } = connect();
  const bytes = Uint8Array.of(1, 2, 3);
  void client.boot({ kernel: { name: 'k', bytes }, machine: defaultMachine });
  expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
  expect(thread().transferred).toHaveLength(1);
});

test('a refusal rejects its request with the sentence for the user', async () => {
  const { client, thread } = connect();
  const run = client.ask('run');
  thread().say({ kind: 'refused', id: 0, error: 'There is no machine to run.' });
  await expect(run).rejects.toThrow(new Refused('There is no machine to run.'));
});

describe('a crash', () => {
  test('rejects waiting and later requests, and reports the stack once', async () => {
    const { client, thread } = connect();
    const heard: Crash[] = [];
    client.onCrash((crash) => heard.push(crash));
    const waiting = client.ask('status');
    thread().say({ kind: 'crash', message: 'broken', stack: 'at core' });
    thread().say({ kind: 'crash', message: 'again', stack: '' });
    await expect(waiting).rejects.toThrow(WorkerLost);
    await expect(client.ask('status')).rejects.toThrow(WorkerLost);
    expect(heard).toEqual([{ message: 'broken', stack: 'at core' }]);
    expect(client.crash?.stack).toBe('at core');
  });

  test('ends with a restart, which starts a new worker', async () => {
    const { client, thread } = connect();
    thread().say({ kind: 'crash', message: 'broken', stack: '' });
    client.restart();
    expect(thread(0).terminated).toBe(true);
    expect(client.crash).toBeNull();
    const taken = client.ask('input', { console: 'serial', bytes: Uint8Array.of(1) });
    thread(0).say({ kind: 'reply', id: 0, reply: 99 });
    thread(1).say({ kind: 'reply', id: 0, reply: 1 });
    expect(await taken).toBe(1);
  });

  test('is reported for a worker of another version', () => {
    const { client, thread } = connect();
    thread().say({ kind: 'hello', version: protocolVersion + 1 });
    expect(client.crash?.message).toMatch(/reload the page/);
  });
});

test('a restart rejects waiting requests', async () => {
  const { client } = connect();
  const waiting = client.ask('run');
  client.restart();
  await expect(waiting).rejects.toThrow(WorkerLost);
});

test('listeners hear of changes until they are removed', () => {
  const { client, thread } = connect();
  const listener = vi.fn();
  const remove = client.onChange(listener);
  thread().say({ kind: 'changed' });
  remove();
  thread().say({ kind: 'changed' });
  expect(listener).toHaveBeenCalledTimes(1);
});

test.each([{}, { id: 0 }, { id: -1, kind: 'run', request: {} }, { id: 0, kind: 'fly', request: {} }])(
  '%j is no call',
  (message) => {
    expect(() => parseCall(message)).toThrow();
  },
);

test.each([
  ['step', { core: 0, instructions: 0 }],
  ['input', { console: 'printer', bytes: new Uint8Array() }],
  ['input', { console: 'serial', bytes: 'text' }],
  ['input', { console: '1/tty', bytes: new Uint8Array() }],
  ['readFile', { path: 'relative' }],
  ['utilisation', { from: 0, to: 1, buckets: 0 }],
  ['record', { kinds: ['fly'], capacity: 1024 }],
  ['eventCounts', { from: 0, to: 1, kinds: null, cores: null, domains: [-1], buckets: 1 }],
  ['console', { console: 'serial', from: 1.5, budget: 1 }],
  ['boot', { kernel: { name: 'k', bytes: new Uint8Array() }, machine: { cpus: 9, memoryMiB: 1, el: 2 } }],
])('%s does not take %j', (kind, request) => {
  const { endpoint } = parseCall({ id: 0, kind, request });
  expect(() => endpoint.parse(request)).toThrow();
});
