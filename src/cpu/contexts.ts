import { Hcr, Sctlr } from './control-bits.ts';
import type { Memory } from './memory.ts';
import { Reg } from './mmu-registers.ts';
import type { Regime } from './walk.ts';

/** Numbers that may be in use at once: tags have 8 bits, and 255 stands in the tag that never hits. */
const numbers = 255;

/** Words of a context's key. */
const keyWords = 7;

/** Whose translations a number stands for. */
const Owner = { user: 0, kernel: 1, el2: 2, nobody: 3 } as const;
type Owner = (typeof Owner)[keyof typeof Owner];

/**
 * The context numbers of one core. A number stands for all that a translation depends on but the tables: regime, VMID,
 * ASID, privilege, and the control registers. Tables and MAIR_ELx are not in the key, as the architecture lets a TLB keep
 * what it read until a TLBI (Arm ARM D4.9). A switch of process or guest changes the number and flushes nothing; a TLBI
 * by ASID or VMID retires numbers, so that their entries hit no more.
 */
export class Contexts {
  readonly #u32: Uint32Array;
  readonly #core: number;
  readonly #keys = new Int32Array(numbers * keyWords);
  readonly #hashes = new Int32Array(numbers);
  #used = 0;
  /** Changes when numbers given out before may have lost their meaning. */
  generation = 0;

  /** `flush` empties the TLBs, before numbers are given out anew. */
  constructor(
    memory: Memory,
    core: number,
    readonly flush: () => void,
  ) {
    this.#u32 = memory.u32;
    this.#core = memory.core(core) >>> 2;
  }

  /** Number for EL2 by its present registers. */
  el2(): number {
    const u32 = this.#u32;
    const sctlr = u32[this.#core + Reg.SCTLR_EL2] as number;
    const tcr = u32[this.#core + Reg.TCR_EL2] as number;
    return this.#number(Owner.el2, sctlr & (Sctlr.M | Sctlr.WXN), tcr, 0, 0, 0, 0);
  }

  /** Number for EL1 (privileged) or EL0 accesses by the present registers. */
  el1(privileged: boolean): number {
    const u32 = this.#u32;
    const core = this.#core;
    const hcr = (u32[core + Reg.HCR_EL2] as number) & (Hcr.VM | Hcr.DC | Hcr.TGE);
    const sctlr = (u32[core + Reg.SCTLR_EL1] as number) & (Sctlr.M | Sctlr.WXN);
    const tcr = u32[core + Reg.TCR_EL1] as number;
    const tcrHigh = u32[core + Reg.TCR_EL1 + 1] as number;
    const vmid = ((u32[core + Reg.VTTBR_EL2 + 1] as number) >>> 16) & 0xff;
    const vtcr = (hcr & (Hcr.VM | Hcr.DC)) !== 0 ? (u32[core + Reg.VTCR_EL2] as number) & 0x7ffff : 0;
    const owner = privileged ? Owner.kernel : Owner.user;
    const asid = (sctlr & Sctlr.M) !== 0 ? this.#asid(tcr, tcrHigh) : 0;
    // HCR_EL2.VM lies where SCTLR_EL1.M does; bit 1 is free.
    const control = sctlr | (hcr & ~Hcr.VM) | ((hcr & Hcr.VM) << 1);
    return this.#number(owner, control, tcr, tcrHigh, vtcr, vmid, asid);
  }

  /** TCR_EL1.A1 says which TTBR holds the ASID, TCR_EL1.AS whether it has 16 bits. */
  #asid(tcr: number, tcrHigh: number): number {
    const ttbr = (tcr & (1 << 22)) !== 0 ? Reg.TTBR1_EL1 : Reg.TTBR0_EL1;
    return ((this.#u32[this.#core + ttbr + 1] as number) >>> 16) & ((tcrHigh & (1 << 4)) !== 0 ? 0xffff : 0xff);
  }

  #number(owner: Owner, control: number, tcr: number, tcrHigh: number, vtcr: number, vmid: number, asid: number) {
    const keys = this.#keys;
    const hash = owner ^ (control * 5) ^ (tcr * 3) ^ (vmid << 2) ^ (asid << 10) ^ vtcr;
    for (let n = this.#used - 1; n >= 0; n--) {
      if (this.#hashes[n] !== hash) continue;
      const k = n * keyWords;
      if (
        keys[k] === owner &&
        keys[k + 1] === (control | 0) &&
        keys[k + 2] === (tcr | 0) &&
        keys[k + 3] === (tcrHigh | 0) &&
        keys[k + 4] === vtcr &&
        keys[k + 5] === vmid &&
        keys[k + 6] === asid
      ) {
        return n;
      }
    }
    if (this.#used === numbers) this.reset();
    const n = this.#used++;
    this.#hashes[n] = hash;
    keys.set([owner, control, tcr, tcrHigh, vtcr, vmid, asid], n * keyWords);
    return n;
  }

  /** Takes back all numbers and empties the TLBs. */
  reset(): void {
    this.flush();
    this.#used = 0;
    this.generation++;
  }

  /** Retires the numbers of a regime; of one VMID and one ASID only, where these are given. */
  retire(regime: Regime, vmid?: number, asid?: number): void {
    this.generation++;
    const keys = this.#keys;
    for (let n = 0; n < this.#used; n++) {
      const k = n * keyWords;
      const owner = keys[k] as number;
      if (regime === 2 ? owner !== Owner.el2 : owner > Owner.kernel) continue;
      if (vmid !== undefined && keys[k + 5] !== vmid) continue;
      if (asid !== undefined && keys[k + 6] !== asid) continue;
      keys[k] = Owner.nobody;
    }
  }
}
