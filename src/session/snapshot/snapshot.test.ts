import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Recipe } from '../api/boot.ts';
import { noUserFiles } from '../api/files.ts';
import type { Input } from '../api/input.ts';
import type { Session } from '../session.ts';
import { guestFiles } from '../xen/xen-session-testing.ts';
import { packedToFile } from './container.ts';
import { fromFile } from './file.ts';
import { pack } from './pack.ts';
import { joined, newSession, resumed, saved, slices, started, value } from './snapshot-testing.ts';

// A guest takes as long as the machine under the test is slow.
vi.setConfig({ testTimeout: 240_000 });

const file = (path: string) => new Uint8Array(readFileSync(new URL(`../../../${path}`, import.meta.url)));
const kernel = (name: string, cpus: number, el: 1 | 2): Recipe => ({
  kind: 'kernel',
  request: { kernel: { name, bytes: file(`guests/build/${name}`) }, machine: { cpus, memoryMiB: 64, el } },
});

const outcome = (session: Session) => ({
  hash: session.stateHash(),
  ns: session.virtualNs,
  instructions: session.status().instructions,
  interrupts: session.counts().interrupts,
  shown: (['serial', 'dom0', '1/pv'] as const).map((id) => session.console(id, 0, 1e6)),
  log: session.log(0, 1e6),
  end: session.end,
  journal: value(session.journal()),
});

/** What a person may do in between. */
type Action =
  | { readonly kind: 'run'; readonly slices: number }
  | { readonly kind: 'enter'; readonly input: Input }
  /** It ends in the middle of a slice. */
  | { readonly kind: 'step'; readonly core: number; readonly instructions: number };

function act(session: Session, action: Action): void {
  if (action.kind === 'run') slices(session, action.slices);
  else if (action.kind === 'enter') session.enter(action.input);
  else session.step(action.core, action.instructions);
}

const keys = (console: 'serial' | 'serial1') =>
  fc.string({ minLength: 1, maxLength: 40 }).map((text) => ({
    kind: 'keys' as const,
    console,
    bytes: new TextEncoder().encode(text),
  }));
const actions = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('run' as const), slices: fc.integer({ min: 1, max: 30 }) }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('enter' as const),
        input: fc.oneof(
          keys('serial'),
          keys('serial1'),
          fc.record({ kind: fc.constant('button' as const), pressed: fc.boolean() }),
          fc.constant({
            kind: 'insertCard' as const,
            card: { name: 'card', size: 2 ** 20, bytes: new Uint8Array(70_000).fill(7) },
          }),
          fc.constant({ kind: 'ejectCard' as const }),
        ),
      }),
    },
    fc.record({
      kind: fc.constant('step' as const),
      core: fc.constantFrom(0, 1),
      instructions: fc.integer({ min: 1, max: 30_000 }),
    }),
  ),
  { minLength: 2, maxLength: 8 },
);

test('a machine goes on from a snapshot of any moment as if it had not been saved, and again from the same', async () => {
  const guests = ['uart.img', 'timers.img', 'dma.img', 'smmu.img', 'gic.img', 'psci.img', 'primes.img', 'hello.img'];
  const recipe = fc
    .record({
      name: fc.constantFrom(...guests),
      cpus: fc.constantFrom(1, 2, 4),
      el: fc.constantFrom(1 as const, 2 as const),
    })
    .map(({ name, cpus, el }) => kernel(name, cpus, el));
  await fc.assert(
    fc.asyncProperty(recipe, actions, actions, async (one, before, after) => {
      const session = started(one);
      for (const action of before) act(session, action);
      if (session.state === 'ended') return;
      const bytes = await saved(session);
      const now = outcome(session);
      const again = await resumed(bytes);
      expect(outcome(again)).toEqual(now);
      for (const action of after) act(again, action);
      for (const action of after) act(session, action);
      expect(outcome(again)).toEqual(outcome(session));
      const once = await resumed(bytes);
      expect(outcome(once)).toEqual(now);
    }),
    { numRuns: 6 },
  );
});

test('Xen and Domain-0 are saved as what led to them, at any moment', async () => {
  const session = started({
    kind: 'xen',
    request: {
      machine: { cpus: 2, memoryMiB: 256, el: 2 },
      commandLine: 'dom0_mem=64M',
      costs: true,
      seed: 1,
      guests: guestFiles(file),
      user: noUserFiles,
      startsDomains: false,
      script: null,
      interactive: true,
    },
  });
  slices(session, 400);
  session.enter({ kind: 'keys', console: 'dom0', bytes: new TextEncoder().encode('sleep 0.01; xl list\r') });
  slices(session, 120);
  const again = await resumed(await saved(session));
  expect(outcome(again)).toEqual(outcome(session));
  for (const one of [session, again]) slices(one, 400);
  expect(outcome(again)).toEqual(outcome(session));
});

test('what is no snapshot, is damaged or of another version is refused in a sentence, and leaves the machine as it is', async () => {
  const session = started(kernel('hello.img', 1, 2));
  slices(session, 20);
  const good = await saved(session);
  const hash = session.stateHash();
  const refusal = async (bytes: Uint8Array): Promise<string | null> => {
    const read = await fromFile('a.snap', bytes);
    const restored = read.ok ? newSession().restore(read.value) : read;
    return restored.ok ? null : restored.error;
  };
  expect(await refusal(new Uint8Array())).toBe('a.snap is no snapshot of EL2 Lab.');
  const old = good.slice();
  old[11] = 9;
  expect(await refusal(old)).toBe('a.snap is a snapshot of version 9; this EL2 Lab reads version 1.');
  await fc.assert(
    fc.asyncProperty(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), async (at, change) => {
      expect(await refusal(good.subarray(0, at))).toMatch(/^a.snap is (no|a) .*\.$/);
      const changed = good.slice();
      changed[at] = (changed[at] as number) ^ change;
      // A few bits of a gzip header mean nothing.
      const sentence = await refusal(changed);
      if (sentence !== null) expect(sentence).toMatch(/^(a.snap is (no|a) |snapshot|journal|The snapshot).*\.$/);
    }),
    { numRuns: 60 },
  );
  expect(session.stateHash()).toBe(hash);
});

test('a state that does not fit its machine is refused', async () => {
  const session = started(kernel('hello.img', 1, 2));
  slices(session, 20);
  const whole = value(session.save());
  const { state, journal } = whole;
  if (!state || journal.recipe.kind !== 'kernel') throw new Error('a kernel’s snapshot has a state');
  const { request } = journal.recipe;
  const refusalOf = async (changed: unknown): Promise<string | null> => {
    const read = await fromFile('a.snap', joined(await packedToFile(pack(changed))));
    const restored = read.ok ? newSession().restore(read.value) : read;
    return restored.ok ? null : restored.error;
  };
  expect(await refusalOf(whole)).toBeNull();
  const cpus = { ...request, machine: { ...request.machine, cpus: 2 } };
  const other = 'The snapshot is of another version of EL2 Lab, or was changed';
  expect(await refusalOf({ ...whole, journal: { ...journal, recipe: { kind: 'kernel', request: cpus } } })).toContain(
    other,
  );
  expect(await refusalOf({ ...whole, hash: '0' })).toBe(`${other}: it is not the state that was saved.`);
  const board = { ...state.run.board, devices: {} };
  expect(await refusalOf({ ...whole, state: { ...state, run: { ...state.run, board } } })).toContain(other);
  expect(await refusalOf({ ...whole, state: { ...state, run: { ...state.run, ram: 1 } } })).toBe(
    'snapshot.state.run.ram is not an object.',
  );
});

test('what cannot be saved says why', () => {
  expect(newSession().save()).toEqual({ ok: false, error: 'There is no machine to save: boot a kernel first.' });
});
