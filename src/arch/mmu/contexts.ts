import { Core, contextShift } from '../../a64/layout.ts';
import { Reg } from '../registers/mmu-registers.ts';
import { Hcr, Sctlr } from '../state/control-bits.ts';
import type { Memory } from '../state/memory.ts';
import type { Regime } from './walk.ts';

/** How many numbers there are: tags have 8 bits for them, and 255 is part of the tag that never hits. */
const numbers = 255;

/** Words of a context: what it stands for, and its number. */
const words = 8;
const ContextWord = { owner: 0, control: 1, tcr: 2, tcrHigh: 3, vtcr: 4, vmid: 5, asid: 6, number: 7 } as const;

/** The ASID of a context that stands for all ASIDs. */
const allAsids = 0x1_0000;

/** Bits of HCR_EL2 that a context stands for. */
export const contextControl = Hcr.VM | Hcr.DC | Hcr.TGE;

/** Whose translations a context is about. */
const ContextOwner = { user: 0, kernel: 1, el2: 2 } as const;

/**
 * The context numbers of one core. A number stands for everything that a translation depends on except the tables:
 * regime, VMID, ASID, privilege, the byte order of data, and the control registers. Tables and MAIR_ELx are not part of
 * it, because the architecture lets a TLB keep what it read until a TLBI (Arm ARM D4.9). A switch of process or guest
 * changes the number and flushes nothing. A TLBI by ASID or VMID forgets numbers, so that their entries never hit
 * again. When all numbers are used, the TLBs are emptied. Translations for all ASIDs (nG = 0) have a number of their own,
 * which Core.globalContexts gives for those of single ASIDs.
 */
export class Contexts {
  readonly #u32: Uint32Array;
  readonly #core: number;
  /** The contexts in use, in no particular order. */
  readonly #live = new Int32Array(numbers * words);
  #count = 0;
  #next = 0;
  /** Where in #live a context may be found, by a hash of it. */
  readonly #hints = new Uint8Array(256);
  /** The context whose number is asked for. */
  readonly #wanted = new Int32Array(words);
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

  /** Number for EL2 by its current registers. */
  el2(): number {
    const u32 = this.#u32;
    const sctlr = u32[this.#core + Reg.SCTLR_EL2] as number;
    const tcr = u32[this.#core + Reg.TCR_EL2] as number;
    const wanted = this.#wanted.fill(0);
    wanted[ContextWord.owner] = ContextOwner.el2;
    wanted[ContextWord.control] = sctlr & (Sctlr.M | Sctlr.WXN | Sctlr.EE);
    wanted[ContextWord.tcr] = tcr;
    return this.#number(false);
  }

  /** Number for EL1 (privileged) or EL0 accesses by the current registers, and by the byte order of their data. */
  el1(privileged: boolean, bigEndian: boolean): number {
    const u32 = this.#u32;
    const core = this.#core;
    const hcr = (u32[core + Reg.HCR_EL2] as number) & contextControl;
    const sctlr = (u32[core + Reg.SCTLR_EL1] as number) & (Sctlr.M | Sctlr.WXN);
    const tcr = u32[core + Reg.TCR_EL1] as number;
    const tcrHigh = u32[core + Reg.TCR_EL1 + 1] as number;
    const vmid = ((u32[core + Reg.VTTBR_EL2 + 1] as number) >>> 16) & 0xff;
    const vtcr = (hcr & (Hcr.VM | Hcr.DC)) !== 0 ? (u32[core + Reg.VTCR_EL2] as number) & 0x7ffff : 0;
    const wanted = this.#wanted;
    wanted[ContextWord.owner] = privileged ? ContextOwner.kernel : ContextOwner.user;
    // HCR_EL2.VM lies where SCTLR_EL1.M does; bit 1 is free.
    wanted[ContextWord.control] = sctlr | (bigEndian ? Sctlr.EE : 0) | (hcr & ~Hcr.VM) | ((hcr & Hcr.VM) << 1);
    wanted[ContextWord.tcr] = tcr;
    wanted[ContextWord.tcrHigh] = tcrHigh;
    wanted[ContextWord.vtcr] = vtcr;
    wanted[ContextWord.vmid] = vmid;
    const translates = (sctlr & Sctlr.M) !== 0;
    wanted[ContextWord.asid] = translates ? this.#asid(tcr, tcrHigh) : 0;
    return this.#number(translates);
  }

  /** TCR_EL1.A1 says which TTBR holds the ASID, TCR_EL1.AS whether it has 16 bits. */
  #asid(tcr: number, tcrHigh: number): number {
    const ttbr = (tcr & (1 << 22)) !== 0 ? Reg.TTBR1_EL1 : Reg.TTBR0_EL1;
    return ((this.#u32[this.#core + ttbr + 1] as number) >>> 16) & ((tcrHigh & (1 << 4)) !== 0 ? 0xffff : 0xff);
  }

  /** The number of the context in #wanted; `hasGlobal`: it has translations that are for all ASIDs. */
  #number(hasGlobal: boolean): number {
    const found = this.#find();
    if (found !== -1) return found;
    if (this.#next + 2 > numbers) this.reset();
    if (!hasGlobal) return this.#add();
    const wanted = this.#wanted;
    const asid = wanted[ContextWord.asid] as number;
    wanted[ContextWord.asid] = allAsids;
    const known = this.#find();
    const global = known !== -1 ? known : this.#add();
    wanted[ContextWord.asid] = asid;
    const number = this.#add();
    this.#u32[this.#core + Core.globalContexts / 4 + number] = global << contextShift;
    return number;
  }

  /** Where #hints keeps the context in #wanted. */
  #hash(): number {
    const wanted = this.#wanted;
    const asid = wanted[ContextWord.asid] as number;
    const vmid = wanted[ContextWord.vmid] as number;
    return (asid ^ (asid >>> 8) ^ (vmid << 2) ^ ((wanted[ContextWord.owner] as number) << 6)) & 0xff;
  }

  /** The number that the context in #wanted has, or -1. */
  #find(): number {
    const live = this.#live;
    const hash = this.#hash();
    const hint = this.#hints[hash] as number;
    if (hint < this.#count && this.#isWanted(hint * words)) return live[hint * words + ContextWord.number] as number;
    for (let i = 0; i < this.#count; i++) {
      if (!this.#isWanted(i * words)) continue;
      this.#hints[hash] = i;
      return live[i * words + ContextWord.number] as number;
    }
    return -1;
  }

  /** Gives the context in #wanted the next number. */
  #add(): number {
    const live = this.#live;
    this.#hints[this.#hash()] = this.#count;
    const c = this.#count++ * words;
    live.set(this.#wanted, c);
    live[c + ContextWord.number] = this.#next;
    this.#u32[this.#core + Core.globalContexts / 4 + this.#next] = this.#next << contextShift;
    return this.#next++;
  }

  /** Whether the context at an index of #live is that in #wanted. */
  #isWanted(c: number): boolean {
    const live = this.#live;
    const wanted = this.#wanted;
    return (
      live[c + ContextWord.asid] === wanted[ContextWord.asid] &&
      live[c + ContextWord.owner] === wanted[ContextWord.owner] &&
      live[c + ContextWord.vmid] === wanted[ContextWord.vmid] &&
      live[c + ContextWord.control] === wanted[ContextWord.control] &&
      live[c + ContextWord.tcr] === wanted[ContextWord.tcr] &&
      live[c + ContextWord.tcrHigh] === wanted[ContextWord.tcrHigh] &&
      live[c + ContextWord.vtcr] === wanted[ContextWord.vtcr]
    );
  }

  /** Takes back all numbers and empties the TLBs. */
  reset(): void {
    this.flush();
    this.#count = 0;
    this.#next = 0;
    this.generation++;
  }

  /** Forgets the contexts of a regime; of one VMID and one ASID only, where these are given. */
  retire(regime: Regime, vmid?: number, asid?: number): void {
    const live = this.#live;
    for (let i = this.#count - 1; i >= 0; i--) {
      const c = i * words;
      if ((live[c] === ContextOwner.el2) !== (regime === 2)) continue;
      if (vmid !== undefined && live[c + ContextWord.vmid] !== vmid) continue;
      if (asid !== undefined && live[c + ContextWord.asid] !== asid) continue;
      // The last context takes its place.
      this.#count--;
      const last = this.#count * words;
      live.copyWithin(c, last, last + words);
      this.generation++;
    }
  }
}
