import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Session } from '../../session/session.ts';
import type { WorkerPort } from '../../worker/client.ts';
import type { FromWorker } from '../../worker/protocol.ts';
import { Server } from '../../worker/server.ts';
import { ConsoleFeed } from './consoleFeed.ts';
import { MachineControl, unknownMachine } from './control.ts';

// On a slow computer, guests take long.
vi.setConfig({ testTimeout: 60_000 });
vi.stubGlobal('requestAnimationFrame', (callback: () => void) => setTimeout(callback));
vi.stubGlobal('cancelAnimationFrame', clearTimeout);

const hello = new Uint8Array(readFileSync(new URL('../../../guests/build/hello.img', import.meta.url)));

/** A worker’s server in the same thread, with messages that arrive in order and late. */
class LocalWorker implements WorkerPort {
  readonly #events = new EventTarget();
  readonly #server: Server;
  #isTerminated = false;

  constructor() {
    const later = (action: () => void) => void setTimeout(() => this.#isTerminated || action());
    this.#server = new Server(new Session(() => performance.now()), {
      send: (data: FromWorker) => later(() => this.#events.dispatchEvent(new MessageEvent('message', { data }))),
      later: (_, callback) => later(callback),
    });
    this.#receive = (message) => later(() => this.#server.receive(message));
  }

  readonly #receive: (message: unknown) => void;

  postMessage(message: unknown): void {
    if (typeof message === 'object' && message !== null && !('disks' in message)) this.#receive(message);
  }

  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'error', listener: (event: ErrorEvent) => void): void;
  addEventListener(type: string, listener: (event: MessageEvent & ErrorEvent) => void): void {
    // The overloads pair each kind of listener with its event.
    this.#events.addEventListener(type, listener as EventListener);
  }

  terminate(): void {
    this.#isTerminated = true;
  }

  crash(): void {
    this.#server.crash(new Error('a bug in the simulator'));
  }
}

/** A board that boots the hello guest. */
class Board extends MachineControl<typeof unknownMachine> {
  protected override readonly keptKind = 'board';

  protected override about(): null {
    return null;
  }

  protected override readonly ofThisMachine = {};

  constructor(spawn: () => WorkerPort) {
    super(spawn, unknownMachine);
  }

  start(): Promise<void> {
    return this.replace(async (client) => {
      await client.boot({ kernel: { name: 'hello.img', bytes: hello }, machine: { cpus: 1, memoryMiB: 16, el: 2 } });
      return {};
    });
  }

  protected override startAgain(): Promise<void> {
    return this.start();
  }

  override reset(): Promise<void> {
    return this.start();
  }
}

/** A board, what its console shows, and its workers. */
function build() {
  const workers: LocalWorker[] = [];
  const board = new Board(() => {
    const worker = new LocalWorker();
    workers.push(worker);
    return worker;
  });
  let shown = '';
  const feed = new ConsoleFeed(board, {
    write: async (bytes) => {
      shown += new TextDecoder().decode(bytes);
    },
    lost: () => {},
    clear: () => {
      shown = '';
    },
  });
  board.onChange(() => void feed.pull());
  return { board, workers, shown: () => shown };
}

const tick = () => new Promise<void>((resolve) => setTimeout(resolve));

/** Whatever crashes at whatever moment of a start, the user gets a machine that runs, or a crash to restart from. */
test('a crash at any moment of a start ends in a machine that runs, at the latest after a restart', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 7 }),
      fc.constantFrom('before', 'next'),
      fc.nat({ max: 3 }),
      async (ticks, which, patience) => {
        const { board, workers, shown } = build();
        await board.start();
        const started = board.start();
        for (let i = 0; i < ticks; i++) await tick();
        workers.at(which === 'before' ? 0 : -1)?.crash();
        for (let i = 0; i < patience; i++) await tick();
        if (board.view.crash) await board.restart();
        await started;
        for (let i = 0; i < 6; i++) await tick();
        if (board.view.crash) await board.restart();
        await vi.waitFor(() => expect(shown()).toContain('Type something: each key comes back.'), {
          timeout: 10_000,
          interval: 2,
        });
        expect(board.view.crash).toBeNull();
        expect(board.status?.state).toMatch(/running|waiting/);
        board.suspend();
        for (const worker of workers) worker.terminate();
      },
    ),
    { numRuns: 20 },
  );
});
