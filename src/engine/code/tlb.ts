import { CodeTlb, Core, contextShift, pageLog2, Tlb, TlbFlag } from '../../a64/layout.ts';
import { HostFunction, type RuntimeFunction } from '../../a64/runtime.ts';
import type { Code } from '../../wasm/code.ts';
import { type I32, i32 } from '../../wasm/expr.ts';
import type { CodeTable } from './code-table.ts';

/** The TLBs in generated code: how entries are found, and what a miss of the data TLB does. */

/** Offset of the entry of an address among entries of a size: bits [21:12], scaled. */
const entryOffset = (index: I32, entries: number, entrySize: number): I32 =>
  i32.and(index, i32.const((entries - 1) * entrySize));

/** Base such that the fields of the data TLB's entry for an address lie at Core.tlb + field. */
export const dataTlbEntry = (cpu: I32, va: I32): I32 => {
  const index = i32.shr_u(va, i32.const(pageLog2 - Math.log2(Tlb.entrySize)));
  return i32.add(cpu, entryOffset(index, Tlb.entries, Tlb.entrySize));
};

/** Base such that the fields of the instruction TLB's entry for pc lie at Core.codeTlb + field (see codeTlbIndex). */
export const codeTlbEntry = (cpu: I32, pc: I32, context: I32): I32 => {
  const entryLog2 = Math.log2(CodeTlb.entrySize);
  const spread = i32.shl(context, i32.const(CodeTlb.spreadLog2 + entryLog2 - contextShift));
  const index = i32.xor(i32.shr_u(pc, i32.const(pageLog2 - entryLog2)), spread);
  return i32.add(cpu, entryOffset(index, CodeTlb.entries, CodeTlb.entrySize));
};

/** Whether the data TLB's entry for an address is one of Device memory. */
export const isDevice = (cpu: I32, va: I32): I32 =>
  i32.eqz(i32.and(i32.load(dataTlbEntry(cpu, va), Core.tlb + Tlb.flags), i32.const(TlbFlag.normal)));

/** What an access is about: `count` elements of `bytes` each, of an AccessKind. */
export interface ElementAccess {
  readonly bytes: number;
  readonly count: number;
  readonly kind: number;
}

/** miss: (core base, address, missKey) to what HostFunction.fill returns. */
export const missType = { params: ['i32', 'i64', 'i32'], results: ['i32'] } as const;

/** The size of an access, its elements and its AccessKind in one word. */
export const missKey = ({ bytes, count, kind }: ElementAccess): number => kind | (bytes << 8) | (count << 16);

/**
 * Writes miss(cpu, address, key). Each module of translations has one, which all its accesses share. `special` is
 * missSpecially.
 */
export function writeMiss(code: Code, table: CodeTable, special: RuntimeFunction<'i32'>): void {
  const cpu = code.param('i32', 0);
  const key = code.param('i32', 2);
  const byteOf = (shift: number): I32 => i32.and(i32.shr_u(key, i32.const(shift)), i32.const(0xff));
  code.store(cpu, code.param('i64', 1), 8, Core.accessAddress);
  code.store(cpu, byteOf(0), 4, Core.accessKind);
  const unaligned = i32.and(i32.wrap(code.param('i64', 1)), i32.sub(byteOf(8), i32.const(1)));
  code.unlikely(i32.or(i32.load(cpu, Core.anyFailedWalk), unaligned), () =>
    code.return(table.call(code, special, [cpu, key])),
  );
  code.return(table.call(code, HostFunction.fill, [cpu, byteOf(8), byteOf(16)]));
  code.unreachable();
}
