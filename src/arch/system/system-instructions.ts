import { Core, Status } from '../../a64/layout.ts';
import { systemOperation } from '../../a64/system-encoding.ts';
import { type AtName, atNames } from '../mmu/address-translate.ts';
import { isEl1Tlbi, type TlbiName, tlbiNames } from '../mmu/tlb/tlb-maintenance.ts';
import { AccessCheck, type Guard } from '../registers/system-register.ts';
import { Hcr, Sctlr } from '../state/control-bits.ts';
import type { CoreState } from '../state/core.ts';
import { systemOffset } from '../state/slots.ts';

/** SYS instructions with a meaning: IC, DC, AT and TLBI, and what traps them (Arm ARM DDI 0487, C5.3-C5.5, D4.10). */

const hcr = systemOffset('HCR_EL2');
const sctlr1 = systemOffset('SCTLR_EL1');

/** What SYS instructions ask of the MMU; the address is in Core.accessAddress, results are a Status. */
export interface TranslationOperations {
  /** DC ZVA: zeroes the 64-byte block of the address at the current level, or takes the exception. */
  zero(core: CoreState): number;
  /** DC and IC by address: translates and checks it, or takes the exception. DC IVAC `discards`. */
  maintain(core: CoreState, discards: boolean): number;
  /** AT: sets PAR_EL1, or takes the exception. */
  translateAddress(core: CoreState, operation: AtName): number;
  /** TLBI with its Xt in two halves. */
  invalidate(core: CoreState, operation: TlbiName, low: number, high: number): void;
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

/** The bit of HCR_EL2 that traps EL1's instructions, by their guards. */
export const instructionTraps = new Map<Guard | undefined, number>();

/** A bit of HCR_EL2 traps EL1, and EL0 where EL0 may execute the instruction. */
const trappedBy = (bit: number): Guard => {
  const guard: Guard = (core) =>
    core.word(Core.el) < 2 && (core.word(hcr) & bit) !== 0 ? AccessCheck.trapEl2 : AccessCheck.allowed;
  instructionTraps.set(guard, bit);
  return guard;
};

/** EL0 needs a bit of SCTLR_EL1; then a bit of HCR_EL2 traps. */
const userOperation = (allow: number, trap: number): Guard => {
  const trapped = trappedBy(trap);
  return (core, write) =>
    core.word(Core.el) === 0 && (core.word(sctlr1) & allow) === 0 ? AccessCheck.trapEl1 : trapped(core, write);
};

type Run = SystemInstruction['run'];

export const systemInstructions = (mmu: TranslationOperations): SystemInstruction[] => {
  const list: SystemInstruction[] = [];
  const add = (name: string, level: number, run: Run, guard?: Guard): void => {
    list.push({ name, encoding: systemOperation(name).encoding, level, guard, run });
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
  add('IC IALLUIS', 1, nothing, tpu);
  add('IC IALLU', 1, nothing, tpu);
  add('IC IVAU', 0, maintain, userOperation(Sctlr.UCI, Hcr.TPU));
  add(
    'DC IVAC',
    1,
    byAddress((core) => mmu.maintain(core, true)),
    trappedBy(Hcr.TPC),
  );
  add('DC ISW', 1, nothing, trappedBy(Hcr.TSW));
  add('DC CSW', 1, nothing, trappedBy(Hcr.TSW));
  add('DC CISW', 1, nothing, trappedBy(Hcr.TSW));
  add('DC CVAC', 0, maintain, userOperation(Sctlr.UCI, Hcr.TPC));
  add('DC CVAU', 0, maintain, userOperation(Sctlr.UCI, Hcr.TPU));
  add('DC CIVAC', 0, maintain, userOperation(Sctlr.UCI, Hcr.TPC));
  add(
    'DC ZVA',
    0,
    byAddress((core) => mmu.zero(core)),
    userOperation(Sctlr.DZE, Hcr.TDZ),
  );

  for (const name of atNames) {
    const run = byAddress((core) => mmu.translateAddress(core, name));
    add(`AT ${name}`, name.startsWith('S12') || name.startsWith('S1E2') ? 2 : 1, run);
  }
  for (const name of tlbiNames) {
    const run: Run = (core, low, high) => {
      mmu.invalidate(core, name, low, high);
      return Status.next;
    };
    // Those of EL1's own regime are EL1's; the others, ALLE1, VMALLS12E1 and IPAS2E1 included, EL2's.
    if (isEl1Tlbi(name)) add(`TLBI ${name}`, 1, run, trappedBy(Hcr.TTLB));
    else add(`TLBI ${name}`, 2, run);
  }
  return list;
};
