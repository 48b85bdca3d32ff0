import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import type { ConsoleId } from '../session/api/console.ts';
import { Session } from '../session/session.ts';
import { endpoints } from './endpoints/index.ts';
import { type Arguments, type FromWorker, type Kind, protocolVersion, type Reply, type Request } from './protocol.ts';
import { Server } from './server.ts';

// On a slow computer, guests take long.
vi.setConfig({ testTimeout: 60_000 });

const image = new Uint8Array(readFileSync(new URL('../../guests/build/hello.img', import.meta.url)));
const bootRequest = (bytes = image): Request<'boot'> => ({
  kernel: { name: 'hello.img', bytes },
  machine: { cpus: 1, memoryMiB: 16, el: 2 },
});

/** A server in a thread; the test turns the thread's event loop. */
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
  const ask = <K extends Kind>(kind: K, ...[request]: Arguments<K>): Reply<K> => {
    server.receive({ id: id++, kind, request: request ?? {} });
    const answer = sent.at(-1);
    if (answer?.kind !== 'reply' || answer.id !== id - 1) throw new Error(JSON.stringify(answer));
    return answer.reply as Reply<K>;
  };
  /** What the server says to a request that it refuses. */
  const refusal = <K extends Kind>(kind: K, ...[request]: Arguments<K>): FromWorker | undefined => {
    server.receive({ id: 9, kind, request: request ?? {} });
    return sent.at(-1);
  };
  /** Turns until the console shows a text. */
  const until = (text: string): string => {
    for (let turns = 0; turns < 2000; turns++) {
      turn();
      const shown = new TextDecoder().decode(ask('console', { console: 'serial', from: 0, budget: 10_000 }).bytes);
      if (shown.includes(text)) return shown;
    }
    throw new Error(`the console never showed ${text}`);
  };
  return { server, sent, ask, refusal, turn, until, tasks: () => tasks.length };
}

test('greets with its version', () => {
  expect(serve().sent).toEqual([{ kind: 'hello', version: protocolVersion }]);
});

test('boots, runs, prints, takes a key, and powers off', () => {
  const { ask, until, turn, tasks } = serve();
  expect(ask('boot', bootRequest())).toMatchObject({ format: 'Image', entry: 0x8_0000n });
  ask('run');
  expect(until('q powers off.')).toContain('Hello from EL2.');
  expect(ask('input', { console: 'serial', bytes: new TextEncoder().encode('q') })).toBe(1);
  until('Powering off.');
  turn();
  expect(ask('status')).toMatchObject({ state: 'ended', end: 'power-off' });
  turn();
  expect(tasks()).toBe(0);
});

test('a card goes into the slot, is read and comes out', () => {
  const { ask, refusal } = serve();
  ask('boot', bootRequest());
  const card = { name: 'a.img', size: 2 ** 20, bytes: Uint8Array.of(1, 2, 3) };
  ask('insertCard', { card });
  expect([...ask('card').bytes.subarray(0, 4)]).toEqual([1, 2, 3, 0]);
  expect([...ask('card').bytes.subarray(0, 4)]).toEqual([1, 2, 3, 0]);
  ask('ejectCard');
  expect(refusal('card')).toMatchObject({ kind: 'refused', error: 'There is no card in the SD slot.' });
});

test('a machine is saved, and another goes on from it', () => {
  const { ask, turn } = serve();
  ask('boot', bootRequest());
  ask('run');
  for (let i = 0; i < 3; i++) turn();
  ask('pause');
  const packed = ask('saveMachine');
  const { virtualNs, instructions } = ask('status');
  const other = serve();
  expect(other.ask('resumeMachine', packed)).toMatchObject({
    request: { kernel: { name: 'hello.img' } },
    playing: null,
  });
  expect(other.ask('status')).toMatchObject({ state: 'paused', virtualNs, instructions });
  expect(other.refusal('resumeMachine', { json: '{', bytes: new Uint8Array() })).toMatchObject({ kind: 'refused' });
});

test('says once that something changed, until it is asked for the status', () => {
  const { ask, turn, sent } = serve();
  const rings = () => sent.filter((message) => message.kind === 'changed').length;
  ask('boot', bootRequest());
  ask('run');
  for (let i = 0; i < 2; i++) turn();
  expect(rings()).toBe(1);
  ask('status');
  for (let i = 0; i < 2; i++) turn();
  expect(rings()).toBe(2);
});

test('refuses what the user can correct', () => {
  const { refusal } = serve();
  expect(refusal('boot', bootRequest(new Uint8Array()))).toEqual({
    kind: 'refused',
    id: 9,
    error: 'hello.img is empty.',
  });
  expect(refusal('run')).toMatchObject({ kind: 'refused' });
});

test('an unknown request is a bug: the page gets the stack, and the server answers nothing more', () => {
  const { server, sent, turn } = serve();
  server.receive({ id: 0, kind: 'fly', request: {} });
  expect(sent.at(-1)).toMatchObject({ kind: 'crash', stack: expect.stringContaining('receive') });
  const length = sent.length;
  server.receive({ id: 1, kind: 'status', request: {} });
  turn();
  expect(sent).toHaveLength(length);
});

describe('Xen', () => {
  const guest = new Uint8Array(readFileSync(new URL('../../guests/build/xen/hello.img', import.meta.url)));
  const startXen: Request<'startXen'> = {
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

  test('runs domains, with their consoles, files and use of the pCPUs', () => {
    const { ask, turn, sent } = serve();
    ask('startXen', startXen);
    ask('run');
    const shown = (id: ConsoleId): string =>
      new TextDecoder().decode(ask('console', { console: id, from: 0, budget: 10_000 }).bytes);
    const sampled = (): number => ask('status').sampled;
    for (let turns = 0; turns < 2000 && !(shown('1/pv').includes('Hello') && sampled() >= 50e6); turns++) turn();
    expect(ask('domains').domains).toMatchObject([{ name: 'Domain-0' }, { name: 'hello', memoryKib: 16_400 }]);
    expect(ask('status').dom0).toMatchObject({ scriptCode: 0 });
    const period = { from: 0, to: 50e6, buckets: 5 };
    const { series, covered } = ask('utilisation', { ...period });
    expect(covered).toEqual(new Float64Array(5).fill(10e6));
    expect(series.map(({ name }) => name)).toContain('Domain-0');
    expect(ask('utilisationCsv', { ...period }).split('\n')).toHaveLength(7);
    const files = ask('fileChanges', { from: 0 }).end;
    ask('writeFile', { path: '/etc/xen/new/a.cfg', bytes: Uint8Array.of(35) });
    ask('renameFile', { path: '/etc/xen/new/a.cfg', to: '/etc/xen/b.cfg' });
    ask('removeFile', { path: '/etc/xen/new' });
    ask('makeDirectory', { path: '/etc/xen/more' });
    expect(ask('status').dom0?.files).toBeGreaterThan(files);
    expect(ask('readFile', { path: '/etc/xen/b.cfg' })).toEqual(Uint8Array.of(35));
    expect(ask('listFiles', { path: '/etc/xen' }).map(({ path }) => path)).toContain('/etc/xen/more');
    expect(sent.some(({ kind }) => kind === 'crash')).toBe(false);
  });

  test('records events, and gives windows and counts of them', () => {
    const { ask, turn, sent } = serve();
    ask('startXen', { ...startXen, script: 'xl info' });
    ask('record', { kinds: ['switch', 'hypercall', 'dom0Work'], capacity: 10_000 });
    ask('run');
    for (let turns = 0; turns < 2000 && ask('status').eventEnd < 20; turns++) turn();
    const all = { from: 0, to: 1e9, kinds: null, cores: null, domains: null };
    const { events, next, end } = ask('events', { ...all, after: 0, limit: 5, newest: false });
    expect(events.time).toHaveLength(5);
    expect(end).toBe(ask('status').eventEnd);
    const rest = ask('events', { ...all, after: next, limit: 100_000, newest: false });
    expect(rest.events.time).toHaveLength(end - 5);
    const { series, step } = ask('eventCounts', { ...all, kinds: ['switch'], buckets: 10 });
    expect(step).toBe(1e8);
    expect(series.map(({ kind }) => kind)).toEqual(['switch']);
    ask('record', { kinds: [], capacity: 0 });
    turn();
    expect(ask('status').eventEnd).toBe(end);
    expect(sent.some(({ kind }) => kind === 'crash')).toBe(false);
  });

  test('refuses with a sentence', () => {
    const { refusal, ask } = serve();
    expect(refusal('domains')).toMatchObject({ kind: 'refused', error: expect.stringContaining('no Xen') });
    expect(refusal('startXen', { ...startXen, commandLine: 'sched_ratelimit_us=fast' })).toMatchObject({
      kind: 'refused',
    });
    ask('startXen', startXen);
    expect(refusal('readFile', { path: '/none' })).toEqual({
      kind: 'refused',
      id: 9,
      error: '/none: No such file or directory.',
    });
  });
});

describe('debugging', () => {
  test('stops at a breakpoint and shows the core', () => {
    const { ask, turn } = serve();
    ask('boot', bootRequest());
    const entry = 0x8_0000n;
    ask('setStopPoints', { points: [{ kind: 'breakpoint', id: 5, address: entry, el: 2 }] });
    ask('run');
    turn();
    const stop = { kind: 'breakpoint', core: 0, pc: entry, id: 5 };
    expect(ask('status')).toMatchObject({ state: 'paused', instructions: 0, stop });
    expect(ask('registers', { core: 0 })).toMatchObject({ pc: entry, el: 2, v: { length: 32 } });
    expect(ask('systemRegisters', { core: 0 }).length).toBeGreaterThan(100);
    const window = { space: 'physical', el: null, address: entry + 4n, length: 12 } as const;
    expect(ask('memory', { core: 0, ...window })).toEqual({ address: entry + 4n, bytes: image.slice(4, 16) });
    expect(ask('translation', { core: 0, el: 1, address: entry, access: 'write' })).toMatchObject({
      result: { ok: true, pa: Number(entry) },
    });
    expect(ask('backtrace', { core: 0 }).frames).toEqual([{ address: entry, symbol: null }]);
    ask('stepOver', { core: 0 });
    turn();
    expect(ask('status')).toMatchObject({ instructions: 1, stop: { kind: 'step' } });
  });

  test('refuses a core that does not exist', () => {
    const { ask, refusal } = serve();
    expect(refusal('setStopPoints', { points: [] })).toMatchObject({ kind: 'refused' });
    ask('boot', bootRequest());
    for (const kind of ['registers', 'systemRegisters', 'backtrace', 'stepOver', 'stepOut'] as const)
      expect(refusal(kind, { core: 1 })).toMatchObject({ kind: 'refused', error: 'There is no core 1.' });
  });

  const memory = { core: 0, space: 'virtual', el: null, address: 0n, length: 1 };
  test.each([
    ['an address below zero', 'memory', { ...memory, address: -1n }],
    ['a window that is too large', 'memory', { ...memory, length: 2 ** 21 }],
    ['an unknown address space', 'memory', { ...memory, space: 'io' }],
    ['an unknown level', 'translation', { core: 0, el: 3, address: 0n, access: 'read' }],
    [
      'an empty watchpoint',
      'setStopPoints',
      { points: [{ kind: 'watchpoint', id: 0, address: 0n, length: 0, access: 'any' }] },
    ],
    [
      'an address that is no bigint',
      'setStopPoints',
      { points: [{ kind: 'breakpoint', id: 0, address: 0, el: null }] },
    ],
  ] as const)('does not take %s', (_, kind, request) => {
    expect(() => endpoints[kind].parse(request)).toThrow();
  });
});
