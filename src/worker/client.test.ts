import { describe, expect, test, vi } from 'vitest';
import { defaultMachine } from '../session/api/boot.ts';
import { noUserFiles } from '../session/api/files.ts';
import { type Crash, MachineClient, Refused, WorkerLost, type WorkerPort } from './client.ts';
import { callSchema, type FromWorker, protocolVersion } from './protocol.ts';

/** The other end of a worker, in the test's hands. */
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
    // The overloads keep each kind of listener to its kind of event.
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

test('answers find their requests by id, in any order', async () => {
  const { client, thread } = connect();
  const first = client.input(Uint8Array.of(1));
  const second = client.input(Uint8Array.of(2, 3));
  thread().say({ kind: 'reply', id: 1, value: 2 });
  thread().say({ kind: 'reply', id: 0, value: 1 });
  expect([await first, await second]).toEqual([1, 2]);
});

test('every request fits the schema that the worker checks', () => {
  const { client, thread } = connect();
  void client.boot({ kernel: { name: 'k', bytes: Uint8Array.of(1) }, machine: defaultMachine });
  void client.run();
  void client.pause();
  void client.reset();
  void client.step(0, 3);
  void client.setPace('unlimited');
  void client.input(Uint8Array.of(1), 'serial1');
  void client.status();
  void client.console(5);
  void client.log(0);
  void client.registers(3);
  void client.stepOver(1);
  void client.stepOut(1);
  void client.setStopPoints([
    { kind: 'breakpoint', id: 1, address: 2n ** 64n - 4n, el: null },
    { kind: 'watchpoint', id: 2, address: 0n, length: 8, access: 'any' },
  ]);
  void client.systemRegisters(0);
  void client.memory({ core: 0, space: 'ipa', el: 1, address: 0n, length: 2 ** 20 });
  void client.translation({ core: 0, el: null, address: 0n, access: 'execute' });
  void client.backtrace(0);
  void client.startXen({
    machine: defaultMachine,
    commandLine: 'dom0_mem=512M',
    costs: true,
    seed: 1,
    guests: [{ path: '/guests/a.img', bytes: Uint8Array.of(1) }],
    user: noUserFiles,
    startsDomains: true,
    script: null,
    interactive: true,
  });
  const period = { from: 0, to: 1e9, buckets: 100 };
  void client.domains();
  void client.utilisation(period);
  void client.utilisationCsv(period);
  void client.input(Uint8Array.of(1), '12/vuart');
  void client.listFiles('/');
  void client.fileChanges(0);
  void client.readFile('/a');
  void client.writeFile('/a', Uint8Array.of(1));
  void client.renameFile('/a', '/b');
  void client.removeFile('/b');
  void client.makeDirectory('/c');
  void client.userFiles();
  const calls = thread().received.map((message) => callSchema.parse(message));
  expect(calls.map((call) => call.id)).toEqual([...calls.keys()]);
  expect(calls.map((call) => call.request.kind)).toEqual([
    ...'boot run pause reset step pace input status console log registers'.split(' '),
    ...'stepOver stepOut setStopPoints systemRegisters memory translation backtrace'.split(' '),
    ...'startXen domains utilisation utilisationCsv input'.split(' '),
    ...'listFiles fileChanges readFile writeFile renameFile removeFile makeDirectory userFiles'.split(' '),
  ]);
});

test('a kernel is moved as a copy: the page keeps its own', () => {
  const { client, thread } = connect();
  const bytes = Uint8Array.of(1, 2, 3);
  void client.boot({ kernel: { name: 'k', bytes }, machine: defaultMachine });
  expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
  expect(thread().transferred).toHaveLength(1);
});

test('a refusal rejects its request with the sentence for the user', async () => {
  const { client, thread } = connect();
  const run = client.run();
  thread().say({ kind: 'refused', id: 0, error: 'There is no machine to run.' });
  await expect(run).rejects.toThrow(new Refused('There is no machine to run.'));
});

describe('a crash', () => {
  test('rejects what waits and what comes, and tells the stack once', async () => {
    const { client, thread } = connect();
    const heard: Crash[] = [];
    client.onCrash((crash) => heard.push(crash));
    const waiting = client.status();
    thread().say({ kind: 'crash', message: 'broken', stack: 'at core' });
    thread().say({ kind: 'crash', message: 'again', stack: '' });
    await expect(waiting).rejects.toThrow(WorkerLost);
    await expect(client.status()).rejects.toThrow(WorkerLost);
    expect(heard).toEqual([{ message: 'broken', stack: 'at core' }]);
    expect(client.crash?.stack).toBe('at core');
  });

  test('is over after a restart with a new worker', async () => {
    const { client, thread } = connect();
    thread().say({ kind: 'crash', message: 'broken', stack: '' });
    client.restart();
    expect(thread(0).terminated).toBe(true);
    expect(client.crash).toBeNull();
    const taken = client.input(Uint8Array.of(1));
    thread(0).say({ kind: 'reply', id: 0, value: 99 });
    thread(1).say({ kind: 'reply', id: 0, value: 1 });
    expect(await taken).toBe(1);
  });

  test('is also a worker that speaks another version', () => {
    const { client, thread } = connect();
    thread().say({ kind: 'hello', version: protocolVersion + 1 });
    expect(client.crash?.message).toMatch(/reload the page/);
  });
});

test('a restart rejects what waits', async () => {
  const { client } = connect();
  const waiting = client.run();
  client.restart();
  await expect(waiting).rejects.toThrow(WorkerLost);
});

test('listeners hear changes until they are taken away', () => {
  const { client, thread } = connect();
  const listener = vi.fn();
  const remove = client.onChange(listener);
  thread().say({ kind: 'changed' });
  remove();
  thread().say({ kind: 'changed' });
  expect(listener).toHaveBeenCalledTimes(1);
});

test.each([
  {},
  { id: 0 },
  { id: -1, request: { kind: 'run' } },
  { id: 0, request: { kind: 'fly' } },
  { id: 0, request: { kind: 'step', core: 0, instructions: 0 } },
  { id: 0, request: { kind: 'input', console: 'printer', bytes: new Uint8Array() } },
  { id: 0, request: { kind: 'input', console: 'serial', bytes: 'text' } },
  { id: 0, request: { kind: 'input', console: '1/tty', bytes: new Uint8Array() } },
  { id: 0, request: { kind: 'readFile', path: 'relative' } },
  { id: 0, request: { kind: 'utilisation', from: 0, to: 1, buckets: 0 } },
  { id: 0, request: { kind: 'console', console: 'serial', from: 1.5, budget: 1 } },
  {
    id: 0,
    request: {
      kind: 'boot',
      kernel: { name: 'k', bytes: new Uint8Array() },
      machine: { cpus: 9, memoryMiB: 1, el: 2 },
    },
  },
])('%j is no request', (message) => {
  expect(() => callSchema.parse(message)).toThrow();
});
