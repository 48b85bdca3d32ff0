import { AccessKind, Core, Failed, FailedWalk, FaultField, pageLog2, Tlb, TlbFlag } from '../../a64/layout.ts';
import { HostFunction, runtimeFunction } from '../../a64/runtime.ts';
import { ExceptionClass } from '../../arch/exceptions/exceptions.ts';
import { FaultType, Iss } from '../../arch/mmu/faults.ts';
import { Need } from '../../arch/mmu/walk.ts';
import { Sctlr } from '../../arch/state/control-bits.ts';
import { Count, countWord } from '../../arch/state/counts.ts';
import { systemOffset } from '../../arch/state/slots.ts';
import type { Code } from '../../wasm/code.ts';
import { type I32, type I64, i32, i64, select } from '../../wasm/expr.ts';
import { hostAddress, lookUp } from './dispatch.ts';
import {
  Banked,
  bank,
  type EntryCode,
  enterWith,
  goesElsewhere,
  isObserved,
  isTagged,
  ordinaryTarget,
  orHost,
  synchronous,
} from './exception-entry.ts';
import { dataTlbEntry } from './tlb.ts';

/**
 * Data and Instruction Aborts in generated code. Its own are those of accesses that are not aligned and of walks that
 * have failed before (see FailedWalks); of data it also takes those that CoreMmu.fill has found.
 */

/** The kind of store-exclusives, which STLR shares. */
const exclusive = AccessKind.write | AccessKind.aligned;

/** Counts a miss of a TLB. */
const countMiss = (code: Code, cpu: I32, count: number): void => {
  const offset = 4 * countWord(count);
  code.store(cpu, i32.add(i32.load(cpu, offset), i32.const(1)), 4, offset);
};

/**
 * Base such that the fields of the failed walk of an address lie at Core.failedWalks + field. `otherwise` leaves where
 * there is none, or where a descriptor has changed since.
 */
const failedWalk = (
  code: Code,
  cpu: I32,
  { address, context, need }: { address: I64; context: I64; need: I32 },
  otherwise: () => void,
): I32 => {
  const page = i32.wrap(i64.shr_u(address, i64.const(pageLog2)));
  const slot = i32.and(
    i32.add(page, i32.mul(need, i32.const(FailedWalk.needSpread))),
    i32.const(FailedWalk.entries - 1),
  );
  const found = code.local('i32');
  code.set(found, i32.add(cpu, i32.mul(slot, i32.const(FailedWalk.size))));
  const entry = code.get(found);
  const differs = (mask: I64): I32 => {
    const tag = i64.or(i64.or(i64.and(address, mask), context), i64.extend_u(need));
    return i64.ne(i64.load(entry, Core.failedWalks + FailedWalk.tag), tag);
  };
  code.if(differs(i64.const(-4096)), () => {
    code.set(found, i32.add(cpu, i32.const(FailedWalk.entries * FailedWalk.size)));
    const sizeLog2 = i64.load32_u(entry, Core.failedWalks + FailedWalk.sizeLog2);
    code.if(differs(i64.shl(i64.const(-1), sizeLog2)), otherwise);
  });
  const count = code.let(i32.load(entry, Core.failedWalks + FailedWalk.count));
  code.block((end) => {
    for (let i = 0; i < FailedWalk.descriptors; i++) {
      code.brIf(end, i32.le_u(count, i32.const(i)));
      const read = i64.load(i32.load(entry, Core.failedWalks + FailedWalk.addresses + 4 * i));
      code.if(i64.ne(read, i64.load(entry, Core.failedWalks + FailedWalk.values + 8 * i)), otherwise);
    }
  });
  return entry;
};

/** (cpu, key): what `fill` returns for the access in Core.accessAddress and accessKind; `key` is its missKey. */
export const missSpecially = runtimeFunction('missSpecially', ['i32', 'i32'], 'i32', (code, call) => {
  const cpu = code.param('i32', 0);
  const key = code.param('i32', 1);
  const bytes = code.let(i32.and(i32.shr_u(key, i32.const(8)), i32.const(0xff)));
  const count = code.let(i32.shr_u(key, i32.const(16)));
  const address = code.let(i64.load(cpu, Core.accessAddress));
  const low = code.let(i32.wrap(address));
  const total = code.let(i32.mul(bytes, count));
  const leave = (): void => code.return(call(HostFunction.fill, [cpu, bytes, count]));
  const has = (kind: number): I32 => i32.and(key, i32.const(kind));
  const failed = (): void => {
    code.store(cpu, address, 8, Core.faultAddress);
    code.store(cpu, i32.const(Failed.generatedCode), 4, Core.failed);
    code.return(i32.const(-1));
  };
  // DC ZVA asks for its whole block, and reports an address that is not here.
  const crosses = i32.gt_u(i32.add(i32.and(low, i32.const(4095)), total), i32.const(4096));
  code.if(i32.or(isObserved(cpu), i32.or(crosses, i32.ge_u(total, i32.const(64)))), leave);
  const write = has(AccessKind.write);
  const writeBit = i32.mul(write, i32.const(Iss.WnR));
  const context = code.let(
    select(has(AccessKind.unprivileged), i64.load(cpu, Core.contextUnprivileged), i64.load(cpu, Core.context)),
  );
  code.if(i32.and(low, i32.sub(bytes, i32.const(1))), () => {
    const atEl2 = i32.eq(i32.load(cpu, Core.el), i32.const(2));
    const sctlr = select(atEl2, i32.load(cpu, systemOffset('SCTLR_EL2')), i32.load(cpu, systemOffset('SCTLR_EL1')));
    code.if(i32.or(has(AccessKind.aligned), i32.and(sctlr, i32.const(Sctlr.A))), () => {
      const status = i32.or(i32.const(FaultType.alignment), writeBit);
      code.store(cpu, status, 4, Core.fault + FaultField.status);
      code.store(cpu, i32.const(1), 4, Core.fault + FaultField.stage);
      failed();
    });
    // Normal memory that the data TLB has may be accessed at any address.
    const entry = code.let(dataTlbEntry(cpu, low));
    const field = (offset: number): I64 => i64.load(entry, Core.tlb + offset);
    const tag = select(write, field(Tlb.writeTag), field(Tlb.readTag));
    const hits = i64.eq(i64.or(i64.and(address, i64.const(-4096)), context), tag);
    const flags = i32.and(
      i32.load(entry, Core.tlb + Tlb.flags),
      select(write, i32.const(TlbFlag.normal | TlbFlag.guarded), i32.const(TlbFlag.normal)),
    );
    code.if(i32.and(hits, i32.eq(flags, i32.const(TlbFlag.normal))), () =>
      code.return(i32.add(low, i32.load(entry, Core.tlb + Tlb.addend))),
    );
    leave();
  });
  const need = code.let(i32.mul(write, i32.const(Need.write)));
  const entry = failedWalk(code, cpu, { address, context, need }, leave);
  const found = code.let(i32.load(entry, Core.failedWalks + FailedWalk.fault + FaultField.status));
  code.if(
    i32.eq(found, i32.const(FaultType.external)),
    // A store-exclusive whose monitor is open makes no access. A walk that succeeds is no miss.
    () => code.if(i32.eq(has(exclusive), i32.const(exclusive)), leave),
    () => countMiss(code, cpu, Count.dataTlbMiss),
  );
  code.store(cpu, i32.or(found, writeBit), 4, Core.fault + FaultField.status);
  const other = (offset: number): number => Core.failedWalks + FailedWalk.fault + offset;
  code.store(cpu, i32.load(entry, other(FaultField.stage)), 4, Core.fault + FaultField.stage);
  code.store(cpu, i64.load(entry, other(FaultField.hpfar)), 8, Core.fault + FaultField.hpfar);
  failed();
  code.unreachable();
});

/** An abort whose fault lies at a base and an offset. */
interface Abort {
  readonly ec: typeof ExceptionClass.dataAbort | typeof ExceptionClass.instructionAbort;
  readonly iss: I32;
  readonly stage2: I32;
  readonly address: I64;
  readonly hpfar: I64;
}

/** Where an abort goes: EL2 by stage 2. */
const abortTarget = (code: Code, cpu: I32, stage2: I32): I32 =>
  code.let(select(stage2, i32.const(2), ordinaryTarget(code, cpu)));

const enterAbort = (place: EntryCode, target: I32, { ec, iss, stage2, address, hpfar }: Abort): void => {
  const { code, cpu } = place;
  code.store(bank(cpu, target), address, 8, Banked.far);
  code.if(stage2, () => code.store(cpu, hpfar, 8, systemOffset('HPFAR_EL2')));
  // The lowest bit of the class says that the level stays the same.
  const same = code.let(i32.or(i32.const(ec), i32.eq(i32.load(cpu, Core.el), target)));
  enterWith(place, { target, ec: same, iss, returnTo: i64.load(cpu, Core.pc) });
};

/** (cpu): takes the Data Abort of Core.fault for the instruction at pc; zero if it must be executed again. */
export const takeAbort = orHost('takeAbort', HostFunction.abort, (writing) => {
  const { code, cpu, leaveIf } = writing;
  const stage2 = code.let(i32.eq(i32.load(cpu, Core.fault + FaultField.stage), i32.const(2)));
  const target = abortTarget(code, cpu, stage2);
  leaveIf(goesElsewhere(cpu, target));
  const iss = code.local('i32');
  code.set(iss, i32.load(cpu, Core.fault + FaultField.status));
  const isWalk = i32.and(code.get(iss), i32.const(Iss.S1PTW));
  code.if(i32.and(stage2, i32.eqz(isWalk)), () => {
    const pc = code.let(i64.load(cpu, Core.pc));
    const { entry, hits } = lookUp(code, cpu, pc);
    leaveIf(i32.eqz(hits));
    leaveIf(i32.ne(i32.load(hostAddress(pc, entry)), i32.load(cpu, Core.syndromeWord)));
    code.set(iss, i32.or(code.get(iss), i32.load(cpu, Core.syndrome)));
  });
  code.store(cpu, i32.const(Failed.no), 4, Core.failed);
  enterAbort(writing, target, {
    ec: ExceptionClass.dataAbort,
    iss: code.get(iss),
    stage2,
    address: i64.load(cpu, Core.faultAddress),
    hpfar: i64.load(cpu, Core.fault + FaultField.hpfar),
  });
});

/** (cpu): takes the exception for pc, which misses the TLB or is not aligned; zero if TypeScript must look. */
export const failFetch = runtimeFunction('failFetch', ['i32'], 'i32', (code, call) => {
  const cpu = code.param('i32', 0);
  const leave = (): void => code.return(i32.const(0));
  const pc = code.let(i64.load(cpu, Core.pc));
  code.if(i32.or(isObserved(cpu), isTagged(code, pc, i32.load(cpu, Core.el))), leave);
  code.if(i32.and(i32.wrap(pc), i32.const(3)), () => {
    const target = ordinaryTarget(code, cpu);
    code.if(goesElsewhere(cpu, target), leave);
    code.store(bank(cpu, target), pc, 8, Banked.far);
    synchronous({ code, cpu, call }, target, ExceptionClass.pcAlignment, i32.const(0));
    code.return(i32.const(1));
  });
  const context = i64.load(cpu, Core.context);
  const entry = failedWalk(code, cpu, { address: pc, context, need: i32.const(Need.execute) }, leave);
  const at = (offset: number): number => Core.failedWalks + FailedWalk.fault + offset;
  const stage2 = code.let(i32.eq(i32.load(entry, at(FaultField.stage)), i32.const(2)));
  const target = abortTarget(code, cpu, stage2);
  code.if(goesElsewhere(cpu, target), leave);
  countMiss(code, cpu, Count.codeTlbMiss);
  enterAbort({ code, cpu, call }, target, {
    ec: ExceptionClass.instructionAbort,
    iss: i32.load(entry, at(FaultField.status)),
    stage2,
    address: pc,
    hpfar: i64.load(entry, at(FaultField.hpfar)),
  });
  code.return(i32.const(1));
  code.unreachable();
});
