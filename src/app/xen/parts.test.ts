import { describe, expect, test } from 'vitest';
import { defaultMachine } from '../../session/api/boot.ts';
import type { Status } from '../../session/api/status.ts';
import type { Kind } from '../../worker/protocol.ts';
import type { Connection, ControlView } from '../machine/connection.ts';
import { Consoles } from './consoles.ts';
import { Domains } from './domains.ts';
import { Latency } from './latency.ts';

const running: Status = {
  state: 'running',
  end: null,
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
  consoleEnd: { '1/pv': 10 },
  logEnd: 0,
  eventEnd: 0,
};

const settle = () => new Promise((resolve) => setTimeout(resolve));

/** A connection to a machine that the test plays: the test gives the replies, and changes the view. */
class PlayedMachine implements Connection {
  view: ControlView = { status: running, epoch: 0, refusal: null, crash: null };
  readonly #listeners = new Set<(view: ControlView) => void>();

  constructor(readonly reply: (kind: Kind, bytes: Uint8Array) => unknown) {}

  readonly ask: Connection['ask'] = async (kind, ...[request]) => {
    const hasBytes = typeof request === 'object' && request !== null && 'bytes' in request;
    // The test replies with the type of the kind.
    return this.reply(kind, hasBytes ? (request.bytes as Uint8Array) : new Uint8Array()) as never;
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

  /** An RTOS that has printed ten bytes on its console before it is asked. */
  function setUp() {
    const typed: string[] = [];
    const machine = new PlayedMachine((kind, bytes) => {
      if (kind === 'console') return { from: 10, bytes: new TextEncoder().encode(answer), end: 10 + answer.length };
      typed.push(new TextDecoder().decode(bytes));
      return bytes.length;
    });
    const domains = new Domains(machine);
    // Of a domain, only its name and its console matter here.
    domains.store.setState({ domains: [{ name: 'rtos', consoles: ['1/pv'] }] as never });
    const latency = new Latency(machine, domains, new Consoles(machine));
    return { typed, machine, latency, view: () => latency.store.getState() };
  }

  test('the answer to stat becomes a measurement', async () => {
    const { typed, machine, latency, view } = setUp();
    const measured = latency.measure('rtos');
    await machine.change({ virtualNs: 0.5e9 });
    expect(view()).toMatchObject({ measuring: 'rtos', measurements: [] });
    await machine.change({ virtualNs: 1e9, consoleEnd: { '1/pv': 10 + answer.length } });
    await measured;
    expect(typed).toEqual(['stat\r']);
    expect(view()).toMatchObject({
      measuring: null,
      silent: null,
      measurements: [{ domain: 'rtos', at: 1e9, releases: 2034, max: 30212.7 }],
    });
  });

  test('a domain that does not answer within five seconds of virtual time is silent', async () => {
    const { machine, latency, view } = setUp();
    const measured = latency.measure('rtos');
    await machine.change({ virtualNs: 5.1e9 });
    await measured;
    expect(view()).toEqual({ measuring: null, silent: 'rtos', measurements: [] });
  });

  test('another machine starts without measurements', async () => {
    const { machine, latency, view } = setUp();
    const measured = latency.measure('rtos');
    await machine.change({}, 1);
    await measured;
    expect(view()).toEqual({ measuring: null, silent: null, measurements: [] });
  });
});
