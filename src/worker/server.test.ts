import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import type { ConsoleId } from '../session/api/console.ts';
import { Session } from '../session/session.ts';
import type { FromWorker, Replies, Request } from './protocol.ts';
import { protocolVersion, requestSchema } from './protocol.ts';
import { Server } from './server.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 60_000 });

const image = new Uint8Array(readFileSync(new URL('../../guests/build/hello.img', import.meta.url)));
const bootRequest = (bytes = image): Extract<Request, { kind: 'boot' }> => ({
  kind: 'boot',
  kernel: { name: 'hello.img', bytes },
  machine: { cpus: 1, memoryMiB: 16, el: 2 },
});

/** A server in a thread whose event loop the test turns. */
function serve() {
  const sent: FromWorker[] = [];
  let tasks: (() => void)[] = [];
  let wall = 0;
  let id = 0;
  const server = new Server(new Session(() => wall++), {
    send: (message, transfer) => sent.push(structuredClone(message, { transfer })),
    later: (_, callback) => tasks.push(callback),
  });
  const turn = () => {
    const due = tasks;
    tasks = [];
    for (const task of due) task();
  };
  const ask = <K extends Request['kind']>(request: Extract<Request, { kind: K }>): Replies[K] => {
    server.receive({ id: id++, request });
    const answer = sent.at(-1);
    if (answer?.kind !== 'reply' || answer.id !== id - 1) throw new Error(JSON.stringify(answer));
    return answer.value as Replies[K];
  };
  /** Turns until the console shows a text. */
  const until = (text: string): string => {
    for (let turns = 0; turns < 2000; turns++) {
      turn();
      const shown = new TextDecoder().decode(
        ask({ kind: 'console', console: 'serial', from: 0, budget: 10_000 }).bytes,
      );
      if (shown.includes(text)) return shown;
    }
    throw new Error(`the console never showed ${text}`);
  };
  return { server, sent, ask, turn, until, tasks: () => tasks.length };
}

test('greets with its version', () => {
  expect(serve().sent).toEqual([{ kind: 'hello', version: protocolVersion }]);
});

test('boots, runs, prints, takes a key, and powers off', () => {
  const { ask, until, turn, tasks } = serve();
  expect(ask(bootRequest())).toMatchObject({ format: 'Image', entry: 0x8_0000n });
  ask({ kind: 'run' });
  expect(until('q powers off.')).toContain('Hello from EL2.');
  expect(ask({ kind: 'input', console: 'serial', bytes: new TextEncoder().encode('q') })).toBe(1);
  until('Powering off.');
  turn();
  expect(ask({ kind: 'status' })).toMatchObject({ state: 'ended', end: 'power-off' });
  turn();
  expect(tasks()).toBe(0);
});

test('says that something changed once, until it is asked', () => {
  const { ask, turn, sent } = serve();
  const rings = () => sent.filter((message) => message.kind === 'changed').length;
  ask(bootRequest());
  ask({ kind: 'run' });
  for (let i = 0; i < 2; i++) turn();
  expect(rings()).toBe(1);
  ask({ kind: 'status' });
  for (let i = 0; i < 2; i++) turn();
  expect(rings()).toBe(2);
});

test('refuses what the user can put right', () => {
  const { server, sent } = serve();
  server.receive({ id: 7, request: bootRequest(new Uint8Array()) });
  expect(sent.at(-1)).toEqual({ kind: 'refused', id: 7, error: 'hello.img is empty.' });
  server.receive({ id: 8, request: { kind: 'run' } });
  expect(sent.at(-1)).toMatchObject({ kind: 'refused', id: 8 });
});

test('a message that is no request is a bug: the page gets the stack, and the server is silent from then on', () => {
  const { server, sent, turn } = serve();
  server.receive({ id: 0, request: { kind: 'fly' } });
  expect(sent.at(-1)).toMatchObject({ kind: 'crash', stack: expect.stringContaining('receive') });
  const length = sent.length;
  server.receive({ id: 1, request: { kind: 'status' } });
  turn();
  expect(sent).toHaveLength(length);
});

describe('Xen', () => {
  const guest = new Uint8Array(readFileSync(new URL('../../guests/build/xen/hello.img', import.meta.url)));
  const startXen: Extract<Request, { kind: 'startXen' }> = {
    kind: 'startXen',
    machine: { cpus: 2, memoryMiB: 256, el: 2 },
    commandLine: 'dom0_mem=128M',
    costs: true,
    seed: 1,
    guests: [{ path: '/guests/hello.img', bytes: guest }],
    user: { files: [], removed: [] },
    startsDomains: false,
    script: 'xl create -q /etc/xen/hello.cfg',
    interactive: true,
  };

  test('runs domains with consoles, files and shares of the pCPUs', () => {
    const { ask, turn, sent } = serve();
    ask(startXen);
    ask({ kind: 'run' });
    const shown = (id: ConsoleId): string =>
      new TextDecoder().decode(ask({ kind: 'console', console: id, from: 0, budget: 10_000 }).bytes);
    const sampled = (): number => ask({ kind: 'status' }).xen?.sampled ?? 0;
    for (let turns = 0; turns < 2000 && !(shown('1/pv').includes('Hello') && sampled() >= 50e6); turns++) turn();
    expect(ask({ kind: 'domains' }).domains).toMatchObject([
      { name: 'Domain-0' },
      { name: 'hello', memoryKib: 16_400 },
    ]);
    expect(ask({ kind: 'status' }).xen).toMatchObject({ scriptCode: 0 });
    const period = { from: 0, to: 50e6, buckets: 5 };
    const { series, covered } = ask({ kind: 'utilisation', ...period });
    expect(covered).toEqual(new Float64Array(5).fill(10e6));
    expect(series.map(({ name }) => name)).toContain('Domain-0');
    expect(ask({ kind: 'utilisationCsv', ...period }).split('\n')).toHaveLength(7);
    const files = ask({ kind: 'fileChanges', from: 0 }).end;
    ask({ kind: 'writeFile', path: '/etc/xen/new/a.cfg', bytes: Uint8Array.of(35) });
    ask({ kind: 'renameFile', path: '/etc/xen/new/a.cfg', to: '/etc/xen/b.cfg' });
    ask({ kind: 'removeFile', path: '/etc/xen/new' });
    ask({ kind: 'makeDirectory', path: '/etc/xen/more' });
    expect(ask({ kind: 'status' }).xen?.files).toBeGreaterThan(files);
    expect(ask({ kind: 'readFile', path: '/etc/xen/b.cfg' })).toEqual(Uint8Array.of(35));
    expect(ask({ kind: 'listFiles', path: '/etc/xen' }).map(({ path }) => path)).toContain('/etc/xen/more');
    expect(ask({ kind: 'userFiles' }).files.map(({ path }) => path)).toEqual(['/etc/xen/b.cfg']);
    expect(sent.some(({ kind }) => kind === 'crash')).toBe(false);
  });

  test('what cannot be done is refused in a sentence', () => {
    const { server, sent, ask } = serve();
    const refused = (request: Request): unknown => {
      server.receive({ id: 9, request });
      return sent.at(-1);
    };
    expect(refused({ kind: 'domains' })).toMatchObject({ kind: 'refused', error: expect.stringContaining('no Xen') });
    expect(refused({ ...startXen, commandLine: 'sched=rtds' })).toMatchObject({ kind: 'refused' });
    ask(startXen);
    expect(refused({ kind: 'readFile', path: '/none' })).toEqual({
      kind: 'refused',
      id: 9,
      error: '/none: No such file or directory.',
    });
  });
});

describe('debugging', () => {
  test('stops at a breakpoint and answers what there is to see', () => {
    const { ask, turn } = serve();
    ask(bootRequest());
    const entry = 0x8_0000n;
    ask({ kind: 'setStopPoints', points: [{ kind: 'breakpoint', id: 5, address: entry, el: 2 }] });
    ask({ kind: 'run' });
    turn();
    const stop = { kind: 'breakpoint', core: 0, pc: entry, id: 5 };
    expect(ask({ kind: 'status' })).toMatchObject({ state: 'paused', instructions: 0, stop });
    expect(ask({ kind: 'registers', core: 0 })).toMatchObject({ pc: entry, el: 2, v: { length: 32 } });
    expect(ask({ kind: 'systemRegisters', core: 0 }).length).toBeGreaterThan(100);
    const window = { space: 'physical', el: null, address: entry + 4n, length: 12 } as const;
    expect(ask({ kind: 'memory', core: 0, ...window })).toEqual({ address: entry + 4n, bytes: image.slice(4, 16) });
    expect(ask({ kind: 'translation', core: 0, el: 1, address: entry, access: 'write' })).toMatchObject({
      result: { ok: true, pa: Number(entry) },
    });
    expect(ask({ kind: 'backtrace', core: 0 }).frames).toEqual([{ address: entry, symbol: null }]);
    ask({ kind: 'stepOver', core: 0 });
    turn();
    expect(ask({ kind: 'status' })).toMatchObject({ instructions: 1, stop: { kind: 'step' } });
  });

  test('refuses what is not there', () => {
    const { server, sent } = serve();
    const refused = (request: Request): unknown => {
      server.receive({ id: 9, request });
      return sent.at(-1);
    };
    expect(refused({ kind: 'setStopPoints', points: [] })).toMatchObject({ kind: 'refused' });
    server.receive({ id: 0, request: bootRequest() });
    for (const kind of ['registers', 'systemRegisters', 'backtrace', 'stepOver', 'stepOut'] as const)
      expect(refused({ kind, core: 1 })).toMatchObject({ kind: 'refused', error: 'There is no core 1.' });
  });

  test.each([
    ['an address below zero', { kind: 'memory', core: 0, space: 'virtual', el: null, address: -1n, length: 1 }],
    ['a window that is too large', { kind: 'memory', core: 0, space: 'ipa', el: null, address: 0n, length: 2 ** 21 }],
    ['an address space of its own', { kind: 'memory', core: 0, space: 'io', el: null, address: 0n, length: 1 }],
    ['a level that is not there', { kind: 'translation', core: 0, el: 3, address: 0n, access: 'read' }],
    [
      'a watchpoint of nothing',
      { kind: 'setStopPoints', points: [{ kind: 'watchpoint', id: 0, address: 0n, length: 0, access: 'any' }] },
    ],
    [
      'an address that is no bigint',
      { kind: 'setStopPoints', points: [{ kind: 'breakpoint', id: 0, address: 0, el: null }] },
    ],
  ])('does not take %s', (_, request) => {
    expect(requestSchema.safeParse(request).success).toBe(false);
  });
});
