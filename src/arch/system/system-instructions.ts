import { Core, Status } from '../../a64/layout.ts';
import { AccessCheck, encode, type Guard } from '../registers/system-register.ts';
import { Hcr, Sctlr } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { systemOffset } from '../state/slots.ts';

/** SYS instructions with a meaning: IC, DC, AT and TLBI, and what traps them (Arm ARM DDI 0487, C5.3-C5.5, D4.10). */

const hcr = systemOffset('HCR_EL2');
const sctlr1 = systemOffset('SCTLR_EL1');

/** What SYS instructions ask of the MMU; the address is in Core.accessAddress, results are a Status. */
export interface TranslationOperations {
  /** DC ZVA: zeroes the 64-byte block of the address at the present level, or takes the exception. */
  zero(core: CoreState): number;
  /** DC and IC by address: translates and checks it, or takes the exception. DC IVAC `discards`. */
  maintain(core: CoreState, discards: boolean): number;
  /** AT S1E1R and its like: sets PAR_EL1, or takes the exception; undefined for encodings that are no AT. */
  translateAddress(core: CoreState, op1: number, op2: number): number | undefined;
  /** TLBI with its Xt in two halves; false for encodings that are no TLBI. */
  invalidate(core: CoreState, op1: number, crm: number, op2: number, low: number, high: number): boolean;
}

export interface SystemInstruction {
  readonly name: string;
  readonly encoding: number;
  /** Lowest level that may execute it. */
  readonly level: number;
  readonly guard: Guard | undefined;
  /** Executes it with the halves of Xt; returns a Status. */
  readonly run: (core: CoreState, low: number, high: number) => number;
}

/** A bit of HCR_EL2 traps EL1, and EL0 where it can get that far. */
const trappedBy =
  (bit: number): Guard =>
  (core) =>
    core.word(Core.el) < 2 && (core.word(hcr) & bit) !== 0 ? AccessCheck.trapEl2 : AccessCheck.allowed;

/** EL0 needs a bit of SCTLR_EL1; then a bit of HCR_EL2 traps. */
const userOperation = (allow: number, trap: number): Guard => {
  const trapped = trappedBy(trap);
  return (core, write) =>
    core.word(Core.el) === 0 && (core.word(sctlr1) & allow) === 0 ? AccessCheck.trapEl1 : trapped(core, write);
};

/** TLBI by op2: those of op1 = 0, and of op1 = 4 by CRm = 3 or 7 and, by IPA, 0 or 4; the first of each is Inner Shareable. */
const tlbiOperations = {
  el1: { 0: 'VMALLE1', 1: 'VAE1', 2: 'ASIDE1', 3: 'VAAE1', 5: 'VALE1', 7: 'VAALE1' },
  el2: { 0: 'ALLE2', 1: 'VAE2', 4: 'ALLE1', 5: 'VALE2', 6: 'VMALLS12E1' },
  ipa: { 1: 'IPAS2E1', 5: 'IPAS2LE1' },
} as const;

type Run = SystemInstruction['run'];

export const systemInstructions = (mmu: TranslationOperations): SystemInstruction[] => {
  const list: SystemInstruction[] = [];
  const add = (
    name: string,
    [op1, crn, crm, op2]: readonly [number, number, number, number],
    level: number,
    run: Run,
    guard?: Guard,
  ): void => {
    list.push({ name, encoding: encode([1, op1, crn, crm, op2]), level, guard, run });
  };
  /** An operation on the address in Xt. */
  const byAddress =
    (operation: (core: CoreState) => number): Run =>
    (core, low, high) => {
      core.setWord(Core.accessAddress, low);
      core.setWord(Core.accessAddress + 4, high);
      return operation(core);
    };
  const nothing: Run = () => Status.next;
  const maintain = byAddress((core) => mmu.maintain(core, false));

  const tpu = trappedBy(Hcr.TPU);
  add('IC IALLUIS', [0, 7, 1, 0], 1, nothing, tpu);
  add('IC IALLU', [0, 7, 5, 0], 1, nothing, tpu);
  add('IC IVAU', [3, 7, 5, 1], 0, maintain, userOperation(Sctlr.UCI, Hcr.TPU));
  add(
    'DC IVAC',
    [0, 7, 6, 1],
    1,
    byAddress((core) => mmu.maintain(core, true)),
    trappedBy(Hcr.TPC),
  );
  add('DC ISW', [0, 7, 6, 2], 1, nothing, trappedBy(Hcr.TSW));
  add('DC CSW', [0, 7, 10, 2], 1, nothing, trappedBy(Hcr.TSW));
  add('DC CISW', [0, 7, 14, 2], 1, nothing, trappedBy(Hcr.TSW));
  add('DC CVAC', [3, 7, 10, 1], 0, maintain, userOperation(Sctlr.UCI, Hcr.TPC));
  add('DC CVAU', [3, 7, 11, 1], 0, maintain, userOperation(Sctlr.UCI, Hcr.TPU));
  add('DC CIVAC', [3, 7, 14, 1], 0, maintain, userOperation(Sctlr.UCI, Hcr.TPC));
  add(
    'DC ZVA',
    [3, 7, 4, 1],
    0,
    byAddress((core) => mmu.zero(core)),
    userOperation(Sctlr.DZE, Hcr.TDZ),
  );

  const addressTranslation = (names: readonly string[], op1: number, firstOp2: number, level: number): void => {
    names.forEach((name, i) => {
      const run = byAddress((core) => mmu.translateAddress(core, op1, firstOp2 + i) ?? Status.next);
      add(`AT ${name}`, [op1, 7, 8, firstOp2 + i], level, run);
    });
  };
  addressTranslation(['S1E1R', 'S1E1W', 'S1E0R', 'S1E0W'], 0, 0, 1);
  addressTranslation(['S1E2R', 'S1E2W'], 4, 0, 2);
  addressTranslation(['S12E1R', 'S12E1W', 'S12E0R', 'S12E0W'], 4, 4, 2);

  const invalidations = (names: Record<number, string>, op1: number, crm: number, shareable: boolean): void => {
    for (const [number, name] of Object.entries(names)) {
      const op2 = Number(number);
      const run: Run = (core, low, high) => {
        mmu.invalidate(core, op1, crm, op2, low, high);
        return Status.next;
      };
      const full = `TLBI ${name}${shareable ? 'IS' : ''}`;
      add(full, [op1, 8, crm, op2], op1 === 0 ? 1 : 2, run, op1 === 0 ? trappedBy(Hcr.TTLB) : undefined);
    }
  };
  for (const shareable of [true, false]) {
    invalidations(tlbiOperations.el1, 0, shareable ? 3 : 7, shareable);
    invalidations(tlbiOperations.el2, 4, shareable ? 3 : 7, shareable);
    invalidations(tlbiOperations.ipa, 4, shareable ? 0 : 4, shareable);
  }
  return list;
};
