import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Recipe } from '../api/boot.ts';
import type { Input } from '../api/input.ts';
import type { Session } from '../session.ts';
import { slices, started, value } from '../snapshot/snapshot-testing.ts';
import { arrived, visit } from './time-testing.ts';

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
  shown: (['serial', 'serial1'] as const).map((id) => session.console(id, 0, 1e6)),
  log: session.log(0, 1e6),
  end: session.end,
});

/** Runs a session until it stops. */
function played(session: Session): void {
  session.run();
  while (session.advance(1000) !== null);
}

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

const keys = fc.string({ minLength: 1, maxLength: 40 }).map((text) => ({
  kind: 'keys' as const,
  console: 'serial' as const,
  bytes: new TextEncoder().encode(text),
}));
const actions = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ kind: fc.constant('run' as const), slices: fc.integer({ min: 1, max: 200 }) }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('enter' as const),
        input: fc.oneof(
          keys,
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

test('a machine that goes back and forth is at each moment as it was, and goes on as if it had not', async () => {
  const guests = ['uart.img', 'timers.img', 'dma.img', 'smmu.img', 'gic.img', 'psci.img', 'primes.img', 'hello.img'];
  const recipe = fc
    .record({
      name: fc.constantFrom(...guests),
      cpus: fc.constantFrom(1, 2, 4),
      el: fc.constantFrom(1 as const, 2 as const),
    })
    .map(({ name, cpus, el }) => kernel(name, cpus, el));
  fc.assert(
    fc.property(
      recipe,
      actions,
      actions,
      fc.array(fc.nat(1000), { minLength: 1, maxLength: 6 }),
      (one, before, after, jumps) => {
        const session = started(one);
        session.keepPast(2 ** 26);
        const plain = started(one);
        for (const action of before) {
          act(session, action);
          act(plain, action);
        }
        expect(outcome(session)).toEqual(outcome(plain));
        visit(session, jumps, outcome);
        for (const action of after) {
          act(session, action);
          act(plain, action);
        }
        expect(outcome(session)).toEqual(outcome(plain));
        expect(value(session.journal())).toEqual(value(plain.journal()));
      },
    ),
    { numRuns: 4 },
  );
});

test('going back finds the last stop and the last exception, and one instruction back is the one before', () => {
  const session = started(kernel('gic.img', 2, 2));
  session.keepPast(2 ** 26);
  slices(session, 560);
  const time = value(session.time);
  const hash = session.stateHash();
  const pc = () => value(session.inspect(0)).registers().pc;

  session.step(0, 100);
  const after = [session.stateHash(), pc()];
  session.step(0, 1);
  const [stepped, at] = [session.stateHash(), pc()];
  value(time.stepBack(0));
  arrived(session);
  expect([session.stateHash(), pc()]).toEqual(after);
  expect(session.enter({ kind: 'button', pressed: true }).ok).toBe(false);
  value(time.toPresent());
  expect([session.stateHash(), pc()]).toEqual([stepped, at]);

  // Each exception lies before the one that was found before.
  let before = session.virtualNs;
  for (let i = 0; i < 3; i++) {
    value(time.findBack('exception'));
    arrived(session);
    expect(session.virtualNs).toBeLessThan(before);
    before = session.virtualNs;
  }
  // Where a breakpoint stops the machine on its way forward, it is found on the way back.
  const address = pc();
  value(session.setStopPoints([{ kind: 'breakpoint', id: 1, address, el: null }]));
  value(time.toPresent());
  value(time.findBack('stop'));
  arrived(session);
  expect(session.status().stop).toMatchObject({ kind: 'breakpoint', id: 1, pc: address });
  const found = session.stateHash();
  value(time.findBack('stop'));
  arrived(session);
  played(session);
  expect(session.stateHash()).toBe(found);

  // Power-on has nothing before it.
  value(session.setStopPoints([]));
  value(time.goTo(0));
  arrived(session);
  value(time.findBack('consoleLine'));
  arrived(session);
  expect(session.status().time).toMatchObject({ foundNothing: true, isPast: true });
  // It plays to the present, where the first step had begun.
  played(session);
  expect([session.stateHash(), time.isPast]).toEqual([stepped, false]);
  expect(hash).not.toBe(stepped);
});

test('going on from the past forgets what came after it', () => {
  const session = started(kernel('hello.img', 1, 1));
  session.keepPast(2 ** 26);
  slices(session, 500);
  session.enter({ kind: 'keys', console: 'serial', bytes: new TextEncoder().encode('later') });
  slices(session, 500);
  const time = value(session.time);
  value(time.goTo(5e6));
  arrived(session);
  value(time.fork());
  expect([time.isPast, value(session.journal()).inputs]).toEqual([false, []]);
  session.enter({ kind: 'keys', console: 'serial', bytes: new TextEncoder().encode('other') });
  slices(session, 700);
  const plain = started(kernel('hello.img', 1, 1));
  value(plain.replay(value(session.journal())));
  plain.run();
  while (plain.replays) plain.advance(1000);
  expect(outcome(session)).toEqual(outcome(plain));
});

test('the past takes no more memory than it may, and what is recent stays', () => {
  const session = started(kernel('hello.img', 2, 1));
  session.keepPast(4e6);
  slices(session, 2500);
  const { time } = session.status();
  expect(time?.bytes).toBeLessThanOrEqual(4e6);
  expect(value(session.time).marks().moments.length).toBeGreaterThan(3);

  // The present is a moment more, for which none is given up on the way back.
  const { presentNs } = session.status().time ?? { presentNs: 0 };
  for (const back of [1e6, 5e6, 20e6]) {
    value(value(session.time).goTo(presentNs - back));
    arrived(session);
    expect(session.virtualNs).toBeLessThanOrEqual(presentNs - back);
    expect(session.virtualNs).toBeGreaterThan(presentNs - back - 50_001);
    value(value(session.time).toPresent());
    slices(session, 20);
    value(value(session.time).goTo(presentNs - back));
    arrived(session);
    expect(session.virtualNs).toBeLessThanOrEqual(presentNs - back);
    value(value(session.time).toPresent());
  }
});

test('where nothing lies before the first moment, the machine stays where it is', () => {
  const session = started(kernel('hello.img', 1, 1));
  session.keepPast(2 ** 26);
  slices(session, 1);
  const time = value(session.time);
  value(time.goTo(0));
  arrived(session);
  value(time.fork());
  const hash = session.stateHash();
  value(time.findBack('exception'));
  arrived(session);
  expect(session.status().time).toMatchObject({ foundNothing: true, isPast: false });
  expect(session.stateHash()).toBe(hash);
});
