import { Core } from '../../a64/layout.ts';
import { HostFunction } from '../../a64/runtime.ts';
import type { Code } from '../../wasm/code.ts';
import { type I32, i32 } from '../../wasm/expr.ts';
import type { CodeTable } from './code-table.ts';

/** In a translation: (core base, address, missKey) to what HostFunction.fill gives. */
export const missType = { params: ['i32', 'i64', 'i32'], results: ['i32'] } as const;

/** The size of an access, its elements and its AccessKind in one word. */
export const missKey = (bytes: number, count: number, kind: number): number => kind | (bytes << 8) | (count << 16);

/** Writes miss(cpu, address, key): accesses are many, so what their misses have in common is once in a module. */
export function writeMiss(code: Code, table: CodeTable): void {
  const cpu = code.param('i32', 0);
  const key = code.param('i32', 2);
  const byteOf = (shift: number): I32 => i32.and(i32.shr_u(key, i32.const(shift)), i32.const(0xff));
  code.store(cpu, code.param('i64', 1), 8, Core.accessAddress);
  code.store(cpu, byteOf(0), 4, Core.accessKind);
  code.return(table.call(code, HostFunction.fill, [cpu, byteOf(8), byteOf(16)]));
  code.unreachable();
}
