import { expect, test } from 'vitest';
import { createStore } from 'zustand/vanilla';
import type { ConsoleId, ConsoleWindow } from '../../session/api/console.ts';
import type { Status } from '../../session/api/status.ts';
import { WorkerLost } from '../../worker/client.ts';
import type { ControlView } from './connection.ts';
import { ConsoleFeed } from './consoleFeed.ts';

type View = Pick<ControlView, 'status' | 'epoch' | 'crash'>;

/** A machine that has printed `text` and holds it from byte `held` on, and a sink that notes what it gets. */
function setUp(text: string, held = 0, budget = 4) {
  const status = (end: number): Status => ({
    state: 'running',
    end: null,
    resets: { count: 0, last: null },
    stop: null,
    kernel: 'guest',
    hypervisor: null,
    dom0: null,
    machine: { cpus: 1, memoryMiB: 128, el: 1 },
    pace: 'real-time',
    virtualNs: 0,
    instructions: 0,
    wallMs: 0,
    mips: 0,
    speed: 0,
    cores: [],
    sampled: 0,
    consoleEnd: { serial: end },
    logEnd: 0,
    eventEnd: 0,
    cardFlushes: 0,
    entered: 0,
    time: null,
  });
  const store = createStore<View>(() => ({ status: status(text.length), epoch: 0, crash: null }));
  const machine = { text, held, begin: 0, asked: [] as number[] };
  const source = {
    get view() {
      return store.getState();
    },
    async readConsole(_console: ConsoleId, asked: number): Promise<ConsoleWindow> {
      machine.asked.push(asked);
      const from = Math.max(asked, machine.held);
      const bytes = new TextEncoder().encode(machine.text.slice(from, from + budget));
      return { from, bytes, end: machine.text.length, begin: machine.begin };
    },
  };
  const taken: string[] = [];
  const feed = new ConsoleFeed(source, {
    write: async (bytes) => void taken.push(new TextDecoder().decode(bytes)),
    lost: (count) => taken.push(`<lost ${count}>`),
    clear: () => taken.push('<clear>'),
    another: () => taken.push('<another>'),
  });
  return { store, source, machine, taken, feed, status };
}

test('asks for window after window until it has all output', async () => {
  const { feed, taken, machine } = setUp('hello, world');
  await feed.pull();
  expect(taken).toEqual(['hell', 'o, w', 'orld']);
  expect(machine.asked).toEqual([0, 4, 8]);
});

test('asks nothing when nothing is new', async () => {
  const { feed, machine } = setUp('hello');
  await feed.pull();
  machine.asked.length = 0;
  await feed.pull();
  expect(machine.asked).toEqual([]);
});

test('says what was printed before it began to show the console', async () => {
  const { feed, source, machine, store, status } = setUp('hello');
  const past: [string, boolean][] = [];
  feed.sink.write = async (bytes, isPast) => void past.push([new TextDecoder().decode(bytes), isPast]);
  await feed.pull();
  machine.text = 'hello, you';
  store.setState({ status: status(10) });
  await new ConsoleFeed(source, feed.sink).pull();
  await feed.pull();
  expect(past).toEqual([
    ['hell', true],
    ['o', true],
    ['hell', true],
    ['o, y', true],
    ['ou', true],
    [', yo', false],
    ['u', false],
  ]);
});

test('says how many bytes are lost', async () => {
  const { feed, taken } = setUp('0123456789', 6);
  await feed.pull();
  expect(taken).toEqual(['<lost 6>', '6789']);
});

test('starts over with another machine, and drops a late reply of the old one', async () => {
  const { feed, taken, store, machine, source, status } = setUp('old output');
  const ask = source.readConsole;
  source.readConsole = async (console, from) => {
    const window = await ask(console, from);
    machine.text = 'new';
    store.setState({ epoch: 1, status: status(3) });
    source.readConsole = ask;
    return window;
  };
  await feed.pull();
  expect(taken).toEqual(['<clear>', 'new']);
});

test('survives the loss of the worker', async () => {
  const { feed, taken, source } = setUp('x');
  source.readConsole = async () => {
    throw new WorkerLost('gone');
  };
  await feed.pull();
  expect(taken).toEqual([]);
});

test('continues with the start of a new console of the same name, and until then with the old one', async () => {
  const { store, status } = setUp('');
  const printed = { '1/pv': 'fir', '4/pv': 'second' };
  const taken: string[] = [];
  let found: '1/pv' | '4/pv' | null = '1/pv';
  const feed = new ConsoleFeed(
    {
      get view() {
        return store.getState();
      },
      async readConsole(id, from) {
        const text = printed[id === '4/pv' ? id : '1/pv'];
        return { from, bytes: new TextEncoder().encode(text.slice(from)), end: text.length, begin: 0 };
      },
    },
    {
      write: async (bytes) => void taken.push(new TextDecoder().decode(bytes)),
      lost: () => {},
      clear: () => {},
      another: () => taken.push('<another>'),
    },
    () => found,
  );
  store.setState({ status: { ...status(0), consoleEnd: { '1/pv': 3, '4/pv': 6 } } });
  await feed.pull();
  found = null;
  printed['1/pv'] = 'first';
  store.setState({ status: { ...status(0), consoleEnd: { '1/pv': 5, '4/pv': 6 } } });
  await feed.pull();
  found = '4/pv';
  await feed.pull();
  expect(taken).toEqual(['fir', 'st', '<another>', 'second']);
});

test.each([
  ['read before the restart of the machine', 6, ['hell', 'o ', '<another>', 'worl', 'd']],
  ['that comes in one piece', 5, ['hell', 'o', '<another>', ' wo', 'rld']],
])('after the output of a domain whose number another has now, %s, comes a mark', async (_, first, expected) => {
  const { feed, taken, machine, store, status } = setUp('hello world');
  machine.begin = first;
  if (first === 6) {
    store.setState({ status: status(first) });
    machine.text = 'hello ';
    await feed.pull();
    machine.text = 'hello world';
    store.setState({ status: status(11) });
  }
  await feed.pull();
  expect(taken.filter((text) => text !== '')).toEqual(expected);
});
