import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Recipe } from '../api/boot.ts';
import type { Input } from '../api/input.ts';
import type { Journal } from '../api/journal.ts';
import { journalFromJson, journalToJson } from './json.ts';

const bytes = fc.uint8Array({ maxLength: 40 });
const path = fc.string().map((name) => `/${name}`);
const machine = fc.record({
  cpus: fc.integer({ min: 1, max: 4 }),
  memoryMiB: fc.integer({ min: 1, max: 2048 }),
  el: fc.constantFrom(1 as const, 2 as const),
});
const file = fc.record({ name: fc.string(), bytes });
const dom0Files = fc.array(fc.record({ path, bytes }), { maxLength: 3 });
const seed = fc.nat();

const recipe: fc.Arbitrary<Recipe> = fc.oneof(
  fc.record({
    kind: fc.constant('kernel' as const),
    request: fc.record(
      {
        machine,
        kernel: file,
        initrd: file,
        deviceTree: file,
        bootArguments: fc.string(),
        placed: fc.array(fc.record({ address: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), file }), { maxLength: 2 }),
        seed,
      },
      { requiredKeys: ['machine', 'kernel'] },
    ),
  }),
  fc.record({
    kind: fc.constant('xen' as const),
    request: fc.record({
      machine,
      commandLine: fc.string(),
      costs: fc.boolean(),
      seed,
      guests: dom0Files,
      user: fc.record({ files: dom0Files, removed: fc.array(path, { maxLength: 2 }) }),
      startsDomains: fc.boolean(),
      script: fc.option(fc.string()),
      interactive: fc.boolean(),
    }),
  }),
);

const input: fc.Arbitrary<Input> = fc.oneof(
  fc.record({
    kind: fc.constant('keys' as const),
    console: fc.constantFrom(
      'serial' as const,
      'serial1' as const,
      'dom0' as const,
      '3/pv' as const,
      '12/vuart' as const,
    ),
    bytes,
  }),
  fc.record({ kind: fc.constant('button' as const), pressed: fc.boolean() }),
  fc.record({
    kind: fc.constant('insertCard' as const),
    card: fc.record({ name: fc.string(), size: fc.nat(), bytes, isReadOnly: fc.boolean() }),
  }),
  fc.record({ kind: fc.constant('ejectCard' as const) }),
  fc.record({ kind: fc.constant('writeFile' as const), path, bytes }),
  fc.record({ kind: fc.constant('writeFile' as const), path, bytes, isOriginal: fc.boolean() }),
  fc.record({ kind: fc.constant('renameFile' as const), path, to: path }),
  fc.record({ kind: fc.constantFrom('removeFile' as const, 'makeDirectory' as const), path }),
  fc.record({ kind: fc.constant('deferredCame' as const), isComplete: fc.boolean() }),
);

const journal: fc.Arbitrary<Journal> = fc
  .record({ recipe, steps: fc.array(fc.record({ after: fc.nat(1000), input }), { maxLength: 5 }), rest: fc.nat(1000) })
  .map(({ recipe, steps, rest }) => {
    let slice = 0;
    const inputs = steps.map((step) => {
      slice += step.after;
      return { slice, input: step.input };
    });
    return { version: 1, recipe, inputs, slices: slice + rest };
  });

test('every journal is the same after writing and reading', () => {
  fc.assert(
    fc.property(journal, (value) => {
      const text = JSON.stringify(journalToJson(value));
      expect(journalFromJson(JSON.parse(text))).toEqual({ ok: true, value });
    }),
  );
});

const good = {
  version: 1,
  recipe: {
    kind: 'kernel',
    request: { machine: { cpus: 1, memoryMiB: 16, el: 2 }, kernel: { name: 'k', bytes: 'AAAA' } },
  },
  inputs: [{ slice: 3, input: { kind: 'keys', console: 'serial', bytes: 'YQ==' } }],
  slices: 5,
};
const entry = (change: object, slice: unknown = 3) => ({
  ...good,
  inputs: [{ slice, input: { ...good.inputs[0]?.input, ...change } }],
});

test.each<[unknown, string]>([
  [null, 'journal is not an object.'],
  [[], 'journal is not an object.'],
  [{ ...good, version: 2 }, 'journal.version is not 1.'],
  [{ ...good, author: 'me' }, 'journal.author is not known.'],
  [{ ...good, slices: undefined }, 'journal.slices is not a whole number from 0 on.'],
  [{ ...good, slices: 2 }, 'journal.inputs are not in the order of their slices.'],
  [{ ...good, inputs: {} }, 'journal.inputs is not a list.'],
  [{ ...good, recipe: { kind: 'toaster' } }, 'journal.recipe.kind is not kernel or xen.'],
  [
    {
      ...good,
      recipe: { kind: 'kernel', request: { ...good.recipe.request, machine: { cpus: 5, memoryMiB: 1, el: 2 } } },
    },
    'journal.recipe.request.machine.cpus is not a whole number from 1 to 4.',
  ],
  [entry({}, -1), 'journal.inputs[0].slice is not a whole number from 0 on.'],
  [entry({}, 0.5), 'journal.inputs[0].slice is not a whole number from 0 on.'],
  [
    entry({ kind: 'fly' }),
    'journal.inputs[0].input.kind is not keys or button or insertCard or ejectCard or writeFile or renameFile or removeFile or makeDirectory or deferredCame.',
  ],
  [entry({ console: '1/tty' }), 'journal.inputs[0].input.console is not a console.'],
  [entry({ bytes: 'a' }), 'journal.inputs[0].input.bytes is not bytes in base64.'],
  [entry({ bytes: [97] }), 'journal.inputs[0].input.bytes is not bytes in base64.'],
  [entry({ kind: 'removeFile' }), 'journal.inputs[0].input.console is not known.'],
])('%j is refused in one sentence', (json, error) => {
  expect(journalFromJson(JSON.parse(JSON.stringify(json)))).toEqual({ ok: false, error });
});
