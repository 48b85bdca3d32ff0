import fc from 'fast-check';
import { expect, test } from 'vitest';
import loadWabt from 'wabt';
import type { Code } from './code.ts';
import { call, callIndirect, type Expr, f64, type I64, i32, i64, type ValType } from './expr.ts';
import { Module } from './module.ts';

const wabt = loadWabt();

/** Writes a module with one exported function, has it checked by WABT, and runs it on the engine. */
async function compile(
  params: readonly ValType[],
  results: readonly ValType[],
  body: (code: Code, module: Module) => void,
  { module = new Module(), imports = {} }: { module?: Module; imports?: WebAssembly.Imports } = {},
) {
  const code = module.function(params, results);
  body(code, module);
  module.exportFunction('f', code);
  const bytes = module.bytes();
  const read = (await wabt).readWasm(bytes, { bulk_memory: true, tail_call: true, reference_types: true });
  read.validate();
  read.destroy();
  const { f } = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports).exports;
  if (typeof f !== 'function') throw new Error('f is not a function');
  return f;
}

/** The value of one expression. */
const evaluate = async (type: ValType, expression: Expr) =>
  (await compile([], [type], (code) => code.return(expression)))();

test('constants keep their values', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), async (n) => {
      expect(await evaluate('i32', i32.const(n))).toBe(n);
      expect(await evaluate('i64', i64.const(n))).toBe(BigInt(n));
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.bigInt(-(2n ** 63n), 2n ** 64n - 1n), async (n) => {
      expect(await evaluate('i64', i64.const(n))).toBe(BigInt.asIntN(64, n));
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.double(), async (n) => {
      expect(await evaluate('f64', f64.const(n))).toBe(n);
    }),
  );
});

test('trees of expressions have the value that arithmetic gives them', async () => {
  /** A tree over two parameters, with its meaning on BigInts. */
  type Tree = { readonly wasm: (x: I64, y: I64) => I64; readonly value: (x: bigint, y: bigint) => bigint };
  const wrap = (n: bigint): bigint => BigInt.asIntN(64, n);
  const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom<Tree>({ wasm: (x) => x, value: (x) => x }, { wasm: (_, y) => y, value: (_, y) => y }),
      // Zeroes are common: some operations leave them out.
      fc
        .oneof(fc.constant(0n), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n))
        .map<Tree>((n) => ({ wasm: () => i64.const(n), value: () => n })),
      fc
        .tuple(
          tie('tree'),
          tie('tree'),
          fc.constantFrom<[(a: I64, b: I64) => I64, (a: bigint, b: bigint) => bigint]>(
            [i64.add, (a, b) => wrap(a + b)],
            [i64.sub, (a, b) => wrap(a - b)],
            [i64.mul, (a, b) => wrap(a * b)],
            [i64.and, (a, b) => a & b],
            [i64.or, (a, b) => a | b],
            [i64.xor, (a, b) => a ^ b],
            [i64.shl, (a, b) => wrap(a << (b & 63n))],
            [i64.shr_s, (a, b) => a >> (b & 63n)],
            [i64.shr_u, (a, b) => wrap(BigInt.asUintN(64, a) >> (b & 63n))],
          ),
        )
        .map<Tree>(([a, b, [wasm, value]]) => ({
          wasm: (x, y) => wasm(a.wasm(x, y), b.wasm(x, y)),
          value: (x, y) => value(a.value(x, y), b.value(x, y)),
        })),
    ),
  }));
  const any = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n);
  await fc.assert(
    fc.asyncProperty(tree, any, any, async ({ wasm, value }, x, y) => {
      const f = await compile(['i64', 'i64'], ['i64'], (code) =>
        code.return(wasm(code.param('i64', 0), code.param('i64', 1))),
      );
      expect(f(x, y)).toBe(value(x, y));
    }),
  );
});

test('loops, blocks and branches go where their labels say', async () => {
  // The sum of the odd numbers from 1 to n.
  const f = await compile(['i32'], ['i32'], (code) => {
    const n = code.param('i32', 0);
    const i = code.local('i32');
    const sum = code.local('i32');
    code.block((done) => {
      code.loop((again) => {
        code.brIf(done, i32.ge_u(code.get(i), n));
        code.set(i, i32.add(code.get(i), i32.const(1)));
        code.brIf(again, i32.eqz(i32.and(code.get(i), i32.const(1))));
        code.set(sum, i32.add(code.get(sum), code.get(i)));
        code.br(again);
      });
    });
    code.return(code.get(sum));
  });
  expect([0, 1, 2, 9, 100].map((n) => f(n))).toEqual([0, 1, 1, 25, 2500]);
});

test('a branch table and if with else choose', async () => {
  const f = await compile(['i32'], ['i32'], (code) => {
    const n = code.param('i32', 0);
    const otherwise = code.openBlock();
    const one = code.openBlock();
    const zero = code.openBlock();
    code.brTable(n, [zero, one], otherwise);
    code.end();
    code.return(i32.const(10));
    code.end();
    code.return(i32.const(11));
    code.end();
    code.if(
      i32.eq(n, i32.const(2)),
      () => code.return(i32.const(12)),
      () => code.return(i32.const(13)),
    );
    code.unreachable();
  });
  expect([0, 1, 2, 3, -1].map((n) => f(n))).toEqual([10, 11, 12, 13, 13]);
});

test('stores write their width, loads read theirs, and memory is filled', async () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const module = new Module();
  module.importMemory('core', 'memory', 1, 1);
  const f = await compile(
    ['i64'],
    ['i64'],
    (code) => {
      const value = code.param('i64', 0);
      code.memoryFill(i32.const(0), i32.const(0xaa), i32.const(64));
      code.store(i32.const(0), value, 8);
      code.store(i32.const(0), value, 4, 8);
      code.store(i32.const(0), value, 2, 16);
      code.store(i32.const(0), value, 1, 24);
      code.return(i64.add(i64.load8_u(i32.const(24)), i64.load16_s(i32.const(0), 16)));
    },
    { module, imports: { core: { memory } } },
  );
  expect(f(0x1122_3344_5566_f7f8n)).toBe(0xf8n - 0x0808n);
  const hex = (at: number) => Buffer.from(memory.buffer, at, 8).toString('hex');
  expect([0, 8, 16, 24].map(hex)).toEqual([
    'f8f7665544332211',
    'f8f76655aaaaaaaa',
    'f8f7aaaaaaaaaaaa',
    'f8aaaaaaaaaaaaaa',
  ]);
});

test('functions call each other, imports and tables, and return by tail calls', async () => {
  const table = new WebAssembly.Table({ element: 'anyfunc', initial: 8 });
  const module = new Module();
  module.importTable('core', 'table', 8);
  const tableIndex = module.table('table');
  const twice = module.importFunction('core', 'twice', ['i32'], ['i32']);
  const addOne = module.function(['i32'], ['i32']);
  addOne.return(i32.add(addOne.param('i32', 0), i32.const(1)));
  module.placeInTable(tableIndex, 5, [addOne]);
  // A tail call keeps the stack as it is: a million of them fit.
  const countDown = module.function(['i32'], ['i32']);
  const n = countDown.param('i32', 0);
  countDown.if(i32.eqz(n), () => countDown.return(i32.const(7)));
  countDown.returnCall(countDown.index, [i32.sub(n, i32.const(1))]);
  const f = await compile(
    ['i32'],
    ['i32'],
    (code) => {
      const type = module.type({ params: ['i32'], results: ['i32'] });
      const argument = code.param('i32', 0);
      const added = callIndirect('i32', { typeIndex: type, table: tableIndex, element: i32.const(5) }, [
        call('i32', twice, [argument]),
      ]);
      const counted = call('i32', countDown.index, [i32.const(1_000_000)]);
      code.return(i32.add(added, counted));
    },
    { module, imports: { core: { table, twice: (value: number) => 2 * value } } },
  );
  expect(f(20)).toBe(41 + 7);
  const placed = table.get(5);
  expect(placed?.(1)).toBe(2);
});

test('a scope returns its locals for the next one to use', () => {
  const code = new Module().function(['i64'], []);
  const taken: number[] = [];
  for (let i = 0; i < 3; i++) {
    code.scope(() => {
      taken.push(code.local('i32').index, code.local('i64').index);
    });
  }
  expect(taken).toEqual([1, 2, 1, 2, 1, 2]);
  expect(code.permanentLocal('i32').index).toBe(3);
});

test('hinted branches are listed as the Branch Hinting proposal says', () => {
  const module = new Module();
  for (let i = 0; i < 2; i++) {
    const code = module.function(['i32'], ['i32']);
    const n = code.param('i32', 0);
    code.let(i32.add(n, n));
    code.if(n, () => code.return(i32.const(1)));
    if (i === 1) {
      code.likely(
        i32.eqz(n),
        () => code.return(i32.const(2)),
        () => code.unlikely(n, () => code.return(i32.const(3))),
      );
    }
    code.return(i32.const(4));
    code.unreachable();
  }
  const bytes = module.bytes();
  const compiled = new WebAssembly.Module(bytes);
  const [hints] = WebAssembly.Module.customSections(compiled, 'metadata.code.branch_hint');
  const [functions, index, count, first = 0, , taken, second = 0, , untaken] = new Uint8Array(
    hints ?? new ArrayBuffer(0),
  );
  expect([functions, index, count, taken, untaken]).toEqual([1, 1, 2, 1, 0]);
  // The second function ends the module; its body begins behind its size, with one run of locals: 1 × i32.
  const start = bytes.lastIndexOf(0x7f) - 2;
  expect([...bytes.subarray(start, start + 3)]).toEqual([1, 1, 0x7f]);
  expect([bytes[start + first], bytes[start + second]]).toEqual([0x04, 0x04]);
  expect(second).toBeGreaterThan(first);
});
