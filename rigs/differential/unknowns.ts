import { Record, type RecordView, Signal } from './record.ts';

/** Parts of a result that are not compared. */
export interface Unknown {
  /** A bit for each of X0-X30. */
  readonly x: number;
  /** A bit for each of V0-V31. */
  readonly v: number;
  readonly memory: boolean;
  /** The address of the fault. */
  readonly fault: boolean;
}

interface Rule {
  readonly name: string;
  readonly reason: string;
  /** What is unknown after the word `word` ended a test in a fault. */
  readonly unknown: (word: number, signal: number, fault: bigint) => Partial<Unknown> | undefined;
}

const is = (word: number, mask: number, value: number): boolean => (word & mask) >>> 0 === value;
const isPair = (w: number): boolean => is(w, 0x3a000000, 0x28000000);
const isStructure = (w: number): boolean => is(w, 0xbe000000, 0x0c000000);
const isLoad = (w: number): boolean => is(w, 0x00400000, 0x00400000);
const isAbort = (signal: number): boolean => signal === Signal.segmentation || signal === Signal.bus;

/** Parts of a result that the architecture leaves open or the recorder cannot read, with reasons. */
export const rules: readonly Rule[] = [
  {
    name: 'memory after a store that faults',
    reason: 'the locations that it would have written are UNKNOWN (Arm ARM D1.13.4)',
    unknown: (_, signal) => (isAbort(signal) ? { memory: true } : undefined),
  },
  {
    name: 'registers after a load of several registers that faults',
    reason: 'those that it loads are UNKNOWN, but for its base (Arm ARM D1.13.4)',
    unknown: (w, signal) => {
      if (!isAbort(signal) || !isLoad(w)) return undefined;
      const rt = w & 31;
      if (isStructure(w)) return { v: [0, 1, 2, 3].reduce((mask, n) => mask | (1 << ((rt + n) & 31)), 0) };
      if (!isPair(w)) return undefined;
      const mask = (1 << rt) | (1 << ((w >>> 10) & 31));
      return (w >>> 26) & 1 ? { v: mask } : { x: mask & ~(1 << ((w >>> 5) & 31)) };
    },
  },
  {
    name: 'the address of a fault, where it is none of the host',
    reason: 'the host of the recorder reports 0 for an address that is not canonical on it',
    unknown: (_, signal, fault) => (signal === Signal.segmentation && fault === 0n ? { fault: true } : undefined),
  },
];

/** Words whose faults QEMU does not take as the architecture says. */
export const unlikeQemu: readonly {
  readonly name: string;
  readonly reason: string;
  readonly matches: (w: number) => boolean;
}[] = [
  {
    name: 'store-exclusive without a load-exclusive before it',
    reason:
      'QEMU lets it fail without a look at the address; the Arm ARM lets it fault for a misaligned one, and leaves open ' +
      'whether it does for one that cannot be written (J1.1.3, AArch64.ExclusiveMonitorsPass)',
    matches: (w) => is(w, 0x3fc00000, 0x08000000),
  },
  {
    name: 'DC and IC by address, at one that is not mapped',
    reason: 'QEMU does not translate it (Arm ARM D4.4.8: it faults); for DC ZVA it reports the instruction before',
    matches: (w) => is(w, 0xfff80000, 0xd5080000),
  },
];

/** Whether two results cannot be compared at all: the actual one ends in a fault that QEMU does not take so. */
export function isUnlikeQemu(test: RecordView, expected: RecordView, actual: RecordView): boolean {
  const at = actual.word(Record.pc) - test.word(Record.pc);
  if (!isAbort(actual.word(Record.signal)) || at < 0 || at >= 4 * test.word(Record.count)) return false;
  const word = test.word(Record.words + at);
  return expected.long(Record.pc) !== actual.long(Record.pc) && unlikeQemu.some(({ matches }) => matches(word));
}

/** The recorder takes the tag off an address before the access, so that the top byte of FAR_ELx is not compared. */
export const faultAddressBits = 0x00ff_ffff_ffff_ffffn;

/** What is unknown in the result of a test, given the result that is expected. */
export function unknownsOf(test: RecordView, expected: RecordView): Unknown {
  const all = { x: 0, v: 0, memory: false, fault: false };
  const signal = expected.word(Record.signal);
  const at = expected.word(Record.pc) - test.word(Record.pc);
  if (signal === Signal.none || at < 0 || at >= 4 * test.word(Record.count)) return all;
  for (const rule of rules) {
    const unknown = rule.unknown(test.word(Record.words + at), signal, expected.long(Record.fault));
    if (!unknown) continue;
    all.x |= unknown.x ?? 0;
    all.v |= unknown.v ?? 0;
    all.memory ||= unknown.memory ?? false;
    all.fault ||= unknown.fault ?? false;
  }
  return all;
}
