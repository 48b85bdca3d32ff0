import { Core } from '../../../a64/layout.ts';
import { Reg } from '../../registers/mmu-registers.ts';
import { Hcr } from '../../state/control-bits.ts';
import type { CoreMmu } from '../core-mmu.ts';
import type { Regime } from '../walk.ts';

/** The operand of a TLBI: a register's halves. */
interface Operand {
  readonly low: number;
  readonly high: number;
}

/** What one TLBI does to each core that it reaches; `issuer` tells VMID and ASID width. */
type Invalidation = (target: CoreMmu, issuer: Issuer, operand: Operand) => void;

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
    return this.mmu.state.word(Core.el) === 1 && (this.#word(Reg.HCR_EL2) & Hcr.FB) !== 0;
  }
}

/** By VA, for every ASID: the entry's index is enough, unless there are block mappings. */
const byAddress =
  (regime: Regime): Invalidation =>
  (target, issuer, operand) => {
    if (!target.tlb.dropPage(operand.low)) target.contexts.retire(regime, regime === 1 ? issuer.vmid : undefined);
  };

const allOfVmid: Invalidation = (target, issuer) => target.contexts.retire(1, issuer.vmid);

/** By IPA: entries of both stages combined need not go (Arm ARM D4.10, TLBI IPAS2E1), those of stage 2 alone do. */
const byIpa: Invalidation = (target) => target.walker.stage2.forget();

/** Every translation of EL1&0, of both stages. */
const allOfEl1: Invalidation = (target) => {
  target.contexts.retire(1);
  target.walker.stage2.forget();
};

/** TLBIs of EL1's own regime. */
const ofEl1 = {
  VMALLE1: allOfVmid,
  VAE1: byAddress(1),
  ASIDE1: (target, issuer, operand) => target.contexts.retire(1, issuer.vmid, issuer.asid(operand)),
  VAAE1: byAddress(1),
  VALE1: byAddress(1),
  VAALE1: byAddress(1),
} as const satisfies Record<string, Invalidation>;

/** TLBIs that only EL2 may execute. */
const ofEl2 = {
  ALLE2: (target) => target.contexts.retire(2),
  VAE2: byAddress(2),
  VALE2: byAddress(2),
  ALLE1: allOfEl1,
  VMALLS12E1: (target, issuer, operand) => {
    allOfVmid(target, issuer, operand);
    target.walker.stage2.forget();
  },
  IPAS2E1: byIpa,
  IPAS2LE1: byIpa,
} as const satisfies Record<string, Invalidation>;

type BaseName = keyof typeof ofEl1 | keyof typeof ofEl2;

/** The TLBIs of ARMv8.0 for EL1 and EL2; those that end in IS reach the Inner Shareable domain. */
export type TlbiName = BaseName | `${BaseName}IS`;

/** What a TLBI does, and how far it reaches. */
interface Tlbi {
  readonly run: Invalidation;
  readonly inner: boolean;
  readonly el1: boolean;
}
const tlbis = {} as Record<TlbiName, Tlbi>;
for (const [operations, el1] of [
  [ofEl1, true],
  [ofEl2, false],
] as const) {
  for (const [name, run] of Object.entries(operations)) {
    tlbis[name as BaseName] = { run, inner: false, el1 };
    tlbis[`${name as BaseName}IS`] = { run, inner: true, el1 };
  }
}

export const tlbiNames = Object.keys(tlbis) as TlbiName[];

/** Whether a TLBI is for EL1's own regime, so that EL1 may execute it. */
export const isEl1Tlbi = (name: TlbiName): boolean => tlbis[name].el1;

/**
 * A TLBI instruction (Arm ARM DDI 0487, C5.5), issued by one core. More than asked may be invalidated, never less.
 */
export function invalidate(cores: readonly CoreMmu[], issuing: CoreMmu, name: TlbiName, operand: Operand): void {
  const { run, inner, el1 } = tlbis[name];
  const issuer = new Issuer(issuing);
  for (const target of inner || (el1 && issuer.broadcasts) ? cores : [issuing]) {
    run(target, issuer, operand);
    target.contextChanged();
  }
}
