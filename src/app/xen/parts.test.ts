import { describe, expect, test } from 'vitest';
import { defaultMachine } from '../../session/api/boot.ts';
import type { Status } from '../../session/api/status.ts';
import type { Kind } from '../../worker/protocol.ts';
import type { Connection, ControlView } from '../machine/connection.ts';
import { Keeping } from '../storage/keeping.ts';
import { Consoles } from './consoles.ts';
import { Domains } from './domains.ts';
import { Dom0Files } from './files/dom0Files.ts';
import { KeptDom0Files, type KeptRow, type KeptRows } from './files/keptDom0Files.ts';
import { Latency } from './latency/latency.ts';

const running: Status = {
  state: 'running',
  end: null,
  resets: { count: 0, last: null },
  stop: null,
  kernel: 'Xen',
  hypervisor: null,
  dom0: null,
  machine: defaultMachine,
  pace: 'real-time',
  virtualNs: 0,
  instructions: 0,
  wallMs: 0,
  mips: 0,
  speed: 0,
  cores: [],
  sampled: 0,
  consoleEnd: { '1/pv': 10 },
  logEnd: 0,
  eventEnd: 0,
  cardFlushes: 0,
  entered: 0,
  time: null,
};

const settle = () => new Promise((resolve) => setTimeout(resolve));

/** A connection to a machine that the test plays: the test gives the replies, and changes the view. */
class PlayedMachine implements Connection {
  view: ControlView = { status: running, epoch: 0, refusal: null, crash: null, opened: null, core: 0 };
  readonly #listeners = new Set<(view: ControlView) => void>();

  constructor(readonly reply: (kind: Kind, bytes: Uint8Array, from: number) => unknown) {}

  readonly ask: Connection['ask'] = async (kind, ...[request]) => {
    const hasBytes = typeof request === 'object' && request !== null && 'bytes' in request;
    const from = typeof request === 'object' && request !== null && 'from' in request ? Number(request.from) : 0;
    // The test replies with the type of the kind.
    return this.reply(kind, hasBytes ? (request.bytes as Uint8Array) : new Uint8Array(), from) as never;
  };
  readonly look: Connection['look'] = (kind, ...request) => this.ask(kind, ...request);
  readonly readConsole: Connection['readConsole'] = (console, from) =>
    this.ask('console', { console, from, budget: 1000 });

  async request(action: () => Promise<unknown>): Promise<boolean> {
    await action();
    return true;
  }

  onChange(listener: (view: ControlView) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Changes the view, and lets the page react. */
  async change(status: Partial<Status>, epoch = this.view.epoch): Promise<void> {
    await settle();
    this.view = { ...this.view, epoch, status: { ...running, ...this.view.status, ...status } };
    for (const listener of [...this.#listeners]) listener(this.view);
    await settle();
  }
}

test('a file that the page writes is kept before the machine has it, and as the machine has it if it refuses', async () => {
  const answers: (() => void)[] = [];
  const rows = new Map<string, KeptRow>();
  const store: KeptRows = {
    onLost: () => {},
    all: async () => [...rows.values()],
    get: async (path) => rows.get(path),
    update: async (path, change) => {
      const row = change(rows.get(path));
      if (row) rows.set(path, row);
    },
    clear: async () => rows.clear(),
  };
  const keeping = new Keeping();
  let isRefused = false;
  const machine = new PlayedMachine((kind) =>
    kind === 'writeFile' ? new Promise((resolve) => answers.push(() => resolve(null))) : null,
  );
  machine.request = async (action) => action().then(() => !isRefused);
  const files = new Dom0Files(machine, keeping, (listener) => new KeptDom0Files(keeping, listener, store, null));
  const text = new TextEncoder().encode('name = "a"');
  const written = files.write('/etc/xen/a.cfg', text);
  await settle();
  expect(rows.get('/etc/xen/a.cfg')?.bytes).toEqual(text);
  expect(keeping.store.getState().writing).toEqual([]);
  answers.shift()?.();
  expect(await written).toBe(true);
  isRefused = true;
  const refused = files.write('/etc/xen/b.cfg', text);
  await settle();
  answers.shift()?.();
  expect(await refused).toBe(false);
  expect(rows.get('/etc/xen/b.cfg')).toMatchObject({ bytes: null, isOriginal: true });
});

describe('typing on a console', () => {
  /** A console that has room for three bytes, and then for more when the test says so. */
  function setUp() {
    const console = { room: 3, typed: '' };
    const machine = new PlayedMachine((_, bytes) => {
      const taken = Math.min(console.room, bytes.length);
      console.room -= taken;
      console.typed += new TextDecoder().decode(bytes.subarray(0, taken));
      return taken;
    });
    return { console, machine, consoles: new Consoles(machine) };
  }

  test('input without room waits, and later input waits behind it', async () => {
    const { console, machine, consoles } = setUp();
    void consoles.type('dom0', 'abcd');
    const last = consoles.type('dom0', 'ef');
    await machine.change({});
    expect(console.typed).toBe('abc');
    console.room = 10;
    await machine.change({});
    await last;
    expect(console.typed).toBe('abcdef');
  });

  test('Ctrl+C goes before a long paste that waits, and drops the rest of it', async () => {
    const { console, machine, consoles } = setUp();
    const pasted = consoles.type('dom0', 'abcdefgh');
    const behind = consoles.type('dom0', 'i');
    await settle();
    console.room = 9;
    await consoles.type('dom0', '\x03');
    await machine.change({});
    await Promise.all([pasted, behind]);
    await consoles.type('dom0', 'j');
    expect(console.typed).toBe('abc\x03j');
  });

  test('input for a console that takes nothing for a second of virtual time is dropped', async () => {
    const { console, machine, consoles } = setUp();
    const typed = consoles.type('1/pv', 'abcd');
    await machine.change({ virtualNs: 0.9e9 });
    await machine.change({ virtualNs: 1.1e9 });
    await typed;
    console.room = 10;
    await consoles.type('1/pv', 'e');
    expect(console.typed).toBe('abce');
  });

  test('input for another machine is dropped', async () => {
    const { console, machine, consoles } = setUp();
    const typed = consoles.type('dom0', 'abcd');
    await machine.change({}, 1);
    await typed;
    expect(console.typed).toBe('abc');
  });

  test('a command replaces what is on the shell’s line', async () => {
    const { console, consoles } = setUp();
    console.room = 100;
    await consoles.runCommand('xl list');
    expect(console.typed).toBe('\x05\x15xl list\r');
  });
});

describe('measuring latency', () => {
  const answer =
    'control: 2034 releases, 12 missed; latency p50 4.1 us, p99 38.0 us, p99.9 41.2 us, max 30212.7 us\r\n';

  const greeting = 'RTOS: control task at 1 kHz. Type stat or help.\r\n';

  /** A guest that has greeted on its console before it is asked. */
  function setUp(printed = greeting) {
    const typed: string[] = [];
    const output = () => printed + (typed.includes('stat\r') ? answer : '');
    const machine = new PlayedMachine((kind, bytes, from) => {
      if (kind === 'console') {
        const rest = new TextEncoder().encode(output()).slice(from);
        return { from, bytes: rest, end: from + rest.length };
      }
      typed.push(new TextDecoder().decode(bytes));
      return bytes.length;
    });
    const domains = new Domains(machine);
    // Of a domain, only its name, number and console matter here.
    const list = (...names: readonly string[]) =>
      domains.store.setState({
        domains: names.map((name, i) => ({ id: i + 1, name, consoles: [`${i + 1}/pv`] })) as never,
      });
    list('rtos');
    const latency = new Latency(machine, domains, new Consoles(machine));
    const at = (virtualNs: number) => machine.change({ virtualNs, consoleEnd: { '1/pv': output().length } });
    return { typed, machine, latency, list, at, view: () => latency.store.getState() };
  }

  test('a guest is known to answer by its greeting', async () => {
    const rtos = setUp();
    await rtos.at(0);
    expect(rtos.view().offered).toEqual(['1/pv']);
    const other = setUp('Hello from a domain of Xen.');
    await other.at(0);
    expect(other.view().offered).toEqual([]);
  });

  test('the answer to stat becomes a measurement', async () => {
    const { typed, latency, at, view } = setUp();
    await at(0);
    const measured = latency.measure('rtos');
    expect(view()).toMatchObject({ waiting: { domain: 'rtos', what: 'answer', until: 5e9 }, measurements: [] });
    await at(0.5e9);
    await at(1e9);
    await measured;
    expect(typed).toEqual(['stat\r']);
    expect(view()).toMatchObject({
      waiting: null,
      failed: null,
      measurements: [{ domain: 'rtos', at: 1e9, releases: 2034, max: 30212.7 }],
    });
  });

  test('to start over is reset, a second of virtual time, and stat', async () => {
    const { typed, latency, at, view } = setUp();
    await at(0);
    const measured = latency.measureAnew('rtos');
    await at(0.9e9);
    expect(view().waiting).toMatchObject({ what: 'releases', until: 1e9 });
    expect(typed).toEqual(['reset\r']);
    await at(1e9);
    await at(1.1e9);
    await measured;
    expect(typed).toEqual(['reset\r', 'stat\r']);
    expect(view().measurements).toMatchObject([{ at: 1.1e9 }]);
  });

  test('a domain that does not answer within five seconds of virtual time is silent', async () => {
    const { machine, latency, view } = setUp();
    const measured = latency.measure('rtos');
    await machine.change({ virtualNs: 5.1e9 });
    await measured;
    expect(view()).toMatchObject({ waiting: null, failed: { domain: 'rtos', why: 'silent' }, measurements: [] });
  });

  test('a domain that ends is not waited for', async () => {
    const { machine, latency, list, view } = setUp();
    const measured = latency.measure('rtos');
    list();
    await machine.change({ virtualNs: 0.1e9 });
    await measured;
    expect(view()).toMatchObject({ waiting: null, failed: { domain: 'rtos', why: 'gone' } });
  });

  test('another machine starts without measurements', async () => {
    const { machine, latency, at, view } = setUp();
    await at(0);
    const measured = latency.measure('rtos');
    await machine.change({}, 1);
    await measured;
    expect(view()).toEqual({ waiting: null, failed: null, measurements: [], offered: [] });
  });
});
