import { Core } from '../a64/layout.ts';
import { Hcr, Sctlr } from './control-bits.ts';
import type { CoreState } from './core.ts';
import { systemOffset } from './slots.ts';
import { Access, encode, type Guard } from './system-register.ts';

/** SYS instructions with a meaning: IC, DC, AT and TLBI, and what traps them (Arm ARM DDI 0487, C5.3-C5.5, D4.10). */

const hcr = systemOffset('HCR_EL2');
const sctlr1 = systemOffset('SCTLR_EL1');

/** Cache maintenance by address: what the MMU checks. */
export type CacheOperation = 'invalidate' | 'clean' | 'cleanToUnification' | 'instruction';

/** What SYS instructions ask of the MMU. Addresses come in two 32-bit halves; results are a Status. */
export interface TranslationOperations {
  /** DC ZVA: zeroes the 64-byte block of the address at the present level, or takes the exception. */
  zeroBlock(core: CoreState, low: number, high: number): number;
  /** DC and IC by address: translates and checks it, or takes the exception. There are no caches to maintain. */
  maintainCache(core: CoreState, operation: CacheOperation, low: number, high: number): number;
  /** AT: sets PAR_EL1, or takes the exception. `operation` is the encoding, as `encode` gives it. */
  translateAddress(core: CoreState, operation: number, low: number, high: number): number;
  /** TLBI. `operation` is the encoding, as `encode` gives it; the operand is the Xt in two halves. */
  invalidateTlb(core: CoreState, operation: number, low: number, high: number): void;
}

export interface SystemInstruction {
  readonly name: string;
  readonly encoding: number;
  /** Lowest level that may execute it. */
  readonly level: number;
  readonly guard: Guard | undefined;
  readonly run: (core: CoreState, low: number, high: number) => number;
}

/** A bit of HCR_EL2 traps EL1, and EL0 where it can get that far. */
const trappedBy =
  (bit: number): Guard =>
  (core) =>
    core.word(Core.el) < 2 && (core.word(hcr) & bit) !== 0 ? Access.trapEl2 : Access.allowed;

/** EL0 needs a bit of SCTLR_EL1; then a bit of HCR_EL2 traps. */
const userOperation = (allow: number, trap: number): Guard => {
  const trapped = trappedBy(trap);
  return (core, write) =>
    core.word(Core.el) === 0 && (core.word(sctlr1) & allow) === 0 ? Access.trapEl1 : trapped(core, write);
};

/** TLBI by op1 and op2: the levels that CRm = 3 (inner shareable) and 7 share, and those by IPA (0 and 4). */
const tlbiOperations = {
  el1: { 0: 'VMALLE1', 1: 'VAE1', 2: 'ASIDE1', 3: 'VAAE1', 5: 'VALE1', 7: 'VAALE1' },
  el2: { 0: 'ALLE2', 1: 'VAE2', 4: 'ALLE1', 5: 'VALE2', 6: 'VMALLS12E1' },
  ipa: { 1: 'IPAS2E1', 5: 'IPAS2LE1' },
} as const;

export const systemInstructions = (mmu: TranslationOperations): SystemInstruction[] => {
  const list: SystemInstruction[] = [];
  const add = (
    name: string,
    [op1, crn, crm, op2]: readonly [number, number, number, number],
    level: number,
    run: (core: CoreState, low: number, high: number, encoding: number) => number,
    guard?: Guard,
  ): void => {
    const encoding = encode([1, op1, crn, crm, op2]);
    list.push({ name, encoding, level, guard, run: (core, low, high) => run(core, low, high, encoding) });
  };
  const nothing = (): number => 0;
  const cache =
    (operation: CacheOperation) =>
    (core: CoreState, low: number, high: number): number =>
      mmu.maintainCache(core, operation, low, high);

  const tpu = trappedBy(Hcr.TPU);
  add('IC IALLUIS', [0, 7, 1, 0], 1, nothing, tpu);
  add('IC IALLU', [0, 7, 5, 0], 1, nothing, tpu);
  add('IC IVAU', [3, 7, 5, 1], 0, cache('instruction'), userOperation(Sctlr.UCI, Hcr.TPU));
  add('DC IVAC', [0, 7, 6, 1], 1, cache('invalidate'), trappedBy(Hcr.TPC));
  add('DC ISW', [0, 7, 6, 2], 1, nothing, trappedBy(Hcr.TSW));
  add('DC CSW', [0, 7, 10, 2], 1, nothing, trappedBy(Hcr.TSW));
  add('DC CISW', [0, 7, 14, 2], 1, nothing, trappedBy(Hcr.TSW));
  add('DC CVAC', [3, 7, 10, 1], 0, cache('clean'), userOperation(Sctlr.UCI, Hcr.TPC));
  add('DC CVAU', [3, 7, 11, 1], 0, cache('cleanToUnification'), userOperation(Sctlr.UCI, Hcr.TPU));
  add('DC CIVAC', [3, 7, 14, 1], 0, cache('clean'), userOperation(Sctlr.UCI, Hcr.TPC));
  add(
    'DC ZVA',
    [3, 7, 4, 1],
    0,
    (core, low, high) => mmu.zeroBlock(core, low, high),
    userOperation(Sctlr.DZE, Hcr.TDZ),
  );

  const at = (core: CoreState, low: number, high: number, encoding: number): number =>
    mmu.translateAddress(core, encoding, low, high);
  ['S1E1R', 'S1E1W', 'S1E0R', 'S1E0W'].forEach((name, op2) => {
    add(`AT ${name}`, [0, 7, 8, op2], 1, at);
  });
  add('AT S1E2R', [4, 7, 8, 0], 2, at);
  add('AT S1E2W', [4, 7, 8, 1], 2, at);
  ['S12E1R', 'S12E1W', 'S12E0R', 'S12E0W'].forEach((name, i) => {
    add(`AT ${name}`, [4, 7, 8, 4 + i], 2, at);
  });

  const tlbi = (core: CoreState, low: number, high: number, encoding: number): number => {
    mmu.invalidateTlb(core, encoding, low, high);
    return 0;
  };
  for (const shareable of [true, false]) {
    const suffix = shareable ? 'IS' : '';
    for (const [op2, name] of Object.entries(tlbiOperations.el1)) {
      add(`TLBI ${name}${suffix}`, [0, 8, shareable ? 3 : 7, Number(op2)], 1, tlbi, trappedBy(Hcr.TTLB));
    }
    for (const [op2, name] of Object.entries(tlbiOperations.el2)) {
      add(`TLBI ${name}${suffix}`, [4, 8, shareable ? 3 : 7, Number(op2)], 2, tlbi);
    }
    for (const [op2, name] of Object.entries(tlbiOperations.ipa)) {
      add(`TLBI ${name}${suffix}`, [4, 8, shareable ? 0 : 4, Number(op2)], 2, tlbi);
    }
  }
  return list;
};
