import { CodeTlb, Core, contextShift, pageLog2, Tlb, TlbFlag } from '../../a64/layout.ts';
import { type I32, i32 } from '../../wasm/expr.ts';

/** The TLBs in generated code: how entries are found. What a miss of the data TLB does is in second-tlb.ts. */

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

/** The size of an access, its elements and its AccessKind in one word. */
export const missKey = ({ bytes, count, kind }: ElementAccess): number => kind | (bytes << 8) | (count << 16);
