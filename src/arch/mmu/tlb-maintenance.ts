import { Core } from '../../a64/layout.ts';
import { Reg } from '../registers/mmu-registers.ts';
import type { CoreMmu } from './core-mmu.ts';
import type { Regime } from './walk.ts';

/** HCR_EL2.FB: EL1's TLBIs reach the Inner Shareable domain. */
const forceBroadcast = 1 << 9;

/** The operand of a TLBI: a register's halves. */
interface Operand {
  readonly low: number;
  readonly high: number;
}

/** What one TLBI does to each core that it reaches; `issuer` tells VMID and ASID width. */
type Operation = (target: CoreMmu, issuer: Issuer, operand: Operand) => void;

class Issuer {
  constructor(readonly mmu: CoreMmu) {}

  #word(register: number): number {
    const { memory, base } = this.mmu.state;
    return memory.u32[(base >>> 2) + register] as number;
  }

  get vmid(): number {
    return (this.#word(Reg.VTTBR_EL2 + 1) >>> 16) & 0xff;
  }

  /** ASID in bits 63-48, of which TCR_EL1.AS = 0 leaves eight. */
  asid(operand: Operand): number {
    return (operand.high >>> 16) & ((this.#word(Reg.TCR_EL1 + 1) & (1 << 4)) !== 0 ? 0xffff : 0xff);
  }

  get broadcasts(): boolean {
    return this.mmu.state.word(Core.el) === 1 && (this.#word(Reg.HCR_EL2) & forceBroadcast) !== 0;
  }
}

/** By VA, whatever ASID: an entry's index is all that is needed, unless block mappings are about. */
const byAddress =
  (regime: Regime): Operation =>
  (target, issuer, operand) => {
    if (!target.tlb.dropPage(operand.low)) target.contexts.retire(regime, regime === 1 ? issuer.vmid : undefined);
  };

const allOfVmid: Operation = (target, issuer) => target.contexts.retire(1, issuer.vmid);

/** By IPA: entries of both stages combined need not go (Arm ARM D4.10, TLBI IPAS2E1), those of stage 2 alone do. */
const byIpa: Operation = (target) => target.walker.stage2.forget();

/** Operations by op1 and op2 of SYS; for CRm 0 and 4 (by IPA) 16 is added to op2. */
const operations = new Map<number, Operation>();
const key = (op1: number, op2: number): number => (op1 << 8) | op2;
operations.set(key(0, 0), allOfVmid); // VMALLE1
operations.set(key(0, 1), byAddress(1)); // VAE1
operations.set(key(0, 2), (target, issuer, operand) => target.contexts.retire(1, issuer.vmid, issuer.asid(operand))); // ASIDE1
operations.set(key(0, 3), byAddress(1)); // VAAE1
operations.set(key(0, 5), byAddress(1)); // VALE1
operations.set(key(0, 7), byAddress(1)); // VAALE1
operations.set(key(4, 0), (target) => target.contexts.retire(2)); // ALLE2
operations.set(key(4, 1), byAddress(2)); // VAE2
// ALLE1
operations.set(key(4, 4), (target) => {
  target.contexts.retire(1);
  target.walker.stage2.forget();
});
operations.set(key(4, 5), byAddress(2)); // VALE2
// VMALLS12E1
operations.set(key(4, 6), (target, issuer, operand) => {
  allOfVmid(target, issuer, operand);
  target.walker.stage2.forget();
});
operations.set(key(4, 17), byIpa); // IPAS2E1
operations.set(key(4, 21), byIpa); // IPAS2LE1

/**
 * A TLBI instruction, SYS #op1, C8, Cm, #op2 (Arm ARM DDI 0487, C5.5), issued by one core; CRm says how far it reaches.
 * False if the encoding is not a TLBI of ARMv8.0 for EL1 or EL2. More than asked may be invalidated, never less.
 */
export function invalidate(
  cores: readonly CoreMmu[],
  issuing: CoreMmu,
  op1: number,
  crm: number,
  op2: number,
  operand: Operand,
): boolean {
  const stage2 = crm === 0 || crm === 4;
  if (!stage2 && crm !== 3 && crm !== 7) return false;
  const operation = operations.get(key(op1, op2 + (stage2 ? 16 : 0)));
  if (!operation) return false;
  const issuer = new Issuer(issuing);
  const inner = crm === 0 || crm === 3 || (op1 === 0 && issuer.broadcasts);
  for (const target of inner ? cores : [issuing]) {
    operation(target, issuer, operand);
    target.contextChanged();
  }
  return true;
}
