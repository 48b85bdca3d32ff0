/** A core's registers as plain data, in words that do not depend on how the simulator lays out its memory. */
import { Core } from '../../a64/layout.ts';
import { assert } from '../../base/assert.ts';
import { bytes, list, natural, nullable, number, pair, record, type Shape, text, whole } from '../../base/shape.ts';
import { physAddr } from '../../base/units.ts';
import type { CoreState } from './core.ts';
import { ExitRequest } from './exit-request.ts';
import { type SystemSlot, systemSlots } from './slots.ts';

/** What a core holds itself. Its timers, its monitors and its MMU have more. */
export interface CoreRegisters {
  readonly x: readonly bigint[];
  readonly sp: bigint;
  readonly pc: bigint;
  readonly nzcv: number;
  readonly fpcr: number;
  readonly fpsr: number;
  /** Without NZCV. */
  readonly pstate: number;
  readonly v: Uint8Array;
  /** System registers, and state that no register shows, by their names. */
  readonly system: readonly (readonly [slot: string, value: bigint])[];
  /** The physical address of the location that the exclusive monitor marks, null if it is open; and its size. */
  readonly exclusive: readonly [address: number | null, size: number];
  /** The location that WFE watches, by its physical address. */
  readonly waitAddress: number | null;
  readonly exitRequest: number;
  /** Instructions before this quantum, its length, and what is left of it. */
  readonly retired: number;
  readonly quantum: number;
  readonly budget: number;
  readonly counts: readonly number[];
}

const word = whole(0, 2 ** 32 - 1);

export const coreRegisters: Shape<CoreRegisters> = record<CoreRegisters>({
  x: list(natural),
  sp: natural,
  pc: natural,
  nzcv: word,
  fpcr: word,
  fpsr: word,
  pstate: word,
  v: bytes,
  system: list(pair(text, natural)),
  exclusive: pair(nullable(whole()), whole(0, 16)),
  waitAddress: nullable(whole()),
  exitRequest: word,
  retired: whole(),
  quantum: word,
  budget: number,
  counts: list(word),
});

const vSize = 32 * 16;
const countWords = (Core.traced - Core.counts) / 4;
const vOf = (core: CoreState): Uint8Array => core.memory.u8.subarray(core.base + Core.v, core.base + Core.v + vSize);
/** What waits in the state as a host address. */
const hostSlot: SystemSlot = 'waitAddress';

export function saveRegisters(core: CoreState): CoreRegisters {
  const { memory } = core;
  return {
    x: Array.from({ length: 31 }, (_, n) => core.x(n)),
    sp: core.sp,
    pc: core.pc,
    nzcv: core.nzcv,
    fpcr: core.word(Core.fpcr),
    fpsr: core.word(Core.fpsr),
    pstate: core.word(Core.pstate),
    v: vOf(core).slice(),
    system: systemSlots.map((slot) => [slot, slot === hostSlot ? 0n : core.system(slot)]),
    exclusive: [memory.physical(core.word(Core.exclusiveAddress)), core.word(Core.exclusiveSize)],
    waitAddress: memory.physical(core.systemLow(hostSlot)),
    exitRequest: core.word(Core.exitRequest) & ~ExitRequest.debugger,
    retired: core.word(Core.retired) + core.word(Core.retired + 4) * 2 ** 32,
    quantum: core.word(Core.quantum),
    budget: core.word(Core.budget) | 0,
    counts: Array.from({ length: countWords }, (_, i) => core.word(Core.counts + 4 * i)),
  };
}

/** Gives a core saved registers. What follows from them, in its MMU and elsewhere, is the caller's. Throws AssertionError. */
export function loadRegisters(core: CoreState, saved: CoreRegisters): void {
  const { memory } = core;
  const isComplete =
    saved.x.length === 31 && saved.v.length === vSize && saved.counts.length === countWords && isSystem(saved.system);
  assert(isComplete, `the registers that are loaded are those of core ${core.index}`);
  for (const [n, value] of saved.x.entries()) core.setX(n, value);
  core.sp = saved.sp;
  core.pc = saved.pc;
  core.setFloatState(saved.fpcr, saved.fpsr);
  core.nzcv = saved.nzcv;
  core.setWord(Core.pstate, saved.pstate);
  core.setWord(Core.el, (saved.pstate >>> 2) & 3);
  vOf(core).set(saved.v);
  for (const [i, slot] of systemSlots.entries()) core.setSystem(slot, saved.system[i]?.[1] ?? 0n);
  const host = (address: number | null): number => (address === null ? 0 : memory.host(physAddr(address)));
  const [address, size] = saved.exclusive;
  core.setWord(Core.exclusiveAddress, host(address));
  core.setWord(Core.exclusiveSize, size);
  core.setSystem(hostSlot, BigInt(host(saved.waitAddress)));
  core.setWord(Core.exitRequest, saved.exitRequest);
  core.setWord(Core.retired, saved.retired);
  core.setWord(Core.retired + 4, Math.floor(saved.retired / 2 ** 32));
  core.setWord(Core.quantum, saved.quantum);
  core.setWord(Core.budget, saved.budget);
  for (const [i, value] of saved.counts.entries()) core.setWord(Core.counts + 4 * i, value);
}

const isSystem = (system: CoreRegisters['system']): boolean =>
  system.length === systemSlots.length && systemSlots.every((slot, i) => system[i]?.[0] === slot);
