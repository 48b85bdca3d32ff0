import { AccessKind, CodeTlb, Core, contextShift, pageLog2, SecondTlb, Tlb } from '../../a64/layout.ts';
import { type CallRuntime, HostFunction, runtimeFunction } from '../../a64/runtime.ts';
import type { Code } from '../../wasm/code.ts';
import { type I32, type I64, i32, i64, select } from '../../wasm/expr.ts';
import { missSpecially } from './aborts.ts';
import { codeTlbEntry, dataTlbEntry } from './tlb.ts';

const entryLog2 = Math.log2(Tlb.entrySize);

/** Base of the second level's entry for an address, among 2^entriesLog2 of a kind. */
const entryOf = (cpu: I32, address: I64, entriesLog2: number): I32 => {
  const page = i32.wrap(i64.shr_u(address, i64.const(pageLog2)));
  const index = i32.shr_u(i32.mul(page, i32.const(SecondTlb.factor)), i32.const(32 - entriesLog2));
  return i32.add(i32.load(cpu, Core.secondTlb), i32.shl(index, i32.const(entryLog2)));
};

/** The context that entries of global pages have, which accesses in a context find. */
const globalContext = (cpu: I32, context: I32): I32 =>
  i32.load(i32.add(cpu, i32.shr_u(context, i32.const(contextShift - 2))), Core.globalContexts);

/** Words that an entry has besides its tags. */
const untagged = [Tlb.addend, Tlb.physicalPage];

/** Looks an access up in the second level, whose entry becomes one of the first; otherwise asks as HostFunction.fill says. */
function writeMiss(code: Code, call: CallRuntime, translated: boolean): void {
  const cpu = code.param('i32', 0);
  const address = code.param('i64', 1);
  const key = code.param('i32', 2);
  const byteOf = (shift: number) => i32.and(i32.shr_u(key, i32.const(shift)), i32.const(0xff));
  const low = code.let(i32.wrap(address));
  const bytes = code.let(byteOf(8));
  const unaligned = code.let(i32.and(low, i32.sub(bytes, i32.const(1))));

  const isUnprivileged = i32.and(key, i32.const(AccessKind.unprivileged));
  const context = code.let(
    select(isUnprivileged, i32.load(cpu, Core.contextUnprivileged), i32.load(cpu, Core.context)),
  );
  const tagIn = (of: typeof context) => i64.or(i64.and(address, i64.const(-4096)), i64.extend_u(of));
  const own = code.let(tagIn(context));
  const writes = code.let(i32.and(key, i32.const(AccessKind.write)));
  const first = code.let(dataTlbEntry(cpu, low));
  const firstTag = select(writes, i64.load(first, Core.tlb + Tlb.writeTag), i64.load(first, Core.tlb + Tlb.readTag));
  // What misses only because it is not aligned needs no other entry.
  const isThere = i32.and(i32.ne(unaligned, i32.const(0)), i64.eq(firstTag, own));
  code.if(i32.eqz(isThere), () => {
    const entry = code.let(entryOf(cpu, address, SecondTlb.entriesLog2));
    const readTag = code.let(i64.load(entry, Tlb.readTag));
    const writeTag = code.let(i64.load(entry, Tlb.writeTag));
    const tag = code.let(select(writes, writeTag, readTag));
    const hits = i32.or(i64.eq(tag, own), i64.eq(tag, tagIn(globalContext(cpu, context))));
    code.if(hits, () => {
      const never = i64.const(Tlb.never);
      const host = code.let(i32.add(low, i32.load(entry, Tlb.addend)));
      const hasCode = i32.load8_u(i32.add(i32.load(cpu, Core.pagesWithCode), i32.shr_u(host, i32.const(pageLog2))));
      code.if(i32.or(i64.eq(writeTag, never), i32.eqz(hasCode)), () => {
        code.store(first, select(i64.eq(readTag, never), never, own), 8, Core.tlb + Tlb.readTag);
        code.store(first, select(i64.eq(writeTag, never), never, own), 8, Core.tlb + Tlb.writeTag);
        for (const field of untagged) code.store(first, i64.load(entry, field), 8, Core.tlb + field);
        const end = i32.add(i32.and(low, i32.const(4095)), i32.mul(bytes, byteOf(16)));
        code.if(i32.and(i32.eqz(unaligned), i32.le_u(end, i32.const(4096))), () => code.return(host));
      });
    });
  });

  code.store(cpu, address, 8, Core.accessAddress);
  code.store(cpu, byteOf(0), 4, Core.accessKind);
  if (translated)
    code.unlikely(i32.or(i32.load(cpu, Core.anyFailedWalk), unaligned), () =>
      code.return(call(missSpecially, [cpu, key])),
    );
  code.return(call(HostFunction.fill, [cpu, bytes, byteOf(16)]));
  code.unreachable();
}

/**
 * (cpu, address, missKey): host address of an access of a translation that misses the data TLB, or -1: see
 * HostFunction.fill.
 */
export const miss = runtimeFunction('miss', ['i32', 'i64', 'i32'], 'i32', (code, call) => writeMiss(code, call, true));

/** The same for an access of the interpreter, which leaves all faults to HostFunction.access. */
export const missInterpreted = runtimeFunction('missInterpreted', ['i32', 'i64', 'i32'], 'i32', (code, call) =>
  writeMiss(code, call, false),
);

/** (cpu): makes the instruction TLB hit at pc by an entry of the second level; zero if there is none. */
export const missFetch = runtimeFunction('missFetch', ['i32'], 'i32', (code) => {
  const cpu = code.param('i32', 0);
  const pc = code.let(i64.load(cpu, Core.pc));
  const context = code.let(i32.load(cpu, Core.context));
  const entry = code.let(entryOf(cpu, pc, SecondTlb.codeEntriesLog2));
  const tagIn = (of: I32) => i64.or(i64.and(pc, i64.const(-4096 | 3)), i64.extend_u(of));
  const own = code.let(tagIn(context));
  const tag = code.let(i64.load(entry, SecondTlb.code + CodeTlb.tag));
  code.if(i32.or(i64.eq(tag, own), i64.eq(tag, tagIn(globalContext(cpu, context)))), () => {
    const first = code.let(codeTlbEntry(cpu, i32.wrap(pc), context));
    code.store(first, own, 8, Core.codeTlb + CodeTlb.tag);
    for (const field of [CodeTlb.addend, CodeTlb.physicalPage])
      code.store(first, i64.load(entry, SecondTlb.code + field), 8, Core.codeTlb + field);
    code.return(i32.const(1));
  });
  code.return(i32.const(0));
  code.unreachable();
});
