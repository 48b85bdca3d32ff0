import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Result } from '../../base/result.ts';
import type { Recipe } from '../api/boot.ts';
import { noUserFiles } from '../api/files.ts';
import type { Input } from '../api/input.ts';
import type { Journal } from '../api/journal.ts';
import { Session } from '../session.ts';
import { guestFiles } from '../xen/xen-session-testing.ts';
import { journalFromJson, journalToJson } from './json.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 240_000 });

const file = (path: string) => new Uint8Array(readFileSync(new URL(`../../../${path}`, import.meta.url)));
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const value = <T>(result: Result<T>): T => {
  if (!result.ok) throw new Error(result.error);
  return result.value;
};

function started(recipe: Recipe): Session {
  let wall = 0;
  const session = new Session(() => wall++);
  if (recipe.kind === 'kernel') value(session.boot(recipe.request));
  else value(session.startXen(recipe.request));
  return session;
}

/** What a person may do: nothing of it but `enter` may make a difference. */
type Action =
  | { readonly kind: 'run'; readonly slices: number }
  | { readonly kind: 'enter'; readonly input: Input }
  | { readonly kind: 'pause' }
  | { readonly kind: 'step'; readonly core: number; readonly instructions: number }
  | { readonly kind: 'break'; readonly addresses: readonly bigint[] }
  | { readonly kind: 'look' };

function act(session: Session, action: Action): void {
  switch (action.kind) {
    case 'run':
      session.run();
      for (let i = 0; i < action.slices; i++) session.advance(0);
      return;
    case 'enter':
      session.enter(action.input);
      return;
    case 'pause':
      session.pause();
      return;
    case 'step':
      session.pause();
      session.step(action.core, action.instructions);
      return;
    case 'break':
      value(
        session.setStopPoints(action.addresses.map((address, id) => ({ kind: 'breakpoint', id, address, el: null }))),
      );
      return;
    case 'look':
      session.status();
      session.stateHash();
      value(session.inspect(0)).backtrace();
  }
}

/** Ends the slice in which the debugger may have stopped, so that the run can be compared. */
function settle(session: Session): void {
  value(session.setStopPoints([]));
  session.run();
  session.advance(0);
  session.pause();
}

/** Plays a journal to its end; `meanwhile` is called after each slice. */
function replayed(journal: Journal, meanwhile: (session: Session) => void = () => {}): Session {
  let wall = 0;
  const session = new Session(() => wall++);
  value(session.replay(journal));
  meanwhile(session);
  session.run();
  const isOver = () => session.state === 'ended' || value(session.journal()).slices >= journal.slices;
  while (!isOver()) {
    if (session.advance(0) === null && session.state === 'waiting') throw new Error('the replay never ends');
    meanwhile(session);
    if (session.state === 'paused' && !isOver()) session.run();
  }
  return session;
}

const outcome = (session: Session) => ({
  hash: session.stateHash(),
  ns: session.virtualNs,
  instructions: session.status().instructions,
  shown: (['serial', 'dom0', '1/pv'] as const).map((id) => new TextDecoder().decode(session.console(id, 0, 1e6).bytes)),
  end: session.end,
});

const action = (input: fc.Arbitrary<Input>, breakpoints: readonly bigint[], slices: number): fc.Arbitrary<Action> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('run' as const), slices: fc.integer({ min: 1, max: slices }) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('enter' as const), input }) },
    fc.constant({ kind: 'pause' } as const),
    fc.constant({ kind: 'look' } as const),
    fc.record({
      kind: fc.constant('step' as const),
      core: fc.constantFrom(0, 1),
      instructions: fc.integer({ min: 1, max: 30_000 }),
    }),
    fc.record({ kind: fc.constant('break' as const), addresses: fc.subarray([...breakpoints]) }),
  );

/**
 * Random sessions of a recipe: each is played again, alone and with the debugger's help, and compared at its end and in
 * its middle.
 */
function holds(recipe: Recipe, actions: fc.Arbitrary<readonly Action[]>, numRuns: number, breakpoint: bigint): void {
  let entered = 0;
  let compared = 0;
  fc.assert(
    fc.property(actions, (all) => {
      const session = started(recipe);
      const middle = Math.floor(all.length / 2);
      for (const one of all.slice(0, middle)) act(session, one);
      settle(session);
      const half = { journal: value(session.journal()), outcome: outcome(session) };
      session.run();
      session.advance(0);
      for (const one of all.slice(middle)) act(session, one);
      settle(session);
      const journal = value(session.journal());
      entered += journal.inputs.length;
      expect(value(journalFromJson(JSON.parse(JSON.stringify(journalToJson(journal)))))).toEqual(journal);

      const again = replayed(journal, (one) => {
        const { slices, inputs } = value(one.journal());
        if (slices !== half.journal.slices || inputs.length !== half.journal.inputs.length) return;
        expect(outcome(one)).toEqual(half.outcome);
        compared++;
      });
      expect(outcome(again)).toEqual(outcome(session));
      expect(value(again.journal())).toEqual(journal);

      let turn = 0;
      const stepped = replayed(journal, (one) => {
        if (turn++ % 7 !== 0 || value(one.journal()).slices >= journal.slices) return;
        act(one, { kind: 'break', addresses: turn % 2 === 0 ? [breakpoint] : [] });
        act(one, { kind: 'step', core: 0, instructions: 777 });
      });
      expect(outcome(stepped)).toEqual(outcome(session));
    }),
    { numRuns },
  );
  expect(entered).toBeGreaterThan(numRuns);
  expect(compared).toBeGreaterThan(numRuns / 2);
}

const typed = (console: 'serial' | 'serial1' | 'dom0' | '1/pv', text: fc.Arbitrary<string>): fc.Arbitrary<Input> =>
  text.map((keys): Input => ({ kind: 'keys', console, bytes: bytes(keys) }));

test('a kernel that is typed to, paused, stepped and stopped runs again as it ran', () => {
  const input = fc.oneof(
    { weight: 8, arbitrary: typed('serial', fc.stringMatching(/^[a-z]{1,80}$/)) },
    typed('serial', fc.constant('q')),
    typed('serial1', fc.string()),
    fc.record({ kind: fc.constant('button' as const), pressed: fc.boolean() }),
    fc.record({ kind: fc.constant('removeFile' as const), path: fc.constant('/etc/xen/hello.cfg') }),
  );
  const recipe: Recipe = {
    kind: 'kernel',
    request: {
      kernel: { name: 'hello.img', bytes: file('guests/build/hello.img') },
      machine: { cpus: 1, memoryMiB: 16, el: 2 },
    },
  };
  holds(
    recipe,
    fc.array(action(input, [0x8_0040n, 0x8_0100n, 0x8_0140n], 30), { minLength: 6, maxLength: 16 }),
    12,
    0x8_0140n,
  );
});

test('Xen with domains that are managed by xl, and with files that change, runs again as it ran', () => {
  const command = fc.constantFrom(
    'xl list\r',
    'xl create /etc/xen/hello.cfg\r',
    'xl create -c /etc/xen/x.cfg\r',
    'xl destroy rtos-b\r',
    'xl vcpu-pin noisy 0 2; xl sched-credit -d noisy -w 100\r',
    'cat /etc/xen/x.cfg > /root/copy; ls /root\r',
    '\x1d',
    'q',
  );
  const path = fc.constantFrom('/etc/xen/x.cfg', '/root/new/y.cfg', '/etc/xen/hello.cfg');
  const contents = fc.constantFrom('name = "x"\nkernel = "/guests/hello.img"\nmemory = 8\n', 'name =').map(bytes);
  const input = fc.oneof(
    { weight: 4, arbitrary: typed('dom0', command) },
    typed('1/pv', fc.constantFrom('stat\r', 'reset\r')),
    typed('serial', fc.string()),
    fc.record({ kind: fc.constant('writeFile' as const), path, bytes: contents }),
    fc.record({ kind: fc.constant('renameFile' as const), path, to: path }),
    fc.record({ kind: fc.constantFrom('removeFile' as const, 'makeDirectory' as const), path }),
    fc.record({ kind: fc.constant('deferredCame' as const), isComplete: fc.boolean() }),
  );
  const recipe: Recipe = {
    kind: 'xen',
    request: {
      machine: { cpus: 4, memoryMiB: 1024, el: 2 },
      commandLine: 'dom0_mem=128M loglvl=all guest_loglvl=all',
      costs: true,
      seed: 1,
      guests: guestFiles(file),
      user: noUserFiles,
      startsDomains: true,
      script: null,
      interactive: true,
    },
  };
  // Where Dom0 and the guests begin.
  holds(
    recipe,
    fc.array(action(input, [0x4000_0004n, 0x4000_0040n], 300), { minLength: 16, maxLength: 24 }),
    3,
    0x4000_0004n,
  );
});
