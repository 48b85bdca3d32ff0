// Every operation is written as the opcode that WABT, an independent reader of WebAssembly, calls by the same name.

import { expect, test } from 'vitest';
import loadWabt from 'wabt';
import { type Expr, f32, f64, i32, i64, local } from './expr.ts';
import { Module } from './module.ts';
import { f32x4, f64x2, i8x16, i16x8, i32x4, i64x2, v128 } from './simd.ts';

type Operation = (...args: never[]) => Expr;

/** Operations whose names here leave out the type that they convert from. */
const fullNames: Record<string, string> = {
  'i32.wrap': 'i32.wrap_i64',
  'i32.reinterpret': 'i32.reinterpret_f32',
  'i64.extend_s': 'i64.extend_i32_s',
  'i64.extend_u': 'i64.extend_i32_u',
  'i64.reinterpret': 'i64.reinterpret_f64',
  'f32.demote': 'f32.demote_f64',
  'f32.reinterpret': 'f32.reinterpret_i32',
  'f64.promote': 'f64.promote_f32',
  'f64.reinterpret': 'f64.reinterpret_i64',
  'v128.zero': 'v128.const',
};

const operand = local('i32', 0);

/** The operation on operands of whatever type: only the opcode and the immediates are looked at. */
function apply(name: string, operation: Operation): Expr {
  const make = operation as (...args: unknown[]) => Expr;
  if (name.endsWith('.const')) return make(name === 'v128.const' ? new Uint8Array(16) : 0);
  if (name.includes('extract_lane')) return make(operand, 1);
  if (name.includes('replace_lane')) return make(operand, 1, operand);
  if (name === 'v128.shuffle') return make(operand, operand, new Array(16).fill(0));
  if (/\.load/.test(name)) return make(operand, 8);
  return make(...new Array(operation.length).fill(operand));
}

const sets = { i32, i64, f32, f64, v128, i8x16, i16x8, i32x4, i64x2, f32x4, f64x2 };
const operations = Object.entries(sets).flatMap(([type, set]) =>
  Object.entries(set).map(([name, operation]) => [`${type}.${name}`, operation as Operation] as const),
);

test('WABT reads every operation by its name', async () => {
  const module = new Module();
  module.importMemory('core', 'memory', 1, 1);
  const code = module.function(['i32'], []);
  for (const [name, operation] of operations) code.drop(apply(name, operation));
  const { readWasm } = await loadWabt();
  const wat = readWasm(module.bytes(), { simd: true, sat_float_to_int: true, sign_extension: true, check: false });
  const text = wat.toText({ foldExprs: false, inlineExport: false });
  // One operation before each drop; its operands come before it.
  const read = [...text.matchAll(/^\s+(\S+)[^\n]*\n\s+drop\)*$/gm)].map((match) => match[1]);
  // WABT says i8x16.shuffle, as the specification does: it works on bytes.
  const expected = operations.map(([name]) => (name === 'v128.shuffle' ? 'i8x16.shuffle' : (fullNames[name] ?? name)));
  expect(read).toEqual(expected);
});
